// One chat of one resident: header, conversation, quick replies, keyboard and rich menu, as LINE arranges them on a phone.

import { actor } from './actions.js';
import * as api from './api.js';
import { el, icon } from './dom.js';
import { LANGUAGES, t } from './i18n.js';
import { Log, face } from './log.js';
import { picture } from './media.js';
import { drawMenu } from './richmenu.js';
import { choice } from './safe.js';
import { chooseLocation, chooseWhatToSend, pickFile } from './sending.js';
import { say } from './sheet.js';
import { control, labelOf } from './tap.js';
import { now } from './time.js';

// Tapped once and gone, except those whose sheet the resident may still dismiss.
const STAYS = new Set(['camera', 'cameraRoll', 'datetimepicker', 'location']);
const DEFAULT_ICONS = { camera: 'camera', cameraRoll: 'picture', location: 'pin' };

export class ChatView {
  /** `chat` comes from the store; `onBack` and `onClose` belong to the page around it. */
  constructor(chat, { onBack, onClose, onSent }) {
    this.chat = chat;
    this.onSent = onSent;
    this.menuOpen = null;
    this.dismissed = null;
    this.turn = Promise.resolve();
    const act = actor(this);
    this.act = act;
    this.log = new Log({ speaker: (entry) => this.chat.speaker(entry), act });
    this.quick = el('div', { class: 'quick', role: 'group', 'aria-label': t('quickReplies'), hidden: true });
    this.gate = el('div', { class: 'gate', hidden: true });
    this.menu = el('div', { class: 'richmenu' });
    this.composer = this.makeComposer();
    this.node = el(
      'section',
      { class: 'chat' },
      this.makeHeader(onBack, onClose),
      this.log.node,
      this.quick,
      this.gate,
      this.composer,
      this.menu,
    );
  }

  makeHeader(onBack, onClose) {
    const button = (name, words, press, extra = '') => {
      return el(
        'button',
        { type: 'button', class: `plain round ${extra}`, 'aria-label': words, on: { click: press } },
        icon(name),
      );
    };
    this.title = el('h2');
    this.subtitle = el('p', { class: 'subtitle' });
    this.friendship = el('button', { type: 'button', class: 'small', on: { click: () => this.toggleBlock() } });
    return el(
      'header',
      { class: 'chat-head' },
      button('back', t('showResidents'), onBack, 'phone-only'),
      el('div', { class: 'who' }, this.title, this.subtitle),
      this.friendship,
      button('close', t('closeColumn'), onClose, 'desk-only'),
    );
  }

