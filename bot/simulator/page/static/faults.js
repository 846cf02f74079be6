// What goes wrong on LINE's side on demand: error answers, silence, broken connections, for the next calls of an endpoint or a share of them.

import * as api from './api.js';
import { el } from './dom.js';
import { faultNamed } from './faultnames.js';
import { t } from './i18n.js';
import { say } from './sheet.js';

export class FaultsPanel {
  constructor() {
    this.endpoint = el('select', { id: 'fault-endpoint' });
    this.kind = el('select', { id: 'fault-kind' });
    this.times = el('input', { id: 'fault-times', type: 'number', min: '0', max: '10000', value: '1' });
    this.percent = el('input', { id: 'fault-percent', type: 'number', min: '1', max: '100', value: '100' });
    this.seconds = el('input', { id: 'fault-seconds', type: 'number', min: '0', max: '600', value: '5', step: 'any' });
    this.list = el('ul', { class: 'records' });
    const field = (id, key, input) => el('div', { class: 'field' }, el('label', { for: id, text: t(key) }), input);
    const form = el(
      'form',
      {},
      field('fault-kind', 'fault', this.kind),
      field('fault-endpoint', 'endpoint', this.endpoint),
      field('fault-times', 'times', this.times),
      field('fault-percent', 'percent', this.percent),
      field('fault-seconds', 'seconds', this.seconds),
      el('div', { class: 'row' }, el('button', { type: 'submit', class: 'main', text: t('inject') })),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.post('api/faults', {
        kind: this.kind.value,
        endpoint: this.endpoint.value,
        times: Number(this.times.value),
        rate: Number(this.percent.value) / 100,
        seconds: Number(this.seconds.value),
      });
    });
    const clear = el('button', {
      type: 'button',
      class: 'small',
      text: t('clearFaults'),
      on: { click: () => this.post('api/faults/clear', {}) },
    });
    this.node = el('div', {}, form, this.list, clear);
  }

  update(changed) {
    if (changed) this.load();
  }

  async load() {
    const { faults, kinds, endpoints } = await api.get('api/faults');
    if (!this.kind.options.length) {
      this.kind.append(...kinds.map((kind) => el('option', { value: kind, text: faultNamed(kind) })));
      this.endpoint.append(
        el('option', { value: '*', text: t('everyEndpoint') }),
        ...endpoints.map((name) => el('option', { value: name, text: name })),
      );
    }
    const rows = faults.map((fault) => el('li', { text: wordsOf(fault) }));
    this.list.replaceChildren(...(rows.length ? rows : [el('li', { text: t('noFaults') })]));
  }

  async post(path, given) {
    try {
      await api.post(path, given);
      await this.load();
      say(t('done'));
    } catch (refused) {
      say(t('failed', { reason: refused.message }));
    }
  }
}

function wordsOf({ kind, endpoint, times, rate }) {
  const share = rate < 1 ? ` · ${Math.round(rate * 100)}%` : '';
  return `${faultNamed(kind)} · ${endpoint === '*' ? t('everyEndpoint') : endpoint} · ${times ?? '∞'}${share}`;
}
