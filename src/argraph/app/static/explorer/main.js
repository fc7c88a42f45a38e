// @ts-check
/** The explorer: one view in the address, shown as map or outline, with details beside it. */

import { createDetails } from "./details.js";
import { createMap } from "./map.js";
import { createOutline, Debate } from "./outline.js";
import { ask, capital, copy, counted, find, know, make, named, save, say, STANDING } from "./parts.js";

/** @typedef {import("./map.js").Scene} Scene */

/**
 * What is shown, as the address has it: `?c=…&view=…&focus=…&open=a.b&evidence=c&show=…`.
 * @typedef {object} View
 * @property {string} chosen Name of the selected statement, finding or step; empty for none.
 * @property {"" | "map" | "outline"} mode Empty where the width of the window decides.
 * @property {string} focus Name of the card that the map begins at; empty for the thesis.
 * @property {string[] | null} open Names of what is opened, in that order; null for what the page begins with.
 * @property {string[]} evidence Names of what shows its findings.
 * @property {string[]} show Kinds, statuses and themes that stand out; empty for all.
 */

/** @type {{thesis: string, open: string[], used: {focus: string, open: string[], evidence: string[]}, scene: Scene, details: {id: string}}} */
const start = JSON.parse(find("start").textContent ?? "");
const narrow = matchMedia("(max-width: 56rem)");
const debate = new Debate(find("outline-plain"));
const MOST = 240;

/** What the address says, with what is selected in sight. */
function addressed() {
  const said = read(location.search);
  return said.focus ? said : debate.revealed(said, said.chosen, start.open); // around one card, all is as it was left
}

let view = addressed();
let asked = 0;

const mode = () => view.mode || (narrow.matches ? "outline" : "map");
const opened = () => view.open ?? start.open;

/** @param {View} of Where the server tells what a map holds. */
function neighbourhood(of) {
  const list = (/** @type {string[]} */ names) => named(names.map(named).join(","));
  return `/api/nodes/${named(of.focus || start.thesis)}/neighbourhood?depth=1&limit=${MOST}&open=${list(of.open ?? start.open)}&evidence=${list(of.evidence)}`;
}

know(neighbourhood({ ...view, ...start.used }), start.scene);
know(`/api/nodes/${named(start.details.id)}`, start.details);

// ---------------------------------------------------------------- what the address says

/** @param {string[]} names Dots separate them, so dots within them are written as what they stand for. */
const joined = (names) => names.map((name) => encodeURIComponent(name).replace(/\./g, "%2E")).join(".");

/**
 * @param {string} query
 * @returns {View}
 */
function read(query) {
  /** @type {Map<string, string>} */
  const parts = new Map();
  for (const pair of query.replace(/^\?/, "").split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) parts.set(pair.slice(0, at), pair.slice(at + 1));
  }
  /** @param {string} key */
  const names = (key) => (parts.get(key) ?? "").split(".").filter(Boolean).map(decoded);
  const mode = parts.get("view");
  return {
    chosen: decoded(parts.get("c") ?? ""),
    mode: mode === "map" || mode === "outline" ? mode : "",
    focus: decoded(parts.get("focus") ?? ""),
    open: parts.has("open") ? names("open") : null,
    evidence: names("evidence"),
    show: names("show"),
  };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/**
 * The query of an address, with what differs from the beginning only.
 * @param {View} view
 */
function write(view) {
  const parts = [];
  if (view.chosen) parts.push(`c=${joined([view.chosen])}`);
  if (view.mode) parts.push(`view=${view.mode}`);
  if (view.focus) parts.push(`focus=${joined([view.focus])}`);
  if (view.open) parts.push(`open=${joined(view.open)}`);
  if (view.evidence.length) parts.push(`evidence=${joined(view.evidence)}`);
  if (view.show.length) parts.push(`show=${joined(view.show)}`);
  return parts.length ? `?${parts.join("&")}` : "";
}

// ---------------------------------------------------------------- what changes the view

/**
 * @param {Partial<View>} changes
 * @param {{anchor?: string, quiet?: boolean, focus?: boolean}} [how]
 */
function go(changes, how = {}) {
  view = { ...view, ...changes };
  const address = location.pathname + write(view);
  if (how.quiet) history.replaceState(null, "", address);
  else if (address !== location.pathname + location.search) history.pushState(null, "", address);
  return render(how);
}