  makeComposer() {
    this.field = el('textarea', {
      rows: '1',
      'aria-label': t('message'),
      placeholder: t('message'),
      maxlength: '5000',
    });
    this.field.addEventListener('input', () => this.grow());
    this.field.addEventListener('keydown', (event) => {
      const sends =
        event.key === 'Enter' &&
        !event.shiftKey &&
        !event.isComposing &&
        !window.matchMedia('(pointer: coarse)').matches;
      if (!sends) return;
      event.preventDefault();
      this.sendTyped();
    });
    const more = el(
      'button',
      { type: 'button', class: 'plain round', 'aria-label': t('more'), on: { click: () => chooseWhatToSend(this) } },
      icon('plus'),
    );
    const send = el('button', { type: 'submit', class: 'plain round send', 'aria-label': t('send') }, icon('send'));
    const form = el('form', { class: 'composer' }, more, this.field, send);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.sendTyped();
    });
    return form;
  }

  /** Bring everything up to date with the store. */
  update() {
    const { chat } = this;
    const name = t('chatWith', { resident: chat.resident.name, bot: chat.title });
    if (this.node.getAttribute('aria-label') !== name) this.node.setAttribute('aria-label', name);
    this.title.textContent = chat.title;
    this.subtitle.textContent = [chat.resident.name, LANGUAGES[chat.resident.language] ?? chat.resident.language]
      .filter(Boolean)
      .join(' · ');
    this.log.show(chat.entries());
    this.log.showDots(chat.loadingUntil > now(), chat.bot);
    this.updateFriendship();
    this.updateQuick();
    this.updateMenu();
  }

  talks() {
    return this.chat.status === 'friend' || this.chat.status === 'group';
  }

  updateFriendship() {
    const { status } = this.chat;
    const talks = this.talks();
    this.composer.hidden = !talks;
    this.friendship.hidden = status !== 'friend';
    this.friendship.textContent = t('block');
    this.gate.hidden = talks;
    const print = talks ? '' : status;
    if (this.gate.dataset.print === print) return;
    this.gate.dataset.print = print;
    if (talks) this.gate.replaceChildren();
    else {
      const words = status === 'blocked' ? 'isBlocked' : 'addFirst';
      const press = el('button', {
        type: 'button',
        class: 'main',
        text: t(status === 'blocked' ? 'unblock' : 'follow'),
        on: { click: () => this.follow() },
      });
      this.gate.replaceChildren(face(this.chat.bot), el('p', { text: t(words) }), press);
    }
  }

  updateQuick() {
    const last = this.chat
      .entries()
      .filter((entry) => !entry.unsent)
      .at(-1);
    const offers = this.talks() && last?.from === 'bot' && last.id !== this.dismissed;
    const items = offers ? (last.message.quickReply?.items ?? []) : [];
    const print = items.length ? last.id : '';
    this.quick.hidden = !items.length;
    if (this.quick.dataset.print === print) return;
    this.quick.dataset.print = print;
    this.quick.replaceChildren(...items.slice(0, 13).map((item) => this.quickButton(item, last.id)));
    if (items.length) this.log.toEnd();
  }

  quickButton(item, message) {
    const action = item.action ?? {};
    const run = (chosen) => {
      if (!STAYS.has(chosen.type)) {
        this.dismissed = message;
        this.updateQuick();
        this.field.focus({ preventScroll: true });
      }
      return this.act(chosen);
    };
    const button = control(action, run, { class: 'quick-button' });
    if (item.imageUrl) button.append(el('span', { class: 'quick-icon' }, picture(item.imageUrl, '')));
    else if (choice(action.type, DEFAULT_ICONS)) button.append(icon(DEFAULT_ICONS[action.type]));
    button.append(labelOf(action));
    return button;
  }

  updateMenu() {
    const menu = this.chat.status === 'friend' ? this.chat.menu : null;
    if (menu && this.menuOpen === null) this.menuOpen = menu.selected === true;
    const print = menu ? `${menu.richMenuId} ${this.menuOpen}` : '';
    if (this.menu.dataset.print === print) return;
    this.menu.dataset.print = print;
    const hadFocus = this.menu.contains(document.activeElement);
    drawMenu(this.menu, menu, { open: this.menuOpen, act: this.act, toggle: () => this.openMenu(!this.menuOpen) });
    if (hadFocus) this.menu.querySelector('.menu-bar')?.focus();
    this.log.toEnd();
  }

  openMenu(open) {
    this.menuOpen = open;
    this.updateMenu();
  }

  grow() {
    this.field.style.height = 'auto';
    this.field.style.height = `${Math.min(this.field.scrollHeight, 120)}px`;
  }

  async sendTyped() {
    const text = this.field.value;
    if (!text.trim()) return;
    this.field.value = '';
    this.grow();
    try {
      await this.sendText(text);
    } catch (refused) {
      this.field.value = text;
      say(t('failed', { reason: refused.message }));
    }
    this.field.focus();
  }

  // What the resident does; each call answers when the stand-in has taken it.
  sendText(text) {
    return this.send('say', { text });
  }

  sendPostback(press) {
    return this.send('press', press);
  }

  sendMessage(message) {
    return this.send('send', { message });
  }

  sendFile(kind, file) {
    return this.inTurn(() => api.upload('api/upload', file, { ...this.chat.address, kind }));
  }

  switchMenu(action) {
    return this.send('switch-menu', { alias: action.richMenuAliasId, data: action.data ?? '' });
  }

  send(act, body) {
    return this.inTurn(() => api.post(`api/${act}`, { ...this.chat.address, ...body }));
  }

  // As a phone does: what was sent first arrives first. Whoever sent it says why it failed; the next one goes all the same.
  async inTurn(deliver) {
    const sent = this.turn.then(deliver);
    this.turn = sent.catch(() => null);
    await sent;
    this.log.toEnd();
    this.onSent();
  }

  async follow() {
    await this.tryTo('follow');
    this.field.focus();
  }

  async toggleBlock() {
    await this.tryTo('block');
  }

  async tryTo(act) {
    try {
      await this.send(act, {});
    } catch (refused) {
      say(t('failed', { reason: refused.message }));
    }
  }

  choosePhoto(camera) {
    return pickFile(this, camera ? 'camera' : 'photo');
  }

  chooseLocation() {
    return chooseLocation(this);
  }

  inputOption(option, fillInText) {
    if (option === 'closeRichMenu') this.openMenu(false);
    else if (option === 'openRichMenu') this.openMenu(true);
    else if (option === 'openKeyboard') {
      this.openMenu(false);
      if (fillInText) this.field.value = fillInText;
      this.grow();
      this.field.focus();
    } else if (option === 'openVoice') say(t('audio'));
  }
}
