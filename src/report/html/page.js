"use strict";
// The search over mismatches and differences. Without it the page shows everything.
(() => {
  const root = document.documentElement;
  addEventListener("error", (event) => { root.dataset.error = event.message; });
  const field = document.getElementById("q");
  if (!field) {
    root.dataset.search = "none";
    return;
  }
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const tables = Array.from(document.querySelectorAll("table[data-count]"), (table) => ({
    count: document.getElementById(table.dataset.count),
    rows: Array.from(table.tBodies[0].rows, (row) => ({ row, text: plain(row.textContent) })),
  }));
  const search = () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    for (const { count, rows } of tables) {
      let shown = 0;
      for (const { row, text } of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = words.length ? `${shown} of ${rows.length} match` : "";
    }
    root.dataset.search = "done";
  };
  const fromAddress = () => {
    const words = new URLSearchParams(location.hash.slice(1)).get("q");
    if (words !== null) field.value = words;
    search();
  };
  field.addEventListener("input", () => {
    history.replaceState(null, "", field.value ? `#q=${encodeURIComponent(field.value)}` : "#");
    search();
  });
  addEventListener("hashchange", fromAddress);
  document.getElementById("search").hidden = false;
  fromAddress();
})();
