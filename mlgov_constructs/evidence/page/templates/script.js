"use strict";
(() => {
  const form = document.getElementById("filters");
  const fields = Object.fromEntries(
    ["text", "status", "severity", "area"].map((name) => [name, document.getElementById(`filter-${name}`)]),
  );
  const rows = [...document.querySelectorAll("tr.control")];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const shown = document.getElementById("shown");

  const matches = (row) =>
    ["status", "severity", "area"].every((name) => !fields[name].value || row.dataset[name] === fields[name].value) &&
    fields.text.value.toLowerCase().split(/\s+/).every((word) => texts.get(row).includes(word));

  const filter = () => {
    for (const row of rows) row.hidden = !matches(row);
    const count = rows.filter((row) => !row.hidden).length;
    shown.textContent = `${count} of ${rows.length} controls`;
  };
  const setDetails = (open) => {
    for (const row of rows) if (!row.hidden) row.querySelector("details").open = open;
  };
  const showAll = () => {
    form.reset();
    filter();
  };
  // A link to a control must lead to it, whatever is filtered.
  const show = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.matches("tr.control")) return;
    if (target.hidden) showAll();
    target.querySelector("details").open = true;
    target.scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("all").addEventListener("click", showAll);
  document.getElementById("open").addEventListener("click", () => setDetails(true));
  document.getElementById("close").addEventListener("click", () => setDetails(false));
  for (const link of document.querySelectorAll(".card a")) {
    link.addEventListener("click", () => {
      form.reset();
      fields.status.value = link.dataset.status;
      filter();
    });
  }
  addEventListener("hashchange", show);
  filter();
  show();
})();
