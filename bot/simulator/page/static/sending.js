// What a resident can send besides text: photos, the camera, files, places, stickers and emoji.

import { el, icon } from './dom.js';
import { t } from './i18n.js';
import { openSheet, say } from './sheet.js';
import { STICKERS, drawSticker } from './sticker.js';

const KINDS = {
  photo: { accept: 'image/*', kind: 'image' },
  camera: { accept: 'image/*', kind: 'image', capture: 'environment' },
  video: { accept: 'video/*', kind: 'video' },
  audio: { accept: 'audio/*', kind: 'audio' },
  file: { accept: '', kind: 'file' },
};
const EMOJI = [
  '😀',
  '😂',
  '😊',
  '😢',
  '😡',
  '👍',
  '🙏',
  '👌',
  '❤️',
  '🎉',
  '🍎',
  '🏫',
  '🚗',
  '🏥',
  '🌧️',
  '☀️',
  '👨‍👩‍👧‍👦',
  '🇯🇵',
  '✨',
  '❓',
];

/** The sheet behind the plus button. */
export async function chooseWhatToSend(chat) {
  const choices = {
    photo: ['picture', () => pickFile(chat, 'photo')],
    camera: ['camera', () => pickFile(chat, 'camera')],
    video: ['play', () => pickFile(chat, 'video')],
    audio: ['play', () => pickFile(chat, 'audio')],
    file: ['file', () => pickFile(chat, 'file')],
    location: ['pin', () => chooseLocation(chat)],
    sticker: ['smile', () => chooseSticker(chat)],
    emoji: ['smile', () => chooseEmoji(chat)],
  };
  const chosen = await openSheet(t('whatToSend'), (done) =>
    el(
      'div',
      { class: 'choices' },
      Object.entries(choices).map(([key, [drawing]]) =>
        el('button', { type: 'button', class: 'choice', on: { click: () => done(key) } }, icon(drawing), t(key)),
      ),
    ),
  );
  if (chosen) await choices[chosen][1]();
}

/** Let the phone's own sheet choose a file, then send it. */
export function pickFile(chat, name) {
  const { accept, kind, capture } = KINDS[name];
  const input = el('input', {
    type: 'file',
    accept: accept || null,
    capture,
    class: 'hidden-words',
    'aria-label': t(name),
    tabindex: '-1',
  });
  input.addEventListener('change', async () => {
    const [file] = input.files;
    input.remove();
    if (file) await orSay(() => chat.sendFile(kind, file));
  });
  input.addEventListener('cancel', () => input.remove());
  chat.node.append(input);
  input.click();
}

export async function chooseLocation(chat) {
  const place = await openSheet(t('location'), (done) => locationForm(done));
  if (place) await orSay(() => chat.sendMessage({ type: 'location', ...place }));
}

function locationForm(done) {
  const field = (key, attributes) => {
    const input = el('input', { id: `place-${key}`, name: key, ...attributes });
    return { input, row: el('div', { class: 'field' }, el('label', { for: `place-${key}`, text: t(key) }), input) };
  };
  const place = field('place', { type: 'text', maxlength: '100' });
  const address = field('address', { type: 'text', maxlength: '100' });
  // Where Japan's own maps begin: the origin of the national survey in Tokyo.
  const latitude = field('latitude', {
    type: 'number',
    step: 'any',
    min: '-90',
    max: '90',
    required: true,
    value: '35.6581',
  });
  const longitude = field('longitude', {
    type: 'number',
    step: 'any',
    min: '-180',
    max: '180',
    required: true,
    value: '139.7414',
  });
  const here = el('button', { type: 'button', class: 'small', text: t('whereAmI') });
  here.addEventListener('click', () => {
    const found = ({ coords }) => {
      latitude.input.value = coords.latitude.toFixed(6);
      longitude.input.value = coords.longitude.toFixed(6);
    };
    if (navigator.geolocation) navigator.geolocation.getCurrentPosition(found, () => say(t('noPosition')));
    else say(t('noPosition'));
  });
  const form = el(
    'form',
    {},
    place.row,
    address.row,
    latitude.row,
    longitude.row,
    el('div', { class: 'row' }, here, el('button', { type: 'submit', class: 'main', text: t('send') })),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const words = { title: place.input.value, address: address.input.value };
    const given = Object.fromEntries(Object.entries(words).filter(([, value]) => value));
    done({ ...given, latitude: Number(latitude.input.value), longitude: Number(longitude.input.value) });
  });
  return form;
}

async function chooseSticker(chat) {
  const sticker = await openSheet(t('sticker'), (done) =>
    el(
      'div',
      { class: 'choices' },
      STICKERS.map((one) =>
        el(
          'button',
          { type: 'button', class: 'choice sticker-choice', on: { click: () => done(one) } },
          drawSticker(one),
        ),
      ),
    ),
  );
  if (!sticker) return;
  const { packageId, stickerId, keywords } = sticker;
  await orSay(() =>
    chat.sendMessage({ type: 'sticker', packageId, stickerId, stickerResourceType: 'STATIC', keywords }),
  );
}

async function chooseEmoji(chat) {
  const emoji = await openSheet(t('emoji'), (done) =>
    el(
      'div',
      { class: 'choices emoji' },
      EMOJI.map((one) => el('button', { type: 'button', class: 'choice', text: one, on: { click: () => done(one) } })),
    ),
  );
  if (!emoji) return;
  chat.field.setRangeText(emoji, chat.field.selectionStart, chat.field.selectionEnd, 'end');
  chat.grow();
  chat.field.focus();
}

async function orSay(send) {
  try {
    await send();
  } catch (refused) {
    say(t('failed', { reason: refused.message }));
  }
}
