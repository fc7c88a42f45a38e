// @ts-check
/** YASGUI as editor: its tabs and its query field, with our terms, our prefixes and our own view of answers. */

import { element, show } from "./answer.js";
import { settings } from "./names.js";
import { units } from "./plain.js";
import { ACCEPT, failure, read } from "./results.js";
import { search } from "./terms.js";

/** @typedef {import("@zazuko/yasgui").Yasgui} Yasgui */
/** @typedef {Yasgui["_tabs"][string]} Tab */
/** @typedef {NonNullable<ReturnType<Tab["getYasqe"]>>} Yasqe */
/** @typedef {NonNullable<ReturnType<Tab["getYasr"]>>} Yasr */
/** @typedef {import("./plain.js").Editor} Editor */
/** @typedef {import("./terms.js").Term} Term */

/** The library, as its script leaves it behind. */
const library = /** @type {typeof import("@zazuko/yasgui").Yasgui} */ (Reflect.get(window, "Yasgui"));

/** @type {Yasgui} */
let yasgui;

/**
 * @param {{asked: (text: string) => void, seen: (text: string) => void}} page
 * @param {{title: string, text: string}} first The query of the first tab, where there is none from an earlier visit.
 * @returns {Editor}
 */
export function start(page, first) {
  completeTerms();
  library.Yasr.plugins = { answer: /** @type {any} */ (Answer) };
  library.Yasr.defaults.plugins = { answer: { enabled: true } };
  const form = /** @type {HTMLFormElement} */ (document.getElementById("ask"));
  const room = element("div", "room");
  form.before(room);
  document.getElementById("editor")?.remove();
  document.getElementById("answer")?.remove();

  const config = {
    autofocus: false,
    populateFromUrl: false,
    autoAddOnInit: false,
    contextMenuContainer: room,
    persistenceId: "argraph-workbench",
    requestConfig: {
      endpoint: new URL("/sparql", location.href).href,
      method: "POST",
      acceptHeaderSelect: ACCEPT,
      acceptHeaderGraph: ACCEPT,
    },
    endpointCatalogueOptions: { getData: () => [], keys: [], renderItem: () => {} },
    yasqe: {
      value: settings.first,
      editorHeight: "19rem",
      showQueryButton: false,
      // Tab leaves the field, so that nobody is trapped in it, and nothing else does.
      extraKeys: { Tab: false, "Shift-Tab": false, Esc: false, "Ctrl-Space": propose },
    },
    yasr: { defaultPlugin: "answer", pluginOrder: ["answer"], maxPersistentResponseSize: 0 },
  };
  yasgui = new library(room, /** @type {any} */ (config));
  if (!yasgui.getTab()) yasgui.addTab(true, { name: first.title, yasqe: { value: first.text } });
  const current = () => /** @type {Tab} */ (yasgui.getTab());
  const run = () => void current().query().catch(() => {}); // what went wrong is shown as answer

  /** The buttons stand between query and answer of the open tab; its field gets a name. */
  const settle = () => {
    room.querySelector(".tabPanel.active > .editorwrapper")?.after(form);
    current().getYasqe()?.getInputField().setAttribute("aria-label", "Query");
  };
  yasgui.on("query", (_, tab) => page.asked(tab.getQuery()));
  yasgui.on("tabSelect", () =>
    setTimeout(() => {
      settle(); // the tab is drawn only after this event
      page.seen(current().getQuery());
    }),
  );
  yasgui.on("tabAdd", () => setTimeout(settle));
  yasgui.on("tabClose", () =>
    setTimeout(() => {
      if (!Object.keys(yasgui._tabs).length) yasgui.addTab(true);
      settle(); // else the buttons would be gone with the tab
    }),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  settle();
  return {
    text: () => current().getQuery(),
    open: (text, title) => {
      const known = Object.values(yasgui._tabs).find((tab) => tab.getPersistedJson().yasqe.value === text);
      if (known) known.select();
      else yasgui.addTab(true, { name: title || "Query", yasqe: { value: text } });
      settle();
    },
    run,
  };
}

/** Shows what the endpoint answered, in the tab that asked; in place of the library's own tables. */
class Answer {
  priority = 1;
  hideFromSelection = true;

  /** @param {Yasr} yasr */
  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    return Boolean(this.yasr.results);
  }

  draw() {
    const tab = Object.values(yasgui._tabs).find((one) => one.getYasr() === this.yasr);
    const yasqe = tab?.getYasqe();
    const results = this.yasr.results;
    if (!tab || !yasqe || !results) return;
    const error = results.getError();
    const answer = error
      ? failure(error.text)
      : read(results.getOriginalResponseAsString(), results.getContentType() ?? "");
    const target = element("section", "answer");
    target.setAttribute("aria-label", "Answer");
    this.yasr.resultsEl.append(target);
    show(target, answer, tab.getQuery());
    if (answer.kind === "problem" && answer.line) mark(yasqe, answer.line, answer.column ?? 1);
  }

  getIcon() {
    return undefined;
  }
}

