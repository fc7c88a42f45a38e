// @ts-check
/** What the text would change in the debate: in words, with links to what it names. */

import { make, MARKS, STANDING } from "../explorer/parts.js";

/** @typedef {import("./check.js").Impact} Impact */
/** @typedef {import("./check.js").Part} Part */

/**
 * @param {HTMLElement} place
 * @param {string[]} bases What the IRIs of the debates' nodes begin with.
 */
export function createImpact(place, bases) {
  /** @param {string} iri */
  const address = (iri) => {
    const base = bases.find((one) => iri.startsWith(one) && iri !== one);
    return `/id/${encodeURIComponent(base ? iri.slice(base.length) : iri)}`;
  };

  /** @param {Part[]} line @param {Set<string>} fresh */
  const sentence = (line, fresh) => line.map((part) => (part.node && !fresh.has(part.node) ? make("a", { href: address(part.node) }, part.text) : part.text));

  /** @param {{status: string} | null} verdict */
  const badge = (verdict) => verdict && make("span", { class: `badge ${verdict.status}` }, make("span", { "aria-hidden": "true" }, MARKS[verdict.status] ?? ""), ` ${STANDING[verdict.status]}`);

  return {
    /** @param {Impact | null} impact */
    show(impact) {
      if (!impact) {
        place.replaceChildren(make("p", { class: "quiet" }, "The file cannot be read as Turtle yet; then it shows here what it would change."));
        return;
      }
      const fresh = new Set(impact.added.map((change) => change.iri));
      const flips = impact.flips.filter((change) => !["support", "attack", "evidence line"].includes(change.kind));
      place.replaceChildren(
        make("p", { class: flips.length ? "headline flips" : "headline" }, `${impact.told.headline}.`),
        ...impact.told.sections.map((section, index) => {
          const first = index === 0 && flips.length > 0;
          const lines = section.lines.map((line, at) => {
            const change = first ? flips[at] : undefined;
            return make("li", {}, change && make("p", { class: "turn" }, badge(change.before), make("span", { class: "hidden" }, " then "), make("span", { "aria-hidden": "true" }, "→"), badge(change.after)), make("p", {}, ...sentence(line, fresh)));
          });
          const list = make("ul", { class: first ? "turns" : "told" }, ...lines);
          if (first) return list;
          return make("details", { open: lines.length <= 3 && index < 3 }, make("summary", {}, `${section.title} (${lines.length})`), list);
        }),
      );
    },
  };
}
