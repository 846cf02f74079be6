// Every request, answer and webhook on the wire, newest first, searchable, each as a curl command.

import { copy } from './actions.js';
import * as api from './api.js';
import { el } from './dom.js';
import { t } from './i18n.js';
import { say } from './sheet.js';
import { clockTime } from './time.js';

export class TrafficPanel {
  constructor() {
    this.search = el('input', { type: 'search', id: 'traffic-search' });
    this.kind = el(
      'select',
      { id: 'traffic-kind' },
      Object.entries({ '': 'all', api: 'apiCalls', webhook: 'webhooks' }).map(([value, key]) =>
        el('option', { value, text: t(key) }),
      ),
    );
    this.list = el('ol', { class: 'traffic' });
    const again = () => this.load();
    this.search.addEventListener('input', again);
    this.kind.addEventListener('change', again);
    this.node = el(
      'div',
      {},
      el('div', { class: 'field' }, el('label', { for: 'traffic-search', text: t('search') }), this.search),
      el('div', { class: 'field' }, el('label', { for: 'traffic-kind', text: t('kind') }), this.kind),
      this.list,
    );
  }

  update(changed) {
    if (changed) this.load();
  }

  async load() {
    const asked = { search: this.search.value, kind: this.kind.value };
    try {
      const { exchanges } = await api.get('api/traffic', asked);
      if (asked.search === this.search.value && asked.kind === this.kind.value) this.show(exchanges.reverse());
    } catch (refused) {
      say(t('failed', { reason: refused.message }));
    }
  }

  // Opened rows stay open: only rows that were not there before are made.
  show(exchanges) {
    const known = new Map([...this.list.children].map((node) => [node.dataset.number, node]));
    const rows = exchanges.map((one) => known.get(String(one.number)) ?? row(one));
    if (!rows.length) rows.push(el('li', { text: t('noTraffic') }));
    this.list.replaceChildren(...rows);
  }
}

function row(exchange) {
  const status = exchange.status ? String(exchange.status) : `${t('noAnswer')} ${exchange.outcome}`;
  const good = exchange.status >= 200 && exchange.status < 300;
  const summary = el(
    'summary',
    {},
    el('span', { class: `status ${good ? 'good' : 'bad'}`, text: status }),
    el('span', {
      class: 'route',
      text: `${exchange.kind === 'webhook' ? '⇢' : '⇠'} ${exchange.method} ${pathOf(exchange.url)}`,
    }),
    el('time', { text: clockTime(exchange.at * 1000) }),
  );
  const curl = el('button', {
    type: 'button',
    class: 'small',
    text: t('copyCurl'),
    on: { click: () => copy(exchange.curl) },
  });
  const details = el('details', {}, summary);
  details.addEventListener(
    'toggle',
    () => details.append(part(t('request'), exchange.request), part(t('answer'), exchange.response), curl),
    { once: true },
  );
  const item = el('li', {}, details);
  item.dataset.number = String(exchange.number);
  return item;
}

function part(title, { headers, body }) {
  const lines = headers.map(([name, value]) => `${name}: ${value}`).join('\n');
  return el(
    'div',
    { class: 'exchange' },
    el('h4', { text: title }),
    el('pre', { tabindex: '0', text: `${lines}\n\n${pretty(body)}`.trim() }),
  );
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body; // not JSON: shown as it came
  }
}

function pathOf(url) {
  try {
    const { pathname, search } = new URL(url, window.location.href);
    return pathname + search;
  } catch {
    return url;
  }
}
