// LINE's datetime picker: the browser's own input in a sheet, held to the action's min, max and initial value.

import { el } from './dom.js';
import { t } from './i18n.js';
import { choice } from './safe.js';
import { openSheet } from './sheet.js';

const MODES = {
  date: { input: 'date', title: 'pickDate', min: '1900-01-01', max: '2100-12-31', pattern: /^\d{4}-\d\d-\d\d$/ },
  time: { input: 'time', title: 'pickTime', min: '00:00', max: '23:59', pattern: /^\d\d:\d\d$/ },
  datetime: {
    input: 'datetime-local',
    title: 'pickDatetime',
    min: '1900-01-01T00:00',
    max: '2100-12-31T23:59',
    pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d$/,
  },
};

/** Ask for a value in the way of the action; resolves with `{date|time|datetime: value}` or null when dismissed.
 *  `now` is the present in Tokyo as `YYYY-MM-DDThh:mm`, where the picker starts when no initial value was given. */
export async function pick(action, now) {
  const mode = choice(action.mode, MODES) ? action.mode : 'date';
  const { input, title, pattern, ...widest } = MODES[mode];
  const given = (value) =>
    typeof value === 'string' && pattern.test(value.replace('t', 'T')) ? value.replace('t', 'T') : null;
  const min = given(action.min) ?? widest.min;
  const max = given(action.max) ?? widest.max;
  const start = given(action.initial) ?? { date: now.slice(0, 10), time: now.slice(11, 16), datetime: now }[mode];
  const limited = given(action.min) || given(action.max);
  const value = await openSheet(t(title), (done) => {
    const field = el('input', {
      type: input,
      id: 'picker-value',
      min,
      max,
      required: true,
      value: clamp(start, min, max),
    });
    const hint = limited ? el('p', { class: 'hint', text: t('range', { min: shown(min), max: shown(max) }) }) : null;
    const form = el(
      'form',
      { class: 'picker', method: 'dialog' },
      el('label', { for: 'picker-value', text: t(title) }),
      field,
      hint,
      el('div', { class: 'row' }, el('button', { type: 'submit', class: 'main', text: t('ok') })),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (field.reportValidity()) done(field.value);
    });
    return form;
  });
  return value === null ? null : { [mode]: value.slice(0, mode === 'datetime' ? 16 : undefined) };
}

function clamp(value, min, max) {
  if (value < min) return min;
  return value > max ? max : value;
}

function shown(value) {
  return value.replace('T', ' ');
}
