// The list of residents and their chats, with unread marks, and the form that adds a resident.

import * as api from './api.js';
import { el, icon } from './dom.js';
import { LANGUAGES, t } from './i18n.js';
import { face } from './log.js';
import { openSheet, say } from './sheet.js';
import { clockTime, dayOf, dayWords, now } from './time.js';

export class FriendsList {
  /** `open(key, beside)` shows a chat, next to the others when `beside`. */
  constructor(store, { open }) {
    this.store = store;
    this.open = open;
    this.list = el('ul', { class: 'friends' });
    this.nobody = el('p', { class: 'nobody', text: t('nobody'), hidden: true });
    const add = el('button', { type: 'button', class: 'small', on: { click: () => this.add() } }, t('addResident'));
    this.node = el(
      'nav',
      { class: 'sidebar', 'aria-label': t('friends') },
      el('div', { class: 'side-head' }, el('h2', { text: t('friends') }), add),
      this.nobody,
      this.list,
    );
    this.rows = new Map();
  }

  update(opened) {
    const chats = [...this.store.chats.values()];
    const keys = new Set(chats.map((chat) => chat.key));
    this.nobody.hidden = chats.length > 0;
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      row.node.remove();
      this.rows.delete(key);
    }
    for (const chat of chats) {
      if (!this.rows.has(chat.key)) this.rows.set(chat.key, this.makeRow(chat));
      const row = this.rows.get(chat.key);
      if (!row.node.isConnected) this.list.append(row.node);
      this.fill(row, chat, opened.has(chat.key));
    }
  }

  makeRow(chat) {
    const row = {
      name: el('span', { class: 'friend-name' }),
      words: el('span', { class: 'friend-words' }),
      when: el('span', { class: 'friend-when' }),
      badge: el('span', { class: 'badge' }),
      beside: el(
        'button',
        { type: 'button', class: 'plain round desk-only', on: { click: () => this.open(chat.key, true) } },
        icon('plus'),
      ),
    };
    row.button = el('button', { type: 'button', class: 'friend', on: { click: () => this.open(chat.key, false) } });
    row.button.append(
      face({ person: true, iconUrl: chat.resident.pictureUrl }),
      el('span', { class: 'friend-lines' }, row.name, row.words),
      el('span', { class: 'friend-side' }, row.when, row.badge),
    );
    row.node = el('li', {}, row.button, row.beside);
    return row;
  }

  fill(row, chat, isOpen) {
    const several = this.store.info.channels.length > 1 || chat.status === 'group';
    row.name.textContent = several ? `${chat.resident.name} · ${chat.title}` : chat.resident.name;
    const states = { blocked: t('blocked'), stranger: t('notFriend') };
    row.words.textContent = states[chat.status] ?? (chat.preview() || t('noMessages'));
    row.when.textContent = chat.last ? when(chat.last.at) : '';
    row.badge.hidden = !chat.unread;
    row.badge.replaceChildren(
      ...(chat.unread
        ? [
            el('span', { 'aria-hidden': 'true', text: String(chat.unread) }),
            el('span', { class: 'hidden-words', text: t('unread', { n: chat.unread }) }),
          ]
        : []),
    );
    row.button.setAttribute('aria-current', String(isOpen));
    row.beside.setAttribute('aria-label', t('openBeside', { name: row.name.textContent }));
  }

  async add() {
    const wanted = await openSheet(t('addResident'), (done) => {
      const name = el('input', { id: 'new-name', type: 'text', required: true, maxlength: '20' });
      const language = el(
        'select',
        { id: 'new-language' },
        Object.entries(LANGUAGES).map(([code, words]) =>
          el('option', { value: code, text: words, lang: code === 'en' ? 'en' : 'ja' }),
        ),
      );
      const form = el(
        'form',
        {},
        el('div', { class: 'field' }, el('label', { for: 'new-name', text: t('name') }), name),
        el('div', { class: 'field' }, el('label', { for: 'new-language', text: t('language') }), language),
        el('div', { class: 'row' }, el('button', { type: 'submit', class: 'main', text: t('add') })),
      );
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        done({ name: name.value, language: language.value });
      });
      return form;
    });
    if (!wanted) return;
    try {
      const { key } = await api.post('api/residents', wanted);
      await this.store.refresh();
      this.open(key, false);
    } catch (refused) {
      say(t('failed', { reason: refused.message }));
    }
  }
}

function when(at) {
  return dayOf(at) === dayOf(now()) ? clockTime(at) : dayWords(at);
}
