// @ts-check
/** IRIs on this server: what they are called in short, and where one reads about them. */

/**
 * @typedef {object} Settings What the server tells the page.
 * @property {"plain" | "yasgui"} editor
 * @property {Record<string, string>} prefixes
 * @property {string[]} bases What the IRIs of each debate's nodes begin with.
 * @property {string} vocabulary What the IRIs of argraph's own terms begin with.
 * @property {string} first A query to begin with.
 * @property {{title: string, text: string} | null} given The query that the address asks for.
 */

/** @type {Settings} */
export const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "{}");

/**
 * An IRI as prefixed name where the longest fitting prefix leaves a plain name, else as it is.
 * @param {string} iri
 * @returns {string}
 */
export function shorten(iri) {
  const fitting = Object.entries(settings.prefixes).filter(([, base]) => iri.startsWith(base));
  fitting.sort(([, a], [, b]) => b.length - a.length);
  for (const [prefix, base] of fitting) {
    const local = iri.slice(base.length);
    if (/^[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_-])?$/u.test(local)) return `${prefix}:${local}`;
  }
  return iri;
}

/**
 * Where one reads about an IRI: its page here, or its own address if that is on the web.
 * @param {string} iri
 * @returns {{href: string, here: boolean} | null}
 */
export function place(iri) {
  if (iri.startsWith(settings.vocabulary) && iri.length > settings.vocabulary.length) {
    return { href: `/ontology#${encodeURIComponent(iri.slice(settings.vocabulary.length))}`, here: true };
  }
  const base = settings.bases.find((one) => iri.startsWith(one) && iri.length > one.length);
  if (base) {
    const name = settings.bases.length === 1 ? iri.slice(base.length) : iri;
    return { href: `/id/${encodeURIComponent(/^\.{1,2}$/.test(name) ? iri : name)}`, here: true };
  }
  return /^https?:\/\/[^\s]+$/i.test(iri) ? { href: iri, here: false } : null;
}
