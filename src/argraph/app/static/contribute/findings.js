// @ts-check
/** The list of what was found beside the text; each entry leads to its place, and may mend it. */

import { counted, make } from "../explorer/parts.js";

/** @typedef {import("./check.js").Finding} Finding */

export const WORDS = { violation: "must be mended", warning: "should be looked at", info: "a remark" };
const SIGNS = { violation: "✕", warning: "!", info: "i" };
const MEANT = /^Did you mean (.+)\?$/;
const BLANK = "blank-unfilled";
const NAME = /^(?:[\w-]*:[\w.-]+|@[\w-]+)$/;

/**
 * What a hint offers to write instead: “Did you mean arg:Claim or arg:Claims?” offers two names.
 * @param {string} hint
 */
export function offers(hint) {
  const meant = MEANT.exec(hint)?.[1]?.replace(/ \(“[^”]*”\)/g, "") ?? "";
  const names = meant.split(" or ");
  return names.every((name) => NAME.test(name)) ? names : [];
}

/** @param {Finding[]} findings */
export function summary(findings) {
  const number = (/** @type {string} */ severity) => findings.filter((one) => one.severity === severity).length;
  const told = [
    number("violation") && counted(number("violation"), "fault"),
    number("warning") && counted(number("warning"), "warning"),
    number("info") && counted(number("info"), "remark"),
  ].filter(Boolean);
  return told.length ? `${told.join(", ")}.` : "No faults.";
}

/**
 * @param {HTMLElement} list
 * @param {(finding: Finding) => void} go
 * @param {(finding: Finding, text: string) => void} mend
 */
export function createFindings(list, go, mend) {
  /** @type {Finding[]} */
  let shown = [];

  /** Many blanks are one thing to do. @param {Finding[]} blanks */
  function unfilled(blanks) {
    const what = (/** @type {Finding} */ one) => one.message.replace(/^[^:]*: /, "").replace(/\.$/, "");
    return make(
      "li",
      { class: "fault violation" },
      make("p", { class: "fault-head" }, make("span", { class: "grave" }, make("span", { "aria-hidden": "true" }, SIGNS.violation), ` ${blanks.length} blanks are to be filled`)),
      make("ul", { class: "blanks" }, ...blanks.map((one) => make("li", {}, make("button", { type: "button", class: "where", click: () => go(one) }, make("small", {}, `Line ${one.line} `), what(one))))),
    );
  }

  return {
    /** @param {Finding[]} findings */
    show(findings) {
      if (JSON.stringify(findings) === JSON.stringify(shown)) return;
      // Who is in the list stays in it, at the same place.
      const at = [...list.children].findIndex((entry) => entry.contains(document.activeElement));
      shown = findings;
      const blanks = findings.filter((one) => one.code === BLANK);
      const others = blanks.length > 1 ? findings.filter((one) => one.code !== BLANK) : findings;
      list.replaceChildren(
        ...(blanks.length > 1 ? [unfilled(blanks)] : []),
        ...others.slice(0, 200).map((one) =>
          make(
            "li",
            { class: `fault ${one.severity}` },
            make("p", { class: "fault-head" }, make("button", { type: "button", class: "where", click: () => go(one) }, `Line ${one.line}, column ${one.column}`), make("span", { class: "grave" }, make("span", { "aria-hidden": "true" }, SIGNS[one.severity]), ` ${WORDS[one.severity]}`)),
            make("p", {}, one.message),
            one.hint && make("p", { class: "fault-hint" }, one.hint),
            offers(one.hint).length > 0 && make("p", { class: "mends" }, ...offers(one.hint).map((name) => make("button", { type: "button", class: "mend", click: () => mend(one, name) }, `Write ${name}`))),
          ),
        ),
      );
      list.hidden = !findings.length;
      if (at < 0) return;
      const entry = list.children[Math.min(at, list.children.length - 1)];
      const next = entry?.querySelector("button");
      if (next) next.focus({ preventScroll: true });
      else list.closest("section")?.querySelector("h2")?.focus();
    },
    /**
     * The next finding behind a place, from the top again after the last.
     * @param {number} line
     * @param {number} column
     */
    after: (line, column) => shown.find((one) => one.line > line || (one.line === line && one.column > column)) ?? shown[0],
  };
}
