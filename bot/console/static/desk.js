/* Keeps the queue and the open talk fresh, tells of new ones by title and sound, keeps what is typed, and answers to keys. */
(function () {
  "use strict";
  var live = document.getElementById("live");
  if (!live) return;
  var EVERY = 2000, SCRATCH = 1500, TYPING = 15000;
  var title = document.title, failures = 0, timer = null, polling = false;
  var known = { waiting: Number(live.dataset.waiting), danger: Number(live.dataset.danger) };

  function token() { return document.querySelector('input[name="csrf_token"]').value; }
  function byId(id) { return document.getElementById(id); }

  /* What changes by itself: how long somebody waits, what is left of a term, which talks are mine, which one is open. */
  function span(since) {
    var minutes = Math.floor((Date.now() - new Date(since).getTime()) / 60000);
    if (minutes < 1) return live.dataset.now;
    if (minutes < 120) return live.dataset.minutes.replace("#", minutes);
    return live.dataset.hours.replace("#", Math.floor(minutes / 60));
  }
  function left(until) {
    var minutes = Math.ceil((new Date(until).getTime() - Date.now()) / 60000);
    if (minutes <= 0) return live.dataset.over;
    if (minutes < 120) return live.dataset.leftMinutes.replace("#", minutes);
    return live.dataset.leftHours.replace("#", Math.floor(minutes / 60));
  }
  /* The talks I look after in which somebody waits for me. */
  function owed() {
    return Array.prototype.filter.call(document.querySelectorAll("#queue li[data-entry]"), function (one) {
      return one.dataset.waits && [one.dataset.taken, one.dataset.second].indexOf(live.dataset.person) >= 0;
    }).map(function (one) { return one.dataset.entry; });
  }
  function freshen() {
    document.querySelectorAll("[data-until]").forEach(function (one) { one.textContent = left(one.dataset.until); });
    document.querySelectorAll("time[data-since]").forEach(function (one) { one.textContent = span(one.dataset.since); });
    document.querySelectorAll("#queue li[data-entry]").forEach(function (one) {
      one.classList.toggle("is-mine", [one.dataset.taken, one.dataset.second].indexOf(live.dataset.person) >= 0);
      one.classList.toggle("is-open", one.dataset.entry === live.dataset.talk);
      if (one.dataset.entry === live.dataset.talk) one.querySelector("a").setAttribute("aria-current", "page");
    });
    var number = known.waiting + owed().length;
    document.title = number ? "(" + number + ") " + title : title;
  }

  /* Sound, where somebody has asked for it. */
  var sounding = localStorage.getItem("desk-sound") === "on", audio = null;
  function wake() {
    byId("muted").hidden = true;
    if (!sounding) return;
    audio = audio || new AudioContext();
    if (audio.state === "suspended") audio.resume();
  }
  /* A browser lets a page sound only after it was touched once: until then that is said. */
  ["pointerdown", "keydown"].forEach(function (kind) { document.addEventListener(kind, wake, true); });
  if (sounding && navigator.userActivation && !navigator.userActivation.hasBeenActive) byId("muted").hidden = false;
  function beep(urgent) {
    if (!sounding) return;
    audio = audio || new AudioContext();
    [0, urgent ? 0.25 : null].forEach(function (at) {
      if (at === null) return;
      var tone = audio.createOscillator(), volume = audio.createGain();
      tone.frequency.value = urgent ? 880 : 587;
      volume.gain.setValueAtTime(0.15, audio.currentTime + at);
      volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at + 0.2);
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + at);
      tone.stop(audio.currentTime + at + 0.2);
    });
  }
  document.querySelectorAll("[data-sound]").forEach(function (button) {
    button.setAttribute("aria-pressed", String(sounding));
    button.addEventListener("click", function () {
      sounding = !sounding;
      localStorage.setItem("desk-sound", sounding ? "on" : "off");
      button.setAttribute("aria-pressed", String(sounding));
      beep(false);
    });
  });

  function replace(id, html) {
    var target = byId(id);
    if (!target || html === undefined) return;
    var open = Array.prototype.map.call(target.querySelectorAll("details"), function (one) { return one.open; });
    var atEnd = target.scrollHeight - target.clientHeight - target.scrollTop < 60, top = target.scrollTop;
    var focused = target.contains(document.activeElement) ? pathTo(target, document.activeElement) : null;
    target.innerHTML = html;
    target.querySelectorAll("details").forEach(function (one, at) { if (at < open.length) one.open = open[at]; });
    if (id === "messages") target.scrollTop = atEnd ? target.scrollHeight : top;
    var again = focused && find(target, focused);
    if (again) again.focus();
  }

  /* What somebody has come to by keyboard is found again in what is drawn anew: by what it does, not by where it stands. */
  function pathTo(target, element) {
    var form = element.form && target.contains(element.form) ? element.form.getAttribute("action") : null;
    return { tag: element.tagName, href: element.getAttribute("href"), form: form, text: element.textContent.trim() };
  }
  function find(target, wanted) {
    return Array.prototype.find.call(target.querySelectorAll(wanted.tag), function (one) {
      var here = pathTo(target, one);
      if (wanted.href !== null) return here.href === wanted.href;
      return here.form === wanted.form && here.text === wanted.text;
    });
  }

  /* New messages are put below the others: what somebody reads or has selected stays where it is. */
  function append(html) {
    var target = byId("messages");
    if (!target || html === undefined) return;
    var atEnd = target.scrollHeight - target.clientHeight - target.scrollTop < 60;
    target.insertAdjacentHTML("beforeend", html);
    if (atEnd) target.scrollTop = target.scrollHeight;
  }

  function take(news) {
    live.dataset.mark = news.mark;
    var before = owed();
    replace("queue", news.queue);
    var owing = owed().some(function (entry) { return before.indexOf(entry) < 0 && entry !== live.dataset.talk; });
    if (news.counts) {
      if (news.counts.danger > known.danger) beep(true);
      else if (news.counts.waiting > known.waiting || owing) beep(false);
      known = news.counts;
    }
    if (news.talk) {
      if (news.talk.ticket) live.dataset.ticket = news.talk.ticket;
      if (news.talk.seen !== undefined) {
        var said = document.querySelectorAll("#messages .desk-in").length;
        live.dataset.seen = news.talk.seen;
        ["top", "messages", "beside"].forEach(function (part) { replace(part, news.talk[part]); });
        append(news.talk.more);
        if (document.querySelectorAll("#messages .desk-in").length > said) beep(false);
        if (news.talk.state !== live.dataset.state) changed(news.talk.state);
      }
      Object.keys(news.talk.travels).forEach(function (id) {
        var told = document.querySelector('[data-travel="' + id + '"] .state'), how = news.talk.travels[id];
        if (!told || told.textContent === how[1]) return;
        told.textContent = how[1];
        told.className = "state" + (how[2] ? " state-" + how[2] : "");
      });
    }
    freshen();
  }

  /* Who may write has changed: the whole page is drawn anew, once what is typed is safe and no word is half composed. */
  var composing = false, pending = null;
  document.addEventListener("compositionstart", function () { composing = true; });
  document.addEventListener("compositionend", function () {
    composing = false;
    if (pending !== null) changed(pending);
  });
  function changed(state) {
    pending = composing ? state : null;
    if (composing) return;
    live.dataset.state = state;
    var field = document.querySelector("[data-typing]");
    if (field && field === document.activeElement) sessionStorage.setItem("desk-caret", String(field.selectionEnd));
    keep(false).finally(function () { location.reload(); });
  }
  var caret = sessionStorage.getItem("desk-caret");
  sessionStorage.removeItem("desk-caret");
  document.addEventListener("DOMContentLoaded", function () {
    var field = document.querySelector("[data-typing]");
    if (caret === null || !field) return;
    field.focus();
    field.setSelectionRange(Number(caret), Number(caret));
  });

  function poll() {
    if (polling) return;
    polling = true;
    clearTimeout(timer);
    var asked = new URLSearchParams({ mark: live.dataset.mark });
    if (live.dataset.talk) { asked.set("talk", live.dataset.talk); asked.set("seen", live.dataset.seen); asked.set("ticket", live.dataset.ticket); }
    fetch(live.dataset.poll + "?" + asked, { headers: { "X-Partial": "refresh" }, credentials: "same-origin" }).then(function (answer) {
      if (answer.status === 401) { location.reload(); throw new Error("signed out"); }
      if (answer.status === 404) { location.assign(live.dataset.poll.replace(/poll$/, "")); throw new Error("gone"); }
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (news) {
      failures = 0;
      byId("lost").hidden = true;
      take(news);
    }).catch(function () {
      failures += 1;
      if (failures > 1) byId("lost").hidden = false;
    }).finally(function () {
      polling = false;
      timer = setTimeout(poll, Math.min(EVERY * Math.max(1, failures), 15000));
    });
  }

  /* What is typed is kept, and shows as dots on the resident's phone. */
  var later = null, dots = 0, kept = null;
  function keep(typing) {
    var field = document.querySelector("[data-typing]");
    if (!field || field.value === kept) return Promise.resolve();
    kept = field.value;
    var sent = new FormData();
    sent.set("csrf_token", token());
    sent.set("text", field.value);
    if (typing && Date.now() - dots > TYPING) { dots = Date.now(); sent.set("typing", "1"); }
    return fetch(live.dataset.scratch, { method: "POST", body: sent, credentials: "same-origin" }).catch(function () { kept = null; });
  }
  document.addEventListener("input", function (event) {
    if (!event.target.matches("[data-typing]") || later) return;
    later = setTimeout(function () { later = null; keep(true); }, SCRATCH);
  });
  document.addEventListener("change", function (event) {
    if (!event.target.matches("[data-canned]") || !event.target.value) return;
    var field = document.querySelector("[data-typing]");
    field.value = field.value ? field.value + "\n" + event.target.value : event.target.value;
    event.target.value = "";
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("swapped", function (event) {
    if (event.target.id !== "composer") return;
    clearTimeout(later);
    later = null;
    kept = null;
    poll();
  });

  function neighbour(step) {
    var links = Array.prototype.slice.call(document.querySelectorAll("#queue .desk-list a"));
    var here = links.findIndex(function (one) { return one.parentElement.dataset.entry === live.dataset.talk; });
    var there = links[here < 0 ? 0 : here + step];
    if (there) location.assign(there.href);
  }
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (typing && event.key === "Escape") { event.target.blur(); return; }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    var go = {
      "]": function () { neighbour(1); },
      "[": function () { neighbour(-1); },
      t: function () { var button = document.querySelector(".desk-take .btn-primary"); if (button) button.click(); },
      e: function () { var field = document.querySelector("[data-typing]"); if (field) field.focus(); },
      c: function () { var field = byId("canned"); if (field) field.focus(); },
      n: function () { var field = byId("note"); if (field) field.focus(); },
      x: function () { var box = document.querySelector("[data-close-box]"); if (box) { box.open = true; byId("reason").focus(); } }
    }[event.key];
    if (go) { event.preventDefault(); go(); }
  });

  var messages = byId("messages");
  if (messages) messages.scrollTop = messages.scrollHeight;
  freshen();
  setInterval(freshen, 10000);
  timer = setTimeout(poll, EVERY);
})();
