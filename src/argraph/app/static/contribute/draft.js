// @ts-check
/** What one has written outlives the page in its tab, and nothing else. */

/** @typedef {Record<string, string>} Draft Values of the form's fields by name. */

/** @param {string} key @returns {Draft | null} */
export function kept(key) {
  try {
    const told = JSON.parse(sessionStorage.getItem(key) ?? "null");
    return told && typeof told.text === "string" ? told : null;
  } catch {
    return null; // no storage, or something else in it
  }
}

/** @param {string} key @param {Draft | null} draft */
export function keep(key, draft) {
  try {
    if (draft) sessionStorage.setItem(key, JSON.stringify(draft));
    else sessionStorage.removeItem(key);
  } catch {
    // Storage is full or forbidden; the page works without.
  }
}
