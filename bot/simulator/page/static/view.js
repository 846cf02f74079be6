// How the page itself looks: its language, LINE for PC instead of a phone, and the font size set in LINE.

import { el } from './dom.js';
import { language, rememberLanguage, t } from './i18n.js';

const SCALES = { small: '0.9', normal: '1', large: '1.15', extraLarge: '1.35' };

export class ViewPanel {
  constructor() {
    const tongue = el(
      'select',
      { id: 'page-language' },
      option('ja', '日本語', language() === 'ja'),
      option('en', 'English', language() === 'en'),
    );
    tongue.addEventListener('change', () => {
      rememberLanguage(tongue.value);
      const address = new URL(window.location.href);
      address.searchParams.delete('lang');
      if (address.href === window.location.href) window.location.reload();
      else window.location.assign(address);
    });
    const pc = el('input', { type: 'checkbox', id: 'pc-mode' });
    pc.addEventListener('change', () => {
      document.documentElement.dataset.mode = pc.checked ? 'pc' : 'phone';
    });
    const size = el(
      'select',
      { id: 'font-size' },
      Object.keys(SCALES).map((key) => option(key, t(key), key === 'normal')),
    );
    size.addEventListener('change', () =>
      document.documentElement.style.setProperty('--font-scale', SCALES[size.value]),
    );
    this.node = el(
      'div',
      {},
      el('div', { class: 'field' }, el('label', { for: 'page-language', text: t('pageLanguage') }), tongue),
      el('div', { class: 'field across' }, pc, el('label', { for: 'pc-mode', text: t('pcMode') })),
      el('div', { class: 'field' }, el('label', { for: 'font-size', text: t('fontSize') }), size),
    );
  }
}

function option(value, text, selected) {
  return el('option', { value, text, selected });
}