/** Select, and bring it into sight. @param {string} id @param {boolean} [focus] */
async function choose(id, focus = false) {
  if (!id) {
    await go({ chosen: "" });
    return;
  }
  try {
    await debate.reach(id);
  } catch (error) {
    say(error instanceof Error ? error.message : "This could not be loaded.", true);
    return;
  }
  const shown = mode() === "map" && map.shows(id) ? view : debate.revealed(view, id, start.open);
  await go({ ...shown, chosen: id }, { focus });
  told(id);
}

/** @param {string} id */
function told(id) {
  const row = debate.of(id);
  if (row?.id === id) say(`${capital(row.word)}, ${STANDING[row.status]}: ${row.words}`);
  else if (row) say(`The inference from “${row.words}”`);
}

/** @param {string[]} names @param {string} id */
const turned = (names, id) => (names.includes(id) ? names.filter((name) => name !== id) : [...names, id]);

/** @param {string} id */
async function toggle(id) {
  const row = debate.of(id);
  if (row?.more) await debate.load(row);
  if (!row?.children.some((child) => child.relation !== "bears-on" && child.relation !== "weighs-against")) {
    if (row?.children.length) await findings(id);
    return;
  }
  const open = turned(opened(), id);
  await go({ open }, { anchor: id });
  if (!open.includes(id)) return say("Folded");
  const count = (/** @type {string} */ relation) => row.children.filter((child) => child.relation === relation).length;
  const parts = [`${count("supports")} for`, `${count("attacks")} against`, count("undercuts") && `${count("undercuts")} undercutting`];
  say(`Opened: ${parts.filter(Boolean).join(", ")}`);
}

/** @param {string} id */
async function findings(id) {
  const evidence = turned(view.evidence, id);
  await go({ evidence }, { anchor: id });
  const number = debate.of(id)?.children.filter((child) => child.kind === "evidence").length ?? 0;
  say(evidence.includes(id) ? `Opened: ${counted(number, "finding")}` : "Findings folded");
}

/** @param {string} id */
async function focusOn(id) {
  const alone = id === start.thesis ? "" : id;
  await go({ focus: alone, chosen: alone, mode: view.mode });
  say(alone ? "Shown alone" : "The whole thesis");
}

/** @param {number} by Along the chain of answers: 1 to what answers it, -1 to what it answers. */
function follow(by) {
  const from = view.chosen || (mode() === "map" ? map.current() : "") || start.thesis;
  const chain = debate.chain(from);
  const row = debate.of(from);
  const at = row ? chain.indexOf(row) : -1;
  const next = at < 0 && by > 0 ? chain[0] : at === 0 && by < 0 ? chain[0]?.parent : chain[at + by];
  if (!next || !chain.length) return say(by > 0 ? "Nothing answers it" : "It answers nothing");
  choose(next.id, !details.has(document.activeElement)).then(() => {
    const place = chain.indexOf(next) + 1;
    say(`${capital(next.word)} ${place ? `${place} of ${chain.length}` : ""}, ${STANDING[next.status]}: ${next.words}`);
  });
}

/** @param {string} id */
function chainOf(id) {
  const chain = debate.chain(id);
  const row = debate.of(id);
  if (!chain.length || !row || row.id !== id) return null;
  const at = chain.indexOf(row);
  return { place: at + 1, size: chain.length, before: at >= 0, after: at < chain.length - 1 };
}

// ---------------------------------------------------------------- what shows it

const kinds = ["thesis", "claim", "objection", "rebuttal", "evidence"];
const statuses = Object.keys(STANDING);

/** Whether a filter lets something step back. @param {string} id */
function recedes(id) {
  if (!view.show.length) return false;
  const row = debate.places.get(id);
  const any = (/** @type {string[]} */ wanted, /** @type {string[]} */ own) => !wanted.length || wanted.some((one) => own.includes(one));
  const wanted = view.show;
  const themes = wanted.filter((one) => !kinds.includes(one) && !statuses.includes(one));
  return !(
    any(wanted.filter((one) => kinds.includes(one)), [row?.kind ?? ""]) &&
    any(wanted.filter((one) => statuses.includes(one)), [row?.status ?? ""]) &&
    any(themes, row?.themes ?? [])
  );
}

