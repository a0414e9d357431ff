// Small helps for readers who have script; everything works without it.
"use strict";

// Choosing a facet or a sort order applies it at once.
for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// One button opens or closes all quotes of a table.
for (const button of document.querySelectorAll("button[data-toggle-all]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const all = document.querySelectorAll(button.dataset.toggleAll);
    const open = button.getAttribute("aria-pressed") !== "true";
    for (const details of all) details.open = open;
    button.setAttribute("aria-pressed", String(open));
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Printing shows what is folded away on the screen where the page asks for it.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details[data-print-open]")) details.open = true;
});

// On a phone the facets would stand between the search and what it found, so they begin folded.
if (window.matchMedia("(max-width: 48rem)").matches) {
  for (const facet of document.querySelectorAll(".facets > details")) {
    facet.open = facet.querySelector("[aria-current]") !== null;
  }
}

// The full name of the tile that has the focus or the pointer. A finger's first tap shows it, the second follows the link.
for (const says of document.querySelectorAll("[data-tile-says]")) {
  let touched = false;
  let shown = null;
  const show = (tile) => {
    shown = tile;
    says.textContent = tile.querySelector("title").textContent + (touched ? ". Tap again for this area." : "");
  };
  for (const tile of document.querySelectorAll("svg.tilemap a.tile")) {
    tile.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch"; });
    tile.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") show(tile); });
    tile.addEventListener("focus", () => { if (!touched) show(tile); });
    tile.addEventListener("click", (event) => {
      if (!touched || shown === tile) return;
      event.preventDefault();
      show(tile);
    });
  }
}

// Arrow keys walk the tile map; Tab still visits every tile.
for (const map of document.querySelectorAll("svg.tilemap")) {
  const tiles = [...map.querySelectorAll("a.tile")].map((tile) => ({
    tile, column: Number(tile.dataset.column), row: Number(tile.dataset.row),
  }));
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  map.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const here = tiles.find((t) => t.tile === document.activeElement);
    if (!step || !here) return;
    let best = null;
    for (const there of tiles) {
      const along = (there.column - here.column) * step[0] + (there.row - here.row) * step[1];
      const across = Math.abs((there.column - here.column) * step[1]) + Math.abs((there.row - here.row) * step[0]);
      if (along <= 0) continue;
      const distance = along + across * 2;
      if (!best || distance < best.distance) best = { distance, tile: there.tile };
    }
    if (best) {
      event.preventDefault();
      best.tile.focus();
    }
  });
}
