// @ts-check
/** What is shown, as the address has it: `?c=…&view=…&focus=…&open=a.b&evidence=c&show=…`. */

/**
 * @typedef {object} View
 * @property {string} chosen Name of the selected statement, finding or step; empty for none.
 * @property {"" | "map" | "outline"} mode Empty where the width of the window decides.
 * @property {string} focus Name of the card that the map begins at; empty for the thesis.
 * @property {string[] | null} open Names of what is opened, in that order; null for what the page begins with.
 * @property {string[]} evidence Names of what shows its findings.
 * @property {string[]} show Kinds, statuses and themes that stand out; empty for all.
 */

/** @param {string[]} names Dots separate them, so dots within them are written as what they stand for. */
const joined = (names) => names.map((name) => encodeURIComponent(name).replace(/\./g, "%2E")).join(".");

/**
 * @param {string} query
 * @returns {View}
 */
export function read(query) {
  /** @type {Map<string, string>} */
  const parts = new Map();
  for (const pair of query.replace(/^\?/, "").split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) parts.set(pair.slice(0, at), pair.slice(at + 1));
  }
  /** @param {string} key */
  const names = (key) => (parts.get(key) ?? "").split(".").filter(Boolean).map(decoded);
  const mode = parts.get("view");
  return {
    chosen: decoded(parts.get("c") ?? ""),
    mode: mode === "map" || mode === "outline" ? mode : "",
    focus: decoded(parts.get("focus") ?? ""),
    open: parts.has("open") ? names("open") : null,
    evidence: names("evidence"),
    show: names("show"),
  };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/**
 * The query of an address, with what differs from the beginning only.
 * @param {View} view
 */
export function write(view) {
  const parts = [];
  if (view.chosen) parts.push(`c=${joined([view.chosen])}`);
  if (view.mode) parts.push(`view=${view.mode}`);
  if (view.focus) parts.push(`focus=${joined([view.focus])}`);
  if (view.open) parts.push(`open=${joined(view.open)}`);
  if (view.evidence.length) parts.push(`evidence=${joined(view.evidence)}`);
  if (view.show.length) parts.push(`show=${joined(view.show)}`);
  return parts.length ? `?${parts.join("&")}` : "";
}
