// One message object of the Messaging API (or of a resident) as the bubble that LINE shows for it.

import { el, icon } from './dom.js';
import { flexMessage } from './flex.js';
import { t } from './i18n.js';
import { choice } from './safe.js';
import { film, picture, sound } from './media.js';
import { anchor, isOnlyEmoji, textMessage } from './text.js';
import { imagemapMessage, templateMessage } from './template.js';
import { drawSticker } from './sticker.js';

const RENDERERS = {
  text: textBubble,
  textV2: textBubble,
  sticker: drawSticker,
  image: imageBubble,
  video: (message) => el('div', { class: 'photo' }, film(message.originalContentUrl, message.previewImageUrl)),
  audio: (message) => el('div', { class: 'bubble' }, sound(message.originalContentUrl)),
  file: fileBubble,
  location: locationBubble,
  template: templateMessage,
  flex: flexMessage,
  imagemap: imagemapMessage,
};

/** The bubble of `message`; `act(action, element)` runs what is tapped in it. A kind unknown here shows its name and alternative text. */
export function bubbleOf(message, act) {
  const render = choice(message.type, RENDERERS);
  if (render) return render(message, act);
  return el(
    'div',
    { class: 'bubble unknown' },
    el('div', { class: 'text', text: message.altText ?? `[${message.type}]` }),
  );
}

/** What the friends list and a lock screen show of a message: its text, or what LINE writes in its place. */
export function previewOf(message) {
  if (message.type === 'text' || message.type === 'textV2') return String(message.text ?? '');
  if (message.altText) return String(message.altText);
  const named = {
    sticker: 'sentSticker',
    image: 'sentPhoto',
    video: 'sentVideo',
    audio: 'sentAudio',
    file: 'sentFile',
    location: 'sentLocation',
  };
  const key = choice(message.type, named);
  return key ? t(key) : `[${message.type}]`;
}

function textBubble(message) {
  const large = message.type === 'text' && isOnlyEmoji(String(message.text ?? ''));
  return el('div', { class: large ? 'bubble large-emoji' : 'bubble' }, textMessage(message));
}

function imageBubble(message) {
  const shown = picture(message.previewImageUrl ?? message.originalContentUrl, t('photo'));
  const whole = message.originalContentUrl;
  if (shown.tagName !== 'IMG') return el('div', { class: 'photo' }, shown);
  return el('div', { class: 'photo' }, el('a', { href: whole, target: '_blank', rel: 'noopener noreferrer' }, shown));
}

function fileBubble(message) {
  const size = Number(message.fileSize ?? 0);
  const shown =
    size >= 1024 * 1024 ? `${(size / 1024 / 1024).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1024))} KB`;
  return el(
    'div',
    { class: 'bubble file' },
    icon('file'),
    el('span', { class: 'file-name', text: message.fileName ?? '' }),
    el('span', { class: 'file-size', text: shown }),
  );
}

function locationBubble(message) {
  const [latitude, longitude] = [Number(message.latitude), Number(message.longitude)];
  const where = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return el(
    'div',
    { class: 'bubble location' },
    el('div', { class: 'map', 'aria-hidden': 'true' }, icon('pin')),
    el('strong', { text: message.title || t('location') }),
    message.address ? el('span', { class: 'address', text: message.address }) : null,
    anchor(where, t('openMap')),
  );
}
