// @ts-check
/** An answer on the page: a table to sort, search and take along, or what stands in the way. */

import { place, shorten } from "./names.js";
import { ACCEPT, failure, read } from "./results.js";

/** @typedef {import("./results.js").Answer} Answer */
/** @typedef {import("./results.js").Term} Term */

const SHOWN = 200;
const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = new Set(["integer", "decimal", "double", "float", "gYear", "nonNegativeInteger"].map((name) => XSD + name));

/** @type {Record<string, [media: string, name: string, ending: string][]>} */
const DOWNLOADS = {
  rows: [
    ["text/csv", "CSV", "csv"],
    ["text/tab-separated-values", "TSV", "tsv"],
    ["application/sparql-results+json", "JSON", "json"],
    ["application/sparql-results+xml", "XML", "xml"],
  ],
  graph: [
    ["text/turtle", "Turtle", "ttl"],
    ["application/n-triples", "N-Triples", "nt"],
    ["application/ld+json", "JSON-LD", "jsonld"],
    ["application/rdf+xml", "RDF/XML", "rdf"],
  ],
};

/**
 * Send a query.
 * @param {string} query
 * @param {string} accept
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
export function send(query, accept, signal) {
  const body = new URLSearchParams({ query });
  return fetch("/sparql", { method: "POST", headers: { accept }, body, signal });
}

/**
 * Send a query and read what comes back.
 * @param {string} query
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export async function ask(query, signal) {
  const response = await send(query, ACCEPT, signal);
  const text = await response.text();
  return response.ok ? read(text, response.headers.get("content-type") ?? "") : failure(text);
}

/**
 * Show an answer in place of what was shown before.
 * @param {HTMLElement} target
 * @param {Answer} answer
 * @param {string} query What was asked, for downloads.
 */
export function show(target, answer, query) {
  target.replaceChildren();
  if (answer.kind === "problem") {
    const at = answer.line ? `Line ${answer.line}, column ${answer.column ?? 1}` : "This could not be answered";
    const box = element("div", "remark open fault");
    box.setAttribute("role", "alert");
    // Where the place is marked in the query, the excerpt that follows the reason says nothing more.
    const reason = answer.line ? answer.detail.split("\n", 1)[0] : answer.detail;
    box.append(element("p", "where", at), element("p", "", reason));
    target.append(box);
    return;
  }
  const total = answer.kind === "yesno" ? (answer.yes ? "Yes" : "No") : counted(answer.rows.length, answer.kind === "graph" ? "triple" : "row");
  const said = element("p", "hidden", total);
  said.setAttribute("role", "status"); // who does not see the table appear is told so
  target.append(element("h2", "", total), said);
  const kind = answer.kind === "graph" ? "graph" : "rows";
  if (answer.kind !== "yesno" && answer.rows.length) target.append(...table(answer.columns, answer.rows));
  else if (answer.kind !== "yesno") target.append(element("p", "empty", "Nothing in the debate fits."));
  target.append(downloads(kind, query));
}

/**
 * A table that can be sorted by each column and searched; rows are drawn as they are wanted.
 * @param {string[]} columns
 * @param {(Term | undefined)[][]} rows
 * @returns {HTMLElement[]}
 */
function table(columns, rows) {
  let ordered = rows;
  let shown = SHOWN;
  const search = element("input");
  search.type = "search";
  search.placeholder = "Find in these rows";
  search.setAttribute("aria-label", "Find in these rows");
  const body = element("tbody");
  const more = element("button", "quiet-button");
  more.type = "button";
  const head = element("tr");
  const numeric = columns.map((_, at) => rows.every((row) => !row[at] || NUMBERS.has(row[at]?.datatype ?? "")));

  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    const fitting = wanted ? ordered.filter((row) => row.some((cell) => cell && plain(cell).toLowerCase().includes(wanted))) : ordered;
    body.replaceChildren(...fitting.slice(0, shown).map((row) => line(row, numeric)));
    more.hidden = fitting.length <= shown;
    more.textContent = `Show more: ${(fitting.length - shown).toLocaleString("en-GB")} are left`;
  };

  columns.forEach((column, at) => {
    const cell = element("th", numeric[at] ? "number" : "");
    cell.scope = "col";
    const button = element("button", "sorter", column);
    button.type = "button";
    button.addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") === "ascending";
      for (const other of head.children) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sign = down ? -1 : 1;
      ordered = [...rows].sort((a, b) => sign * compare(a[at], b[at], numeric[at] ?? false));
      draw();
    });
    cell.append(button);
    head.append(cell);
  });
  search.addEventListener("input", draw);
  more.addEventListener("click", () => {
    shown *= 5;
    draw();
  });

  const whole = element("table");
  const header = element("thead");
  header.append(head);
  whole.append(header, body);
  const scroll = element("div", "scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Rows");
  scroll.append(whole);
  draw();
  return rows.length > 8 ? [search, scroll, more] : [scroll, more];
}

/**
 * @param {(Term | undefined)[]} row
 * @param {boolean[]} numeric
 */
function line(row, numeric) {
  const drawn = element("tr");
  row.forEach((value, at) => {
    const cell = element("td", numeric[at] ? "number" : "");
    if (value) cell.append(shownTerm(value));
    drawn.append(cell);
  });
  return drawn;
}

/**
 * @param {Term} value
 * @returns {Node}
 */
function shownTerm(value) {
  const where = value.type === "uri" ? place(value.value) : null;
  if (!where) return document.createTextNode(plain(value));
  const link = element("a", where.here ? "" : "out", shorten(value.value));
  link.href = where.href;
  if (!where.here) link.rel = "noopener noreferrer";
  return link;
}

/** @param {Term} value */
function plain(value) {
  return value.type === "uri" ? shorten(value.value) : value.type === "bnode" ? `_:${value.value}` : value.value;
}

/**
 * Numbers by size, words as in a dictionary, empty cells last.
 * @param {Term | undefined} a
 * @param {Term | undefined} b
 * @param {boolean} numeric
 */
function compare(a, b, numeric) {
  if (!a || !b) return a ? -1 : b ? 1 : 0;
  return numeric ? Number(a.value) - Number(b.value) : plain(a).localeCompare(plain(b), "en", { numeric: true });
}

/**
 * @param {string} kind
 * @param {string} query
 */
function downloads(kind, query) {
  const bar = element("p", "downloads");
  bar.append("Take it along: ");
  const said = element("span");
  said.setAttribute("role", "status");
  for (const [media, name, ending] of DOWNLOADS[kind] ?? []) {
    const button = element("button", "quiet-button", name);
    button.type = "button";
    button.addEventListener("click", async () => {
      said.textContent = "";
      try {
        const response = await send(query, media);
        if (response.ok) save(await response.blob(), `argraph.${ending}`);
        else said.textContent = failure(await response.text()).detail;
      } catch {
        said.textContent = failure("").detail;
      }
    });
    bar.append(button, " ");
  }
  bar.append(said);
  return bar;
}

/**
 * @param {Blob} content
 * @param {string} name
 */
function save(content, name) {
  const link = element("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/**
 * @param {number} number
 * @param {string} noun
 */
function counted(number, noun) {
  return `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [style] Its classes.
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, style = "", text = "") {
  const made = document.createElement(tag);
  if (style) made.className = style;
  if (text) made.textContent = text;
  return made;
}
