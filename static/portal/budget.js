// SPDX-License-Identifier: EUPL-1.2
// The table of a budget: Enter and the arrows move from amount to amount, the totals of the lines follow what is typed.
// The sums themselves are checked by the server.
(function () {
  "use strict";

  var table = document.querySelector("[data-budget]");
  if (!table) return;
  var MOVES = { ArrowUp: -1, ArrowDown: 1, Enter: 1 };
  var euro = new Intl.NumberFormat("it-IT", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

  function cents(text) {
    var plain = text.replace(/[€\s\u00a0]/g, "");
    if (/,\d{1,2}$/.test(plain) || /^\d{1,3}(\.\d{3})+$/.test(plain)) plain = plain.replace(/\./g, "").replace(",", ".");
    var value = Number(plain);
    return isFinite(value) ? Math.round(value * 100) : 0;
  }

  function sum(row) {
    var total = 0;
    row.querySelectorAll(".budget-input").forEach(function (input) { total += cents(input.value); });
    row.querySelector("[data-sum]").textContent = total ? euro.format(total / 100) : "";
  }

  table.addEventListener("input", function (event) {
    var row = event.target.closest("tr");
    if (row) sum(row);
  });

  table.addEventListener("keydown", function (event) {
    var step = MOVES[event.key];
    if (!step || !event.target.classList.contains("budget-input") || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    var cell = event.target.closest("td");
    for (var row = cell.parentNode; row; ) {
      row = step > 0 ? row.nextElementSibling : row.previousElementSibling;
      var input = row && row.cells[cell.cellIndex].querySelector(".budget-input:not([disabled])");
      if (input) {
        input.focus();
        input.select();
        return;
      }
    }
  });

  table.querySelectorAll("tbody tr").forEach(sum);
})();
