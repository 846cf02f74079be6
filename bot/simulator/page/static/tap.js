// Whatever a bot made tappable becomes a real button or link, so that keyboard and screen reader reach it too.

import { el, style } from './dom.js';
import { link } from './safe.js';
import { t } from './i18n.js';

export function labelOf(action) {
  return String(action?.label ?? '');
}

/** The address a URI action opens here: `altUri.desktop` when LINE for PC is imitated. */
export function addressOf(action) {
  const pc = document.documentElement.dataset.mode === 'pc';
  return link((pc && action.altUri?.desktop) || action.uri || action.linkUri);
}

/** A button (or a link, for a web address or telephone number) that runs `action`. */
export function control(action, act, attributes) {
  const href = action?.type === 'uri' ? addressOf(action) : null;
  if (href && !href.startsWith('line:')) {
    return el('a', {
      href,
      target: href.startsWith('http') ? '_blank' : null,
      rel: 'noopener noreferrer',
      ...attributes,
    });
  }
  const node = el('button', { type: 'button', ...attributes });
  node.addEventListener('click', (event) => {
    event.stopPropagation();
    act(action, node);
  });
  return node;
}

/** Lay an invisible control over `node`. Inner controls stay above it: `depth` is how deep `node` lies in the message. */
export function tappable(node, action, act, { depth, name = '' }) {
  const words =
    labelOf(action) || name || action.text || action.displayText || t(action.type === 'uri' ? 'openLink' : 'tapArea');
  const cover = style(control(action, act, { class: 'tap', 'aria-label': words }), { zIndex: String(depth) });
  node.classList.add('has-tap');
  node.append(cover);
  return cover;
}
