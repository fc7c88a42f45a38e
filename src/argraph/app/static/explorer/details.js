// @ts-check
/** The details of what is selected: a panel beside the map, a sheet over it on a phone. */

import { ask, badge, capital, copy, counted, find, hidden, icon, make, named, safe, say, sign, VERBS } from "./parts.js";

/** @typedef {{name: string, sign: string, word: string}} How */
/** @typedef {{id: string, href: string, kind: string, word: string, label: string, text: string, status: string, standing: string, unanswered: boolean}} Brief */
/** @typedef {{href: string, text: string, id?: string}} Link */
/** @typedef {{id: string, href: string, label: string, kind: string, status: string, standing: string}} Ref */
/**
 * @typedef {object} Argument
 * @property {string} step
 * @property {string} href
 * @property {How} relation
 * @property {string} status
 * @property {string} standing
 * @property {Brief[]} premises
 * @property {string} text
 * @property {Link | null} scheme
 * @property {Argument[]} doubts
 * @property {Argument[]} replies
 * @property {Brief | null} end
 * @property {Link | null} end_step
 */
/** @typedef {{id: string, href: string, text: string, title: string, source: Link | null, reference: string, bibtex: string}} Study */
/**
 * @typedef {object} Finding
 * @property {string} id
 * @property {string} href
 * @property {string} text
 * @property {string} status
 * @property {string} standing
 * @property {Study[]} citations
 * @property {boolean} checked
 * @property {string} verification
 * @property {{word: string, level: number} | null} grade
 * @property {How | null} relation
 * @property {string} step
 * @property {string} directness
 * @property {Brief | null} statement
 * @property {Argument[]} doubts
 */
/**
 * @typedef {object} Node
 * @property {string} type
 * @property {string} id
 * @property {string} iri
 * @property {string} href
 * @property {string} kind
 * @property {string} word
 * @property {string} label
 * @property {string} text
 * @property {string} status
 * @property {string} standing
 * @property {{lower: number, upper: number} | null} strength
 * @property {string} why
 * @property {Argument[]} for
 * @property {Argument[]} against
 * @property {Argument[]} undercuts
 * @property {Finding[]} evidence
 * @property {Argument[]} leads
 * @property {Finding[]} bears_on
 * @property {Finding | null} finding
 * @property {{id: string, label: string, relation: string}[]} path
 * @property {string[]} remarks
 * @property {boolean} unanswered
 * @property {Link[]} themes
 * @property {Argument | null} inference Of a step.
 * @property {{scheme: Link, definition: string, questions: string[]} | null} pattern Of a step.
 * @property {{entered: {link: Link, by: Link[], date: string}[], sources: {work: string, parts: Link[]}[]}} provenance
 * @property {Link[]} questions Saved queries that show it.
 */
/**
 * @typedef {object} Deeds
 * @property {(id: string) => string} address Where something is selected.
 * @property {(id: string) => void} choose
 * @property {(id: string) => void} focus
 * @property {(id: string) => boolean} alone Whether the map begins at it.
 * @property {() => void} close
 * @property {() => void} share
 * @property {(by: number) => void} follow
 * @property {(id: string) => {place: number, size: number, before: boolean, after: boolean} | null} chain
 */

