// Stickers of our own drawing: LINE's pictures belong to LINE, so the ids are real and the faces are not.

import { el, svg } from './dom.js';
import { t } from './i18n.js';

// Package 446 is one that LINE lets any bot send (Messaging API, "List of available stickers").
export const STICKERS = [
  { packageId: '446', stickerId: '1988', keywords: ['OK'], mouth: 'M30 58q18 18 36 0', hue: 44 },
  { packageId: '446', stickerId: '1989', keywords: ['Thanks', 'ありがとう'], mouth: 'M32 58q16 12 32 0', hue: 96 },
  { packageId: '446', stickerId: '1990', keywords: ['Hello', 'こんにちは'], mouth: 'M32 56q16 20 32 0z', hue: 200 },
  { packageId: '446', stickerId: '1991', keywords: ['Sorry', 'ごめん'], mouth: 'M34 66q14-12 28 0', hue: 270 },
  {
    packageId: '446',
    stickerId: '1992',
    keywords: ['Surprised', 'びっくり'],
    mouth: 'M48 56a7 8 0 1 0 .1 0',
    hue: 330,
  },
  { packageId: '446', stickerId: '1993', keywords: ['Cry', 'かなしい'], mouth: 'M32 68q16-14 32 0', hue: 220 },
];

/** A face in a round field; one that we did not draw ourselves gets a colour from its id. */
export function drawSticker({ packageId, stickerId, keywords }) {
  const known = STICKERS.find((one) => one.stickerId === String(stickerId) && one.packageId === String(packageId));
  const hue = known?.hue ?? ((Number(stickerId) || 0) * 47) % 360;
  const name = keywords?.[0] ?? known?.keywords[0] ?? `${packageId}/${stickerId}`;
  const drawing = svg('svg', { class: 'sticker-face', viewBox: '0 0 96 96', 'aria-hidden': 'true' });
  drawing.append(
    svg('circle', {
      cx: 48,
      cy: 48,
      r: 42,
      fill: `hsl(${hue} 75% 78%)`,
      stroke: `hsl(${hue} 45% 40%)`,
      'stroke-width': 3,
    }),
    svg('circle', { cx: 34, cy: 40, r: 4.5, fill: '#333' }),
    svg('circle', { cx: 62, cy: 40, r: 4.5, fill: '#333' }),
    svg('path', {
      d: known?.mouth ?? 'M34 60h28',
      fill: 'none',
      stroke: '#333',
      'stroke-width': 4,
      'stroke-linecap': 'round',
    }),
  );
  const caption = el('span', { class: 'sticker-ids', text: `${packageId}/${stickerId}` });
  return el('div', { class: 'sticker', role: 'img', 'aria-label': `${t('sticker')}: ${name}` }, drawing, caption);
}
