// What a bot may say about looks and links, and nothing else: every value is matched whole against LINE's own forms.

const COLOR = /^#(?:[0-9a-f]{6}|[0-9a-f]{8})$/i;
const PIXELS = /^\d{1,5}(?:\.\d{1,3})?px$/;
const SIGNED_PIXELS = /^-?\d{1,5}(?:\.\d{1,3})?px$/;
const PERCENT = /^\d{1,3}(?:\.\d{1,3})?%$/;
const SIGNED_PERCENT = /^-?\d{1,3}(?:\.\d{1,3})?%$/;
const RATIO = /^(\d{1,6}(?:\.\d{1,4})?):(\d{1,6}(?:\.\d{1,4})?)$/;
const ANGLE = /^\d{1,3}(?:\.\d{1,3})?deg$/;
const LINKS = new Set(['http:', 'https:', 'line:', 'tel:']);

const matching = (pattern) => (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined);

export const color = matching(COLOR);
export const pixels = matching(PIXELS);
export const percent = matching(PERCENT);
export const angle = matching(ANGLE);

/** One of the keywords, or pixels, or (when allowed) a percentage; otherwise undefined. */
export function length(value, keywords, { percentages = false, signed = false } = {}) {
  if (typeof value !== 'string') return undefined;
  if (keywords && Object.hasOwn(keywords, value)) return keywords[value];
  if ((signed ? SIGNED_PIXELS : PIXELS).test(value)) return value;
  return percentages && (signed ? SIGNED_PERCENT : PERCENT).test(value) ? value : undefined;
}

/** What `allowed` holds under the keyword `value`; undefined for anything that is no keyword of its own. */
export function choice(value, allowed) {
  return typeof value === 'string' && Object.hasOwn(allowed, value) ? allowed[value] : undefined;
}

/** `20:13` becomes [20, 13]; the height may be three times the width at most, as LINE has it. */
export function ratio(value, otherwise = [1, 1]) {
  const found = typeof value === 'string' ? RATIO.exec(value) : null;
  if (!found) return otherwise;
  const [width, height] = [Number(found[1]), Number(found[2])];
  return width > 0 && height > 0 ? [width, Math.min(height, width * 3)] : otherwise;
}

/** A number of at least zero; otherwise undefined. */
export function share(value) {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** The address as the browser understands it when it is one LINE opens (http, https, line, tel); otherwise null. */
export function link(value) {
  const address = parsed(value);
  return address && LINKS.has(address.protocol) ? address.href : null;
}

/** A picture's or film's address: https, or something this page itself serves; otherwise null. */
export function media(value) {
  const address = parsed(value, document.baseURI);
  if (!address) return null;
  return address.protocol === 'https:' || address.origin === window.location.origin ? address.href : null;
}

function parsed(value, base) {
  if (typeof value !== 'string') return null;
  try {
    return new URL(value, base);
  } catch {
    return null;
  }
}
