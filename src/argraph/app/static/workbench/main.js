// @ts-check
/** The workbench: saved questions, an editor, and an address that keeps the query. */

import { settings } from "./names.js";

/** @typedef {import("./plain.js").Editor} Editor */

/** The query in the address, behind its “#”, where it stays in the browser and may be long. */
const addressed = () => new URLSearchParams(location.hash.slice(1)).get("query");

/** @param {string} text */
const address = (text) => `${location.pathname}${kept()}#${new URLSearchParams({ query: text })}`;

/** What the address says of the editor stays; a question named in it has been opened. */
const kept = () => (new URLSearchParams(location.search).get("editor") === "plain" ? "?editor=plain" : "");

const page = {
  /** @param {string} text */
  asked(text) {
    if (addressed() !== text) history.pushState(null, "", address(text));
  },
  /** @param {string} text */
  seen(text) {
    history.replaceState(null, "", address(text));
  },
};

/** What to begin with; a query in the address was asked for, the example was not. */
const wanted = addressed() === null ? settings.given : { title: "", text: addressed() ?? "" };
const first = { title: wanted?.title || "Query", text: wanted?.text ?? settings.first };

/** @type {Editor} */
const editor =
  settings.editor === "yasgui"
    ? (await import("./yasgui.js")).start(page, first)
    : (await import("./plain.js")).start(page);

/**
 * @param {string} text
 * @param {string} [title]
 */
const answer = (text, title) => {
  if (text !== editor.text()) editor.open(text, title);
  editor.run();
};
window.addEventListener("popstate", () => {
  const text = addressed();
  if (text !== null) answer(text);
});

const chooser = /** @type {HTMLFormElement} */ (document.getElementById("chooser"));
chooser.addEventListener("submit", async (event) => {
  event.preventDefault();
  const select = /** @type {HTMLSelectElement} */ (chooser.elements.namedItem("saved"));
  const chosen = select.selectedOptions[0];
  if (!chosen?.value) return;
  const response = await fetch(`/workbench/saved/${encodeURIComponent(chosen.value)}`);
  if (!response.ok) return;
  answer(await response.text(), chosen.textContent ?? "");
});

const copy = /** @type {HTMLButtonElement} */ (document.getElementById("copy"));
copy.addEventListener("click", async () => {
  const link = new URL(address(editor.text()), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    copy.textContent = "Copied";
  } catch {
    page.seen(editor.text()); // no clipboard without https: the address bar holds the link
    copy.textContent = "It is in the address bar";
  }
  setTimeout(() => (copy.textContent = "Copy link"), 2000);
});
copy.hidden = false;

if (wanted) answer(wanted.text, wanted.title);
