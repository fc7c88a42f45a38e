// @ts-check
/** What the endpoint answers, read: rows of SELECT, yes or no of ASK, triples of CONSTRUCT and DESCRIBE, refusals. */

/**
 * @typedef {object} Term
 * @property {"uri" | "bnode" | "literal"} type
 * @property {string} value
 * @property {string} [datatype]
 */

/** @typedef {{kind: "rows", columns: string[], rows: (Term | undefined)[][]}} Rows */
/** @typedef {{kind: "graph", columns: string[], rows: (Term | undefined)[][]}} Graph */
/** @typedef {{kind: "yesno", yes: boolean}} YesNo */

/**
 * A refusal (RFC 9457). Line and column count from 1, the column in code points.
 * @typedef {{kind: "problem", detail: string, line?: number, column?: number}} Problem
 */

/** @typedef {Rows | Graph | YesNo | Problem} Answer */

/** Asked for where the form of the answer is not known yet: the server takes the one that fits the query. */
export const ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9";

/**
 * @param {string} text
 * @param {string} media Its media type.
 * @returns {Answer}
 */
export function read(text, media) {
  if (media.includes("n-triples")) return { kind: "graph", columns: ["subject", "predicate", "object"], rows: triples(text) };
  const found = JSON.parse(text);
  if (media.includes("problem")) return problem(found);
  if (typeof found.boolean === "boolean") return { kind: "yesno", yes: found.boolean };
  /** @type {string[]} */
  const columns = found.head.vars;
  /** @type {Record<string, Term>[]} */
  const bindings = found.results.bindings;
  return { kind: "rows", columns, rows: bindings.map((bound) => columns.map((column) => bound[column])) };
}

/**
 * A refusal, from a problem document or whatever came in its place.
 * @param {unknown} found
 * @returns {Problem}
 */
export function problem(found) {
  /** @type {Record<string, unknown>} */
  const given = typeof found === "object" && found !== null ? { ...found } : {};
  const number = (/** @type {unknown} */ value) => (typeof value === "number" ? value : undefined);
  const detail = typeof given.detail === "string" ? given.detail : "The server did not say why.";
  return { kind: "problem", detail, line: number(given.line), column: number(given.column) };
}

/**
 * What the body of a failed request says, where that is a problem document; else a sentence about it.
 * @param {string} text
 * @returns {Problem}
 */
export function failure(text) {
  try {
    return problem(JSON.parse(text));
  } catch {
    return { kind: "problem", detail: "The server cannot be reached. It may have been stopped; your query is still here." };
  }
}

const TRIPLE = /^(<[^>]*>|_:\S+) (<[^>]*>) (<[^>]*>|_:\S+|"(?:[^"\\]|\\.)*"(?:\^\^<[^>]*>|@[\w-]+)?) \.$/;
const LITERAL = /^"((?:[^"\\]|\\.)*)"(?:\^\^<([^>]*)>|@[\w-]+)?$/s;
/** @type {Record<string, string>} */
const ESCAPES = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f" };

/**
 * The triples of N-Triples in canonical form, as the server writes it.
 * @param {string} text
 * @returns {Term[][]}
 */
function triples(text) {
  return text.split("\n").flatMap((line) => {
    const match = TRIPLE.exec(line);
    return match ? [match.slice(1).map(term)] : [];
  });
}

/**
 * @param {string} written
 * @returns {Term}
 */
function term(written) {
  if (written.startsWith("<")) return { type: "uri", value: unescape(written.slice(1, -1)) };
  if (written.startsWith("_:")) return { type: "bnode", value: written.slice(2) };
  const [, value, datatype] = LITERAL.exec(written) ?? ["", written, undefined];
  return { type: "literal", value: unescape(value ?? ""), datatype };
}

/** @param {string} text */
function unescape(text) {
  return text.replace(/\\(?:u([0-9A-F]{4})|U([0-9A-F]{8})|(.))/gis, (_, four, eight, one) =>
    one ? (ESCAPES[one] ?? one) : String.fromCodePoint(parseInt(four ?? eight, 16)),
  );
}
