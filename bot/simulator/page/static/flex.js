// Flex Messages as LINE lays them out (Messaging API reference, "Flex Message" and "Flex Message layout"):
// every component and property, each value checked in safe.js before it becomes a style.

import { el, style } from './dom.js';
import { picture, film } from './media.js';
import * as safe from './safe.js';
import { tappable, control, labelOf } from './tap.js';

const SPACES = { none: '0px', xs: '2px', sm: '4px', md: '8px', lg: '12px', xl: '16px', xxl: '20px' };
const FONTS = {
  xxs: '11px',
  xs: '13px',
  sm: '14px',
  md: '16px',
  lg: '19px',
  xl: '22px',
  xxl: '29px',
  '3xl': '35px',
  '4xl': '48px',
  '5xl': '74px',
};
const IMAGES = {
  xxs: '40px',
  xs: '60px',
  sm: '80px',
  md: '100px',
  lg: '120px',
  xl: '140px',
  xxl: '160px',
  '3xl': '180px',
  '4xl': '200px',
  '5xl': '220px',
  full: '100%',
};
const BORDERS = { none: '0px', light: '0.5px', normal: '1px', medium: '2px', 'semi-bold': '3px', bold: '4px' };
const BUBBLES = {
  nano: 'nano',
  micro: 'micro',
  deca: 'deca',
  hecto: 'hecto',
  kilo: 'kilo',
  mega: 'mega',
  giga: 'giga',
};
const ALONG = {
  'flex-start': 'flex-start',
  center: 'center',
  'flex-end': 'flex-end',
  'space-between': 'space-between',
  'space-around': 'space-around',
  'space-evenly': 'space-evenly',
};
const ACROSS = { 'flex-start': 'flex-start', center: 'center', 'flex-end': 'flex-end' };
const TEXT_ALIGN = { start: 'start', center: 'center', end: 'end' };
const SIDE = { start: 'flex-start', center: 'center', end: 'flex-end' };
const GRAVITY = { top: 'flex-start', center: 'center', bottom: 'flex-end' };
const WEIGHT = { regular: '400', bold: '700' };
const SLANT = { normal: 'normal', italic: 'italic' };
const DECORATION = { none: 'none', underline: 'underline', 'line-through': 'line-through' };
const BUTTONS = { primary: 'primary', secondary: 'secondary', link: 'link' };
const LAYOUTS = { horizontal: 'row', vertical: 'column', baseline: 'row' };
// A nested message cannot be deeper than this without being an attack on the page.
const DEEPEST = 40;

/** Render `contents` of a Flex Message; `act(action, element)` is called when something in it is tapped. */
export function flexMessage(message, act) {
  const contents = message.contents ?? {};
  if (contents.type !== 'carousel') return bubble(contents, act);
  const bubbles = (Array.isArray(contents.contents) ? contents.contents : [])
    .slice(0, 12)
    .map((one) => bubble(one, act));
  return el(
    'div',
    { class: 'carousel flex-carousel', tabindex: '0', role: 'group', 'aria-label': message.altText },
    bubbles,
  );
}

function bubble(contents, act) {
  const size = safe.choice(contents.size, BUBBLES) ?? 'mega';
  const node = el('div', { class: `flex-bubble size-${size}`, dir: contents.direction === 'rtl' ? 'rtl' : 'ltr' });
  for (const name of ['header', 'hero', 'body', 'footer']) {
    if (contents[name])
      node.append(block(name, contents[name], contents.styles?.[name] ?? {}, node.childElementCount === 0, act));
  }
  if (contents.action) tappable(node, contents.action, act, { depth: 0, name: spoken(node) });
  return node;
}

function block(name, content, looks, first, act) {
  const node = el('div', { class: `flex-block flex-${name}` });
  style(node, { backgroundColor: safe.color(looks.backgroundColor) });
  if (looks.separator === true && !first) {
    style(node, { borderTop: `1px solid ${safe.color(looks.separatorColor) ?? '#d4d6da'}` });
  }
  const context = { act, parent: 'vertical', depth: 1, hero: name === 'hero' };
  const inner = component(content, context);
  if (inner) {
    if (content.type === 'box') inner.classList.add('flex-root');
    node.append(inner);
  }
  return node;
}

const COMPONENTS = { box, button, image, video, icon, text, separator, filler };

function component(content, context) {
  if (!content || typeof content !== 'object' || context.depth > DEEPEST) return null;
  const make = safe.choice(content.type, COMPONENTS);
  if (!make) return null;
  const node = make(content, context);
  place(node, content, context);
  return node;
}

