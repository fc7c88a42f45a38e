// @ts-check
/** The whole argument line by line, read from the page; and the outline that shows it: an ARIA tree in a flat list. */

import { ask, badge, counted, find, hidden, icon, make, named, say, sign, STANDING, VERBS } from "./parts.js";

/** @typedef {import("./main.js").View} View */
/**
 * @typedef {object} Row A premise of a step, under what the step is for or against.
 * @property {number} at Its number.
 * @property {string} id
 * @property {string} step
 * @property {string} relation
 * @property {string} targetStep
 * @property {string} status
 * @property {string} kind
 * @property {string} word
 * @property {string} words
 * @property {string} source
 * @property {string} href
 * @property {string[]} themes
 * @property {string} seen `above` or `below` where it stands in full elsewhere.
 * @property {number} more How much of what is under it is not here yet.
 * @property {Row | null} parent
 * @property {Row[]} children
 */

const finding = (/** @type {Row} */ row) => row.relation === "bears-on" || row.relation === "weighs-against";
const attacking = (/** @type {Row | null} */ row) => row?.relation === "attacks" || row?.relation === "undercuts";

/** The lines of a debate. */
export class Debate {
  /** @param {HTMLElement} list */
  constructor(list) {
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Map<string, Row>} The line where each statement stands in full. */
    this.places = new Map();
    const top = list.querySelector("li");
    if (top) this.#read(top, null);
  }

  /** @param {Element} item @param {Row | null} parent */
  #read(item, parent) {
    const data = item instanceof HTMLElement ? item.dataset : {};
    const line = item.firstElementChild;
    const link = line?.querySelector("a");
    const row = this.#add({
      at: this.rows.length,
      id: data.id ?? "",
      step: data.step ?? "",
      relation: data.relation ?? "",
      targetStep: data.targetStep ?? "",
      status: data.status ?? "",
      kind: data.kind ?? "",
      word: data.word ?? "",
      words: link?.textContent ?? "",
      source: line?.querySelector(".source")?.textContent ?? "",
      href: link?.getAttribute("href") ?? "",
      themes: (data.themes ?? "").split(" ").filter(Boolean).map(decodeURIComponent),
      seen: data.seen ?? "",
      more: Number(data.more ?? 0),
      parent,
      children: [],
    });
    for (const child of item.querySelectorAll(":scope > ul > li")) this.#read(child, row);
  }

  /** @param {Row} row */
  #add(row) {
    this.rows.push(row);
    row.parent?.children.push(row);
    if (!row.seen && !this.places.has(row.id)) this.places.set(row.id, row);
    return row;
  }

  get root() {
    return /** @type {Row} */ (this.rows[0]);
  }

  /** The line of a statement, or of the first premise of a step. @param {string} id */
  of(id) {
    return this.places.get(id) ?? (id ? this.rows.find((row) => row.step === id) : null) ?? null;
  }

  /** Bring in what is under a line and not on the page. @param {Row} row */
  async load(row) {
    if (!row.more) return;
    row.more = 0;
    /** @type {any[]} */
    const told = await ask(`/api/nodes/${named(row.id)}/outline?depth=1&limit=500&opening=500&evidence=${named(named(row.id))}`);
    for (const line of told.slice(1)) {
      if (line.level !== 2 || row.children.some((child) => child.id === line.id && child.step === line.step)) continue;
      const { for: favour, against, undercuts, evidence } = line.more;
      const seen = this.places.has(line.id);
      const cited = line.kind === "evidence" && line.label !== line.words ? line.label : "";
      this.#add({
        ...{ at: this.rows.length, id: line.id, step: line.step, relation: line.relation, targetStep: line.target_step ?? "" },
        ...{ status: line.status, kind: line.kind, word: line.kind === "evidence" ? "finding" : line.kind, words: line.words },
        ...{ source: cited, href: `/id/${named(line.id)}`, themes: [], seen: seen ? "above" : "", more: seen ? 0 : favour + against + undercuts + evidence },
        ...{ parent: row, children: [] },
      });
    }
  }

  /** Bring in the way to a statement that is not on the page. @param {string} id */
  async reach(id) {
    if (!id || this.of(id)) return;
    const { path } = await ask(`/api/nodes/${named(id)}`);
    for (const stop of [...path].reverse()) {
      const row = this.of(stop.id);
      if (row && stop.id !== id) await this.load(row);
    }
  }

  /**
   * A view with a line in sight: what is above it is opened.
   * @param {View} view
   * @param {string} id
   * @param {string[]} begun What is open where the view leaves that to the page.
   * @returns {View}
   */
  revealed(view, id, begun) {
    const row = this.of(id);
    if (!row) return view;
    const open = [...(view.open ?? begun)];
    const evidence = [...view.evidence];
    const top = this.of(view.focus) ?? this.root;
    let focus = row === top ? view.focus : "";
    for (let one = row; one.parent; one = one.parent) {
      const wanted = finding(one) ? evidence : open;
      if (!wanted.includes(one.parent.id)) wanted.unshift(one.parent.id);
      if (one.parent === top) {
        focus = view.focus;
        break;
      }
    }
    const kept = open.filter((name) => name !== this.root.id);
    return { ...view, focus, evidence, open: view.open || kept.length !== begun.length ? kept : null };
  }

  /**
   * The chain of answers that a line is in: from what is first objected, answer by answer.
   * @param {string} id
   * @returns {Row[]} The lines that stand in full; none where it objects to nothing and nothing objects to it.
   */
  chain(id) {
    const full = (/** @type {Row} */ row) => this.places.get(row.id) ?? row;
    const row = this.of(id);
    if (!row) return [];
    const chain = [];
    if (attacking(row)) {
      chain.push(row);
      for (let one = row; attacking(one.parent) && one.parent; one = one.parent) chain.unshift(one.parent);
    }
    for (let next = row.children.find(attacking); next; next = full(next).children.find(attacking)) {
      if (chain.includes(full(next))) break;
      chain.push(full(next));
    }
    return chain;
  }
}

