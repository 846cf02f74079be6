// Template messages (buttons, confirm, carousel, image carousel) and imagemaps, as the Messaging API reference describes them.

import { el, style } from './dom.js';
import { picture, film } from './media.js';
import * as safe from './safe.js';
import { control, labelOf, tappable } from './tap.js';

const RENDERERS = { buttons, confirm, carousel, image_carousel: imageCarousel };

export function templateMessage(message, act) {
  const template = message.template ?? {};
  const render = safe.choice(template.type, RENDERERS);
  return render ? render(template, act, message.altText) : el('div', { class: 'text', text: message.altText ?? '' });
}

function buttons(template, act) {
  return el('div', { class: 'template buttons' }, ...card(template, template, act));
}

function confirm(template, act) {
  return el(
    'div',
    { class: 'template confirm' },
    el('p', { class: 'template-text', text: template.text ?? '' }),
    el('div', { class: 'template-actions side-by-side' }, actions(template.actions, act)),
  );
}

function carousel(template, act, alt) {
  const columns = (template.columns ?? []).slice(0, 10);
  const cards = columns.map((column) => el('div', { class: 'template column' }, ...card(column, template, act)));
  return el('div', { class: 'carousel', tabindex: '0', role: 'group', 'aria-label': alt }, cards);
}

// The words of a card are one area that runs `defaultAction`; the buttons below stand by themselves.
function card(content, shape, act) {
  const words = el('div', { class: 'template-words' });
  if (content.thumbnailImageUrl) words.append(thumbnail(content, shape));
  if (content.title) words.append(el('p', { class: 'template-title', text: content.title }));
  words.append(el('p', { class: content.title ? 'template-text minor' : 'template-text', text: content.text ?? '' }));
  if (content.defaultAction) tappable(words, content.defaultAction, act, { depth: 1 });
  return [words, el('div', { class: 'template-actions' }, actions(content.actions, act))];
}

function thumbnail(content, shape) {
  const square = shape.imageAspectRatio === 'square';
  const area = el('div', { class: `drawing-area ${shape.imageSize === 'contain' ? 'fit' : 'cover'}` });
  style(area, {
    aspectRatio: square ? '1 / 1' : '1.51 / 1',
    backgroundColor: safe.color(content.imageBackgroundColor),
  });
  area.append(picture(content.thumbnailImageUrl, ''));
  return area;
}

function actions(list, act) {
  return (Array.isArray(list) ? list : []).map((action) =>
    control(action, act, { class: 'template-action', text: labelOf(action) }),
  );
}

function imageCarousel(template, act, alt) {
  const tiles = (template.columns ?? []).slice(0, 10).map((column) => {
    const tile = el('div', { class: 'image-tile drawing-area cover' }, picture(column.imageUrl, ''));
    if (labelOf(column.action)) tile.append(el('span', { class: 'image-label', text: labelOf(column.action) }));
    tappable(tile, column.action ?? {}, act, { depth: 1 });
    return tile;
  });
  return el('div', { class: 'carousel image-carousel', tabindex: '0', role: 'group', 'aria-label': alt }, tiles);
}

export function imagemapMessage(message, act) {
  const height = safe.share(message.baseSize?.height) || 1040;
  const width = safe.share(message.baseSize?.width) || 1040;
  const node = style(el('div', { class: 'imagemap' }), { aspectRatio: `${width} / ${height}` });
  node.append(picture(`${message.baseUrl}/700`, message.altText ?? ''));
  const within = (area) => ({
    left: portion(area?.x, width),
    top: portion(area?.y, height),
    width: portion(area?.width, width),
    height: portion(area?.height, height),
  });
  if (message.video) node.append(imagemapVideo(message.video, within, act));
  for (const action of (message.actions ?? []).slice(0, 50)) {
    const area = style(el('div', { class: 'imagemap-area' }), within(action.area));
    tappable(area, action, act, { depth: 1, name: action.text ?? action.linkUri });
    node.append(area);
  }
  return node;
}

function imagemapVideo(video, within, act) {
  const place = style(el('div', { class: 'imagemap-area' }), within(video.area));
  const player = film(video.originalContentUrl, video.previewImageUrl);
  place.append(player);
  const after = video.externalLink;
  if (after) {
    player.addEventListener('ended', () => {
      place.append(
        control({ type: 'uri', uri: after.linkUri }, act, { class: 'video-link over', text: after.label ?? '' }),
      );
    });
  }
  return place;
}

function portion(value, whole) {
  return `${Math.min(100, ((safe.share(value) ?? 0) / whole) * 100)}%`;
}
