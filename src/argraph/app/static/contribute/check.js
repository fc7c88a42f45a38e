// @ts-check
/** What the server says of a text: asked a little after the last key, and only of the last text. */

/** @typedef {import("./editor.js").Severity} Severity */
/** @typedef {{code: string, severity: Severity, message: string, hint: string, line: number, column: number, end_line: number, end_column: number}} Finding */
/** @typedef {{text: string, node: string}} Part */
/** @typedef {{iri: string, kind: string, before: {status: string} | null, after: {status: string} | null}} Change */
/** @typedef {{headline: string, sections: {title: string, lines: Part[][]}[]}} Told */
/** @typedef {{flips: Change[], added: Change[], told: Told}} Impact */
/** @typedef {{ok: boolean, report: {diagnostics: Finding[]}, impact: Impact | null}} Checked */

const PAUSE = 450; // milliseconds without a key

/**
 * @param {object} on
 * @param {() => string} on.name Name of the file.
 * @param {() => void} on.asking
 * @param {(told: Checked) => void} on.told
 * @param {(why: string) => void} on.failed
 */
export function createCheck(on) {
  /** @type {AbortController | null} */
  let asked = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  /** @param {string} text */
  async function ask(text) {
    asked?.abort();
    const own = (asked = new AbortController());
    on.asking();
    try {
      // As `/api/contributions?dry_run=1`, but faults are no refusal here, which browsers would log as errors.
      const body = new URLSearchParams({ do: "check", file: on.name(), text });
      const response = await fetch("/contribute", { method: "POST", headers: { accept: "application/json" }, body, signal: own.signal });
      const told = await response.json().catch(() => ({}));
      if (own.signal.aborted) return;
      if (told.report) return on.told(/** @type {Checked} */ (told));
      on.failed(told.detail ?? "The server did not answer.");
      const again = Number(response.headers.get("retry-after"));
      if (again > 0 && again <= 120) waiting = setTimeout(() => void ask(text), again * 1000);
    } catch {
      if (!own.signal.aborted) on.failed("The server cannot be reached. What you write is kept in this tab.");
    }
  }

  return {
    /** @param {string} text @param {number} [pause] */
    soon(text, pause = PAUSE) {
      clearTimeout(waiting);
      asked?.abort();
      waiting = setTimeout(() => void ask(text), pause);
    },
  };
}
