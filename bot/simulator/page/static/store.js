// What the page knows: residents, groups and chats, brought up to date by asking the server for all since a version.

import * as api from './api.js';
import { previewOf } from './message.js';
import { setNow } from './time.js';

const SEEN = 'simulator-seen';
const KEPT = 400;

/** One resident's view of one chat: with a bot, or of a group the bot is in. */
class Chat {
  constructor(store, key) {
    this.store = store;
    this.key = key;
    this.messages = new Map();
    this.seenAt = store.seen[key] ?? 0;
  }

  /** Take over what the server says of the chat; messages come separately. */
  take(facts) {
    Object.assign(this, facts);
    this.resident = this.store.residents.get(facts.residentId) ?? {
      id: facts.residentId,
      name: facts.residentId,
      language: null,
    };
  }

  add(entry) {
    this.messages.set(entry.id, entry);
    if (this.messages.size > KEPT) this.messages.delete(this.messages.keys().next().value);
  }

  get address() {
    return { channel: this.channel, resident: this.residentId, group: this.groupId ?? '' };
  }

  entries() {
    return [...this.messages.values()];
  }

  speaker(entry) {
    if (entry.from === 'bot') {
      const sender = entry.message.sender ?? {};
      const name = sender.name || this.bot.name;
      return { own: false, name, iconUrl: sender.iconUrl || this.bot.iconUrl };
    }
    if (entry.from === this.residentId) return { own: true, name: this.resident.name };
    const other = this.store.residents.get(entry.from);
    return { own: false, name: other?.name ?? entry.from, iconUrl: other?.pictureUrl, person: true };
  }

  get last() {
    return this.entries().at(-1) ?? null;
  }

  get unread() {
    return this.entries().filter((entry) => entry.at > this.seenAt && entry.from !== this.residentId).length;
  }

  markSeen() {
    const at = this.last?.at ?? 0;
    if (at <= this.seenAt) return;
    this.seenAt = at;
    this.store.seen[this.key] = at;
    this.store.keepSeen();
  }

  preview() {
    return this.last ? previewOf(this.last.message) : '';
  }
}

export class Store {
  constructor() {
    this.version = -1;
    this.residents = new Map();
    this.chats = new Map();
    this.info = { channels: [], travel: false, offset: 0 };
    this.seen = this.readSeen();
  }

  /** Ask once; returns whether anything changed. */
  async refresh() {
    const answer = await api.get('api/state', { since: this.version });
    setNow(answer.now);
    if (answer.version === this.version && !answer.reload) return false;
    this.version = answer.version;
    if (answer.reload) this.chats.clear();
    this.info = answer.info;
    this.residents = new Map(answer.residents.map((one) => [one.id, one]));
    this.takeChats(answer.chats);
    for (const { chat, ...entry } of answer.messages) {
      for (const view of this.viewsOf(chat)) view.add(entry);
    }
    return true;
  }

  takeChats(chats) {
    const keys = new Set(chats.map((one) => one.key));
    for (const key of this.chats.keys()) if (!keys.has(key)) this.chats.delete(key);
    for (const facts of chats) {
      if (!this.chats.has(facts.key)) this.chats.set(facts.key, new Chat(this, facts.key));
      this.chats.get(facts.key).take(facts);
    }
  }

  viewsOf(room) {
    return [...this.chats.values()].filter((chat) => chat.room === room);
  }

  readSeen() {
    try {
      return JSON.parse(window.sessionStorage.getItem(SEEN) ?? '{}');
    } catch {
      return {}; // storage is switched off: every message counts as unread after a reload
    }
  }

  keepSeen() {
    try {
      window.sessionStorage.setItem(SEEN, JSON.stringify(this.seen));
    } catch (refused) {
      console.info('The browser keeps no read marks for this page.', refused);
    }
  }
}
