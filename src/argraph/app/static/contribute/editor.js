// @ts-check
/**
 * A text field that shows numbers, colours and marks: under the field, which stays what it is, lies a sheet with
 * the same text in the same measures. The field is as high as its text, and the box around both scrolls.
 */

import { make } from "../explorer/parts.js";

/** @typedef {"violation" | "warning" | "info"} Severity */
/** @typedef {{from: number, to: number, severity: Severity}} Mark In UTF-16 units of its line; `to` may be past its end. */
/** @typedef {{text: string, inside: string, after: string, marks: Mark[], node: HTMLElement, drawn: string}} Line */
/** @typedef {{line: number, column: number, end_line: number, end_column: number}} Place From 1, in code points; the end is exclusive. */

const SIGNS = { violation: "✕", warning: "!", info: "i" };
const RANK = { info: 0, warning: 1, violation: 2 };
const COLOURED = 200_000; // characters of a text up to which it is coloured
const LONGEST = 1_000; // characters of a line up to which it is

const BLANK = /«[^»]*»/g;
const TOKEN =
  /(?<remark>#.*$)|(?<iri><(?:«[^»]*»|[^<>"{}|^`\\\s«])*>)|(?<open>"""|''')|(?<text>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)|(?<word>@[a-zA-Z-]+|\ba(?=\s))|(?<name>[\p{L}\p{N}_.-]*:(?:«[^»]*»|[^\s;,()[\]<>"'«])*)|(?<blank>«[^»]*»)/gu;

/**
 * The coloured pieces of a line.
 * @param {string} text
 * @param {string} inside The quotation marks of a long string that the line begins in; else empty.
 * @returns {{pieces: [string, number, number][], after: string}} Kind, start and end of each; and what it ends in.
 */
export function tokens(text, inside) {
  /** @type {[string, number, number][]} */
  const pieces = [];
  if (text.length > LONGEST) return { pieces, after: "" };
  /** A piece, with its blanks apart. @param {string} kind @param {number} from @param {number} to */
  const add = (kind, from, to) => {
    let last = from;
    for (const blank of kind === "remark" ? [] : text.slice(from, to).matchAll(BLANK)) {
      const at = from + blank.index;
      pieces.push([kind, last, at], ["blank", at, at + blank[0].length]);
      last = at + blank[0].length;
    }
    pieces.push([kind, last, to]);
  };
  let at = 0;
  let open = inside;
  while (at <= text.length) {
    if (open) {
      const end = text.indexOf(open, at);
      add("text", at, end < 0 ? text.length : end + 3);
      if (end < 0) break;
      at = end + 3;
      open = "";
    }
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) break;
    const [kind] = Object.entries(found.groups ?? {}).find(([, value]) => value !== undefined) ?? ["name"];
    at = found.index + found[0].length;
    if (kind === "open") {
      open = found[0];
      pieces.push(["text", found.index, at]);
    } else add(kind, found.index, at);
  }
  return { pieces: pieces.filter(([, from, to]) => from < to), after: open };
}

/**
 * How many UTF-16 units stand before a column.
 * @param {string} line
 * @param {number} column From 1, in code points.
 */
export const units = (line, column) => [...line].slice(0, column - 1).join("").length;

/**
 * @param {HTMLTextAreaElement} field
 * @param {HTMLElement} box What is around it, and scrolls.
 * @param {() => void} changed Is told when somebody has written.
 */
