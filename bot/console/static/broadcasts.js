/* The telephones follow what is typed, and the number of recipients follows the conditions.

   form data-preview="url"                            its content, without files, is sent there and #phones shows the answer
   element data-count="url" data-count-form="id"      shows the answer to that form's content */
(function () {
  "use strict";

  function send(url, form, target) {
    var data = new FormData(form);
    Array.prototype.forEach.call(form.querySelectorAll('input[type="file"]'), function (one) { data.delete(one.name); });
    target.setAttribute("aria-busy", "true");
    return fetch(url, { method: "POST", body: data, credentials: "same-origin", headers: { "X-Partial": "swap" } })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (html) { if (html !== null) target.innerHTML = html; })
      .finally(function () { target.removeAttribute("aria-busy"); });
  }

  function later(work, milliseconds) {
    var waiting = 0;
    return function () { clearTimeout(waiting); waiting = setTimeout(work, milliseconds); };
  }

  document.querySelectorAll("form[data-preview]").forEach(function (form) {
    var phones = document.getElementById("phones");
    var show = later(function () { send(form.dataset.preview, form, phones); }, 400);
    form.addEventListener("input", show);
    /* Typed before this was loaded, or brought back by the browser. */
    if (Array.prototype.some.call(form.elements, function (one) { return "defaultValue" in one && one.value !== one.defaultValue; })) { show(); }
  });

  document.querySelectorAll("[data-count]").forEach(function (target) {
    var form = document.getElementById(target.dataset.countForm);
    var count = later(function () { send(target.dataset.count, form, target); }, 300);
    form.addEventListener("change", count);
    form.addEventListener("swapped", count);
    count();
  });
})();
