// @ts-check
/** The page of contributing: an editor in place of the plain field, checked while one writes. */

import { find, hidden } from "../explorer/parts.js";
import { createCheck } from "./check.js";
import { keep, kept } from "./draft.js";
import { createEditor } from "./editor.js";
import { createFindings, summary, WORDS } from "./findings.js";
import { createImpact } from "./impact.js";
import { createQuestions } from "./questions.js";

/** @typedef {{key: string, fresh: boolean, bases: string[], most: number}} Settings */

const settings = /** @type {Settings} */ (JSON.parse(find("settings").textContent ?? ""));
const form = /** @type {HTMLFormElement} */ (find("contribution"));
const field = /** @type {HTMLTextAreaElement} */ (find("text"));
const name = /** @type {HTMLInputElement} */ (find("name"));
const status = find("checked");
const restored = find("restored");
const none = find("none");
const first = field.defaultValue;

/**
 * Say how things are, to those who hear the page too, once the words differ.
 * @param {string} text
 * @param {string} [more] What is seen elsewhere on the page.
 */
function say(text, more = "") {
  const whole = `${text} ${more}`.trim();
  if (status.textContent !== whole) status.replaceChildren(more ? `${text} ` : text, more && hidden(more));
}

const results = find("results");
const impact = createImpact(find("impact"), settings.bases);
const findings = createFindings(find("faults"), (one) => editor.select(one), (one, text) => editor.write(one, text));
const check = createCheck({
  name: () => name.value || "contribution.ttl",
  asking: () => results.setAttribute("aria-busy", "true"),
  told(told) {
    results.removeAttribute("aria-busy");
    const found = told.report.diagnostics;
    findings.show(found);
    editor.mark(found);
    impact.show(told.impact);
    field.setAttribute("aria-invalid", String(!told.ok));
    none.textContent = told.ok ? "Nothing: it can be handed in." : "";
    say(summary(found), told.impact ? `${told.impact.told.headline}.` : "");
  },
  failed(why) {
    results.removeAttribute("aria-busy");
    say(why);
  },
});

/** What is in the form now. */
function draft() {
  /** @type {Record<string, string>} */
  const told = {};
  for (const [key, value] of new FormData(form)) if (typeof value === "string" && !["token", "csrf", "do"].includes(key)) told[key] = value;
  return told;
}

function changed() {
  keep(settings.key, draft());
  questions?.settle();
  if (field.value.trim()) check.soon(field.value);
  else nothing();
}

/** An empty field has no faults yet. */
function nothing() {
  check.soon("", 1e9);
  findings.show([]);
  field.removeAttribute("aria-invalid");
  none.textContent = "What is missing or wrong, where, and what to write instead.";
  say("Nothing is written yet.");
}

const editor = createEditor(field, find("editor"), changed);
const questions = createQuestions(form, {
  first,
  text: editor.text,
  written(text, file) {
    if (file) name.value = file;
    editor.set(text);
    changed();
  },
  failed: say,
});
form.addEventListener("input", () => keep(settings.key, draft()));

// -- a draft of before --------------------------------------------------------------------------------------

const before = settings.fresh ? kept(settings.key) : null;
if (before && before["text"] !== first) {
  for (const [key, value] of Object.entries(before)) {
    const input = form.elements.namedItem(key);
    if ((input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement) && input.type !== "hidden") input.value = value;
  }
  editor.set(before["text"] ?? "");
  questions?.settle();
  restored.hidden = false;
}
find("anew").addEventListener("click", () => {
  form.reset();
  keep(settings.key, null);
  editor.set(first);
  questions?.own();
  questions?.settle();
  restored.hidden = true;
  field.focus();
  changed();
});
form.addEventListener("submit", (event) => {
  const button = /** @type {HTMLButtonElement | null} */ (/** @type {SubmitEvent} */ (event).submitter);
  if (button?.value === "submit") keep(settings.key, null); // what is refused comes back with the page
});

// -- keys and files -----------------------------------------------------------------------------------------

field.addEventListener("keydown", (event) => {
  if (event.key !== "F8") return;
  event.preventDefault();
  const next = findings.after(editor.line(), editor.column());
  if (!next) return;
  editor.select(next);
  say(`Line ${next.line}, ${WORDS[next.severity]}: ${next.message} ${next.hint}`);
});

/** @param {File | undefined} file */
async function open(file) {
  if (!file) return;
  if (file.size > settings.most) return say(`${file.name} is longer than ${settings.most / 1024} kB: hand it in as several files.`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    editor.set(text);
    name.value = file.name;
    changed();
    say(`${file.name} is open.`);
  } catch {
    say(`${file.name} is no text in UTF-8: save it in that encoding.`);
  }
}

const chooser = /** @type {HTMLInputElement} */ (find("file"));
chooser.addEventListener("change", () => {
  void open(chooser.files?.[0]);
  chooser.value = "";
});
const box = find("editor");
for (const type of ["dragenter", "dragover"]) {
  box.addEventListener(type, (event) => {
    if (!(/** @type {DragEvent} */ (event).dataTransfer?.types.includes("Files"))) return;
    event.preventDefault();
    box.classList.add("over");
  });
}
box.addEventListener("dragleave", () => box.classList.remove("over"));
box.addEventListener("drop", (event) => {
  const file = /** @type {DragEvent} */ (event).dataTransfer?.files[0];
  if (!file) return;
  event.preventDefault();
  box.classList.remove("over");
  void open(file);
});

for (const hidden of document.querySelectorAll(".scripted")) if (hidden instanceof HTMLElement) hidden.hidden = false;
for (const shown of document.querySelectorAll(".unscripted")) if (shown instanceof HTMLElement) shown.hidden = true;
if (field.value.trim()) check.soon(field.value, 0);
else nothing();