const map = createMap({ choose: (id) => choose(id), toggle, findings, focus: focusOn, covered: () => ({ above: find("trail").offsetHeight, below: details.height() }) });
const outline = createOutline(debate, { choose: (id) => choose(id), toggle, findings });
const details = createDetails({
  address: (id) => location.pathname + write({ ...view, chosen: id }),
  choose: (id) => choose(id),
  focus: focusOn,
  alone: (id) => id === (view.focus || start.thesis),
  close,
  share,
  follow,
  chain: chainOf,
});

const field = /** @type {HTMLInputElement} */ (find("q"));
/** What the search field does is brought in when it is first used. @type {Promise<void> | undefined} */
let searching;
const prepare = () => (searching ??= import("./search.js").then(({ createSearch }) => createSearch((id) => choose(id, true))));
for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list", autocomplete: "off" })) field.setAttribute(name, value);
field.addEventListener("focus", prepare);
field.addEventListener("pointerenter", prepare);

async function search() {
  await prepare();
  field.focus();
  field.select();
}

/** @param {{anchor?: string, focus?: boolean}} how */
async function render(how = {}) {
  const turn = ++asked;
  const now = mode();
  document.body.dataset.view = now;
  find("map").hidden = now !== "map";
  find("tree").hidden = now !== "outline";
  find("legend").hidden = now !== "map";
  find("as-map").setAttribute("aria-pressed", String(now === "map"));
  find("as-outline").setAttribute("aria-pressed", String(now === "outline"));
  details.open(!narrow.matches || view.chosen !== "");
  details.show(view.chosen || view.focus || start.thesis);
  trail();
  /** @type {Scene | null} */
  let scene = null;
  if (now === "map") {
    try {
      scene = /** @type {Scene} */ (await ask(neighbourhood(view)));
    } catch (error) {
      say(error instanceof Error ? error.message : "The map could not be loaded.", true);
    }
    if (turn !== asked) return;
    if (scene) map.show(scene, { chosen: view.chosen, anchor: how.anchor, recede: recedes });
    if (view.chosen && !how.anchor) map.reveal(view.chosen);
    if (how.focus && view.chosen) map.goTo(view.chosen);
  } else {
    outline.show(view, opened(), recedes);
    if (view.chosen && !how.anchor) outline.reveal(view.chosen, how.focus);
  }
  notes(scene);
  downloads();
}

/** The way from the thesis to what is selected. */
function trail() {
  const row = debate.of(view.chosen) ?? debate.of(view.focus) ?? debate.root;
  const stops = [];
  for (let one = /** @type {import("./outline.js").Row | null} */ (row); one; one = one.parent) stops.unshift(one);
  const last = stops.length - 1;
  find("trail").hidden = last === 0;
  find("trail").replaceChildren(
    make(
      "ol",
      {},
      ...stops.map((stop, i) => {
        const click = (/** @type {MouseEvent} */ event) => {
          event.preventDefault();
          if (i === 0 && view.focus) focusOn(start.thesis);
          else choose(stop.id);
        };
        const inside = i === last && !view.focus ? make("span", { "aria-current": "true" }, stop.words) : make("a", { href: location.pathname + write({ ...view, chosen: stop.id, focus: i ? view.focus : "" }), click }, stop.words);
        return make("li", { title: stop.words }, inside);
      }),
    ),
  );
}

/** What recedes or is left out is told, never passed over. @param {Scene | null} scene */
function notes(scene) {
  const shown = scene ? scene.nodes.map((one) => one.id) : [...document.querySelectorAll("#tree [data-id]")].map((one) => (one instanceof HTMLElement ? one.dataset.id ?? "" : ""));
  const back = shown.filter(recedes).length;
  const parts = [];
  if (view.show.length) parts.push(`${back} of ${shown.length} step back: the filter is on ${counted(view.show.length, "choice")}.`);
  if (scene?.truncated) parts.push(`The map holds ${MOST} cards at most; fold some to see others.`);
  if (view.focus) parts.push("Only what speaks about this one is shown.");
  const note = find("note");
  note.hidden = !parts.length;
  note.replaceChildren(parts.join(" "), " ");
  if (view.show.length) note.append(make("button", { type: "button", class: "tiny", click: () => filter([]) }, "Show all equally"));
  if (view.focus) note.append(make("button", { type: "button", class: "tiny", click: () => focusOn(start.thesis) }, "Show the whole thesis"));
  find("filter-count").textContent = view.show.length ? ` (${view.show.length})` : "";
  for (const box of find("filter-form").querySelectorAll("input")) box.checked = view.show.includes(box.value);
}

