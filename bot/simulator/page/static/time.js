// Times as LINE in Japan shows them, whatever zone the browser is in; `now` follows the server's clock, which may be moved.

import { language, t } from './i18n.js';

const ZONE = 'Asia/Tokyo';
let ahead = 0;

/** Take over the server's clock: milliseconds since the epoch. */
export function setNow(milliseconds) {
  ahead = milliseconds - Date.now();
}

export function now() {
  return Date.now() + ahead;
}

export function clockTime(milliseconds) {
  return new Intl.DateTimeFormat(language(), {
    timeZone: ZONE,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(milliseconds);
}

/** The day in Tokyo as `YYYY-MM-DD`. */
export function dayOf(milliseconds) {
  return new Intl.DateTimeFormat('sv', { timeZone: ZONE, dateStyle: 'short' }).format(milliseconds);
}

/** The minute in Tokyo as `YYYY-MM-DDThh:mm`, the form that date inputs use. */
export function minuteOf(milliseconds) {
  return new Intl.DateTimeFormat('sv', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' })
    .format(milliseconds)
    .replace(' ', 'T');
}

/** What the separator between two days says. */
export function dayWords(milliseconds) {
  const day = dayOf(milliseconds);
  if (day === dayOf(now())) return t('today');
  if (day === dayOf(now() - 86_400_000)) return t('yesterday');
  const year = day.slice(0, 4) === dayOf(now()).slice(0, 4) ? undefined : 'numeric';
  return new Intl.DateTimeFormat(language(), {
    timeZone: ZONE,
    year,
    month: 'long',
    day: 'numeric',
    weekday: 'short',
  }).format(milliseconds);
}

export function dateAndTime(milliseconds) {
  return new Intl.DateTimeFormat(language(), { timeZone: ZONE, dateStyle: 'medium', timeStyle: 'short' }).format(
    milliseconds,
  );
}
