"use strict";
// Sorts the table of intents. The page is complete without this script.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = `${table.dataset.sort}: ${head.textContent}`;
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      const valueOf = (row) => row.cells[column].dataset.value;
      const isNumeric = [...body.rows].every((row) => valueOf(row) !== "" && !isNaN(valueOf(row)));
      const compare = (one, other) =>
        isNumeric
          ? valueOf(one) - valueOf(other)
          : valueOf(one).localeCompare(valueOf(other), document.documentElement.lang);
      const rows = [...body.rows].sort(compare);
      body.append(...(descending ? rows.reverse() : rows));
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    });
  });
}
// Every failure is printed, also those that are folded.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details.group:not([open])")) {
    folded.open = true;
    folded.dataset.folded = "";
  }
});
addEventListener("afterprint", () => {
  for (const folded of document.querySelectorAll("details[data-folded]")) {
    folded.open = false;
    delete folded.dataset.folded;
  }
});
