// SPDX-License-Identifier: EUPL-1.2
// The keyboard of the register: arrows, letters, paste. Without it the grid is a plain form with a button.
// Nothing is kept in the browser: a cell leaves for the server when it is left.
(function () {
  "use strict";

  var table = document.querySelector("[data-register]");
  if (!table || !window.htmx) return;
  var status = document.querySelector("[data-register-status]");
  var LETTERS = { p: "P", a: "A", g: "G" };
  var MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };

  function isCell(element) {
    return element && element.classList && element.classList.contains("register-input");
  }

  // Columns count in cells of the row, locked ones included, so that up and down stay in their meeting.
  function place(input) {
    var cell = input.closest("td");
    return { row: cell.parentNode.sectionRowIndex, column: cell.cellIndex };
  }

  function at(row, column) {
    var line = table.tBodies[0].rows[row];
    var cell = line && line.cells[column];
    return cell ? cell.querySelector(".register-input") : null;
  }

  function move(input, step) {
    var from = place(input);
    var rows = table.tBodies[0].rows.length;
    var columns = table.tBodies[0].rows[0].cells.length;
    var row = from.row + step[0];
    var column = from.column + step[1];
    while (row >= 0 && row < rows && column >= 1 && column < columns) {
      var next = at(row, column);
      if (next) {
        next.focus();
        next.select();
        return;
      }
      row += step[0];
      column += step[1];
    }
  }

  function save(input) {
    if (input.value === input.defaultValue && !input.hasAttribute("aria-invalid")) return;
    if (input.value === input.dataset.sent) return;
    input.dataset.sent = input.value;
    input.closest("td").classList.add("is-pending");
    window.htmx.trigger(input, "save");
  }

  table.addEventListener("keydown", function (event) {
    var input = event.target;
    if (!isCell(input) || event.ctrlKey || event.metaKey || event.altKey) return;
    var step = MOVES[event.key];
    if (step) {
      event.preventDefault();
      move(input, step);
      return;
    }
    var letter = LETTERS[event.key.toLowerCase()];
    if (letter) {
      event.preventDefault();
      input.value = letter;
      return;
    }
    if (event.key === " ") {
      event.preventDefault();
      input.value = input.value.trim().toUpperCase().charAt(0) === "P" ? "A" : "P";
    }
  });

  table.addEventListener("focusin", function (event) {
    if (isCell(event.target)) event.target.select();
  });

  table.addEventListener("focusout", function (event) {
    if (isCell(event.target)) save(event.target);
  });

  // A block copied from a spreadsheet: rows by lines, columns by tabs.
  table.addEventListener("paste", function (event) {
    var input = event.target;
    var text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!isCell(input) || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    var from = place(input);
    text.replace(/\r?\n$/, "").split(/\r?\n/).forEach(function (line, down) {
      line.split("\t").forEach(function (value, right) {
        var cell = at(from.row + down, from.column + right);
        if (!cell) return;
        cell.value = value.trim().slice(0, 6);
        save(cell);
      });
    });
  });

  // What the server answered is read out; a cell that could not be sent says so and keeps what was typed.
  document.addEventListener("htmx:load", function (event) {
    var cell = event.detail.elt;
    if (cell && cell.matches && cell.matches("td.register-cell") && cell.dataset.status) {
      status.textContent = cell.dataset.status;
    }
  });
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var input = event.detail.elt;
      if (!isCell(input)) return;
      var cell = input.closest("td");
      delete input.dataset.sent;
      input.setAttribute("aria-invalid", "true");
      cell.classList.remove("is-pending", "is-saved");
      cell.classList.add("is-wrong");
      var note = cell.querySelector(".register-error") || cell.appendChild(document.createElement("span"));
      note.className = "register-error";
      note.textContent = table.dataset.unsaved;
      status.textContent = table.dataset.unsaved;
    });
  });
})();