/**
 * Show a place in the query until the query is changed.
 * @param {Yasqe} yasqe
 * @param {number} line From 1.
 * @param {number} column From 1, in code points.
 */
function mark(yasqe, line, column) {
  const doc = yasqe.getDoc();
  const at = { line: line - 1, ch: units(doc.getLine(line - 1) ?? "", column) };
  const marked = doc.markText(at, { line: at.line, ch: at.ch + 1 }, { className: "fault-mark" });
  const shaded = yasqe.addLineClass(at.line, "background", "fault-line");
  const clear = () => {
    marked.clear();
    yasqe.removeLineClass(shaded, "background", "fault-line");
    doc.off("change", clear);
  };
  doc.on("change", clear);
  yasqe.focus();
  doc.setCursor(at);
}

/**
 * The prefixes that a query declares.
 * @param {string} text
 * @returns {Record<string, string>}
 */
function declared(text) {
  const lines = text.matchAll(/^\s*PREFIX\s+([^\s:]*):\s*<([^>]*)>/gim);
  return Object.fromEntries(Array.from(lines, ([, prefix, base]) => [prefix, base]));
}

/** Whether terms are asked for by key; else only a prefixed name calls them up. */
let asked = false;

/** @param {Yasqe} yasqe */
function propose(yasqe) {
  asked = true;
  yasqe.autocomplete();
  asked = false;
}

/** Prefixes and terms from this server, in place of what the library would ask other servers for. */
function completeTerms() {
  const { Yasqe } = library;
  const prefixes = Object.entries(settings.prefixes).map(([prefix, base]) => `${prefix}: <${base}>`);
  Yasqe.forkAutocompleter("prefixes", { name: "prefixes", get: () => prefixes, persistenceId: null });
  for (const name of ["property", "class"]) delete Yasqe.Autocompleters[name]; // these ask other servers
  Yasqe.defaults.autocompleters = ["variables", "prefixes", "terms"];
  // The server knows our prefixes without being told, so the editor must not call them undeclared …
  /** @type {any} */ (Yasqe).extendMode("sparql11", {
    /** @this {{_startState: () => {prefixes: Record<string, string>}}} */
    startState() {
      const state = this._startState();
      return { ...state, prefixes: { ...settings.prefixes, ...state.prefixes } };
    },
  });
  /** @type {Map<string, Term>} */
  let found = new Map();
  Yasqe.registerAutocompleter({
    name: "terms",
    bulk: false,
    autoShow: true,
    onInitialize: (yasqe) => {
      // … and yet declares them as they are written, so that a query can be taken elsewhere.
      yasqe.getPrefixesFromQuery = () => declared(yasqe.getValue());
    },
    isValidCompletionPosition: (yasqe) => {
      const token = yasqe.getCompleteToken();
      const before = yasqe.getPreviousNonWsToken(yasqe.getDoc().getCursor().line, token);
      if (/^[?$"'#<]/.test(token.string) || before.string.toUpperCase() === "PREFIX") return false;
      return asked ? /[\p{L}\p{N}]/u.test(token.string) : /^[\p{L}\p{N}_-]*:/u.test(token.string);
    },
    get: async (yasqe, token) => {
      if (!token) return [];
      const before = yasqe.getPreviousNonWsToken(yasqe.getDoc().getCursor().line, token);
      const typed = ["a", "rdf:type"].includes(before.state.lastProperty);
      const linking = token.state.possibleCurrent.includes("a");
      const kind = typed ? "class" : linking ? "property" : "any";
      const terms = await search(token.string, kind);
      found = new Map(terms.map((term) => [term.name, term]));
      return [...found.keys()];
    },
    postprocessHints: (_, hints) => hints.map((hint) => ({ ...hint, render: (line) => draw(line, hint.text) })),
  });

  /**
   * @param {HTMLElement} line
   * @param {string} name
   */
  function draw(line, name) {
    const term = found.get(name);
    line.append(element("b", "", name), " ", element("span", "", term?.label || term?.kind || ""));
  }
}
