// @ts-check
/** The editor that needs nothing from elsewhere: a text field, a search for terms, and an answer below. */

import { ask, element, show } from "./answer.js";
import { failure } from "./results.js";
import { search } from "./terms.js";

/**
 * @typedef {object} Editor What the page needs of an editor.
 * @property {() => string} text
 * @property {(text: string, title?: string) => void} open Put a query in.
 * @property {() => void} run
 */

/**
 * @param {{asked: (text: string) => void}} page Told each query before it is sent.
 * @returns {Editor}
 */
export function start(page) {
  const field = /** @type {HTMLTextAreaElement} */ (document.getElementById("query"));
  const form = /** @type {HTMLFormElement} */ (document.getElementById("ask"));
  const answer = /** @type {HTMLElement} */ (document.getElementById("answer"));
  /** @type {AbortController | undefined} */
  let running;

  const run = async () => {
    running?.abort();
    const own = (running = new AbortController());
    const text = field.value;
    page.asked(text);
    answer.setAttribute("aria-busy", "true");
    const found = await ask(text, own.signal).catch((error) => (own.signal.aborted ? null : failure(String(error))));
    if (found === null || own !== running) return;
    answer.removeAttribute("aria-busy");
    show(answer, found, text);
    if (found.kind === "problem" && found.line) mark(field, found.line, found.column ?? 1);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void run();
    }
  });
  proposeTerms(field);
  return {
    text: () => field.value,
    open: (text) => {
      field.value = text;
      answer.replaceChildren();
    },
    run: () => void run(),
  };
}

/**
 * Select the character at a place, and so show it.
 * @param {HTMLTextAreaElement} field
 * @param {number} line From 1.
 * @param {number} column From 1, in code points.
 */
function mark(field, line, column) {
  const lines = field.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const at = before + units(lines[line - 1] ?? "", column);
  const wide = field.value.codePointAt(at) ?? 0;
  field.focus();
  field.setSelectionRange(at, Math.min(at + (wide > 0xffff ? 2 : 1), field.value.length));
  field.scrollTop = Math.max(0, (field.scrollHeight * (line - 3)) / Math.max(1, lines.length));
}

/**
 * How many UTF-16 units stand before a column.
 * @param {string} line
 * @param {number} column From 1, in code points.
 */
export function units(line, column) {
  return [...line].slice(0, column - 1).join("").length;
}

/**
 * A search field beside the query: what is chosen there is put in at the caret.
 * @param {HTMLTextAreaElement} field
 */
function proposeTerms(field) {
  const input = /** @type {HTMLInputElement} */ (document.getElementById("term"));
  const list = /** @type {HTMLDataListElement} */ (document.getElementById("terms"));
  /** @type {Set<string>} */
  let names = new Set();
  const insert = () => {
    field.setRangeText(input.value, field.selectionStart, field.selectionEnd, "end");
    input.value = "";
    names = new Set();
    list.replaceChildren();
    field.focus();
  };
  input.addEventListener("input", async () => {
    if (names.has(input.value)) return insert();
    const found = await search(input.value, "any");
    names = new Set(found.map((term) => term.name));
    list.replaceChildren(
      ...found.map((term) => {
        const option = element("option", "", [term.label, term.kind].filter(Boolean).join(" – "));
        option.value = term.name;
        return option;
      }),
    );
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault(); // else the form would ask the query
      if (names.has(input.value)) insert();
      else if (names.size) {
        input.value = [...names][0] ?? "";
        insert();
      }
    }
  });
}
