// The rich menu under a chat: the bar with its words, the picture, and its areas as buttons over it.

import { el, icon, style } from './dom.js';
import { t } from './i18n.js';
import { picture } from './media.js';
import { labelOf, tappable } from './tap.js';

/** Draw `menu` (a rich menu object plus `imageUrl`) into `place`. `open` says whether the picture is shown. */
export function drawMenu(place, menu, { open, act, toggle }) {
  place.replaceChildren();
  if (!menu) return;
  const bar = menu.chatBarText || t('menu');
  const words = t(open ? 'closeMenu' : 'openMenu', { bar });
  const switcher = el(
    'button',
    { type: 'button', class: 'menu-bar', 'aria-expanded': String(open), 'aria-label': words, on: { click: toggle } },
    icon(open ? 'keyboard' : 'menu'),
    el('span', { text: bar }),
    el('span', { class: 'menu-arrow', 'aria-hidden': 'true', text: open ? '▾' : '▴' }),
  );
  if (open) place.append(area(menu, act));
  place.append(switcher);
}

function area(menu, act) {
  const { width, height } = menu.size ?? { width: 2500, height: 1686 };
  const node = el('div', { class: 'menu-area', role: 'group', 'aria-label': menu.chatBarText || t('menu') });
  style(node, { aspectRatio: `${Number(width) || 2500} / ${Number(height) || 1686}` });
  node.append(picture(menu.imageUrl, ''));
  const share = (part, whole) => `${((Number(part) || 0) / (Number(whole) || 1)) * 100}%`;
  (menu.areas ?? []).forEach(({ bounds, action }, index) => {
    const spot = style(el('div', { class: 'menu-spot' }), {
      left: share(bounds?.x, width),
      top: share(bounds?.y, height),
      width: share(bounds?.width, width),
      height: share(bounds?.height, height),
    });
    const name = labelOf(action) || action?.displayText || action?.text || t('menuArea', { n: index + 1 });
    tappable(spot, action ?? {}, act, { depth: 1, name });
    node.append(spot);
  });
  return node;
}
