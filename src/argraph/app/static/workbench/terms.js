// @ts-check
/** Names for a query, from this server. */

/**
 * @typedef {object} Term
 * @property {string} iri
 * @property {string} name How a query writes it.
 * @property {string} label
 * @property {string} kind
 */

/** @type {AbortController | undefined} */
let pending;

/**
 * The terms with these words in name or label; a new search ends the one before it, which then finds nothing.
 * @param {string} text
 * @param {"class" | "property" | "any"} kind
 * @returns {Promise<Term[]>}
 */
export async function search(text, kind) {
  pending?.abort();
  pending = new AbortController();
  try {
    const response = await fetch(`/workbench/terms?${new URLSearchParams({ q: text, kind })}`, { signal: pending.signal });
    return response.ok ? await response.json() : [];
  } catch {
    return []; // no server, no proposals: the query can still be written
  }
}