// Size within the parent, and offset. Defaults: 1 in a horizontal box, 0 in a vertical one, 0 for an icon or a given width.
function place(node, content, { parent }) {
  const upright = parent === 'vertical';
  const fixed =
    content.type === 'icon' || content.type === 'separator' || (!upright && content.type === 'box' && content.width);
  const wanted = content.type === 'icon' || content.type === 'separator' ? undefined : safe.share(content.flex);
  const share = wanted ?? (content.type === 'filler' ? 1 : upright || fixed ? 0 : 1);
  style(node, { flex: share === 0 ? '0 0 auto' : upright ? `${share} 0 auto` : `${share} 0 0px` });
  const absolute = content.position === 'absolute';
  style(node, { position: absolute ? 'absolute' : 'relative' });
  const offset = (value) => safe.length(value, SPACES, { percentages: true, signed: true });
  style(node, {
    top: offset(content.offsetTop),
    bottom: offset(content.offsetBottom),
    insetInlineStart: offset(content.offsetStart),
    insetInlineEnd: offset(content.offsetEnd),
  });
}

function box(content, context) {
  const layout = safe.choice(content.layout, LAYOUTS) ? content.layout : 'vertical';
  const node = el('div', { class: `flex-box layout-${layout}` });
  style(node, boxLooks(content, layout));
  const inside = { ...context, parent: layout, depth: context.depth + 1, hero: false };
  let before = false;
  for (const child of Array.isArray(content.contents) ? content.contents : []) {
    const made = component(child, inside);
    if (!made) continue;
    space(made, child, content, layout, before);
    if (child.position !== 'absolute') before = true;
    node.append(made);
  }
  if (content.action) tappable(node, content.action, context.act, { depth: context.depth, name: spoken(node) });
  return node;
}

function boxLooks(content, layout) {
  const side = (value) => safe.length(value, SPACES, { percentages: true });
  const size = (value) => safe.length(value, null, { percentages: true });
  const border = safe.length(content.borderWidth, BORDERS);
  const paddings = ['paddingTop', 'paddingBottom', 'paddingStart', 'paddingEnd'].map((name) => side(content[name]));
  const all = side(content.paddingAll);
  return {
    backgroundColor: safe.color(content.backgroundColor),
    backgroundImage: gradient(content.background),
    border: border ? `${border} solid ${safe.color(content.borderColor) ?? '#d4d6da'}` : undefined,
    borderRadius: safe.length(content.cornerRadius, SPACES),
    width: size(content.width),
    maxWidth: size(content.maxWidth),
    height: size(content.height),
    maxHeight: size(content.maxHeight),
    paddingTop: paddings[0] ?? all,
    paddingBottom: paddings[1] ?? all,
    paddingInlineStart: paddings[2] ?? all,
    paddingInlineEnd: paddings[3] ?? all,
    flexDirection: LAYOUTS[layout],
    justifyContent: safe.choice(content.justifyContent, ALONG),
    alignItems: layout === 'baseline' ? 'baseline' : safe.choice(content.alignItems, ACROSS),
  };
}

function gradient(background) {
  if (background?.type !== 'linearGradient') return undefined;
  const [angle, start, end] = [
    safe.angle(background.angle),
    safe.color(background.startColor),
    safe.color(background.endColor),
  ];
  if (!angle || !start || !end) return undefined;
  const center = safe.color(background.centerColor);
  const middle = center ? `, ${center} ${safe.percent(background.centerPosition) ?? '50%'}` : '';
  return `linear-gradient(${angle}, ${start}${middle}, ${end})`;
}

function space(node, child, parent, layout, before) {
  const own = safe.length(child.margin, SPACES);
  const shared =
    before && child.type !== 'filler' && child.position !== 'absolute'
      ? safe.length(parent.spacing, SPACES)
      : undefined;
  const gap = own ?? shared;
  style(node, layout === 'vertical' ? { marginTop: gap } : { marginInlineStart: gap });
}

function text(content, context) {
  const node = el('div', { class: 'flex-text' });
  style(node, { justifyContent: context.parent === 'baseline' ? undefined : safe.choice(content.gravity, GRAVITY) });
  const line = el('div', { class: content.wrap === true ? 'flex-line wrapped' : 'flex-line' });
  style(line, { ...textLooks(content, content.scaling === true), textAlign: safe.choice(content.align, TEXT_ALIGN) });
  const spans = Array.isArray(content.contents) ? content.contents : null;
  if (spans && spans.length) {
    for (const span of spans) if (span?.type === 'span') line.append(spanOf(span, content.scaling === true));
  } else line.append(String(content.text ?? ''));
  if (content.wrap === true) wrapLines(line, content);
  if (content.adjustMode === 'shrink-to-fit') shrinkToFit(line);
  node.append(line);
  if (content.action) tappable(node, content.action, context.act, { depth: context.depth, name: line.textContent });
  return node;
}

