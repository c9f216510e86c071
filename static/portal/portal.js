// SPDX-License-Identifier: EUPL-1.2
// Small help for pages that work without it: menu, one submission per click, warning before the session ends.
(function () {
  "use strict";

  document.documentElement.classList.add("js");

  // --- menus -------------------------------------------------------------------------------------------------------
  document.querySelectorAll("[data-menu-toggle]").forEach(function (button) {
    var menu = document.getElementById(button.dataset.menuToggle);
    button.hidden = false;
    button.addEventListener("click", function () {
      var open = menu.classList.toggle("is-open");
      button.setAttribute("aria-expanded", String(open));
    });
  });
  document.querySelectorAll("details[data-menu]").forEach(function (menu) {
    document.addEventListener("click", function (event) {
      if (menu.open && !menu.contains(event.target)) menu.open = false;
    });
    document.addEventListener("keyup", function (event) {
      if (event.key === "Tab" && menu.open && !menu.contains(document.activeElement)) menu.open = false;
    });
    menu.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && menu.open) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });
  });

  // --- filters of a list -------------------------------------------------------------------------------------------
  // A wide screen shows them by its style; an old browser that cannot is helped here.
  if (!CSS.supports("selector(::details-content)") && window.matchMedia("(min-width: 768px)").matches) {
    document.querySelectorAll("details[data-filter-fold]").forEach(function (filters) {
      filters.open = true;
    });
  }

  // --- wide charts and tables --------------------------------------------------------------------------------------
  // What scrolls sideways is reached by keyboard; what fits is not one more stop.
  function reachable() {
    document.querySelectorAll(".chart-picture, .table-frame").forEach(function (frame) {
      if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
      else frame.removeAttribute("tabindex");
    });
  }
  reachable();
  window.addEventListener("resize", reachable);
  window.addEventListener("load", reachable);
  document.addEventListener("htmx:afterSettle", reachable);

  // --- error summary -----------------------------------------------------------------------------------------------
  function focusSummary(root) {
    var summary = root.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  }
  focusSummary(document);
  document.addEventListener("htmx:afterSwap", function (event) { focusSummary(event.target); });
  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-error-summary] a[href^='#']");
    var field = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  });

  // --- one submission per click ------------------------------------------------------------------------------------
  // The button is not disabled: keyboard focus and its name-value pair would be lost. A second press is ignored.
  var PAUSE = 8000; // a form that answers with a file leaves the page where it is
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post],[hx-put],[data-keep-alive]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
    setTimeout(function () { release(form); }, PAUSE);
  });
  function release(form) {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-disabled]").forEach(function (button) { button.removeAttribute("aria-disabled"); });
  }
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });

  // --- the session -------------------------------------------------------------------------------------------------
  var dialog = document.getElementById("session-dialog");
  if (!dialog || !dialog.showModal) return;
  var url = dialog.dataset.url;
  var warn = Number(dialog.dataset.warn);
  var keepAlive = dialog.querySelector("[data-keep-alive]");
  var countdown = dialog.querySelector("[data-countdown]");
  var spoken = dialog.querySelector("[data-countdown-spoken]");
  var end = 0;
  var timer = null;

  function plan(seconds) {
    end = Date.now() + seconds * 1000;
    clearTimeout(timer);
    timer = setTimeout(check, Math.max(0, (seconds - warn) * 1000));
  }
  function show(over) {
    dialog.querySelectorAll("[data-when]").forEach(function (part) { part.hidden = (part.dataset.when === "over") !== over; });
    if (!dialog.open) dialog.showModal();
  }
  function tick() {
    if (!dialog.open) return;
    var left = Math.max(0, Math.round((end - Date.now()) / 1000));
    var text = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
    countdown.textContent = text;
    if (left % 30 === 0) spoken.textContent = text;
    if (left === 0) show(true);
    else timer = setTimeout(tick, 1000);
  }
  // Another tab may have been used meanwhile: the server knows.
  function check() {
    fetch(url, { headers: { Accept: "application/json", "X-Portal-Background": "1" } })
      .then(function (answer) { return answer.ok ? answer.json() : { seconds_left: 0 }; })
      .then(function (data) {
        if (data.seconds_left > warn + 5) return plan(data.seconds_left);
        end = Date.now() + data.seconds_left * 1000;
        show(data.seconds_left <= 0);
        tick();
      })
      .catch(function () { timer = setTimeout(check, 15000); });
  }
  keepAlive.addEventListener("submit", function (event) {
    event.preventDefault();
    fetch(url, { method: "POST", body: new FormData(keepAlive), headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(); })
      .then(function (data) { dialog.close(); plan(data.seconds_left); })
      .catch(function () { show(true); });
  });
  dialog.querySelector("[data-close]").addEventListener("click", function () { dialog.close(); });
  plan(Number(dialog.dataset.seconds));
  document.addEventListener("htmx:afterRequest", function (event) {
    if (!event.detail.requestConfig.headers["X-Portal-Background"] && event.detail.successful && !dialog.open) check();
  });
})();
