// @ts-check
/** The map: cards as buttons over one layer of edges; pan, zoom, and a way through it by keyboard. */

import { createPan, FAR } from "./pan.js";
import { draw, find, hidden, icon, make, MARKS, sign, SIGNS, still, VERBS, word } from "./parts.js";

/**
 * @typedef {object} More
 * @property {number} for
 * @property {number} against
 * @property {number} undercuts
 * @property {number} evidence
 */
/**
 * @typedef {object} Card
 * @property {string} id
 * @property {string} kind
 * @property {string} label
 * @property {string} words
 * @property {string} role
 * @property {string} status
 * @property {string} standing
 * @property {string | null} parent
 * @property {string} step
 * @property {number} level
 * @property {string} side
 * @property {number} x
 * @property {number} y
 * @property {number} w
 * @property {number} h
 * @property {number} lines
 * @property {More} more
 * @property {boolean} open
 * @property {boolean} evidence_open
 * @property {{step: string, relation: string, target: string, label: string, shown: boolean}[]} also
 */
/**
 * @typedef {object} Edge
 * @property {string} id
 * @property {string} relation
 * @property {string} source
 * @property {string} target
 * @property {string} status
 * @property {string} standing
 * @property {string | null} target_step
 * @property {boolean} quiet
 * @property {[number, number][]} points
 * @property {string} path
 * @property {[number, number] | null} joint
 * @property {string} trunk_path
 */
/**
 * @typedef {object} Scene
 * @property {string} root
 * @property {boolean} truncated
 * @property {number} width
 * @property {number} height
 * @property {Card[]} nodes
 * @property {Edge[]} edges
 * @property {{id: string, label: string, relation: string}[]} path
 */
/**
 * @typedef {object} Deeds What the map asks for.
 * @property {(id: string) => void} choose
 * @property {(id: string) => void} toggle Open or fold what speaks for and against a card.
 * @property {(id: string) => void} findings Open or fold its findings.
 * @property {(id: string) => void} focus Begin the map at a card.
 * @property {() => {above: number, below: number}} covered Heights in px that something covers at the edges.
 */

const READABLE = 13 / 14; // words of 14 px are never made smaller than 13 px, unless it is asked for
const EDGE = 12; // px between the window and the root, where not all has room

