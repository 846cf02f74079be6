// The page: residents on the left, their phones beside each other, the tools on the right; on a phone one of them at a time.

import { ChatView } from './chat.js';
import { el } from './dom.js';
import { FriendsList } from './friends.js';
import { startLanguage, t } from './i18n.js';
import { Store } from './store.js';
import { Tools } from './tools.js';

const PAUSE = 700;
const HIDDEN_PAUSE = 5000;
const WIDE = window.matchMedia('(min-width: 900px)');

class App {
  constructor() {
    this.store = new Store();
    this.views = new Map();
    this.friends = new FriendsList(this.store, { open: (key, beside) => this.open(key, beside) });
    this.columns = el('div', { class: 'columns' });
    this.tools = new Tools(this.store, { changed: () => this.poll() });
    this.offline = el('p', { class: 'offline', role: 'status', hidden: true, text: t('offline') });
    document.getElementById('app').append(this.friends.node, this.columns, this.tools.node, this.offline);
    document.getElementById('top').append(this.tools.opener);
    window.addEventListener('hashchange', () => this.fromAddress());
    document.addEventListener('visibilitychange', () => !document.hidden && this.poll());
  }

  async start() {
    await this.poll();
    this.fromAddress();
    if (!this.views.size && this.store.chats.size) this.open([...this.store.chats.keys()][0], false);
    this.waiting();
  }

  waiting() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(
      async () => {
        await this.poll();
        this.waiting();
      },
      document.hidden ? HIDDEN_PAUSE : PAUSE,
    );
  }

  /** Ask the server for news; a question under way is never doubled, but one more follows it. */
  async poll() {
    if (this.asking) {
      this.again = true;
      return this.asking;
    }
    this.asking = this.ask();
    await this.asking;
    this.asking = null;
    if (!this.again) return undefined;
    this.again = false;
    return this.poll();
  }

  async ask() {
    try {
      const changed = await this.store.refresh();
      this.offline.hidden = true;
      this.draw(changed);
    } catch (refused) {
      this.offline.hidden = false;
      console.warn(refused);
    }
  }

  draw(changed = true) {
    for (const [key, view] of this.views) {
      const chat = this.store.chats.get(key);
      if (!chat) this.close(key);
      else {
        if (view.chat !== chat) view.chat = chat;
        view.update();
        if (!document.hidden && view.node.isConnected) chat.markSeen();
      }
    }
    this.friends.update(this.views);
    this.tools.update(changed, this.views);
  }

  /** Show a chat: alone on a phone, in place of the others or `beside` them on a desktop. */
  open(key, beside) {
    if (!this.store.chats.has(key)) return;
    if (!beside || !WIDE.matches) for (const other of [...this.views.keys()]) if (other !== key) this.close(other);
    if (!this.views.has(key)) {
      const view = new ChatView(this.store.chats.get(key), {
        onBack: () => this.toList(),
        onClose: () => this.close(key),
        onSent: () => this.poll(),
      });
      this.views.set(key, view);
      this.columns.append(view.node);
    }
    document.body.dataset.show = 'chat';
    this.draw();
    this.views.get(key).log.toEnd();
    this.keepAddress();
  }

  close(key) {
    this.views.get(key)?.node.remove();
    this.views.delete(key);
    if (!this.views.size) document.body.dataset.show = 'list';
    this.keepAddress();
    this.friends.update(this.views);
  }

  toList() {
    for (const key of [...this.views.keys()]) this.close(key);
    document.body.dataset.show = 'list';
    this.friends.list.querySelector('button')?.focus();
  }

  // The open chats stand behind the #, so that a reload or a shared address shows the same.
  keepAddress() {
    const wanted = [...this.views.keys()].map(encodeURIComponent).join(',');
    if (window.location.hash.slice(1) !== wanted) window.history.replaceState(null, '', `#${wanted}`);
  }

  fromAddress() {
    const keys = window.location.hash.slice(1).split(',').filter(Boolean).map(decodeURIComponent);
    keys.forEach((key, index) => this.open(key, index > 0));
  }
}

startLanguage();
document.title = document.documentElement.lang === 'ja' ? 'LINEシミュレーター' : 'LINE simulator';
document.getElementById('title').textContent = document.title;
new App().start();
