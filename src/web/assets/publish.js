// What the published files need in place of the service: choosing an area, sorting tables, and the search.
"use strict";

// The field for an area leads straight to its page.
for (const form of document.querySelectorAll("form[role=search]")) {
  const field = form.querySelector("input[name=area]");
  if (!field) continue;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = field.value.trim().toLowerCase();
    const options = [...document.querySelectorAll(`#${field.getAttribute("list")} option`)];
    const names = options.map((option) => ({ name: option.value.toLowerCase(), code: option.textContent.trim() }));
    const found = names.find((area) => area.name === given || area.code === given)
      || names.find((area) => area.name.startsWith(given)) || names.find((area) => area.name.includes(given));
    field.setCustomValidity(found ? "" : "No area is called so. Choose one of the list.");
    if (found) window.location.href = form.getAttribute("action").replace(/index\.html$/, `${found.code}/index.html`);
    else field.reportValidity();
  });
  field.addEventListener("input", () => field.setCustomValidity(""));
}

// Headings of tables sort them: by the values that each row carries, what has none last, equals in their first order.
for (const table of document.querySelectorAll("table.sortable")) {
  const first = [...table.querySelectorAll("tr[data-keys]")].map((row) => ({ row, keys: JSON.parse(row.dataset.keys) }));
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const link = head.querySelector("a.sort");
    if (!link) return;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const now = head.getAttribute("aria-sort");
      const down = now ? now === "ascending" : head.classList.contains("n");
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = (a, b) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return (a < b ? -1 : Number(a > b)) * (down ? -1 : 1);
      };
      const rows = [...first].sort((a, b) => order(a.keys[column], b.keys[column]));
      // Lines that name a group of rows hold in the first order only.
      const body = table.tBodies[0];
      body.replaceChildren(...rows.map(({ row }) => row));
      for (const other of [...table.tBodies].slice(1)) other.remove();
    });
  });
}

