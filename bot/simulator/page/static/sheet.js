// Sheets that slide up from below: native <dialog>s, so that focus, Escape and screen readers work by themselves.

import { el, icon } from './dom.js';
import { t } from './i18n.js';

/** Open a sheet titled `title` holding `content`; resolves with what `done(value)` was called with, or null when dismissed. */
export function openSheet(title, build, { kind = '' } = {}) {
  const dialog = el('dialog', { class: `sheet ${kind}`, 'aria-label': title });
  return new Promise((resolve) => {
    let answer = null;
    const done = (value) => {
      answer = value;
      dialog.close();
    };
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(answer);
    });
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close();
    });
    const closing = el(
      'button',
      { type: 'button', class: 'plain round', 'aria-label': t('close'), on: { click: () => dialog.close() } },
      icon('close'),
    );
    dialog.append(
      el(
        'div',
        { class: 'sheet-inside' },
        el('div', { class: 'sheet-head' }, el('h2', { text: title }), closing),
        build(done),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

let fading = 0;

/** Say something short to everyone, screen readers included. */
export function say(words) {
  const place = document.getElementById('toast');
  place.textContent = words;
  place.hidden = false;
  window.clearTimeout(fading);
  fading = window.setTimeout(() => {
    place.hidden = true;
    place.textContent = '';
  }, 6000);
}
