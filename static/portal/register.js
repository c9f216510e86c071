// SPDX-License-Identifier: EUPL-1.2
// The keyboard of the register: arrows, letters, paste. Without it the grid is a plain form with a button.
// Nothing is kept in the browser: cells leave for the server, many in one request, as soon as they are left.
(function () {
  "use strict";

  var table = document.querySelector("[data-register]");
  if (!table || !window.fetch) return;
  var body = table.tBodies[0];
  var status = document.querySelector("[data-register-status]");
  var preview = document.querySelector("[data-register-preview]");
  var token = table.closest("form").querySelector("[name=csrfmiddlewaretoken]").value;
  var words = table.dataset;
  var LETTERS = { p: "P", a: "A", g: "G" };
  var MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };
  // Those that wait to leave, and whether a request is on its way: the next one takes what gathered meanwhile.
  var waiting = new Map();
  var sending = false;
  var timer = 0;
  var PAUSE = 150;

  function isCell(element) {
    return element && element.classList && element.classList.contains("register-input");
  }

  function inputIn(cell) {
    return cell ? cell.querySelector(".register-input") : null;
  }

  // Columns count in cells of the row, locked ones included, so that up and down stay in their meeting.
  function place(input) {
    var cell = input.closest("td");
    return { row: cell.parentNode.sectionRowIndex, column: cell.cellIndex };
  }

  function at(row, column) {
    var line = body.rows[row];
    return line ? inputIn(line.cells[column]) : null;
  }

  function go(input) {
    if (!input) return;
    input.focus();
    input.select();
  }

  function move(input, step) {
    var from = place(input);
    var row = from.row + step[0];
    var column = from.column + step[1];
    while (row >= 0 && row < body.rows.length && column >= 1 && column < body.rows[0].cells.length) {
      var next = at(row, column);
      if (next) return go(next);
      row += step[0];
      column += step[1];
    }
  }

  // First or last cell that can be written: of the row, or of the whole register.
  function end(input, last, everywhere) {
    var cells = (everywhere ? body : input.closest("tr")).querySelectorAll(".register-input");
    go(cells[last ? cells.length - 1 : 0]);
  }

  function hidden(input) {
    return input.parentNode.querySelector("[name='was-" + input.name + "']");
  }

  // --- saving ---------------------------------------------------------------------------------------------------------

  function mark(input, state) {
    var cell = input.closest("td");
    cell.classList.remove("is-pending", "is-saved", "is-wrong");
    if (state) cell.classList.add(state);
    cell.querySelectorAll(".register-tick, .register-error, .register-choose").forEach(function (note) { note.remove(); });
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    return cell;
  }

  function complain(input, text) {
    var cell = mark(input, "is-wrong");
    var note = document.createElement("span");
    note.className = "register-error";
    note.id = input.name + "-error";
    note.textContent = text;
    cell.appendChild(note);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", note.id);
    return cell;
  }

  function changed(input) {
    return input.value !== input.defaultValue || input.dataset.failed === "yes";
  }

  function save(input) {
    if (!changed(input)) return;
    waiting.set(input.name, input);
    mark(input, "is-pending");
    window.clearTimeout(timer);
    timer = window.setTimeout(send, PAUSE);
  }

  function send() {
    if (sending || !waiting.size) return;
    var inputs = Array.from(waiting.values());
    waiting.clear();
    sending = true;
    var data = new URLSearchParams();
    var sent = new Map();
    inputs.forEach(function (input) {
      data.append(input.name, input.value);
      data.append("was-" + input.name, hidden(input).value);
      sent.set(input.name, input.value);
    });
    window
      .fetch(words.cells, {
        method: "POST",
        body: data,
        keepalive: true,
        headers: { "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest" },
      })
      .then(function (answer) {
        if (!answer.ok || !/json/.test(answer.headers.get("content-type") || "")) throw new Error("refused");
        return answer.json();
      })
      .then(function (answer) { show(answer.cells, sent); })
      .catch(function () { inputs.forEach(failed); })
      .finally(function () {
        sending = false;
        if (waiting.size) send();
      });
  }

  function failed(input) {
    if (waiting.has(input.name)) return;
    input.dataset.failed = "yes";
    complain(input, words.unsaved);
    status.textContent = words.unsaved;
  }

  // What the server holds now is read out, and stands in the cell with a tick.
  function show(cells, sent) {
    var saved = [];
    var wrong = "";
    cells.forEach(function (row) {
      var input = document.getElementById(row.name);
      if (!input) return;
      delete input.dataset.failed;
      hidden(input).value = row.was === null ? "" : row.was;
      // Typed again while the request was on its way: that one follows.
      var again = input.value !== sent.get(row.name);
      if (row.error) {
        input.dataset.failed = "yes";
        if (!again) {
          wrong = input.getAttribute("aria-label") + ": " + row.error;
          var cell = complain(input, row.error);
          if (row.theirs !== null) choose(cell, input, row);
        }
        return;
      }
      input.defaultValue = row.text;
      if (again) return;
      input.value = row.text;
      if (waiting.has(row.name)) return;
      tick(mark(input, "is-saved"));
      saved.push(input);
    });
    status.textContent = wrong || (saved.length === 1
      ? saved[0].getAttribute("aria-label") + ": " + words.saved
      : words.savedMany.replace("{number}", saved.length));
  }

  function tick(cell) {
    var sign = document.createElement("span");
    sign.className = "register-tick";
    sign.setAttribute("aria-hidden", "true");
    sign.textContent = "✓";
    cell.appendChild(sign);
  }

  // Two people wrote the same cell: whoever comes second chooses between the two.
  function choose(cell, input, row) {
    var box = document.createElement("span");
    box.className = "register-choose";
    var mine = row.text;
    [[words.theirs, row.theirs, function () {
      input.defaultValue = input.value = row.theirs;
      delete input.dataset.failed;
      mark(input, "");
    }], [words.mine, mine, function () {
      input.value = mine;
      save(input);
    }]].forEach(function (choice) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-outline-primary btn-xs";
      button.textContent = choice[0].replace("{value}", choice[1] || words.empty);
      button.addEventListener("click", function () {
        choice[2]();
        go(input);
      });
      box.appendChild(button);
    });
    cell.appendChild(box);
  }

  window.addEventListener("beforeunload", function (event) {
    var active = document.activeElement;
    if (isCell(active)) save(active);
    if (waiting.size) send();
    if (waiting.size || body.querySelector("[data-failed]")) event.preventDefault();
  });

  // --- keyboard -------------------------------------------------------------------------------------------------------

  function everybody(column) {
    Array.from(body.rows).forEach(function (line) {
      var input = inputIn(line.cells[column]);
      if (!input || input.value.trim()) return;
      input.value = "P";
      save(input);
    });
  }

  table.addEventListener("keydown", function (event) {
    var input = event.target;
    if (!isCell(input) || event.metaKey || event.altKey) return;
    if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      end(input, event.key === "End", event.ctrlKey);
      return;
    }
    if (event.ctrlKey) return;
    var step = MOVES[event.key];
    if (step) {
      event.preventDefault();
      move(input, step);
      return;
    }
    var key = event.key.toLowerCase();
    if (LETTERS[key]) {
      event.preventDefault();
      input.value = LETTERS[key];
    } else if (key === "t") {
      event.preventDefault();
      everybody(place(input).column);
    } else if (key === " ") {
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

  table.querySelectorAll("[data-register-all]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { everybody(button.closest("th").cellIndex); });
  });

  // The grid opens at the first meeting that is still to be filled, and otherwise at the last.
  function open() {
    var inputs = Array.from(body.querySelectorAll(".register-input"));
    var empty = inputs.filter(function (input) { return !input.value; });
    var columns = (empty.length ? empty : inputs.slice(-1)).map(function (input) { return input.closest("td").cellIndex; });
    if (!columns.length || body.querySelector("[aria-invalid]")) return;
    var line = body.rows[0].cells;
    table.closest(".register-frame").scrollLeft = line[Math.min.apply(null, columns)].offsetLeft - line[0].offsetWidth;
  }

  open();

  // --- a block copied from a spreadsheet: the server says first what it would change --------------------------------------

  table.addEventListener("paste", function (event) {
    var input = event.target;
    var text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!isCell(input) || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    var ids = input.name.split("-");
    var data = new URLSearchParams({ act: "paste", text: text, meeting: ids[1], enrolment: ids[2] });
    window
      .fetch(words.block, {
        method: "POST",
        body: data,
        headers: { "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest" },
      })
      .then(function (answer) {
        if (!answer.ok) throw new Error("refused");
        return answer.text();
      })
      .then(function (markup) {
        preview.innerHTML = markup;
        var heading = preview.querySelector("h2");
        if (heading) heading.focus();
        var cancel = preview.querySelector("[data-register-cancel]");
        if (cancel) {
          cancel.addEventListener("click", function (click) {
            click.preventDefault();
            preview.textContent = "";
            go(input);
          });
        }
      })
      .catch(function () {
        status.textContent = words.unsaved;
        complain(input, words.unsaved);
      });
  });
})();
