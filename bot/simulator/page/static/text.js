// Text as a chat shows it: links that can be tapped, line breaks, LINE's own emoji and mentions, and everything else as plain text.

import { el } from './dom.js';
import { link } from './safe.js';

// Kept to what a resident reads as one address: it stops at spaces, Japanese punctuation and closing brackets.
const ADDRESS = /https?:\/\/[^\s<>"'、。「」（）【】]+|(?<![\d-])0\d{1,4}-\d{1,4}-\d{3,4}(?![\d-])/g;

/** Append `text` to `node`; web addresses and telephone numbers become links. */
export function appendLinked(node, text) {
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const shown = found[0].replace(/[.,!?:;)\]]+$/, '');
    const target = link(shown.startsWith('http') ? shown : `tel:${shown}`);
    if (!target) continue;
    node.append(text.slice(from, found.index), anchor(target, shown));
    from = found.index + shown.length;
  }
  node.append(text.slice(from));
  return node;
}

export function anchor(href, shown, attributes = {}) {
  return el('a', { href, target: '_blank', rel: 'noopener noreferrer', text: shown, ...attributes });
}

/** The pieces of a text message (v1 with `emojis`, v2 with `substitution`) as nodes. */
export function textMessage(message) {
  const node = el('div', { class: 'text' });
  if (message.type === 'textV2') return withSubstitutions(node, message);
  const emojis = [...(message.emojis ?? [])].sort((a, b) => a.index - b.index);
  const text = String(message.text ?? '');
  let from = 0;
  for (const emoji of emojis) {
    if (!(emoji.index >= from)) continue;
    appendLinked(node, text.slice(from, emoji.index));
    node.append(lineEmoji(emoji));
    from = emoji.index + (emoji.length ?? 1);
  }
  return appendLinked(node, text.slice(from));
}

function withSubstitutions(node, message) {
  for (const piece of String(message.text ?? '').split(/(\{\{|\}\}|\{[0-9a-zA-Z_]{1,20}\})/)) {
    const named = /^\{(\w+)\}$/.exec(piece);
    const substitute = named ? message.substitution?.[named[1]] : null;
    if (piece === '{{' || piece === '}}') node.append(piece[0]);
    else if (substitute?.type === 'emoji') node.append(lineEmoji(substitute));
    else if (substitute?.type === 'mention') node.append(el('b', { class: 'mention', text: mentionName(substitute) }));
    else appendLinked(node, piece);
  }
  return node;
}

function mentionName(mention) {
  return mention.mentionee?.type === 'all' ? '@All' : `@${mention.mentionee?.userId ?? ''}`;
}

// LINE's emoji pictures are LINE's; a drawn token with the ids stands where one would be.
function lineEmoji({ productId, emojiId }) {
  const title = `${productId ?? ''}/${emojiId ?? ''}`;
  return el('span', { class: 'line-emoji', role: 'img', 'aria-label': `LINE emoji ${title}`, title, text: '☺' });
}

const ALONE = /^(?:\p{Extended_Pictographic}(?:\u200d\p{Extended_Pictographic}|[\ufe0f\u{1f3fb}-\u{1f3ff}])*){1,3}$/u;

/** Whether a text is one to three emoji and nothing else, which LINE shows large. */
export function isOnlyEmoji(text) {
  return ALONE.test(text);
}
