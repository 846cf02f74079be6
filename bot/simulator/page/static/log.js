// The conversation itself: bubbles in order, days between them, times and read marks beside them, dots while the bot works.

import { el, icon } from './dom.js';
import { t } from './i18n.js';
import { picture } from './media.js';
import { bubbleOf } from './message.js';
import { clockTime, dayOf, dayWords } from './time.js';

const WIDE = new Set(['template', 'flex', 'imagemap']);

/** A role=log that is brought up to date with `show(entries)`; nodes of messages that did not change stay as they are. */
export class Log {
  /** `speaker(entry)` gives `{own, name, iconUrl}`; `act` runs what is tapped in a message. */
  constructor({ speaker, act }) {
    this.speaker = speaker;
    this.act = act;
    this.shown = new Map();
    this.node = el('div', {
      class: 'log',
      role: 'log',
      'aria-live': 'polite',
      'aria-label': t('messages'),
      tabindex: '0',
    });
    this.dots = null;
  }

  show(entries) {
    const low = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 80;
    const wanted = [];
    let before = null;
    for (const entry of entries) {
      if (!before || dayOf(before.at) !== dayOf(entry.at)) wanted.push(this.separator(entry.at));
      wanted.push(this.row(entry, before));
      before = entry;
    }
    this.settle(wanted);
    if (low || !entries.length) this.toEnd();
  }

  toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
  }

  /** Show or hide the loading animation that the bot asked for. */
  showDots(visible, bot) {
    if (visible === Boolean(this.dots)) return;
    this.dots?.remove();
    this.dots = visible ? this.dotsRow(bot) : null;
    if (this.dots) this.node.append(this.dots);
    if (visible) this.toEnd();
  }

  dotsRow(bot) {
    const dots = el(
      'div',
      { class: 'bubble dots', role: 'img', 'aria-label': t('typing', { bot: bot.name }) },
      el('i'),
      el('i'),
      el('i'),
    );
    return el('div', { class: 'row-message from-bot' }, face(bot), el('div', { class: 'said' }, dots));
  }

  // Only what is out of place moves, or a screen reader would read the whole conversation again.
  settle(wanted) {
    const keys = new Set(wanted.map((one) => one.key));
    for (const [key, { node }] of this.shown) {
      if (keys.has(key)) continue;
      node.remove();
      this.shown.delete(key);
    }
    let place = this.node.firstChild;
    for (const { key, print, make } of wanted) {
      let known = this.shown.get(key);
      if (known && known.print !== print) {
        if (place === known.node) place = place.nextSibling;
        known.node.remove();
        known = null;
      }
      if (!known) {
        known = { print, node: make() };
        this.shown.set(key, known);
      }
      if (known.node === place) place = place.nextSibling;
      else this.node.insertBefore(known.node, place);
    }
  }

  separator(at) {
    const words = dayWords(at);
    return {
      key: `day ${dayOf(at)}`,
      print: words,
      make: () => el('div', { class: 'day' }, el('span', { text: words })),
    };
  }

  row(entry, before) {
    const who = this.speaker(entry);
    const first =
      !before || before.from !== entry.from || entry.at - before.at > 60_000 || this.speaker(before).name !== who.name;
    const print = `${entry.read}${entry.unsent}${entry.edited}${first}${entry.edited ? entry.message.text : ''}`;
    return { key: entry.id, print, make: () => this.rowNode(entry, who, first) };
  }

  // A message that no renderer understands must not take the rest of the conversation with it.
  bubble(message) {
    try {
      return bubbleOf(message, this.act);
    } catch (wrong) {
      console.warn('A message could not be drawn.', message, wrong);
      return el('div', { class: 'bubble' }, el('div', { class: 'text', text: t('notDrawn', { kind: message.type }) }));
    }
  }

  rowNode(entry, who, first) {
    if (entry.unsent)
      return el('div', { class: 'day' }, el('span', { text: `${who.own ? t('you') : who.name}: ${t('unsent')}` }));
    const notes = el(
      'div',
      { class: 'notes' },
      who.own && entry.read ? el('span', { class: 'read', text: t('read') }) : null,
      entry.edited ? el('span', { text: t('edited') }) : null,
      el('time', { datetime: new Date(entry.at).toISOString(), text: clockTime(entry.at) }),
    );
    const spoken = el('span', { class: 'hidden-words', text: `${who.own ? t('you') : who.name}: ` });
    const wide = WIDE.has(entry.message.type) ? ' wide' : '';
    const said = el('div', { class: `said${wide}` }, spoken, this.bubble(entry.message), notes);
    const row = el('div', { class: `row-message ${who.own ? 'own' : 'from-bot'}${first ? ' first' : ''}` });
    if (!who.own) row.append(first ? face(who) : el('span', { class: 'face-room' }));
    row.append(
      el(
        'div',
        { class: 'words' },
        !who.own && first ? el('div', { class: 'sender', 'aria-hidden': 'true', text: who.name }) : null,
        said,
      ),
    );
    return row;
  }
}

/** A round picture of a person or bot; its first letter stands in where there is none. */
export function face({ name, iconUrl, person }) {
  const node = el('span', { class: person ? 'face person' : 'face', 'aria-hidden': 'true' });
  if (iconUrl) node.append(picture(iconUrl, ''));
  else if (person) node.append(icon('person'));
  else node.append([...(name || '?')][0]);
  return node;
}