export function createEditor(field, box, changed) {
  const sheet = make("div", { class: "sheet", "aria-hidden": "true" });
  box.prepend(sheet);
  box.classList.add("live");
  /** @type {Line[]} */
  let lines = [];
  let coloured = true;

  /** @param {Line} line */
  function draw(line) {
    const grave = line.marks.reduce((most, mark) => (RANK[mark.severity] > RANK[most] ? mark.severity : most), /** @type {Severity} */ ("info"));
    const key = `${line.inside}${line.marks.map((mark) => `${mark.from} ${mark.to} ${mark.severity}`)}`;
    if (key === line.drawn) return;
    line.drawn = key;
    line.node.className = line.marks.length ? `line ${grave}` : "line";
    if (line.marks.length) line.node.dataset["sign"] = SIGNS[grave];
    else delete line.node.dataset["sign"];
    const { pieces } = coloured ? tokens(line.text, line.inside) : { pieces: [] };
    const cuts = new Set([0, line.text.length]);
    for (const [, from, to] of pieces) cuts.add(from).add(to);
    for (const mark of line.marks) cuts.add(Math.min(mark.from, line.text.length)).add(Math.min(mark.to, line.text.length));
    const at = [...cuts].sort((a, b) => a - b);
    const spans = at.slice(0, -1).map((from, index) => {
      const to = at[index + 1] ?? from;
      const kind = pieces.find(([, start, end]) => start <= from && to <= end)?.[0] ?? "";
      const marks = line.marks.filter((mark) => mark.from <= from && to <= mark.to).map((mark) => `squiggle ${mark.severity}`);
      const text = line.text.slice(from, to);
      return kind || marks.length ? make("span", { class: [kind && `t-${kind}`, ...marks].filter(Boolean).join(" ") }, text) : text;
    });
    // A mark at the end of a line has nothing to stand under.
    const last = line.marks.find((mark) => mark.from >= line.text.length);
    if (last) spans.push(make("span", { class: `squiggle ${last.severity}` }, " "));
    line.node.replaceChildren(...spans, "\n");
  }

  /** Bring the sheet up to the field; lines that are as they were keep their marks. */
  function follow() {
    const whole = field.value;
    coloured = whole.length <= COLOURED;
    const texts = whole.split("\n");
    let first = 0;
    while (first < texts.length && first < lines.length && texts[first] === lines[first]?.text) first += 1;
    let same = 0;
    while (same < texts.length - first && same < lines.length - first && texts[texts.length - 1 - same] === lines[lines.length - 1 - same]?.text) same += 1;
    const fresh = texts.slice(first, texts.length - same).map((text) => ({ text, inside: "", after: "", marks: [], node: make("div", { class: "line" }), drawn: "new" }));
    const gone = lines.splice(first, lines.length - first - same, ...fresh);
    for (const line of gone) line.node.remove();
    const added = document.createDocumentFragment();
    for (const line of fresh) added.append(line.node);
    sheet.insertBefore(added, lines[first + fresh.length]?.node ?? null);
    let inside = lines[first - 1]?.after ?? "";
    for (let at = first; at < lines.length; at += 1) {
      const line = /** @type {Line} */ (lines[at]);
      if (at >= first + fresh.length && line.inside === inside) break;
      line.inside = inside;
      inside = line.after = coloured ? tokens(line.text, inside).after : "";
      draw(line);
    }
    box.style.setProperty("--digits", String(String(lines.length).length));
  }

  /** @param {number} line @param {number} column */
  function offset(line, column) {
    const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.text.length + 1, 0);
    return Math.min(before + units(lines[line - 1]?.text ?? "", column), field.value.length);
  }

  field.addEventListener("input", () => {
    follow();
    changed();
  });
  follow();

  return {
    text: () => field.value,
    /** @param {string} text Takes the place of all; what was there is forgotten. */
    set(text) {
      field.value = text.replace(/\r\n?/g, "\n");
      follow();
    },
    /** @param {(Place & {severity: Severity})[]} places */
    mark(places) {
      for (const line of lines) line.marks = [];
      for (const place of places) {
        for (let number = place.line; number <= Math.min(place.end_line, lines.length, place.line + 20); number += 1) {
          const line = lines[number - 1];
          if (!line) continue;
          const from = number === place.line ? units(line.text, place.column) : 0;
          const to = number === place.end_line ? units(line.text, place.end_column) : line.text.length;
          line.marks.push({ from, to: Math.max(to, from + 1), severity: place.severity });
        }
      }
      lines.forEach(draw);
    },
    /** Put the caret there. @param {Place} place */
    select(place) {
      const from = offset(place.line, place.column);
      const to = offset(place.end_line, place.end_column);
      field.focus({ preventScroll: true });
      field.setSelectionRange(from, Math.max(from, to));
      const node = lines[place.line - 1]?.node;
      if (!node) return;
      box.scrollTop = node.offsetTop - box.clientHeight / 3;
      node.scrollIntoView({ block: "nearest" });
    },
    /** Write in place of what stands there, as if by hand: it can be undone. @param {Place} place @param {string} text */
    write(place, text) {
      this.select(place);
      if (!document.execCommand("insertText", false, text)) {
        field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
        field.dispatchEvent(new Event("input"));
      }
    },
    /** Where the caret stands: number of its line, from 1. */
    line: () => field.value.slice(0, field.selectionStart).split("\n").length,
    column: () => [...(field.value.slice(0, field.selectionStart).split("\n").at(-1) ?? "")].length + 1,
  };
}
