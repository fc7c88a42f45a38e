// @ts-check
/** Where a drawing stands in its window and how large: by mouse, wheel, pen, and one or two fingers. */

import { still } from "./parts.js";

const NEAR = 1.5;
/** Nothing is drawn smaller than this. */
export const FAR = 0.2;
const DRAG = 6; // px that a pointer travels before it drags
const REST = 150; // ms without a turn of the wheel

/**
 * @param {HTMLElement} view The window.
 * @param {HTMLElement} world What is moved in it; its origin is its upper left corner.
 */
export function createPan(view, world) {
  let [x, y, scale] = [0, 0, 1];

  function moved() {
    world.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  }

  /** @param {number} left @param {number} top In px of the window. @param {number} [size] */
  function to(left, top, size = scale) {
    [x, y, scale] = [left, top, Math.min(NEAR, Math.max(FAR, size))];
    moved();
  }

  /** The same without a jump, where the reader has nothing against it. @param {number} left @param {number} top */
  function glide(left, top) {
    if (left === x && top === y) return;
    if (!still()) {
      world.classList.add("gliding");
      setTimeout(() => world.classList.remove("gliding"), 220);
    }
    to(left, top);
  }

  /** Make it larger around a point of the window, which stays where it is. @param {number} factor @param {number} atX @param {number} atY */
  function zoom(factor, atX, atY) {
    const wanted = Math.min(NEAR, Math.max(FAR, scale * factor));
    to(atX - ((atX - x) * wanted) / scale, atY - ((atY - y) * wanted) / scale, wanted);
  }

  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  let dragged = false;
  let travelled = 0;

  const local = (/** @type {{clientX: number, clientY: number}} */ event) => {
    const box = view.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  view.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest(".zoom"))) return;
    if (!down.size) [dragged, travelled] = [false, 0];
    down.set(event.pointerId, local(event));
  });
  view.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const now = local(event);
    if (down.size === 1) {
      travelled += Math.hypot(now.x - before.x, now.y - before.y);
      if (!dragged && travelled < DRAG) {
        down.set(event.pointerId, now);
        return;
      }
      [x, y] = [x + now.x - before.x, y + now.y - before.y];
    } else {
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
      if (!other) return;
      const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      [x, y] = [x + (now.x - before.x) / 2, y + (now.y - before.y) / 2];
      zoom(factor, (now.x + other.x) / 2, (now.y + other.y) / 2);
    }
    if (!dragged) {
      dragged = true;
      world.classList.add("moving"); // its own layer while it moves; else text would blur
      view.setPointerCapture(event.pointerId);
    }
    down.set(event.pointerId, now);
    moved();
  });
  const up = (/** @type {PointerEvent} */ event) => {
    down.delete(event.pointerId);
    if (!down.size) world.classList.remove("moving");
  };
  view.addEventListener("pointerup", up);
  view.addEventListener("pointercancel", up);
  view.addEventListener(
    "click",
    (event) => {
      if (!dragged) return;
      event.stopPropagation(); // the end of a drag is no click
      event.preventDefault();
      dragged = false;
    },
    true,
  );
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  view.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      world.classList.add("moving");
      clearTimeout(resting);
      resting = setTimeout(() => world.classList.remove("moving"), REST);
      const unit = event.deltaMode === 1 ? 16 : 1;
      if (event.ctrlKey || event.metaKey) {
        const at = local(event);
        zoom(Math.exp((-event.deltaY * unit) / 300), at.x, at.y);
        return;
      }
      to(x - (event.shiftKey ? event.deltaY : event.deltaX) * unit, y - (event.shiftKey ? 0 : event.deltaY) * unit);
    },
    { passive: false },
  );
  // A browser scrolls what has the focus into sight on its own; here the drawing moves instead.
  view.addEventListener("scroll", () => view.scrollTo(0, 0));

  return { to, glide, zoom, at: () => /** @type {[number, number, number]} */ ([x, y, scale]) };
}
