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

// A chart as a picture in points: drawn from its SVG, twice as large so that it stays sharp.
for (const button of document.querySelectorAll("button[data-png]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const source = button.closest("ul").querySelector("a[data-svg]");
    const image = new Image();
    image.addEventListener("error", () => { button.textContent = "The chart could not be drawn: take the SVG"; });
    image.addEventListener("load", () => {
      const canvas = document.createElement("canvas");
      canvas.width = image.naturalWidth * 2;
      canvas.height = image.naturalHeight * 2;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((picture) => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(picture);
        link.download = `sendlens-${source.dataset.svg}.png`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      }, "image/png");
    });
    image.src = source.href;
  });
}

// Citations: only the browser knows the page's address, and only script can copy.
const address = window.location.href.split("#")[0];
for (const citation of document.querySelectorAll(".citation[data-with-address]")) {
  citation.querySelector("p").append(` ${address}`);
  const entry = citation.querySelector("pre");
  entry.textContent = entry.textContent.replace(/\n\}$/, () => `,\n  url = {${address}}\n}`);
}
for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = button.previousElementSibling;
  const status = button.parentElement.querySelector("[role=status]");
  try {
    await navigator.clipboard.writeText(source.textContent);
    status.textContent = "Copied";
  } catch {
    // Without a secure connection a page may not write to the clipboard by itself.
    window.getSelection().selectAllChildren(source);
    status.textContent = document.execCommand("copy") ? "Copied" : "Selected: copy it with the keyboard";
  }
});
// The citation of a finding is that of its letter with its page, words and number.
document.addEventListener("toggle", (event) => {
  const details = event.target;
  const letter = document.querySelector("[data-cite-letter]");
  if (!letter || !details.matches("details[data-cite]") || details.querySelector(".citation")) return;
  const finding = details.closest(".finding");
  const filled = (text) => text.replaceAll("@page@", details.dataset.page).replaceAll("@finding@", finding.id.slice(2))
    .replaceAll("@quote@", () => finding.querySelector("p").textContent);
  const citation = letter.querySelector(".citation").cloneNode(true);
  citation.querySelector("p").textContent = filled(letter.dataset.sentence);
  const entry = citation.querySelector("pre");
  entry.textContent = filled(letter.dataset.bibtex);
  entry.setAttribute("aria-label", `${entry.getAttribute("aria-label")}, finding ${finding.id}`);
  details.querySelector("p").replaceWith(citation);
}, true);

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
