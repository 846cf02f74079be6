// Moves the service's clock forward, so that a reminder due next month arrives now.

import * as api from './api.js';
import { el } from './dom.js';
import { t } from './i18n.js';
import { say } from './sheet.js';
import { dateAndTime, minuteOf, now } from './time.js';

const HOUR = 3600;

export class TimePanel {
  constructor(store, { changed }) {
    this.store = store;
    this.changed = changed;
    this.clock = el('p', { class: 'big', role: 'status' });
    this.buttons = [
      this.button('plusHour', () => ({ seconds: HOUR })),
      this.button('plusDay', () => ({ seconds: 24 * HOUR })),
    ];
    this.target = el('input', { type: 'datetime-local', id: 'travel-to', required: true });
    const form = el(
      'form',
      {},
      el('div', { class: 'field' }, el('label', { for: 'travel-to', text: t('travelTo') }), this.target),
    );
    this.buttons.push(el('button', { type: 'submit', class: 'main', text: t('travel') }));
    form.append(el('div', { class: 'row' }, this.buttons.at(-1)));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.travel({ to: this.target.value });
    });
    this.stuck = el('p', { class: 'hint', text: t('noTravel'), hidden: true });
    this.node = el(
      'div',
      {},
      el('p', { class: 'hint', text: t('now') }),
      this.clock,
      el('div', { class: 'row' }, this.buttons.slice(0, 2)),
      form,
      this.stuck,
    );
  }

  button(key, step) {
    return el('button', { type: 'button', class: 'main', text: t(key), on: { click: () => this.travel(step()) } });
  }

  update() {
    const words = dateAndTime(now());
    if (this.clock.textContent !== words) this.clock.textContent = words;
    this.stuck.hidden = this.store.info.travel;
    this.wait(this.busy === true);
    if (!this.target.value) this.target.value = minuteOf(now() + HOUR * 1000);
  }

  async travel(step) {
    this.wait(true);
    say(t('travelling'));
    try {
      const { now: reached } = await api.post('api/travel', step);
      await this.changed();
      say(t('travelled', { time: dateAndTime(reached) }));
    } catch (refused) {
      say(t('failed', { reason: refused.message }));
    }
    this.wait(false);
    this.update();
  }

  wait(busy) {
    this.busy = busy;
    for (const button of this.buttons) button.disabled = busy || !this.store.info.travel;
  }
}
