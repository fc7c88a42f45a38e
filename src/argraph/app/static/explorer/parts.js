// @ts-check
/** What the modules share: elements, signs and words, what the server is asked, what is said aloud. */

/** @typedef {"supports" | "attacks" | "undercuts" | "bears-on" | "weighs-against"} Relation */
/** @typedef {"accepted" | "rejected" | "undecided"} Status */

/** @type {Record<string, string>} */
export const SIGNS = { supports: "+", attacks: "−", undercuts: "⊘", "bears-on": "+", "weighs-against": "−" };
/** @type {Record<string, string>} */
export const MARKS = { accepted: "✓", rejected: "✕", undecided: "?" };
/** @type {Record<string, string>} */
export const STANDING = { accepted: "stands", rejected: "does not stand", undecided: "is open" };
/** @type {Record<string, string>} */
export const VERBS = {
  supports: "supports",
  attacks: "attacks",
  undercuts: "undercuts an inference",
  "bears-on": "speaks for",
  "weighs-against": "speaks against",
};
/** @type {Record<string, string>} */
const SIDES = { supports: "support", attacks: "attack", undercuts: "undercut", "bears-on": "support", "weighs-against": "attack" };

/**
 * An element. Attributes that are null or false are left out; functions listen to the event of that name.
 * Children that are text stay text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...Node} children
 */
export function draw(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** @param {string} kind */
export function icon(kind) {
  const known = ["thesis", "claim", "objection", "rebuttal", "evidence", "study", "step"].includes(kind) ? kind : "claim";
  const shape = draw("use", { href: `#icon-${known}` });
  return draw("svg", { class: "icon", width: 16, height: 16, "aria-hidden": "true", focusable: "false" }, shape);
}

/** @param {string} relation */
export function sign(relation) {
  return make("span", { class: `sign ${SIDES[relation] ?? ""}`, "aria-hidden": "true" }, SIGNS[relation] ?? "");
}

/**
 * A status as sign and word in a ring.
 * @param {string} status
 * @param {string} standing
 */
export function badge(status, standing) {
  if (!status) return "";
  return make("span", { class: `badge ${status}` }, make("span", { "aria-hidden": "true" }, MARKS[status] ?? ""), ` ${standing}`);
}

/** @param {string} text */
export const hidden = (text) => make("span", { class: "hidden" }, text);

/** @param {string} text */
export const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

/**
 * @param {string} kind
 * @param {string} [role]
 */
export const word = (kind, role = "") => (role === "Pillar" || role === "Branch" ? role : kind === "evidence" ? "Finding" : capital(kind));

/**
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export const counted = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

/**
 * Only places on this server and on the web are linked to, whatever the data says.
 * @param {string} href
 */
export const safe = (href) => (/^(\/(?!\/)|#|\?|https?:\/\/)/i.test(href) ? href : null);

/** @param {string} id */
export const named = (id) => encodeURIComponent(id);

/** What was asked before is not asked again while the page is open. @type {Map<string, Promise<any>>} */
const answers = new Map();

/**
 * What the server answers to a path.
 * @param {string} path
 * @returns {Promise<any>}
 */
export function ask(path) {
  let answer = answers.get(path);
  if (!answer) {
    answer = fetch(path, { headers: { accept: "application/json" } }).then(async (response) => {
      const told = await response.json().catch(() => ({}));
      if (!response.ok) throw new Error(told.detail ?? "The server did not answer.");
      return told;
    });
    answer.catch(() => answers.delete(path));
    answers.set(path, answer);
  }
  return answer;
}

/**
 * Know an answer without asking.
 * @param {string} path
 * @param {unknown} answer
 */
export function know(path, answer) {
  answers.set(path, Promise.resolve(answer));
}

/** @param {string} id */
export function find(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no “${id}”.`);
  return found;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let fading;

/**
 * Say something to those who hear the page, and show it for a while where it is not seen otherwise.
 * @param {string} text
 * @param {boolean} [shown]
 */
export function say(text, shown = false) {
  find("said").textContent = text;
  if (!shown) return;
  const toast = find("toast");
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (toast.hidden = true), 3500);
}

/**
 * @param {string} text
 * @returns {Promise<boolean>} Whether it was copied; without https there is no clipboard.
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Give the reader a file.
 * @param {string} href
 * @param {string} name
 */
export function save(href, name) {
  make("a", { href, download: name }).click();
}

export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
