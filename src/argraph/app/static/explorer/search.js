// @ts-check
/** The search field as a combobox: what the server finds, with what was found marked. */

import { ask, capital, counted, icon, make, MARKS, safe, say } from "./parts.js";

/** @typedef {{id: string, kind: string, label: string, status: string, standing: string, href: string, parts: Part[], excerpt: Part[]}} Hit */
/** @typedef {{text: string, hit: boolean}} Part */

/** @param {(id: string) => void} choose */
export function createSearch(choose) {
  const form = /** @type {HTMLFormElement} */ (document.querySelector("form[role=search]"));
  const field = /** @type {HTMLInputElement} */ (form.querySelector("input"));
  const list = make("ul", { id: "found", role: "listbox", "aria-label": "Found", class: "found-list", hidden: true });
  form.append(list);

  /** @type {Hit[]} */
  let hits = [];
  let at = -1;
  let wanted = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  function close() {
    list.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  /** @param {number} to */
  function mark(to) {
    at = hits.length ? (to + hits.length) % hits.length : -1;
    for (const option of list.querySelectorAll("[role=option]")) option.setAttribute("aria-selected", "false");
    const option = list.querySelector(`#found-${at}`);
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
  }

  /** @param {Hit} hit */
  function take(hit) {
    close();
    if (["thesis", "claim", "objection", "rebuttal", "evidence"].includes(hit.kind)) choose(hit.id);
    else location.assign(safe(hit.href) ?? "/");
  }

  async function search() {
    const text = field.value.trim() ?? "";
    wanted = text;
    if (!text) return close();
    try {
      const told = await ask(`/api/search?q=${encodeURIComponent(text)}&limit=12`);
      if (wanted !== text) return;
      hits = told.results;
      draw(told, text);
    } catch (error) {
      if (wanted !== text) return;
      hits = [];
      draw({ total: 0, more: false, instead: "", loose: false }, text, error instanceof Error ? error.message : "");
    }
  }

  /** @param {Part[]} parts */
  const pieces = (parts) => parts.map((part) => (part.hit ? make("mark", {}, part.text) : part.text));

  /** @param {string} text */
  const remark = (text) => make("li", { class: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, text);

  /** @param {{total: number, more: boolean, instead: string, loose: boolean}} told @param {string} text @param {string} [fault] */
  function draw(told, text, fault = "") {
    const { total, more, instead, loose } = told;
    list.replaceChildren(
      ...hits.map((hit, i) => {
        const option = make(
          "li",
          { id: `found-${i}`, role: "option", "aria-selected": "false", class: hit.kind, "data-id": hit.id },
          icon(hit.kind),
          make("span", { class: "what" }, make("span", { class: "label" }, ...pieces(hit.parts)), hit.excerpt.length > 0 && make("span", { class: "excerpt" }, ...pieces(hit.excerpt)), make("span", { class: "meta" }, hit.kind === "evidence" ? "Finding" : capital(hit.kind), hit.status ? ` · ${MARKS[hit.status] ?? ""} ${hit.standing}` : "")),
        );
        option.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
        option.addEventListener("click", () => take(hit));
        return option;
      }),
    );
    if (!hits.length) list.append(remark(fault || `Nothing here is called anything like “${text}”. Try another word, or part of one.`));
    else if (instead) list.prepend(remark(`Shown for “${instead}”`));
    else if (loose) list.prepend(remark("Nothing has all these words; these have some"));
    if (total > hits.length) list.append(remark(`and ${total - hits.length}${more ? " or more" : ""} others: write more of it`));
    list.hidden = false;
    at = -1;
    field.setAttribute("aria-expanded", "true");
    field.removeAttribute("aria-activedescendant");
    say(hits.length ? `${counted(total, "result")}` : `Nothing found for ${text}`);
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  field.addEventListener("focus", () => {
    if (field.value.trim() && hits.length) search();
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) search();
      else mark(event.key === "ArrowDown" ? at + 1 : at < 0 ? hits.length - 1 : at - 1);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (list.hidden) field.value = "";
      close();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (list.hidden || wanted !== field.value.trim()) {
      clearTimeout(waiting);
      await search();
    }
    const hit = hits[Math.max(0, at)];
    if (hit) take(hit);
  });
  if (field.value.trim() && document.activeElement === field) search();
}