/**
 * @typedef {object} Deeds
 * @property {(id: string) => void} choose
 * @property {(id: string) => void} toggle
 * @property {(id: string) => void} findings
 */
/** @typedef {{key: string, row: Row, fold: Row[], level: number, place: number, size: number, open: boolean | null}} Item */

/** @param {Debate} debate @param {Deeds} deeds */
export function createOutline(debate, deeds) {
  const pane = find("tree");
  const tree = make("div", { role: "tree", class: "tree", "aria-label": `Outline of “${debate.root.words}”` });
  pane.append(tree);
  /** @type {Map<string, HTMLElement>} */
  const drawn = new Map();
  /** @type {Item[]} */
  let items = [];
  let current = "0";
  /** @type {View | null} */
  let shown = null;
  let [typed, typedAt] = ["", 0];

  /** @param {View} view @param {string[]} open @returns {Item[]} */
  function listed(view, open) {
    /** @type {Item[]} */
    const found = [];
    /** @param {Row} row @param {number} level @param {number} place @param {number} size @param {boolean} top */
    const visit = (row, level, place, size, top) => {
      const under = row.children.filter((child) => !finding(child));
      const findings = row.children.filter(finding);
      const expandable = !row.seen && (row.children.length > 0 || row.more > 0);
      const isOpen = top || (under.length || row.more ? open.includes(row.id) : view.evidence.includes(row.id));
      found.push({ key: String(row.at), row, fold: [], level, place, size, open: expandable ? isOpen : null });
      if (!expandable || !isOpen) return;
      const whole = under.length + (findings.length ? 1 : 0);
      under.forEach((child, i) => visit(child, level + 1, i + 1, whole, false));
      if (!findings.length) return;
      if (!under.length && !top) {
        findings.forEach((child, i) => visit(child, level + 1, i + 1, findings.length, false));
        return;
      }
      const seen = view.evidence.includes(row.id);
      found.push({ key: `f${row.at}`, row, fold: findings, level: level + 1, place: whole, size: whole, open: seen });
      if (seen) findings.forEach((child, i) => visit(child, level + 2, i + 1, findings.length, false));
    };
    visit(debate.of(view.focus) ?? debate.root, 1, 1, 1, true);
    return found;
  }

  /** @param {Item} item */
  function build(item) {
    const { row } = item;
    if (item.fold.length) {
      const against = item.fold.filter((one) => one.relation === "weighs-against").length;
      const favour = item.fold.length - against;
      const told = [favour && `${favour} for`, against && `${against} against`].filter(Boolean).join(", ");
      return make("div", { class: "item fold" }, make("span", { class: "toggle", "aria-hidden": "true" }), icon("evidence"), make("span", { class: "what" }, `${counted(item.fold.length, "finding")}: ${told}`));
    }
    return make(
      "div",
      { class: `item ${row.kind} ${row.status}` },
      make("span", { class: "toggle", "aria-hidden": "true" }),
      row.relation && sign(row.relation),
      make(
        "span",
        { class: "what" },
        row.relation && hidden(`${VERBS[row.relation]}: `),
        make("span", { class: "words" }, row.words),
        row.source && make("span", { class: "source" }, ` ${row.source}`),
        make("span", { class: "meta" }, make("span", { class: `kind ${row.kind}` }, icon(row.kind), row.word), badge(row.status, STANDING[row.status] ?? ""), ...counts(row), row.seen && make("span", { class: "see" }, `see ${row.seen}`)),
      ),
    );
  }

  /** How much is under a line. @param {Row} row */
  function counts(row) {
    const number = (/** @type {(child: Row) => boolean} */ one) => row.children.filter(one).length;
    const told = [
      [number((child) => child.relation === "supports"), "for"],
      [number((child) => child.relation === "attacks"), "against"],
      [number((child) => child.relation === "undercuts"), "undercutting"],
      [number(finding), "finding"],
      [row.more, "more"],
    ];
    return told.filter(([size]) => size).map(([size, what]) => make("span", { class: "tally" }, what === "finding" ? counted(Number(size), "finding") : `${size} ${what}`));
  }

  /**
   * @param {View} view
   * @param {string[]} open
   * @param {(id: string) => boolean} recede
   */
  function show(view, open, recede) {
    shown = view;
    const focused = tree.contains(document.activeElement);
    const before = items.findIndex((item) => item.key === current);
    items = listed(view, open);
    const keys = new Set(items.map((item) => item.key));
    for (const [key, element] of drawn) {
      if (keys.has(key)) continue;
      element.remove();
      drawn.delete(key);
    }
    const chosen = items.find((item) => isChosen(item, view));
    if (!focused && chosen) current = chosen.key;
    if (!keys.has(current)) current = items[Math.max(0, Math.min(before, items.length) - 1)]?.key ?? "0";
    let at = tree.firstChild;
    for (const item of items) {
      const element = drawn.get(item.key) ?? build(item);
      drawn.set(item.key, element);
      const { row, fold } = item;
      element.setAttribute("role", "treeitem");
      element.setAttribute("aria-level", String(item.level));
      element.setAttribute("aria-posinset", String(item.place));
      element.setAttribute("aria-setsize", String(item.size));
      element.setAttribute("aria-selected", String(item === chosen));
      if (item.open === null) element.removeAttribute("aria-expanded");
      else element.setAttribute("aria-expanded", String(item.open));
      element.tabIndex = item.key === current ? 0 : -1;
      element.style.setProperty("--level", String(Math.min(item.level, 8)));
      element.dataset.key = item.key;
      if (!fold.length) Object.assign(element.dataset, { id: row.id, step: row.step, relation: row.relation, status: row.status, kind: row.kind });
      element.classList.toggle("recede", !fold.length && recede(row.id));
      if (element === at) at = at.nextSibling;
      else tree.insertBefore(element, at);
    }
    if (focused && !tree.contains(document.activeElement)) drawn.get(current)?.focus();
  }

  /** @param {Item} item @param {View} view */
  const isChosen = (item, view) => !item.fold.length && !item.row.seen && (item.row.id === view.chosen || (item.row.step === view.chosen && !!view.chosen));

  /** @param {Item | undefined} item */
  function goTo(item) {
    if (!item) return;
    for (const [key, element] of drawn) element.tabIndex = key === item.key ? 0 : -1;
    current = item.key;
    const element = drawn.get(item.key);
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Item} item */
  async function toggle(item) {
    if (item.open === null) return;
    const { row } = item;
    if (row.more) {
      say("Loading");
      await debate.load(row);
    }
    if (item.fold.length || !row.children.some((child) => !finding(child))) deeds.findings(row.id);
    else deeds.toggle(row.id);
  }

  tree.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const on = target?.closest("[role=treeitem]");
    const item = items.find((one) => on instanceof HTMLElement && one.key === on.dataset.key);
    if (!item) return;
    goTo(item);
    if (item.fold.length || target?.closest(".toggle")) toggle(item);
    else deeds.choose(item.row.id);
  });

  tree.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = items.findIndex((item) => item.key === current);
    const item = items[at];
    if (!item) return;
    const parent = () => {
      for (let i = at - 1; i >= 0; i--) if ((items[i]?.level ?? 0) < item.level) return items[i];
      return item;
    };
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => goTo(items[at + 1]),
      ArrowUp: () => goTo(items[at - 1]),
      ArrowRight: () => (item.open === false ? toggle(item) : item.open ? goTo(items[at + 1]) : undefined),
      ArrowLeft: () => (item.open && item.level > 1 ? toggle(item) : goTo(parent())),
      Home: () => goTo(items[0]),
      End: () => goTo(items.at(-1)),
      Enter: () => (item.fold.length ? toggle(item) : deeds.choose(item.row.id)),
      " ": () => (item.fold.length ? toggle(item) : deeds.choose(item.row.id)),
      "*": () => {
        const above = parent();
        for (const one of items) if (one.level === item.level && one.open === false && !one.fold.length && one.row.parent === above?.row) toggle(one);
      },
    };
    const act = keys[event.key];
    if (act) {
      event.preventDefault();
      typed = "";
      act();
    } else if (/^[\p{L}\p{N}]$/u.test(event.key)) {
      event.preventDefault();
      typed = event.timeStamp - typedAt > 700 ? event.key : typed + event.key;
      typedAt = event.timeStamp;
      const from = typed.length > 1 ? at : at + 1;
      const begins = (/** @type {Item} */ one) => (one.fold.length ? "" : one.row.words).toLowerCase().startsWith(typed.toLowerCase());
      goTo([...items.slice(from), ...items.slice(0, from)].find(begins));
    }
  });

  return {
    show,
    /** @param {string} id @param {boolean} [focus] */
    reveal(id, focus = false) {
      const item = items.find((one) => shown && isChosen(one, { ...shown, chosen: id }));
      if (item && focus) goTo(item);
      else if (item) drawn.get(item.key)?.scrollIntoView({ block: "nearest" });
    },
  };
}
