// @ts-check
/** The questions in plain words: what is answered is written into the file as one types. */

import { ask, make } from "../explorer/parts.js";

const PAUSE = 250;

/**
 * @param {HTMLFormElement} form
 * @param {object} on
 * @param {string} on.first What was in the editor when the page came.
 * @param {() => string} on.text What is in the editor.
 * @param {(text: string, name: string) => void} on.written What the answers make of the file, and its name.
 * @param {(why: string) => void} on.failed
 */
export function createQuestions(form, on) {
  const part = form.querySelector("#questions");
  if (!(part instanceof HTMLElement)) return null;
  const button = /** @type {HTMLButtonElement} */ (part.querySelector("button[value=write]"));
  const apart = part.querySelector("#apart");
  const fields = /** @type {HTMLInputElement[]} */ ([...part.querySelectorAll("input, textarea, select")]);
  let last = on.first;
  /** @type {Record<string, string>} By field. */
  let faults = {};
  /** @type {AbortController | null} */
  let asked = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  /** Whether the file is as the answers made it; what was written by hand is not overwritten unasked. */
  const own = () => on.text() === last;

  /** What was not understood is told beside its question, once one has left it. */
  function tell() {
    for (const field of fields) {
      const why = field === document.activeElement ? "" : faults[field.name] ?? "";
      const note = part?.querySelector(`#h-${field.name} .trouble-line`);
      if (note && note.textContent !== why) note.textContent = why;
      if (why) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  function settle() {
    button.hidden = own();
    if (apart instanceof HTMLElement) apart.hidden = own();
  }

  async function write() {
    asked?.abort();
    const ours = (asked = new AbortController());
    const told = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "text" && name !== "token") told.append(name, value);
    told.set("do", "write");
    try {
      const response = await fetch("/contribute", { method: "POST", headers: { accept: "application/json" }, body: told, signal: ours.signal });
      if (!response.ok) return on.failed("What you answered could not be written into the file.");
      /** @type {{text: string, file: string, faults: Record<string, string>}} */
      const made = await response.json();
      if (ours.signal.aborted) return;
      last = made.text;
      faults = made.faults;
      on.written(made.text, made.file);
      settle();
      tell();
    } catch {
      if (!ours.signal.aborted) on.failed("The server cannot be reached. What you write is kept in this tab.");
    }
  }

  for (const field of fields) {
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      if (own()) waiting = setTimeout(() => own() && void write(), PAUSE);
    });
  }
  part.addEventListener("focusout", () => setTimeout(tell));
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (form.reportValidity()) void write();
  });
  for (const field of fields) if (field.dataset["find"]) propose(field);
  settle();
  if (own() && fields.some((field) => field.value !== field.defaultValue)) void write(); // typed before this ran
  return {
    settle,
    /** Begin from the answers once more. */
    anew: () => void write(),
    /** That what is in the editor now comes from the answers. */
    own: () => (last = on.text()),
  };
}

/**
 * Propose nodes by their words; what is chosen is their name.
 * @param {HTMLInputElement} field
 */
function propose(field) {
  const list = make("datalist", { id: `${field.id}-found` });
  field.after(list);
  field.setAttribute("list", list.id);
  field.addEventListener("input", async () => {
    const text = field.value.trim();
    if (text.length < 2) return;
    const told = await ask(`/api/search?q=${encodeURIComponent(text)}&limit=10`).catch(() => ({ results: [] }));
    if (field.value.trim() !== text) return;
    const wanted = (field.dataset["find"] ?? "").split(" ");
    const hits = /** @type {{id: string, kind: string, label: string}[]} */ (told.results).filter((hit) => wanted.includes(hit.kind));
    list.replaceChildren(...hits.map((hit) => make("option", { value: hit.id }, `${hit.label} (${hit.kind === "evidence" ? "finding" : hit.kind})`)));
  });
}
