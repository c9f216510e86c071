// SPDX-License-Identifier: EUPL-1.2
// Saves the draft of a narrative whenever the person pauses. The page works without it: its button saves too.
// Nothing is kept in the browser: what was typed goes to the server or stays in the box.
(function () {
  "use strict";

  var form = document.querySelector("form[data-draft-url]");
  var status = document.querySelector("[data-draft-status]");
  if (!form || !status) return;
  var PAUSE = 1500; // milliseconds without a key
  var version = form.querySelector("[name=version]");
  var timer = null;
  var dirty = false;
  var busy = false;

  function say(text, failed) {
    status.textContent = text;
    status.classList.toggle("draft-failed", Boolean(failed));
  }

  function save() {
    clearTimeout(timer);
    if (!dirty || busy || form.dataset.sent) return;
    dirty = false;
    busy = true;
    fetch(form.dataset.draftUrl, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } })
      .then(function (answer) {
        // A session that is over leads to the sign-in page: no version in that.
        if ((answer.headers.get("Content-Type") || "").indexOf("json") < 0) throw new Error("no answer");
        return answer.json();
      })
      .then(function (data) {
        if (data.error) return say(data.error, true);
        version.value = data.version;
        say(data.saved);
      })
      .catch(function () {
        dirty = true;
        say(status.dataset.lost, true);
      })
      .finally(function () {
        busy = false;
        if (dirty) plan();
      });
  }

  function plan() {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }

  form.addEventListener("input", function () {
    dirty = true;
    plan();
  });
  form.addEventListener("change", function () {
    dirty = true;
    save();
  });
  form.addEventListener("submit", function () { clearTimeout(timer); dirty = false; });
  document.addEventListener("visibilitychange", function () { if (document.hidden) save(); });
})();