function downloads() {
  const now = write(view);
  const form = (/** @type {string} */ name) => `${location.pathname}${now}${now ? "&" : "?"}format=${name}`;
  for (const [id, name] of [["as-svg", "svg"], ["as-png", "svg"], ["as-turtle", "turtle"], ["as-json", "json"]]) find(id ?? "").setAttribute("href", form(name ?? ""));
}

/** @param {string[]} show */
function filter(show) {
  go({ show }, { quiet: true });
  say(find("note").textContent ?? "");
}

function close() {
  const before = view.chosen;
  const inside = details.has(document.activeElement);
  go({ chosen: "" }).then(() => {
    if (!inside) return;
    if (mode() === "map") map.goTo(debate.of(before)?.id ?? start.thesis);
    else outline.reveal(before, true);
  });
}

async function share() {
  const link = location.origin + location.pathname + write({ ...view, mode: mode() });
  if (matchMedia("(pointer: coarse)").matches && "share" in navigator) {
    try {
      await navigator.share({ title: document.title, url: link });
      return;
    } catch (error) {
      if (error instanceof Error && error.name === "AbortError") return;
    }
  }
  if (await copy(link)) return say("Link copied", true);
  history.replaceState(null, "", link);
  say("The link is in the address bar", true);
}

// ---------------------------------------------------------------- the tools

/** @param {"map" | "outline"} to */
async function turn(to) {
  await go({ mode: to });
  say(to === "map" ? "Map" : "Outline");
}
find("as-map").addEventListener("click", () => turn("map"));
find("as-outline").addEventListener("click", () => turn("outline"));
find("share").addEventListener("click", share);
find("filter-form").addEventListener("change", () => {
  filter([...find("filter-form").querySelectorAll("input")].filter((box) => box.checked).map((box) => box.value));
});
find("filter-form").addEventListener("reset", (event) => {
  event.preventDefault();
  filter([]);
});
find("as-png").addEventListener("click", async (event) => {
  event.preventDefault();
  const link = event.currentTarget;
  if (!(link instanceof HTMLAnchorElement)) return;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const image = new Image();
  image.src = `${link.href}${dark ? "&scheme=dark" : ""}`;
  try {
    await image.decode();
    const zoom = Math.min(2, 12_000 / Math.max(image.width, image.height));
    const canvas = make("canvas", { width: Math.round(image.width * zoom), height: Math.round(image.height * zoom) });
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => {
      if (!blob) return say("The picture is too large: take it as SVG.", true);
      const address = URL.createObjectURL(blob);
      save(address, "argraph.png");
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    });
  } catch {
    say("The picture could not be drawn.", true);
  }
});

const keys = /** @type {HTMLDialogElement} */ (find("keys"));
const single = /** @type {HTMLInputElement} */ (find("single"));
find("help").addEventListener("click", () => keys.showModal());
try {
  single.checked = localStorage.getItem("single-keys") !== "off";
  single.addEventListener("change", () => localStorage.setItem("single-keys", single.checked ? "on" : "off"));
} catch {
  // Nothing is kept where the browser keeps nothing.
}

const menus = [...document.querySelectorAll("details.menu")].filter((one) => one instanceof HTMLDetailsElement);
document.addEventListener("pointerdown", (event) => {
  for (const menu of menus) if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const inField = event.target instanceof Element && event.target.closest("input[type=search], textarea, dialog");
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || inField) return;
  if (event.key === "Escape") {
    const menu = menus.find((one) => one.open);
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    } else if (view.chosen) close();
    return;
  }
  if (!single.checked) return;
  /** @type {Record<string, () => void>} */
  const acts = { "/": search, "?": () => keys.showModal(), "]": () => follow(1), "[": () => follow(-1) };
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

window.addEventListener("popstate", () => {
  view = addressed();
  render();
});
narrow.addEventListener("change", () => render());
let width = innerWidth;
window.addEventListener("resize", () => {
  if (innerWidth === width) return; // the bars of a phone come and go
  width = innerWidth;
  if (mode() === "map") map.fit();
});

document.body.classList.add("live");
find("shell").prepend(make("h1", { class: "hidden" }, debate.root.words));
find("shell").hidden = false;
find("tools").hidden = false;
render();
