// Fetches new words every few seconds, and sends without leaving the page: without it the page's own links and buttons do the same.
'use strict';
(() => {
  const EVERY = 2000, SLOWEST = 30000, PATIENCE = 25000;
  const byId = (id) => document.getElementById(id);
  let wait = EVERY, later = 0, sending = false;

  /** Return the mark of what is shown, so that the server answers with nothing when there is nothing new. */
  const mark = () => document.querySelector('[data-mark]').dataset.mark;

  /** Ask the server, and give up on a connection that has died. */
  const ask = (address, options) => {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), PATIENCE);
    return fetch(address, {credentials: 'same-origin', signal: stop.signal, ...options}).finally(() => clearTimeout(late));
  };

  const look = async () => {
    if (document.hidden) { return; }  // Nobody looks: LINE is to tell them of a reply.
    const talk = byId('talk'), field = byId('text');
    try {
      const answer = await ask(`${talk.dataset.src}?mark=${encodeURIComponent(mark())}`);
      if (answer.status === 410) { location.reload(); return; }
      if (answer.status === 200 && !sending) {
        const low = window.innerHeight + window.scrollY > document.body.scrollHeight - 80;
        const part = new DOMParser().parseFromString(await answer.text(), 'text/html');
        if (!sending) { talk.replaceChildren(...part.body.children); }
        if (low && document.activeElement !== field) { byId('end').scrollIntoView({block: 'end'}); }
      }
      wait = EVERY;
    } catch {
      // The connection is away for a moment: a later look finds what was missed.
      wait = Math.min(wait * 2, SLOWEST);
    }
    later = setTimeout(look, wait);
  };

  /** Send a form; what was typed stays in the field until the server has it. */
  const send = async (form, button) => {
    const body = new URLSearchParams(new FormData(form));
    if (button && button.name) { body.set(button.name, button.value); }
    sending = true;
    const rest = (resting) => document.querySelectorAll('#end button').forEach((one) => { one.disabled = resting; });
    rest(true);
    try {
      const answer = await ask(location.pathname, {method: 'POST', body});
      if (!answer.ok && answer.status !== 410) { throw new Error(String(answer.status)); }
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const typed = form.id === 'write' ? '' : byId('text').value;
      document.title = page.title;
      document.querySelector('main').replaceWith(page.querySelector('main'));
      if (new URL(answer.url).pathname !== location.pathname || !byId('talk')) { location.replace(answer.url); return; }
      byId('text').value = typed;
      const mine = byId('mine');
      if (mine) { mine.scrollIntoView(); }
    } catch {
      byId('lost').hidden = false;
      rest(false);
    } finally {
      sending = false;
    }
  };

  document.addEventListener('submit', (event) => {
    if (!event.target.matches('#write, .choices') || !('submitter' in event)) { return; }
    event.preventDefault();
    if (!sending) { send(event.target, event.submitter); }
  });
  document.addEventListener('visibilitychange', () => { clearTimeout(later); later = setTimeout(look, 0); });
  later = setTimeout(look, EVERY);
})();
