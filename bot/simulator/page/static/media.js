// Pictures, films and sounds named by a bot. Where one cannot be fetched (no network, a wrong address), a quiet placeholder stands.

import { el, icon } from './dom.js';
import { t } from './i18n.js';
import { media } from './safe.js';

/** An <img> that turns into a placeholder when its address is refused or does not answer. */
export function picture(address, description, { onload } = {}) {
  const source = media(address);
  if (!source) return missing(description);
  const image = el('img', {
    src: source,
    alt: description,
    loading: 'lazy',
    decoding: 'async',
    referrerpolicy: 'no-referrer',
  });
  image.addEventListener('error', () => image.replaceWith(missing(description)), { once: true });
  if (onload) image.addEventListener('load', onload, { once: true });
  return image;
}

/** A film with its preview; the preview's absence leaves the player's own black area. */
export function film(address, preview) {
  const source = media(address);
  if (!source) return missing(t('video'));
  return el('video', {
    src: source,
    poster: media(preview),
    controls: true,
    preload: 'none',
    'aria-label': t('video'),
  });
}

export function sound(address) {
  const source = media(address);
  if (!source) return missing(t('audio'));
  return el('audio', { src: source, controls: true, preload: 'none', 'aria-label': t('audio') });
}

function missing(description) {
  const named = description ? { role: 'img', 'aria-label': description } : { 'aria-hidden': 'true' };
  return el('span', { class: 'picture-missing', ...named }, icon('picture'));
}
