"use strict";
(function () {
  // A table that sorts: each heading is a button; numbers by value, words by alphabet, what has no value last.
  document.querySelectorAll("table.sorts").forEach((table) => {
    const heads = [...table.tHead.rows[0].cells].map((one) => one.textContent);
    if (table.classList.contains("stacks")) {
      // On a narrow screen a row is stacked, each cell under the heading of its column.
      [...table.tBodies[0].rows].forEach((row) => [...row.cells].forEach((cell, at) => { if (at) { cell.dataset.label = heads[at]; } }));
      table.classList.add("stacked");
    }
    const body = table.tBodies[0];
    const value = (row, at) => row.cells[at].dataset.value ?? row.cells[at].textContent;
    table.querySelectorAll("thead th").forEach((heading, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.textContent = heading.textContent;
      heading.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = heading.getAttribute("aria-sort") !== "ascending";
        table.querySelectorAll("thead th").forEach((one) => one.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", up ? "ascending" : "descending");
        const isNumber = heading.dataset.kind === "number";
        const rows = [...body.rows].sort((a, b) => {
          const one = value(a, at), other = value(b, at);
          if (one === "" || other === "") { return (one === "") - (other === ""); }
          const order = isNumber ? Number(one) - Number(other) : one.localeCompare(other, "en-GB");
          return up ? order : -order;
        });
        body.replaceChildren(...rows);
      });
    });
  });

  const search = document.getElementById("search");
  if (search) {
    const rows = [...document.querySelectorAll("table.sorts tbody tr")], found = document.getElementById("found");
    const plain = (text) => text.toLowerCase().replace(/&/g, " and ").replace(/['’]/g, "").replace(/[^a-z0-9]+/g, " ").trim();
    const names = rows.map((row) => plain(row.cells[0].textContent));
    search.addEventListener("input", () => {
      const asked = plain(search.value);
      rows.forEach((row, at) => { row.hidden = !names[at].includes(asked); });
      const n = rows.filter((row) => !row.hidden).length;
      const what = found.dataset.what;
      found.textContent = n === 0 ? "No " + what + " has this name." : n === 1 ? "1 " + what : n + " " + what + "s";
    });
  }
}());
