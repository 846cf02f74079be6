// A conversation as a file that says who said what, and the way back to an empty stand-in.

import * as api from './api.js';
import { el } from './dom.js';
import { t } from './i18n.js';
import { openSheet, say } from './sheet.js';

export class RecordPanel {
  constructor(store, { changed }) {
    this.store = store;
    this.changed = changed;
    this.list = el('ul', { class: 'records' });
    const reset = el('button', {
      type: 'button',
      class: 'small danger',
      text: t('resetAll'),
      on: { click: () => this.reset() },
    });
    this.node = el('div', {}, el('h3', { text: t('download') }), this.list, el('h3', { text: t('reset') }), reset);
  }

  update() {
    const chats = [...this.store.chats.values()];
    const print = chats.map((chat) => chat.key).join();
    if (this.list.dataset.print === print) return;
    this.list.dataset.print = print;
    this.list.replaceChildren(...chats.map((chat) => el('li', {}, download(chat))));
  }

  async reset() {
    const sure = await openSheet(t('reset'), (done) =>
      el(
        'div',
        {},
        el('p', { text: t('resetSure') }),
        el(
          'div',
          { class: 'row' },
          el('button', { type: 'button', class: 'small danger', text: t('resetNow'), on: { click: () => done(true) } }),
        ),
      ),
    );
    if (!sure) return;
    try {
      await api.post('api/reset');
      await this.changed();
      say(t('done'));
    } catch (refused) {
      say(t('failed', { reason: refused.message }));
    }
  }
}

function download(chat) {
  const query = new URLSearchParams(chat.address);
  return el('a', { href: `api/transcript?${query}`, download: '', text: `${chat.resident.name} · ${chat.title}` });
}
