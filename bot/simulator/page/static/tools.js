// The side panel for authors and testers: one tab per tool; on a phone it covers the page.

import { el, icon } from './dom.js';
import { EventsPanel } from './events.js';
import { FaultsPanel } from './faults.js';
import { t } from './i18n.js';
import { LockScreenPanel } from './lockscreen.js';
import { RecordPanel } from './record.js';
import { TimePanel } from './timetravel.js';
import { TrafficPanel } from './traffic.js';
import { ViewPanel } from './view.js';

const PANELS = {
  time: TimePanel,
  lockScreen: LockScreenPanel,
  traffic: TrafficPanel,
  events: EventsPanel,
  faults: FaultsPanel,
  transcript: RecordPanel,
  view: ViewPanel,
};

export class Tools {
  /** `changed()` asks the page to look for news at once. */
  constructor(store, { changed }) {
    this.opener = el(
      'button',
      {
        type: 'button',
        class: 'small',
        'aria-expanded': 'false',
        'aria-controls': 'tools',
        on: { click: () => this.toggle() },
      },
      icon('tools'),
      t('tools'),
    );
    const closing = el(
      'button',
      { type: 'button', class: 'plain round', 'aria-label': t('close'), on: { click: () => this.toggle(false) } },
      icon('close'),
    );
    this.panels = Object.fromEntries(
      Object.entries(PANELS).map(([key, Panel]) => [key, new Panel(store, { changed })]),
    );
    this.tabs = Object.keys(PANELS).map((key) => this.makeTab(key));
    for (const [key, panel] of Object.entries(this.panels)) {
      Object.entries({ role: 'tabpanel', id: `panel-${key}`, 'aria-labelledby': `tab-${key}`, tabindex: '0' }).forEach(
        ([name, value]) => panel.node.setAttribute(name, value),
      );
      panel.node.classList.add('panel');
    }
    const list = el('div', { class: 'tabs', role: 'tablist', 'aria-label': t('tools') }, this.tabs);
    list.addEventListener('keydown', (event) => this.arrows(event));
    this.node = el(
      'aside',
      { class: 'tools', id: 'tools', 'aria-label': t('tools'), hidden: true },
      el('div', { class: 'side-head' }, el('h2', { text: t('tools') }), closing),
      list,
      Object.values(this.panels).map((panel) => panel.node),
    );
    this.choose('time');
  }

  makeTab(key) {
    return el('button', {
      type: 'button',
      role: 'tab',
      id: `tab-${key}`,
      'aria-controls': `panel-${key}`,
      text: t(key),
      on: { click: () => this.choose(key) },
    });
  }

  choose(chosen) {
    this.chosen = chosen;
    for (const tab of this.tabs) {
      const mine = tab.id === `tab-${chosen}`;
      tab.setAttribute('aria-selected', String(mine));
      tab.tabIndex = mine ? 0 : -1;
    }
    for (const [key, panel] of Object.entries(this.panels)) panel.node.hidden = key !== chosen;
    if (!this.node?.hidden) this.panels[chosen].update?.(true, this.views);
  }

  arrows(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = this.tabs.findIndex((tab) => tab.id === `tab-${this.chosen}`);
    const next = this.tabs[(at + step + this.tabs.length) % this.tabs.length];
    this.choose(next.id.slice('tab-'.length));
    next.focus();
  }

  toggle(open = this.node.hidden) {
    this.node.hidden = !open;
    this.opener.setAttribute('aria-expanded', String(open));
    document.body.classList.toggle('with-tools', open);
    if (open) {
      this.panels[this.chosen].update?.(true, this.views);
      this.tabs.find((tab) => tab.tabIndex === 0).focus();
    } else this.opener.focus();
  }

  update(changed, views) {
    this.views = views;
    if (!this.node.hidden) this.panels[this.chosen].update?.(changed, views);
  }
}