/** @param {Deeds} deeds */
export function createMap(deeds) {
  const view = find("map");
  const edges = draw("svg", { class: "edges", "aria-hidden": "true", focusable: "false" });
  const cards = make("div", { class: "cards" });
  const world = make("div", { class: "world" }, edges, cards);
  /** @param {string} text @param {string} name @param {() => void} click */
  const control = (text, name, click) => make("button", { type: "button", class: "light", "aria-label": name, title: name, click }, text);
  const controls = make(
    "div",
    { class: "zoom" },
    control("+", "Nearer", () => nearer(1.25)),
    control("−", "Further", () => nearer(0.8)),
    control("Fit", "Fit all into the window", () => fit(true)),
  );
  view.append(world, controls);
  const pan = createPan(view, world);

  /** @type {Scene | null} */
  let scene = null;
  /** @type {Map<string, HTMLElement>} */
  const drawn = new Map();
  let current = ""; // the card that Tab leads to
  let chosen = "";

  const card = (/** @type {string} */ id) => scene?.nodes.find((one) => one.id === id);
  const button = (/** @type {string} */ id) => drawn.get(id)?.querySelector("button") ?? null;
  const room = () => ({ width: view.clientWidth, height: Math.max(120, view.clientHeight - deeds.covered().below) });
  /** @param {number} factor */
  const nearer = (factor) => pan.zoom(factor, room().width / 2, room().height / 2);

  /**
   * Show all where the words stay readable, else the root with what speaks about it, or what is selected.
   * @param {boolean} [all] However small it becomes.
   */
  function fit(all = false) {
    if (!scene) return;
    const { width, height } = room();
    const scale = Math.max(Math.min(width / scene.width, height / scene.height, 1), all ? FAR : READABLE);
    const middle = card(chosen) ?? card(scene.root);
    const place = (/** @type {number} */ own, /** @type {number} */ whole, /** @type {number} */ size, /** @type {number} */ there) =>
      whole * scale <= size ? (size - whole * scale) / 2 : Math.min(0, Math.max(size - whole * scale, size / 2 - (own + there / 2) * scale));
    const y = place(middle?.y ?? 0, scene.height, height, middle?.h ?? 0);
    const start = scene.width * scale > width && middle?.id === scene.root;
    pan.to(start ? EDGE - middle.x * scale : place(middle?.x ?? 0, scene.width, width, middle?.w ?? 0), y, scale);
  }

  /** Bring a card where nothing covers it, with what stands under it as far as there is room. @param {string} id @param {boolean} [family] */
  function reveal(id, family = false) {
    const one = card(id) ?? card(scene?.edges.find((edge) => edge.id === id)?.source ?? "");
    if (!one || !scene) return;
    const { width, height } = room();
    const [x, y, scale] = pan.at();
    const margin = 24;
    const above = margin + deeds.covered().above;
    let [left, top, right, bottom] = [one.x, one.y, one.x + one.w, one.y + one.h];
    if (family) {
      for (const other of scene.nodes) {
        if (other.parent !== one.id) continue;
        const wider = [Math.min(left, other.x), Math.min(top, other.y), Math.max(right, other.x + other.w), Math.max(bottom, other.y + other.h)];
        const fits = (wider[3] ?? 0) - (wider[1] ?? 0) <= (height - above - margin) / scale;
        [left, right] = [wider[0] ?? left, wider[2] ?? right];
        if (fits) [top, bottom] = [wider[1] ?? top, wider[3] ?? bottom];
        else [top, bottom] = [one.y + one.h / 2 - (height - above - margin) / scale / 2, one.y + one.h / 2 + (height - above - margin) / scale / 2];
      }
      if ((right - left) * scale > width - 2 * margin) right = left + (width - 2 * margin) / scale;
    }
    const shift = (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ size, /** @type {number} */ before) => {
      if (at + high * scale > size - margin) at = size - margin - high * scale;
      return at + low * scale < before ? before - low * scale : at;
    };
    pan.glide(shift(x, left, right, width, margin), shift(y, top, bottom, height, above));
  }

  /**
   * Show a scene. The anchor stays where it is; the others move to their places.
   * @param {Scene} next
   * @param {{chosen: string, anchor?: string, recede: (id: string) => boolean}} how
   */
  function show(next, how) {
    const first = !scene || scene.root !== next.root;
    const same = scene === next;
    const before = new Map((scene?.nodes ?? []).map((one) => [one.id, one]));
    const held = how.anchor ? before.get(how.anchor) : undefined;
    scene = next;
    chosen = how.chosen;
    const after = held && card(held.id);
    const [dx, dy] = held && after ? [held.x - after.x, held.y - after.y] : [0, 0];
    const [x, y, scale] = pan.at();
    const near = around(next, chosen);
    const focused = document.activeElement instanceof HTMLElement && cards.contains(document.activeElement);
    const focusedCard = focused ? document.activeElement?.closest("[data-id], [data-joint]") : null;
    const focusedPart = focused ? document.activeElement?.className : "";
    for (const [id, element] of drawn) {
      if (!card(id)) {
        element.remove();
        drawn.delete(id);
      }
    }
    for (const joint of cards.querySelectorAll(".joint")) joint.remove();
    if (!card(current)) current = card(how.anchor ?? "") ? (how.anchor ?? next.root) : next.root;
    /** @type {Node[]} */
    const ordered = [];
    for (const one of next.nodes) {
      const old = before.get(one.id);
      const element = drawn.get(one.id) ?? make("div", {});
      fill(element, one, next);
      element.classList.toggle("recede", (near !== null && !near.has(one.id)) || how.recede(one.id));
      element.classList.toggle("chosen", one.id === chosen);
      element.style.translate = `${one.x}px ${one.y}px`;
      element.style.width = `${one.w}px`;
      element.style.height = `${one.h}px`;
      if (!same && !first && !still()) {
        if (old && (old.x + dx * -1 !== one.x || old.y + dy * -1 !== one.y)) {
          const from = `${old.x - dx}px ${old.y - dy}px`;
          element.animate({ translate: [from, `${one.x}px ${one.y}px`] }, { duration: 200, easing: "ease-out" });
        } else if (!old) element.animate({ opacity: [0, 1] }, { duration: 200 });
      }
      drawn.set(one.id, element);
      ordered.push(element);
      for (const edge of next.edges) if (edge.source === one.id && edge.joint && edge.trunk_path) ordered.push(joint(edge, near));
    }
    // In the order in which they are read; what is in its place already keeps the focus.
    let at = cards.firstChild;
    for (const element of ordered) {
      if (element === at) at = at.nextSibling;
      else cards.insertBefore(element, at);
    }
    if (focused && !cards.contains(document.activeElement)) {
      const again = focusedCard instanceof HTMLElement && focusedCard.isConnected ? focusedCard : drawn.get(current);
      const part = [...(again?.querySelectorAll("button") ?? [])].find((one) => one.className === focusedPart);
      (part ?? button(current))?.focus({ preventScroll: true });
    }
    lines(next, near, how.recede, !same && !first && !still());
    edges.setAttribute("width", String(next.width));
    edges.setAttribute("height", String(next.height));
    if (first) fit();
    else pan.to(x + dx * scale, y + dy * scale, scale);
    if (how.anchor && !first) reveal(how.anchor, true);
  }

  /**
   * What stays in full while something is selected: it, its way to the root, what speaks about it; null for all.
   * @param {Scene} whole
   * @param {string} id
   */
  function around(whole, id) {
    const step = card(id) ? [] : whole.edges.filter((edge) => edge.id === id);
    const starts = step.length ? step.map((edge) => edge.source) : [id];
    if (starts.includes(whole.root) || !starts.every(card)) return null;
    const near = new Set(starts);
    for (let one = card(starts[0] ?? ""); one?.parent; one = card(one.parent)) near.add(one.parent);
    for (const edge of whole.edges) {
      if (step.length ? edge.target_step === id : edge.target === id) near.add(edge.source);
      if (step.length ? edge.id === id : edge.source === id) near.add(edge.target);
      const joined = !step.length && edge.source !== id && whole.edges.some((own) => own.id === edge.id && own.source === id);
      if (joined) near.add(edge.source);
    }
    return near;
  }

  /** @param {HTMLElement} element @param {Card} one @param {Scene} whole */
  function fill(element, one, whole) {
    const root = one.id === whole.root;
    element.className = `node ${one.kind} ${one.status}${root ? " root" : ""}`;
    const step = whole.edges.find((edge) => edge.id === one.step);
    const relation = step?.relation ?? "";
    Object.assign(element.dataset, { id: one.id, relation, status: one.status, kind: one.kind, step: one.step });
    const tab = one.id === current ? 0 : -1;
    const told = one.kind === "evidence" && one.label !== one.words ? one.label : "";
    const pick = make(
      "button",
      { type: "button", class: "pick", tabindex: tab, "aria-pressed": String(one.id === chosen) },
      make(
        "span",
        { class: "head" },
        make("span", { class: "kind" }, icon(one.kind), make("span", {}, word(one.kind, one.role)), told && make("span", { class: "source" }, ` ${told}`)),
        make("span", { class: `badge ${one.status}` }, make("span", { "aria-hidden": "true" }, MARKS[one.status] ?? ""), ` ${one.standing}`),
      ),
      relation && hidden(`, ${VERBS[relation]}: `),
      make("span", { class: "words" }, one.words),
    );
    const words = pick.querySelector(".words");
    if (words instanceof HTMLElement) words.style.setProperty("-webkit-line-clamp", String(one.lines));
    element.replaceChildren(pick, ...chips(one, tab), ...pills(one, root, tab));
  }

  /** Further links of a card, in a line. @param {Card} one @param {number} tab */
  function chips(one, tab) {
    const [link, ...others] = one.also;
    if (!link) return [];
    const text = others.length ? `also ${VERBS[link.relation]} ${one.also.length} more` : `also ${VERBS[link.relation]} “${link.label}”`;
    const mixed = one.also.some((other) => other.relation !== link.relation);
    const shown = others.length ? (mixed ? `also bears on ${one.also.length} more` : text) : text;
    const click = () => deeds.choose(others.length ? one.id : link.target);
    return [make("button", { type: "button", class: "chip", tabindex: tab, title: shown, click }, mixed ? "" : sign(link.relation), make("span", {}, shown))];
  }

  /** What is folded away, as buttons that open it. @param {Card} one @param {boolean} root @param {number} tab */
  function pills(one, root, tab) {
    const made = [];
    const { for: favour, against, undercuts, evidence } = one.more;
    const about = (/** @type {string} */ how) => hidden(`${how} “${one.label}”`);
    const counts = [
      [favour, "supports", "for"],
      [against, "attacks", "against"],
      [undercuts, "undercuts", "undercutting"],
    ].filter(([number]) => Number(number) > 0);
    if (counts.length && !(root && one.open && !favour && !against)) {
      const parts = counts.map(([number, relation, said]) => make("span", {}, make("span", { "aria-hidden": "true" }, SIGNS[String(relation)] ?? ""), String(number), hidden(` ${said} `)));
      made.push(
        make("button", { type: "button", class: "more", tabindex: tab, "aria-expanded": "false", title: "Show what speaks for and against it", click: () => deeds.toggle(one.id) }, hidden("Show "), ...parts, about("")),
      );
    } else if (one.open && !root && scene?.nodes.some((other) => other.parent === one.id && other.kind !== "evidence")) {
      made.push(make("button", { type: "button", class: "more less", tabindex: tab, "aria-expanded": "true", title: "Fold", click: () => deeds.toggle(one.id) }, "fold", about(" what speaks for and against")));
    }
    if (evidence || one.evidence_open) {
      const text = evidence ? String(evidence) : "fold";
      const said = evidence ? ` finding${evidence === 1 ? "" : "s"}` : " the findings";
      made.push(
        make(
          "button",
          { type: "button", class: `more findings${evidence ? "" : " less"}`, tabindex: tab, "aria-expanded": String(!evidence), title: evidence ? "Show what studies found" : "Fold the findings", click: () => deeds.findings(one.id) },
          evidence ? hidden("Show ") : "",
          icon("evidence"),
          text,
          hidden(said),
          about(" on"),
        ),
      );
    }
    return made.length ? [make("div", { class: "pills" }, ...made)] : [];
  }

  /** @param {Edge} edge @param {Set<string> | null} near */
  function joint(edge, near) {
    const [left, top] = edge.joint ?? [0, 0];
    const source = card(edge.source)?.label ?? "";
    const made = make(
      "button",
      {
        type: "button",
        class: `joint ${edge.relation} ${edge.status}${edge.id === chosen ? " chosen" : ""}${near && !near.has(edge.source) ? " recede" : ""}`,
        tabindex: edge.source === current ? 0 : -1,
        "aria-pressed": String(edge.id === chosen),
        title: `The inference ${edge.standing}`,
        "data-joint": edge.id,
        click: () => deeds.choose(edge.id),
      },
      make("span", { "aria-hidden": "true" }, SIGNS[edge.relation] ?? ""),
      hidden(`The inference from “${source}”, ${edge.standing}`),
    );
    made.style.translate = `${left}px ${top}px`;
    return made;
  }

  /** @param {Scene} whole @param {Set<string> | null} near @param {(id: string) => boolean} recede @param {boolean} fresh */
  function lines(whole, near, recede, fresh) {
    /** @type {Node[][]} */
    const layers = [[], [], [], []]; // what steps back lies under what does not, signs over all
    const depth = (/** @type {boolean} */ far, /** @type {string} */ status) => (far ? 0 : status === "accepted" ? 2 : 1);
    /** Dashes are counted from the end, where steps of one sort run together. @param {Element} path */
    const dashed = (path) => {
      if (path instanceof SVGPathElement) path.setAttribute("stroke-dashoffset", String(-path.getTotalLength()));
      return path;
    };
    for (const edge of whole.edges) {
      const marked = edge.id === chosen;
      if (edge.quiet && !marked && edge.source !== chosen && edge.target !== chosen) continue;
      const aside = near !== null && !(near.has(edge.source) && near.has(edge.target));
      const far = !marked && (aside || recede(edge.source));
      const style = `edge ${edge.relation}${edge.status === "accepted" ? "" : " fails"}${far ? " recede" : ""}${edge.quiet ? " further" : ""}${marked ? " chosen" : ""}`;
      const arrow = { "marker-end": `url(#arrow-${edge.relation})` };
      const data = { "data-step": edge.id, "data-source": edge.source };
      const layer = layers[marked ? 2 : depth(far, edge.status)] ?? [];
      if (marked) layer.push(...[edge.path, edge.trunk_path].filter(Boolean).map((d) => draw("path", { class: "halo", d })));
      layer.push(dashed(draw("path", { class: style, d: edge.path, ...(edge.joint ? {} : arrow), ...data })));
      if (edge.trunk_path) layer.push(dashed(draw("path", { class: style, d: edge.trunk_path, ...arrow, ...data })));
      const [start, next] = edge.points;
      if (edge.joint || !start || !next) continue;
      const place = start[0] + (next[0] < start[0] ? -15 : 15);
      const text = draw("text", { x: place, y: start[1] + 4.5, class: far ? "recede" : "" });
      text.textContent = SIGNS[edge.relation] ?? "";
      layers[3]?.push(draw("circle", { cx: place, cy: start[1], r: 8 }), draw("g", { class: `glyph-${edge.relation}` }, text));
    }
    edges.replaceChildren(...layers.flat());
    if (fresh) edges.animate({ opacity: [0, 1] }, { duration: 200 });
  }

  // ------------------------------------------------------------------ by keyboard

  /** @param {string} id */
  function goTo(id) {
    const target = button(id);
    if (!target) return;
    tabbed(id);
    target.focus({ preventScroll: true });
    reveal(id);
  }

  /** Make a card the one that Tab leads to. @param {string} id */
  function tabbed(id) {
    for (const part of drawn.get(current)?.querySelectorAll("button") ?? []) part.tabIndex = -1;
    for (const part of drawn.get(id)?.querySelectorAll("button") ?? []) part.tabIndex = 0;
    current = id;
    for (const made of cards.querySelectorAll(".joint")) {
      const step = made instanceof HTMLElement ? made.dataset.joint : "";
      if (made instanceof HTMLElement) made.tabIndex = scene?.edges.some((edge) => edge.id === step && edge.source === id) ? 0 : -1;
    }
  }

  view.addEventListener("focusin", (event) => {
    const on = event.target instanceof Element ? event.target.closest("[data-id]") : null;
    if (on instanceof HTMLElement && on.dataset.id && on.dataset.id !== current) tabbed(on.dataset.id);
  });

  view.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !scene) return;
    const on = event.target instanceof Element && event.target.closest(".cards") ? card(current) : undefined;
    const column = on ? scene.nodes.filter((one) => Math.abs(one.x - on.x) < 8).sort((a, b) => a.y - b.y) : [];
    const at = column.findIndex((one) => one.id === on?.id);
    /** @type {Record<string, () => void>} */
    const keys = {
      "+": () => nearer(1.25),
      "=": () => nearer(1.25),
      "-": () => nearer(0.8),
      0: () => fit(true),
    };
    if (on) {
      const under = scene.nodes.filter((one) => one.parent === on.id);
      const middle = under.sort((a, b) => Math.abs(a.y + a.h / 2 - on.y - on.h / 2) - Math.abs(b.y + b.h / 2 - on.y - on.h / 2))[0];
      Object.assign(keys, {
        ArrowUp: () => goTo(column[at - 1]?.id ?? on.id),
        ArrowDown: () => goTo(column[at + 1]?.id ?? on.id),
        ArrowLeft: () => goTo(on.parent ?? on.id),
        ArrowRight: () => (middle ? goTo(middle.id) : deeds.toggle(on.id)),
        Home: () => goTo(scene?.root ?? on.id),
        End: () => goTo(column.at(-1)?.id ?? on.id),
        e: () => deeds.toggle(on.id),
        v: () => deeds.findings(on.id),
        f: () => deeds.focus(on.id),
      });
    }
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  view.addEventListener("click", (event) => {
    const on = event.target instanceof Element ? event.target.closest(".pick") : null;
    const id = on?.parentElement?.dataset.id;
    if (id) deeds.choose(id);
    else if (event.target === view || event.target === world) deeds.choose("");
  });

  /** @param {string} id Of a card or a step. */
  const shows = (id) => Boolean(card(id) ?? scene?.edges.find((edge) => edge.id === id));
  return { show, fit, reveal, goTo, shows, current: () => current };
}
