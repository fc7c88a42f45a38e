
"use strict";
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const box = document.getElementById("network");
  const told = document.getElementById("told");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const buttons = document.querySelector(".buttons");
  const words = new Set(["id", "from", "to", "label", "title", "row"]);
  const coloured = value => {
    if (typeof value === "string") return dark.matches && Object.hasOwn(data.dark, value) ? data.dark[value] : value;
    if (Array.isArray(value)) return value.map(coloured);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, words.has(key) ? part : coloured(part)]));
  };
  const views = new Map(Object.entries(data.views));
  const cards = new Map(Object.entries(data.cards));
  const nodes = new vis.DataSet(coloured(data.nodes));
  const edges = new vis.DataSet(coloured(data.edges));
  const network = new vis.Network(box, { nodes, edges }, coloured(data.options));
  box.network = network; // for those who want to go on from here
  const canvas = box.querySelector("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", data.described);
  canvas.parentElement.tabIndex = -1;
  let here = data.root;
  let findings = false; // whether they are shown beside arguments

  const seen = key => {
    const view = views.get(key);
    const all = Object.keys(view.places).map(id => cards.get(id) ?? view.joints[id]);
    const found = all.filter(node => findings || key === node.id || !node.group.startsWith("evidence"));
    const others = found.filter(node => node.id !== key && node.id !== view.up);
    const shown = (others.length && key !== "" ? found : all).map(node => {
      const [x, y] = view.places[node.id];
      return { ...node, x, y };
    });
    if (key === "") return shown;
    const beside = node => node.id === key || node.id === view.up;
    const heights = shown.filter(node => !beside(node)).map(node => node.y);
    const middle = (Math.min(...heights) + Math.max(...heights)) / 2; // of those that are seen
    return shown.map(node => beside(node) && heights.length ? { ...node, y: middle } : node);
  };
  const fit = () => {
    if (here === "") return network.fit();
    const places = seen(here).map(({ x, y }) => [x, y]);
    const [left, right] = [Math.min, Math.max].map(pick => pick(...places.map(([x]) => x)));
    const [above, below] = [Math.min, Math.max].map(pick => pick(...places.map(([, y]) => y)));
    const room = { x: right - left + 300, y: below - above + 150 };
    const least = box.clientWidth < 600 ? .5 : .72; // below that nobody reads it
    const scale = Math.min(1, Math.max(least, Math.min(box.clientWidth / room.x, box.clientHeight / room.y)));
    const { x, y } = seen(here).find(node => node.id === here);
    const wide = room.x * scale <= box.clientWidth, high = room.y * scale <= box.clientHeight;
    network.moveTo({ scale, position: {
      x: wide ? (left + right) / 2 : x + box.clientWidth / scale / 2 - 150,
      y: high ? (above + below) / 2 : y } });
  };
  const show = key => {
    const view = views.get(key);
    here = key;
    edges.clear();
    nodes.clear();
    const shown = seen(key), ids = new Set(shown.map(node => node.id));
    nodes.add(coloured(shown));
    edges.add(coloured(view.lines.filter(line => ids.has(line.from) && ids.has(line.to)).map(line => ({ ...data.relations[line.relation], ...line }))));
    for (const button of buttons.children) {
      if (button.dataset.do === "up") button.disabled = !view.up;
      if (button.dataset.do === "findings") button.setAttribute("aria-pressed", findings);
      if (button.dataset.do === "whole") button.setAttribute("aria-pressed", key === "");
    }
    fit();
    if (cards.has(key)) network.selectNodes([key]);
  };
  const tell = id => {
    told.replaceChildren();
    const card = cards.get(id);
    if (!card) return;
    const link = document.createElement("a");
    link.href = "#" + card.row;
    link.textContent = "in the outline";
    told.append(card.title, " – ", link);
  };
  const zoom = factor => network.moveTo({ scale: network.getScale() * factor });
  const actions = {
    start: () => show(views.has(data.root) ? data.root : ""),
    up: () => show(views.get(here).up),
    findings: () => { findings = !findings; show(here); },
    whole: () => show(here === "" && views.has(data.root) ? data.root : ""),
    closer: () => zoom(1.3),
    farther: () => zoom(1 / 1.3),
  };
  buttons.hidden = false;
  buttons.addEventListener("click", event => actions[event.target.dataset.do]?.());
  network.on("click", ({ nodes: [id] }) => {
    tell(id);
    if (id !== undefined && id !== here && views.has(id)) show(id);
  });
  dark.addEventListener("change", () => {
    network.setOptions(coloured(data.options));
    show(views.has(here) ? here : "");
  });
  actions.start();

  const reveal = () => {
    const row = document.getElementById(location.hash.slice(1));
    for (let part = row?.parentElement; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
    row?.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
  document.addEventListener("pointerdown", event => {
    network.setOptions({ interaction: { zoomView: box.contains(event.target) } }); // else the wheel moves the page
  });
}