const results = document.getElementById("search-results");
if (results) {
  const PAGE = 20;
  const PARTS = 16;
  const status = document.getElementById("search-status");
  const more = document.getElementById("search-more");
  const files = new Map();
  const load = (name) => {
    if (!files.has(name)) {
      files.set(name, fetch(results.dataset.search + name).then((answer) => {
        if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
        return answer.json();
      }));
    }
    return files.get(name);
  };
  const words = (text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const fold = (word) => (word.length >= 4 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word);
  const partOf = (first, word) => {
    let part = 0;
    while (part + 1 < first.length && first[part + 1] <= word) part += 1;
    return part;
  };
  const numbers = (distances) => {
    const found = [];
    let last = 0;
    for (const distance of distances) {
      if (distance < 0) for (let next = 0; next > distance; next -= 1) found.push((last += 1));
      else found.push((last += distance));
    }
    return found;
  };

  // The findings that hold a word, or one that begins with it.
  const holding = async (head, word, beginning) => {
    const from = partOf(head.first, word);
    const to = beginning ? Math.min(partOf(head.first, word + "\uffff"), from + PARTS) : from;
    const found = new Set();
    for (let part = from; part <= to; part += 1) {
      const list = await load(`words/${part}.json`);
      const names = beginning ? Object.keys(list).filter((name) => name.startsWith(word)) : [word];
      for (const name of names) {
        if (Object.hasOwn(list, name)) for (const number of numbers(list[name])) found.add(number);
      }
    }
    return found;
  };

  const read = (query) => {
    const asked = { all: [], none: [], phrases: [] };
    for (const [, minus, phrase, word] of query.matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)) {
      const to = minus ? asked.none : asked.all;
      if (phrase !== undefined) {
        const parts = words(phrase);
        for (const part of parts) if (!minus) asked.all.push([fold(part), false]);
        asked.phrases.push([parts.join(" "), Boolean(minus)]);
      } else if (word.endsWith("*") && words(word).length === 1) {
        to.push([words(word)[0], true]);
      } else {
        for (const part of words(word)) to.push([fold(part), false]);
      }
    }
    return asked;
  };

  const mark = (into, text, asked) => {
    for (const piece of text.split(/([\p{L}\p{N}]+)/u)) {
      const word = piece.toLowerCase();
      const hit = word && asked.all.some(([wanted, beginning]) => (beginning ? word.startsWith(wanted) : fold(word) === wanted));
      if (hit) {
        const marked = document.createElement("mark");
        marked.textContent = piece;
        into.append(marked);
      } else {
        into.append(piece);
      }
    }
  };

  const show = (row, asked) => {
    const [area, letter, anchor, page, when, polarity, text] = row;
    const item = document.createElement("li");
    const quote = document.createElement("p");
    mark(quote, text, asked);
    const link = document.createElement("a");
    link.href = `${results.dataset.letters}${letter}/index.html#${anchor}`;
    link.textContent = `${area}, ${when}, page ${page}`;
    const place = document.createElement("div");
    place.className = "meta";
    const sign = document.createElement("span");
    sign.textContent = polarity;
    place.append(link, " ", sign);
    item.append(quote, place);
    results.append(item);
  };

  const search = async () => {
    const address = new URLSearchParams(window.location.search);
    const query = address.get("q") || "";
    const field = document.getElementById("q");
    if (field) field.value = query;
    const asked = read(query);
    const filters = ["area", "theme", "polarity", "role", "kind", "framework", "region"]
      .flatMap((name) => address.getAll(name).filter(Boolean).map((value) => `${name}:${value}`));
    if (asked.all.length === 0 && filters.length === 0) return;
    status.textContent = "Searching…";
    const head = await load("index.json");
    // Common words have no list: they are looked for in the texts, as phrases are.
    const is = ([word, beginning]) => (other) => (beginning ? other.startsWith(word) : other === word);
    const isCommon = (wanted) => head.common.some(is(wanted));
    const isHeld = (held, wanted) => held.some(is(wanted));
    const [common, without] = [asked.all.filter(isCommon), asked.none.filter(isCommon)];
    const sets = [];
    for (const filter of filters) sets.push(await holding(head, filter, false));
    for (const wanted of asked.all) if (!isCommon(wanted)) sets.push(await holding(head, ...wanted));
    if (sets.length === 0) sets.push(new Set(Array(head.findings).keys()));
    const out = new Set();
    for (const unwanted of asked.none) {
      if (!isCommon(unwanted)) for (const number of await holding(head, ...unwanted)) out.add(number);
    }
    sets.sort((a, b) => a.size - b.size);
    const found = [...sets[0]].filter((number) => !out.has(number) && sets.every((set) => set.has(number))).sort((a, b) => a - b);
    const phrased = asked.phrases.length + common.length + without.length > 0;
    let next = 0;
    let shown = 0;
    const page = async () => {
      const end = shown + PAGE;
      while (next < found.length && shown < end) {
        const number = found[next];
        next += 1;
        const rows = await load(`texts/${Math.floor(number / head.texts)}.json`);
        const row = rows[number % head.texts];
        const held = words(row[6]);
        const text = ` ${held.join(" ")} `;
        const folded = held.map(fold);
        const right = asked.phrases.every(([phrase, minus]) => text.includes(` ${phrase} `) !== minus)
          && common.every((wanted) => isHeld(folded, wanted)) && !without.some((unwanted) => isHeld(folded, unwanted));
        if (right) {
          show(row, asked);
          shown += 1;
        }
      }
      more.hidden = next >= found.length;
      const only = filters.length > 0 ? ` Only: ${filters.join(", ").replaceAll(":", " ")}.` : "";
      const count = phrased ? `${shown} shown` : `${found.length} ${found.length === 1 ? "finding" : "findings"}`;
      status.textContent = found.length === 0 || (phrased && shown === 0 && more.hidden)
        ? `No finding matches.${only}` : `${count}, the latest inspections first.${only}`;
    };
    more.addEventListener("click", page);
    await page();
  };
  search().catch((error) => {
    status.textContent = `The search index could not be read (${error.message}). Reload the page to try again.`;
  });
}
