// Webhooks that a resident's phone does not send by itself: any event type, once more, twice, held back or out of order.

import * as api from './api.js';
import { el } from './dom.js';
import { t } from './i18n.js';
import { say } from './sheet.js';
import { now } from './time.js';

const message = (fields) => ({ message: { id: '1', quoteToken: 'q', markAsReadToken: 'm', ...fields } });
// The properties that each type carries besides the common ones (Messaging API reference, "Webhook Event Objects").
const EVENTS = {
  message: message({ type: 'text', text: 'こんにちは' }),
  postback: { postback: { data: 'pressed' } },
  follow: { follow: { isUnblocked: false } },
  unfollow: {},
  unsend: { unsend: { messageId: '1' } },
  messageEdited: { message: { type: 'text', id: '1', text: '直しました', quoteToken: 'q' } },
  join: {},
  leave: {},
  memberJoined: { joined: { members: [] } },
  memberLeft: { left: { members: [] } },
  videoPlayComplete: { videoPlayComplete: { trackingId: 'track-1' } },
  beacon: { beacon: { hwid: 'd41d8cd98f', type: 'enter' } },
  accountLink: { link: { result: 'ok', nonce: 'nonce-1' } },
  membership: { membership: { type: 'joined', membershipId: 3189 } },
  delivery: { delivery: { data: 'delivery-tag-00001' } },
  module: { module: { type: 'attached', botId: 'U00000000000000000000000000000000', scopes: ['message:send'] } },
  activated: { chatControl: { expireAt: 0 } },
  deactivated: {},
  botSuspended: {},
  botResumed: {},
};

export class EventsPanel {
  constructor(store, { changed }) {
    this.store = store;
    this.changed = changed;
    this.who = el('select', { id: 'event-resident' });
    this.type = el(
      'select',
      { id: 'event-type' },
      Object.keys(EVENTS).map((kind) => el('option', { value: kind, text: kind })),
    );
    this.details = el('textarea', { id: 'event-details', rows: '6', spellcheck: 'false' });
    this.standby = el('input', { type: 'checkbox', id: 'event-standby' });
    this.type.addEventListener('change', () => this.example());
    this.recent = el('ul', { class: 'records' });
    this.example();
    this.node = el('div', {}, this.form(), this.order(), el('h3', { text: t('recentEvents') }), this.recent);
  }

  form() {
    const field = (id, key, input) => el('div', { class: 'field' }, el('label', { for: id, text: t(key) }), input);
    const form = el(
      'form',
      {},
      field('event-resident', 'resident', this.who),
      field('event-type', 'event', this.type),
      field('event-details', 'details', this.details),
      el('div', { class: 'field across' }, this.standby, el('label', { for: 'event-standby', text: t('standby') })),
      el('div', { class: 'row' }, el('button', { type: 'submit', class: 'main', text: t('sendEvent') })),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.send();
    });
    return form;
  }

  order() {
    const button = (key, press) => el('button', { type: 'button', class: 'small', text: t(key), on: { click: press } });
    return el(
      'div',
      {},
      el('h3', { text: t('order') }),
      el(
        'div',
        { class: 'row' },
        button('holdBack', () => this.post('api/hold', {})),
        button('release', () => this.post('api/release', { order: 'as sent' })),
        button('releaseReversed', () => this.post('api/release', { order: 'reversed' })),
        button('releaseTogether', () => this.post('api/release', { batch: 100 })),
        button('verify', () => this.post('api/verify', {})),
      ),
    );
  }

  example() {
    const example = structuredClone(EVENTS[this.type.value]);
    if (example.chatControl) example.chatControl.expireAt = Math.round(now() + 3_600_000);
    this.details.value = JSON.stringify(example, null, 2);
  }

  get address() {
    return this.store.chats.get(this.who.value)?.address ?? {};
  }

  async send() {
    let details;
    try {
      details = JSON.parse(this.details.value || '{}');
    } catch (wrong) {
      say(t('wrongJson', { reason: wrong.message }));
      return;
    }
    await this.post('api/event', { type: this.type.value, details, mode: this.standby.checked ? 'standby' : null });
  }

  async post(path, given) {
    try {
      await api.post(path, { ...this.address, ...given });
      say(t('sent'));
      await this.changed();
    } catch (refused) {
      say(t('failed', { reason: refused.message }));
    }
  }

  update(changed) {
    const chats = [...this.store.chats.values()];
    const print = chats.map((chat) => chat.key).join();
    if (this.who.dataset.print !== print) {
      this.who.dataset.print = print;
      const chosen = this.who.value;
      this.who.replaceChildren(
        ...chats.map((chat) =>
          el('option', {
            value: chat.key,
            text: `${chat.resident.name} · ${chat.title}`,
            selected: chat.key === chosen,
          }),
        ),
      );
    }
    if (changed) this.load();
  }

  async load() {
    const { exchanges } = await api.get('api/traffic', { kind: 'webhook' });
    const events = exchanges.reverse().flatMap((exchange) => eventsOf(exchange));
    const first = [...new Map(events.map((event) => [event.webhookEventId, event])).values()].slice(0, 8);
    this.recent.replaceChildren(...first.map((event) => this.recentRow(event)));
  }

  recentRow(event) {
    const words = `${event.type} ${event.message?.text ?? event.postback?.data ?? event.message?.type ?? ''}`.slice(
      0,
      40,
    );
    const button = (key, press) =>
      el('button', {
        type: 'button',
        class: 'small',
        text: t(key),
        'aria-label': `${t(key)}: ${words}`,
        on: { click: press },
      });
    const row = el('li', {}, el('span', { text: words }));
    const buttons = el(
      'div',
      { class: 'row' },
      button('redeliver', () => this.post('api/again', { event: event.webhookEventId, how: 'redeliver' })),
    );
    buttons.append(
      button('duplicate', () => this.post('api/again', { event: event.webhookEventId, how: 'duplicate' })),
    );
    if (event.type === 'message' && event.source?.userId) {
      const whose = {
        resident: event.source.userId,
        group: event.source.groupId ?? event.source.roomId ?? '',
        message: event.message.id,
      };
      buttons.append(button('takeBack', () => this.post('api/unsend', whose)));
      if (whose.group && event.message.type === 'text')
        buttons.append(
          button('editText', () => this.post('api/edit', { ...whose, text: `${event.message.text}（訂正）` })),
        );
    }
    row.append(buttons);
    return row;
  }
}

function eventsOf(exchange) {
  try {
    return JSON.parse(exchange.request.body).events ?? [];
  } catch {
    return []; // a webhook that was sent broken on purpose
  }
}