/** @param {Deeds} deeds */
export function createDetails(deeds) {
  const panel = find("details");
  const body = make("div", { class: "details-body", tabindex: -1 });
  const grip = make("button", { type: "button", class: "grip", "aria-expanded": "false", "aria-controls": "details", click: () => tall(!panel.classList.contains("tall")) }, make("span", { "aria-hidden": "true" }), hidden("Larger"));
  const closing = make("button", { type: "button", class: "light close", "aria-label": "Close the details", click: () => deeds.close() }, "✕");
  panel.append(grip, closing, body);
  let shown = "";

  /** @param {boolean} is */
  function tall(is) {
    panel.classList.toggle("tall", is);
    grip.setAttribute("aria-expanded", String(is));
  }

  /** @param {string} id */
  async function show(id) {
    if (shown === id) return;
    shown = id;
    let told;
    try {
      told = /** @type {Node} */ (await ask(`/api/nodes/${named(id)}`));
    } catch (error) {
      if (shown !== id) return;
      body.replaceChildren(make("p", { class: "empty" }, error instanceof Error ? error.message : "This could not be loaded."));
      return;
    }
    if (shown !== id) return;
    const focused = body.contains(document.activeElement) ? document.activeElement : null;
    const key = focused?.getAttribute("aria-keyshortcuts");
    body.replaceChildren(...content(told));
    body.scrollTop = 0;
    if (!focused) return;
    // Who follows links or the chain within the panel stays in it.
    const again = key && body.querySelector(`button[aria-keyshortcuts="${key}"]:not(:disabled)`);
    (again instanceof HTMLElement ? again : body.querySelector("h2"))?.focus({ preventScroll: true });
  }

  /** @param {string} id @param {string} text @param {string} [style] */
  function pick(id, text, style = "pick-link") {
    const click = (/** @type {MouseEvent} */ event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      deeds.choose(id);
    };
    return make("a", { class: style, href: deeds.address(id), click }, text);
  }

  /** @param {Node} node @returns {HTMLElement[]} */
  function content(node) {
    const reply = node.kind === "objection" || node.kind === "rebuttal";
    /** @type {HTMLElement[]} */
    const parts = [
      make("p", { class: `kind ${node.kind}` }, icon(node.kind), make("span", {}, node.type === "step" ? `inference: ${node.word}` : node.kind === "evidence" ? "finding" : node.word), badge(node.status, node.standing)),
      make("h2", { tabindex: -1 }, node.label),
    ];
    if (node.text && node.text !== node.label) parts.push(make("p", { class: "lead" }, node.text));
    if (node.why) parts.push(make("section", { class: `why ${node.status}`, "aria-label": "Why" }, make("h3", {}, "Why"), make("p", {}, node.why)));
    const chain = deeds.chain(node.id);
    if (chain) parts.push(follow(node, chain));
    if (node.strength && node.status) parts.push(strength(node.strength));
    if (node.finding) parts.push(...finding(node.finding));
    parts.push(
      make(
        "p",
        { class: "row-of" },
        make("button", { type: "button", class: "light", click: deeds.share }, "Copy link"),
        node.type === "statement" && !deeds.alone(node.id) && make("button", { type: "button", class: "light", click: () => deeds.focus(node.id) }, "Look at this alone"),
        make("a", { class: "button light", href: safe(node.href) }, "Its page"),
      ),
    );
    parts.push(invitation(node, reply));
    if (node.unanswered) parts.push(make("p", { class: "remark open" }, `Nobody has answered this ${node.kind} so far. `, make("a", { href: contribute(node, "rebuttal") }, "Do you know a reply?")));
    for (const remark of node.remarks) parts.push(make("p", { class: "remark" }, remark));
    if (node.type === "step") {
      if (node.inference) parts.push(move(node.inference));
      if (node.evidence.length) parts.push(group("The finding", node.evidence.map(evidence), ""));
      parts.push(group("Against this inference", node.undercuts.map(argument), "Nobody has disputed this inference. One may accept what it starts from and still deny where it leads."));
      if (node.pattern) parts.push(pattern(node.pattern));
    } else {
      if (node.kind !== "evidence") parts.push(group(reply ? "For it" : "For", node.for.map(argument), "Nobody has entered a reason for it yet."));
      if (node.kind !== "evidence" || node.against.length) parts.push(group(reply ? "Answers to it" : "Against", node.against.map(argument), reply ? "Nobody has answered it so far." : "Nobody has objected to it yet."));
      if (node.undercuts.length) parts.push(group("Against this inference", node.undercuts.map(argument), "", "One may accept what it says and still deny that it tells against what it is aimed at."));
      if (node.evidence.length) parts.push(group("What studies found", node.evidence.map(evidence), ""));
      if (node.bears_on.length) parts.push(group("What it bears on", node.bears_on.map(bearing), ""));
      if (node.leads.length) parts.push(group("Where it leads", node.leads.map(leading), ""));
      if (node.kind !== "evidence") parts.push(hangs(node), withdrawn(node));
    }
    if (node.path.length > 1) parts.push(way(node));
    parts.push(origin(node));
    return parts;
  }

  /** @param {Node} node @param {string} kind */
  const contribute = (node, kind) => `/contribute?kind=${kind}&against=${named(node.id)}`;

  /** Ways to take part, as on its page. @param {Node} node @param {boolean} reply */
  function invitation(node, reply) {
    const own = node.inference;
    const answers = reply || Boolean(own && own.relation.name !== "supports" && own.premises.some((one) => one.kind === "objection" || one.kind === "rebuttal"));
    const way = (/** @type {string} */ kind, /** @type {string} */ text) => make("a", { class: "button light", href: contribute(node, kind) }, icon(kind), text);
    const against = answers ? way("rebuttal", "Answer this") : way("objection", node.type === "step" ? "Dispute this inference" : "Object to this");
    const more = node.type === "statement" && node.kind !== "evidence" ? [way("claim", "Support this"), way("evidence", "Add evidence")] : [];
    const takes = node.type === "statement" || node.type === "step";
    return make("p", { class: "row-of invite" }, ...(takes ? [against, ...more] : []));
  }

  /** @param {Node} node @param {{place: number, size: number, before: boolean, after: boolean}} chain */
  function follow(node, chain) {
    const turn = (/** @type {string} */ text, /** @type {number} */ by, /** @type {string} */ key) => make("button", { type: "button", class: "light", "aria-keyshortcuts": key, click: () => deeds.follow(by) }, text);
    const place = chain.place ? `${capital(node.kind)} ${chain.place} of ${chain.size} in its chain` : chain.size > 1 ? `A chain of ${chain.size} objections and answers begins here` : "One objection, not answered";
    const back = chain.place > 1 ? "‹ What it answers" : "‹ What it objects to";
    const on = chain.place ? "What answers it ›" : "The first objection ›";
    return make(
      "nav",
      { class: "chain", "aria-label": "Chain of answers" },
      make("p", {}, place),
      make("p", { class: "row-of" }, chain.before && turn(back, -1, "["), chain.after && turn(on, 1, "]")),
    );
  }

  /** @param {{lower: number, upper: number}} value */
  function strength({ lower, upper }) {
    const exact = upper - lower < 0.005;
    const told = exact ? lower.toFixed(2) : `between ${lower.toFixed(2)} and ${upper.toFixed(2)}`;
    const sure = make("span", { class: "sure" });
    const perhaps = make("span", { class: "perhaps" });
    sure.style.width = `${lower * 100}%`;
    perhaps.style.width = `${(upper - lower) * 100}%`;
    return make("div", { class: "strength" }, make("span", {}, "Strength"), make("span", { class: "bar-of", "aria-hidden": "true" }, sure, perhaps), make("span", { class: "number" }, told), hidden(" of 1"));
  }

  /** @param {string} title @param {HTMLElement[]} entries @param {string} empty @param {string} [intro] */
  function group(title, entries, empty, intro = "") {
    return make(
      "section",
      { class: "group" },
      make("h3", {}, title, entries.length > 0 && make("span", { class: "tally" }, ` ${entries.length}`)),
      intro && make("p", { class: "quiet" }, intro),
      entries.length ? make("ul", { class: "entries" }, ...entries) : make("p", { class: "quiet" }, empty),
    );
  }

  /** @param {Argument} one */
  function argument(one) {
    const many = one.premises.length > 1;
    return make(
      "li",
      { class: "entry", "data-step": one.step, "data-relation": one.relation.name },
      sign(one.relation.name),
      make(
        "div",
        {},
        ...one.premises.map((premise) => make("p", {}, pick(premise.id, premise.label), make("span", { class: "meta" }, make("span", { class: `kind ${premise.kind}` }, icon(premise.kind), premise.word), badge(premise.status, premise.standing)))),
        one.text && make("p", { class: "quiet" }, one.text),
        make("p", { class: "quiet small" }, many && "taken together · ", one.scheme && `by ${one.scheme.text} · `, pick(one.step, "the inference"), ` ${one.standing}`),
        replies("disputed by", one.doubts),
        one.relation.name !== "supports" && replies("answered by", one.replies),
      ),
    );
  }

  /** @param {string} how @param {Argument[]} those */
  function replies(how, those) {
    if (!those.length) return null;
    const entries = those.flatMap((one) => one.premises.map((premise) => make("li", {}, pick(premise.id, premise.label), " ", badge(premise.status, premise.standing))));
    return make("div", { class: "replies" }, make("p", { class: "quiet small" }, how), make("ul", {}, ...entries));
  }

  /** @param {Argument} one */
  function leading(one) {
    const end = one.end ? pick(one.end.id, one.end.label) : one.end_step ? make("a", { href: safe(one.end_step.href) }, one.end_step.text) : "";
    return make(
      "li",
      { class: "entry", "data-step": one.step, "data-relation": one.relation.name },
      sign(one.relation.name),
      make("div", {}, make("p", {}, `${one.relation.word} `, end, one.end && badge(one.end.status, one.end.standing)), make("p", { class: "quiet small" }, one.scheme && `by ${one.scheme.text} · `, pick(one.step, "the inference"), ` ${one.standing}`), replies("disputed by", one.doubts)),
    );
  }

  /** @param {Argument} own What a step does, drawn out. */
  function move(own) {
    const premises = own.premises.map((premise) => make("li", {}, pick(premise.id, premise.label), " ", badge(premise.status, premise.standing)));
    const end = own.end ? pick(own.end.id, own.end.label) : own.end_step ? make("a", { href: safe(own.end_step.href) }, own.end_step.text) : "";
    return make(
      "section",
      { class: "group moves" },
      make("h3", {}, "From"),
      make("ul", { class: "plain-list" }, ...premises),
      make("p", { class: "does" }, sign(own.relation.name), ` ${own.relation.word}${own.premises.length > 1 ? ", taken together" : ""}`),
      make("p", {}, end, own.end ? " " : "", own.end && badge(own.end.status, own.end.standing)),
    );
  }

  /** @param {{scheme: Link, definition: string, questions: string[]}} one */
  function pattern(one) {
    return make(
      "section",
      { class: "group" },
      make("h3", {}, "Reasoning by ", link(one.scheme)),
      one.definition && make("p", {}, one.definition),
      one.questions.length > 0 && make("p", { class: "quiet small" }, "Questions to put to it"),
      one.questions.length > 0 && make("ul", { class: "bullets" }, ...one.questions.map((question) => make("li", {}, question))),
    );
  }

  /** @param {Link} to */
  const link = (to) => (to.href ? make("a", { href: safe(to.href) }, to.text) : to.text);

  /** @param {Finding} one */
  function evidence(one) {
    return make(
      "li",
      { class: "entry evidence", "data-step": one.step, "data-relation": one.relation?.name ?? "" },
      sign(one.relation?.name ?? ""),
      make("div", {}, make("p", {}, hidden(`${one.relation?.word ?? ""}: `), pick(one.id, one.text, "pick-link text")), ...grades(one), ...one.citations.map(cited), replies("attacked by", one.doubts)),
    );
  }

  /** @param {Finding} one */
  function bearing(one) {
    return make(
      "li",
      { class: "entry", "data-step": one.step, "data-relation": one.relation?.name ?? "" },
      sign(one.relation?.name ?? ""),
      make("div", {}, make("p", {}, `${one.relation?.word ?? ""} `, one.statement && pick(one.statement.id, one.statement.label), " ", one.statement && badge(one.statement.status, one.statement.standing)), ...grades({ ...one, verification: "" }), replies("attacked by", one.doubts)),
    );
  }

  /** @param {Finding} one */
  function finding(one) {
    return [make("section", { class: "group" }, make("h3", {}, "Source"), ...one.citations.map(cited), ...grades(one))];
  }

  /** @param {Finding} one */
  function grades(one) {
    const told = [];
    if (one.grade) {
      const level = one.grade.level;
      const steps = [1, 2, 3, 4].map((step) => make("i", { class: step <= level ? "full" : "" }));
      told.push(make("li", {}, make("span", { class: "steps", "aria-hidden": "true" }, ...steps), `${one.grade.word} grade`));
    }
    if (one.directness) told.push(make("li", {}, one.directness));
    if (one.verification) told.push(make("li", {}, `${one.checked ? "✓" : "○"} ${one.verification}`));
    return told.length ? [make("ul", { class: "grades" }, ...told)] : [];
  }

  /** @param {Study} study */
  function cited(study) {
    const outside = study.source && safe(study.source.href) ? make("a", { class: "out", rel: "external noreferrer", href: safe(study.source.href) }, study.source.text) : null;
    const taken = (/** @type {string} */ what, /** @type {string} */ name) =>
      make("button", { type: "button", class: "tiny", click: async () => say((await copy(what)) ? `${name.slice(5)} copied`.replace(/^c/, "C") : what, true) }, name, hidden(` of ${study.text}`));
    return make(
      "div",
      { class: "cite" },
      make("a", { href: safe(study.href) }, study.text),
      study.title && make("cite", {}, ` ${study.title} `),
      outside,
      " ",
      make("span", { class: "row-of tight" }, study.reference && taken(study.reference, "Copy citation"), study.bibtex && taken(study.bibtex, "Copy BibTeX")),
    );
  }

  /** @param {Node} node */
  function hangs(node) {
    return lazily("What does this hang on?", async () => {
      const told = await ask(`/api/cruxes?node=${named(node.id)}`);
      const stands = node.status === "accepted";
      const found = stands ? told.flips : told.restores;
      /** @type {{items: Ref[], instead: Ref[][]}[]} */
      const sets = found.sets.slice(0, 5);
      const [would, done] = stands ? ["fall", "withdrawn"] : ["stand", "answered"];
      const kind = node.kind === "evidence" ? "finding" : node.kind;
      if (!sets.length) return [make("p", {}, found.complete ? `Nothing that is ${done} would change that.` : `Nothing ${done} would change that, up to ${found.exact_up_to} at once.`)];
      const shown = sets.map((set) => make("li", {}, ...set.items.flatMap((item, i) => [i ? (i === set.items.length - 1 ? " and " : ", ") : set.items.length > 1 ? "together: " : "", ref(item)])));
      const left = found.sets.length - sets.length;
      return [
        make("p", {}, `This ${kind} would ${would} if ${sets.length > 1 ? "any of these" : "this"} were ${done}:`),
        make("ul", { class: "bullets" }, ...shown),
        make("p", { class: "quiet small" }, [left > 0 && `And ${left} more.`, (sets[0]?.items.length ?? 0) > 1 && "Fewer would not do.", !found.complete && `Larger sets than ${found.exact_up_to} were not all tried.`].filter(Boolean).join(" ")),
      ];
    });
  }

  /** @param {Node} node */
  function withdrawn(node) {
    return lazily("What if this were withdrawn?", async () => {
      const told = await ask(`/api/whatif?without=${named(named(node.id))}&limit=12`);
      /** @type {(Ref & {before: Ref, after: Ref})[]} */
      const flips = told.flips.filter((/** @type {{kind: string}} */ one) => !["support", "attack", "evidence line"].includes(one.kind));
      const moved = told.moved ? `${counted(told.moved, "other")} would only gain or lose strength.` : "";
      if (!flips.length) return [make("p", {}, told.flipped ? "Inferences would change, but no statement." : "No statement would change its status."), make("p", { class: "quiet small" }, moved)];
      return [
        make("p", {}, `${counted(flips.length, "statement")} would change ${flips.length > 1 ? "their" : "its"} status:`),
        make("ul", { class: "bullets" }, ...flips.map((one) => make("li", {}, pick(one.id, one.label), " ", badge(one.before.status, one.before.standing), " → ", badge(one.after.status, one.after.standing)))),
        make("p", { class: "quiet small" }, moved),
      ];
    });
  }

  /** @param {Ref} to */
  const ref = (to) => pick(to.id, to.kind === "step" || to.kind === "evidence" ? to.label : `“${to.label}”`);

  /** A question that is answered when it is opened. @param {string} title @param {() => Promise<HTMLElement[]>} answer */
  function lazily(title, answer) {
    const inside = make("div", { class: "answer-of" }, make("p", { class: "quiet" }, "Working it out …"));
    let asked = false;
    const toggle = async () => {
      if (asked || !box.open) return;
      asked = true;
      try {
        inside.replaceChildren(...(await answer()));
      } catch (error) {
        asked = false;
        inside.replaceChildren(make("p", { class: "quiet" }, error instanceof Error ? error.message : "This could not be loaded."));
      }
      say(inside.textContent ?? "");
    };
    const box = make("details", { class: "lazy", toggle }, make("summary", {}, title), inside);
    return box;
  }

  /** @param {Node} node */
  function way(node) {
    const stops = node.path.map((stop, i) =>
      make("li", {}, i ? pick(stop.id, stop.label) : make("span", {}, node.kind === "evidence" ? "this finding" : `this ${node.kind}`), stop.relation && make("span", { class: "does" }, " ", sign(stop.relation), ` ${VERBS[stop.relation]}`)),
    );
    return make("section", { class: "group" }, make("h3", {}, "Its way to the thesis"), make("ol", { class: "way" }, ...stops));
  }

  /** @param {Node} node */
  function origin(node) {
    const query = `# What is said about “${node.label.replace(/\s+/g, " ")}”\nPREFIX arg: <https://w3id.org/argraph/ns#>\nPREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n\nSELECT ?who ?label ?does ?status {\n  VALUES ?does { arg:supports arg:attacks arg:undercuts }\n  ?who ?does <${node.iri}> ; arg:status ?status .\n  OPTIONAL { ?who skos:prefLabel ?label }\n}\nORDER BY ?does ?label\n`;
    const simple = /^[^<>"{}|\\^`\s]*$/.test(node.iri);
    const { entered, sources } = node.provenance;
    const listed = (/** @type {Link[]} */ links) => links.flatMap((one, i) => [i ? ", " : "", link(one)]);
    const facts = [
      ...sources.map((source) => make("p", {}, "From ", source.work && make("cite", {}, source.work), source.work && ": ", ...listed(source.parts))),
      ...entered.map((one) => make("p", {}, "Entered with ", link(one.link), one.by.length > 0 && " by ", ...listed(one.by), one.date && `, ${one.date}`)),
      node.themes.length > 0 && make("p", {}, "On ", ...listed(node.themes)),
    ];
    const data = [make("a", { href: safe(`${node.href}?format=turtle`) }, "Turtle"), make("a", { href: safe(`${node.href}?format=jsonld`) }, "JSON-LD")];
    if (simple) data.push(make("a", { href: `/workbench#${new URLSearchParams({ query })}` }, "the query that shows it"));
    return make(
      "section",
      { class: "group origin" },
      make("h3", {}, "Where it comes from"),
      ...facts,
      make("p", {}, "As data: ", ...data.flatMap((one, i) => [i ? " · " : "", one])),
      node.questions.length > 0 && make("p", {}, "To ask about it:"),
      node.questions.length > 0 && make("ul", { class: "bullets" }, ...node.questions.slice(0, 5).map((one) => make("li", {}, link(one)))),
      make("p", { class: "iri" }, make("code", {}, node.iri)),
    );
  }

  return {
    show,
    tall,
    height: () => (panel.hidden || getComputedStyle(panel).position !== "fixed" ? 0 : panel.getBoundingClientRect().height),
    focus: () => body.querySelector("h2")?.focus({ preventScroll: true }),
    /** @param {boolean} is */
    open(is) {
      panel.hidden = !is;
      if (!is) tall(false);
    },
    has: (/** @type {Element | null} */ element) => panel.contains(element),
  };
}
