// What a phone lying on the table shows of the last messages: the words that people other than the resident could read.

import { el } from './dom.js';
import { t } from './i18n.js';
import { face } from './log.js';
import { previewOf } from './message.js';
import { clockTime, dayWords, now } from './time.js';

const SHOWN = 6;

export class LockScreenPanel {
  constructor(store) {
    this.store = store;
    this.node = el('div');
  }

  update(changed) {
    if (!changed && this.node.childElementCount) return;
    const residents = new Set([...this.store.chats.values()].map((chat) => chat.resident));
    const screens = [...residents].map((resident) => this.screen(resident));
    this.node.replaceChildren(el('p', { class: 'hint', text: t('lockHint') }), ...screens);
  }

  screen(resident) {
    const chats = [...this.store.chats.values()].filter(
      (chat) => chat.residentId === resident.id && chat.status !== 'blocked',
    );
    const news = chats.flatMap((chat) =>
      chat
        .entries()
        .filter((entry) => entry.from === 'bot' && !entry.unsent)
        .map((entry) => ({ chat, entry })),
    );
    news.reverse().sort((a, b) => b.entry.at - a.entry.at);
    return el(
      'section',
      { class: 'lock-screen', 'aria-label': t('lockScreenOf', { name: resident.name }) },
      el('h3', { text: resident.name }),
      el('p', { class: 'lock-clock', text: clockTime(now()) }),
      news.length
        ? el(
            'ul',
            {},
            news.slice(0, SHOWN).map(({ chat, entry }) => notice(chat, entry)),
          )
        : el('p', { text: t('noNotifications') }),
    );
  }
}

function notice(chat, entry) {
  const who = chat.speaker(entry);
  const quiet = entry.silent ? el('span', { class: 'silent', text: t('silent') }) : null;
  return el(
    'li',
    { class: 'notice' },
    face(who),
    el(
      'div',
      { class: 'notice-words' },
      el(
        'div',
        { class: 'notice-head' },
        el('strong', { text: who.name }),
        quiet,
        el('time', { text: `${dayWords(entry.at)} ${clockTime(entry.at)}` }),
      ),
      el('p', { text: previewOf(entry.message) }),
    ),
  );
}