function spanOf(span, scaling) {
  return style(el('span', { text: String(span.text ?? '') }), textLooks(span, scaling));
}

function textLooks(content, scaling) {
  const size = safe.length(content.size, FONTS) ?? (content.type === 'text' ? FONTS.md : undefined);
  return {
    fontSize: size && scaling ? `calc(${size} * var(--font-scale))` : size,
    color: safe.color(content.color),
    fontWeight: safe.choice(content.weight, WEIGHT),
    fontStyle: safe.choice(content.style, SLANT),
    textDecoration: safe.choice(content.decoration, DECORATION),
  };
}

function wrapLines(line, content) {
  const extra = safe.pixels(content.lineSpacing);
  if (extra) style(line, { lineHeight: `calc(1.4em + ${extra})`, marginBlock: `calc(${extra} / -2)` });
  const most = safe.share(content.maxLines);
  if (!most) return;
  line.classList.add('clamped');
  line.style.setProperty('-webkit-line-clamp', String(Math.floor(most)));
}

// "Best effort", in LINE's own words: the font shrinks until the line fits, down to half its size.
function shrinkToFit(line) {
  requestAnimationFrame(() => {
    const full = parseFloat(getComputedStyle(line).fontSize);
    const words = document.createRange();
    words.selectNodeContents(line);
    const tooWide = () =>
      line.scrollWidth > line.clientWidth || words.getBoundingClientRect().width > line.getBoundingClientRect().width;
    for (let size = full; size > full / 2 && tooWide(); size -= 0.5) {
      style(line, { fontSize: `${size - 0.5}px` });
    }
  });
}

function button(content, context) {
  const look = safe.choice(content.style, BUTTONS) ?? 'link';
  const node = el('div', { class: 'flex-button-place' });
  style(node, { justifyContent: safe.choice(content.gravity, GRAVITY) });
  const classes = `flex-button style-${look} height-${content.height === 'sm' ? 'sm' : 'md'}`;
  const made = control(content.action ?? {}, context.act, { class: classes, text: labelOf(content.action) });
  const paint = safe.color(content.color);
  style(made, look === 'link' ? { color: paint } : { backgroundColor: paint });
  style(made, {
    zIndex: String(context.depth + 1),
    fontSize: content.scaling === true ? 'calc(16px * var(--font-scale))' : undefined,
  });
  if (content.adjustMode === 'shrink-to-fit') shrinkToFit(made);
  node.append(made);
  return node;
}

function image(content, context) {
  const node = el('div', { class: 'flex-image' });
  style(node, {
    alignItems: safe.choice(content.align, SIDE) ?? 'center',
    justifyContent: context.parent === 'baseline' ? undefined : safe.choice(content.gravity, GRAVITY),
  });
  const size = safe.length(content.size, IMAGES, { percentages: true }) ?? IMAGES.md;
  const [width, height] = safe.ratio(content.aspectRatio);
  const area = el('div', { class: content.aspectMode === 'cover' ? 'drawing-area cover' : 'drawing-area fit' });
  style(area, {
    width: size,
    aspectRatio: `${width} / ${height}`,
    backgroundColor: safe.color(content.backgroundColor),
  });
  area.append(picture(content.url, ''));
  node.append(area);
  if (content.action) tappable(node, content.action, context.act, { depth: context.depth });
  return node;
}

function video(content, context) {
  if (!context.hero || !safe.media(content.url)) return component(content.altContent, context) ?? el('div');
  const node = el('div', { class: 'flex-video' });
  const [width, height] = safe.ratio(content.aspectRatio);
  const area = style(el('div', { class: 'drawing-area cover' }), {
    width: '100%',
    aspectRatio: `${width} / ${height}`,
  });
  area.append(film(content.url, content.previewUrl));
  node.append(area);
  if (content.action)
    node.append(control(content.action, context.act, { class: 'video-link', text: labelOf(content.action) }));
  return node;
}

function icon(content) {
  const node = el('span', { class: 'flex-icon' });
  const size = safe.length(content.size, FONTS) ?? FONTS.md;
  const [width, height] = safe.ratio(content.aspectRatio);
  style(node, {
    fontSize: content.scaling === true ? `calc(${size} * var(--font-scale))` : size,
    width: `${Math.round((width / height) * 1000) / 1000}em`,
  });
  node.append(picture(content.url, ''));
  return node;
}

function separator(content) {
  return style(el('div', { class: 'flex-separator' }), { backgroundColor: safe.color(content.color) });
}

function filler() {
  return el('div', { class: 'flex-filler' });
}

function spoken(node) {
  return node.textContent.trim().slice(0, 120);
}
