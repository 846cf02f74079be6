/* Small partial updates, questions before what cannot be undone, and the keyboard. Every page works without it, except live views.

   data-refresh="2" data-src="/console/…"   replaces the element's content every so many seconds while the page is looked at
   form data-swap="#id"                     sends the form and replaces #id with the answer; a redirect is followed
   form data-confirm="…"                    asks first (also on a button, for that button alone)
   select/input data-submit                 sends its form when it changes
   data-begin="selector"                    is scrolled sideways until that part of it is in the middle
   data-focus                               is focused when the page opens
   data-key="1"                             is pressed by that key
   data-copy="#id"                          copies that element's text
   button data-copy-to="name"               first copies the field of that id into the field of that name of its own form */
(function () {
  "use strict";

  function token() {
    var field = document.querySelector('input[name="csrf_token"]');
    return field ? field.value : "";
  }

  function fetchPart(url, options, kind) {
    options.headers = Object.assign({ "X-Partial": kind, "X-CSRFToken": token() }, options.headers || {});
    options.credentials = "same-origin";
    return fetch(url, options).then(function (answer) {
      if (answer.status === 401) { location.reload(); throw new Error("signed out"); }
      return answer;
    });
  }

  function put(target, html) {
    if (target.dataset.shown === html) return;
    var active = document.activeElement;
    if (target.contains(active) && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName)) return;
    var kept = target.contains(active) ? active.id : "";
    var top = target.scrollTop, atEnd = target.scrollHeight - target.clientHeight - top < 40;
    target.innerHTML = html;
    target.dataset.shown = html;
    if (target.hasAttribute("data-stick")) target.scrollTop = atEnd ? target.scrollHeight : top;
    if (kept && document.getElementById(kept)) document.getElementById(kept).focus();
    prepare(target);
    target.dispatchEvent(new CustomEvent("swapped", { bubbles: true }));
  }

  function refresh(element) {
    if (element.dataset.going) return;
    element.dataset.going = "1";
    var seconds = Number(element.dataset.refresh) || 5;
    function again() {
      if (!element.isConnected) return;
      if (document.hidden) { setTimeout(again, 1000); return; }
      fetchPart(element.dataset.src, {}, "refresh").then(function (answer) {
        if (answer.status === 204) return null;
        return answer.ok ? answer.text() : null;
      }).then(function (html) {
        if (html !== null) put(element, html);
        if (!element.querySelector("[data-stop]")) setTimeout(again, seconds * 1000);
      }).catch(function () { setTimeout(again, seconds * 3000); });
    }
    setTimeout(again, seconds * 1000);
  }

  function ask(text, then) {
    var dialog = document.getElementById("confirm");
    document.getElementById("confirm-text").textContent = text;
    dialog.returnValue = "no";
    dialog.addEventListener("close", function () { if (dialog.returnValue === "yes") then(); }, { once: true });
    dialog.showModal();
  }

  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    if (form.method === "dialog") return;
    var question = (button && button.dataset.confirm) || form.dataset.confirm;
    if (question && !form.dataset.sure) {
      event.preventDefault();
      ask(question, function () {
        form.dataset.sure = "1";
        form.requestSubmit(button || undefined);
        delete form.dataset.sure;
      });
      return;
    }
    if (form.dataset.swap) {
      event.preventDefault();
      swap(form, button);
    } else if (form.method === "post") {
      setTimeout(function () { form.querySelectorAll("button").forEach(function (one) { one.disabled = true; }); }, 0);
      setTimeout(function () { form.querySelectorAll("button").forEach(function (one) { one.disabled = false; }); }, 4000);
    }
  });

  function swap(form, button) {
    var target = document.querySelector(form.dataset.swap);
    var data = new FormData(form, button || undefined);
    var post = form.method === "post";
    var url = (button && button.formAction && button.hasAttribute("formaction")) ? button.formAction : form.action;
    if (!post) url = url.split("?")[0] + "?" + new URLSearchParams(data).toString();
    target.classList.add("is-waiting");
    target.setAttribute("aria-busy", "true");
    fetchPart(url, post ? { method: "POST", body: data } : {}, "swap").then(function (answer) {
      if (answer.redirected) { location.assign(answer.url); return null; }
      return answer.text().then(function (html) {
        if (answer.ok || html.indexOf("<html") < 0) return html;
        var said = new DOMParser().parseFromString(html, "text/html").querySelectorAll("main h1, main h1 ~ p:not(:has(a))");
        tell(Array.prototype.map.call(said, function (one) { return one.textContent.trim(); }).join("\n"));
        return null;
      });
    }, function (problem) {
      if (problem instanceof TypeError) tell(document.getElementById("flashes").dataset.offline);
      return null;
    }).then(function (html) {
      if (html === null) return;
      delete target.dataset.shown;
      if (target.contains(document.activeElement)) document.activeElement.blur();
      put(target, html);
      if (form.hasAttribute("data-reset") && form.isConnected) form.reset();
      var focus = target.querySelector("[autofocus],[data-focus]");
      if (focus) focus.focus();
    }).finally(function () {
      target.classList.remove("is-waiting");
      target.removeAttribute("aria-busy");
    });
  }

  function tell(text) {
    var line = document.createElement("p");
    line.className = "note note-danger said";
    line.textContent = text.trim();
    document.getElementById("flashes").replaceChildren(line);
    line.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy-to]");
    if (button) button.form.elements[button.dataset.copyTo].value = document.getElementById(button.dataset.copyTo).value;
  });

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });

  document.addEventListener("click", function (event) {
    var copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard.writeText(document.querySelector(copy.dataset.copy).textContent.trim());
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[data-keys]")) document.getElementById("keys").showModal();
  });

  var awaited = "";
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      // As Enter does in a field of one line: by the form's first button, which says what is done.
      event.target.form.requestSubmit(event.target.form.querySelector("button:not([type]), button[type=submit]") || undefined);
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    var pair = awaited + event.key;
    awaited = event.key === "g" ? "g" : "";
    if (pair === "gh") location.assign(document.querySelector(".bar-town").href);
    else if (pair === "gm") { event.preventDefault(); document.querySelector("#navigation a").focus(); }
    else if (event.key === "/") {
      var search = document.querySelector('main input[type="search"], main [data-search]');
      if (search) { event.preventDefault(); search.focus(); }
    } else if (event.key === "?") { var keys = document.getElementById("keys"); if (document.querySelector(".bar")) keys.showModal(); }
    else if (event.key === "j" || event.key === "k") row(event.key === "j" ? 1 : -1);
    else if (/^[0-9a-z]$/.test(event.key)) {
      var keyed = document.querySelector('main [data-key="' + event.key + '"]');
      if (keyed) { event.preventDefault(); keyed.click(); }
    }
  });

  function row(step) {
    var links = Array.prototype.map.call(document.querySelectorAll("main tbody tr"), function (one) {
      return one.querySelector("a, button");
    }).filter(Boolean);
    if (!links.length) return;
    var here = links.findIndex(function (one) { return one.closest("tr").contains(document.activeElement); });
    links[Math.min(Math.max(here + step, 0), links.length - 1)].focus();
  }

  function prepare(root) {
    root.querySelectorAll("[data-refresh]").forEach(refresh);
    root.querySelectorAll("[data-stick]").forEach(function (one) { one.scrollTop = one.scrollHeight; });
    root.querySelectorAll("[data-begin]").forEach(function (one) {
      var first = one.querySelector(one.dataset.begin);
      if (!first) return;
      var box = first.getBoundingClientRect();
      one.scrollLeft += box.left + box.width / 2 - one.getBoundingClientRect().left - one.clientWidth / 2;
    });
  }

  prepare(document);
  var first = document.querySelector("main [data-focus]");
  if (first) first.focus();
})();
