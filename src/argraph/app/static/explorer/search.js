// @ts-check
/** The search field as a combobox: what the server finds, with what was found marked. */

import { ask, capital, counted, icon, make, MARKS, safe, say } from "./parts.js";

/** @typedef {{id: string, kind: string, label: string, status: string, standing: string, href: string, parts: {text: string, hit: boolean}[]}} Hit */

/** @param {(id: string) => void} choose */
export function createSearch(choose) {
  const form = document.querySelector("form[role=search]");
  const field = form?.querySelector("input");
  if (!(form instanceof HTMLFormElement) || !field) return { focus: () => undefined };
  const list = make("ul", { id: "found", role: "listbox", "aria-label": "Found", class: "found-list", hidden: true });
  form.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list", autocomplete: "off" })) field.setAttribute(name, value);

  /** @type {Hit[]} */
  let hits = [];
  let at = -1;
  let wanted = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  function close() {
    list.hidden = true;
    at = -1;
    field?.setAttribute("aria-expanded", "false");
    field?.removeAttribute("aria-activedescendant");
  }

  /** @param {number} to */
  function mark(to) {
    at = hits.length ? (to + hits.length) % hits.length : -1;
    for (const option of list.querySelectorAll("[role=option]")) option.setAttribute("aria-selected", "false");
    const option = list.querySelector(`#found-${at}`);
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field?.setAttribute("aria-activedescendant", option.id);
  }

  /** @param {Hit} hit */
  function take(hit) {
    close();
    if (["thesis", "claim", "objection", "rebuttal", "evidence"].includes(hit.kind)) choose(hit.id);
    else location.assign(safe(hit.href) ?? "/");
  }

  async function search() {
    const text = field?.value.trim() ?? "";
    wanted = text;
    if (!text) return close();
    try {
      const told = await ask(`/api/search?q=${encodeURIComponent(text)}&limit=12`);
      if (wanted !== text) return;
      hits = told.results;
      draw(told.total, text);
    } catch (error) {
      if (wanted !== text) return;
      hits = [];
      draw(0, text, error instanceof Error ? error.message : "");
    }
  }

  /** @param {number} total @param {string} text @param {string} [fault] */
  function draw(total, text, fault = "") {
    list.replaceChildren(
      ...hits.map((hit, i) => {
        const pieces = hit.parts.map((part) => (part.hit ? make("mark", {}, part.text) : part.text));
        const option = make(
          "li",
          { id: `found-${i}`, role: "option", "aria-selected": "false", class: hit.kind, "data-id": hit.id },
          icon(hit.kind),
          make("span", { class: "what" }, make("span", { class: "label" }, ...pieces), make("span", { class: "meta" }, hit.kind === "evidence" ? "Finding" : capital(hit.kind), hit.status ? ` · ${MARKS[hit.status] ?? ""} ${hit.standing}` : "")),
        );
        option.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
        option.addEventListener("click", () => take(hit));
        return option;
      }),
    );
    if (!hits.length) {
      const told = fault || `Nothing here is called anything like “${text}”. Try another word, or part of one.`;
      list.append(make("li", { class: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, told));
    } else if (total > hits.length) {
      list.append(make("li", { class: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, `and ${total - hits.length} more: write more of it`));
    }
    list.hidden = false;
    at = -1;
    field?.setAttribute("aria-expanded", "true");
    field?.removeAttribute("aria-activedescendant");
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
  return {
    focus() {
      field.focus();
      field.select();
    },
  };
}
