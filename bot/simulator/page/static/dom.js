// Elements are only ever made here, from tag, attributes and text: nothing a bot or a resident wrote is parsed as HTML.

const SVG = 'http://www.w3.org/2000/svg';

/** Make an element. `attributes` may hold `class`, `text`, `on` (listeners by event) and plain attributes;
 *  null, undefined and false leave an attribute out. Children are nodes or strings. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') node.setAttribute('class', value);
    else if (name === 'text') node.textContent = value;
    else if (name === 'on') for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
  return node;
}

/** Set only those style properties that have a value; the caller has already checked them (see safe.js). */
export function style(node, properties) {
  for (const [name, value] of Object.entries(properties))
    if (value !== undefined && value !== null) node.style[name] = value;
  return node;
}

const ICONS = {
  back: 'M15 4 7 12l8 8',
  send: 'M4 4l17 8-17 8 3-8z',
  plus: 'M12 5v14M5 12h14',
  menu: 'M4 7h16M4 12h16M4 17h16',
  keyboard: 'M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8',
  tools: 'M4 8h10M18 8h2M4 16h2M10 16h10M16 5v6M8 13v6',
  close: 'M6 6l12 12M18 6 6 18',
  picture: 'M3 5h18v14H3zM3 16l5-5 4 4 4-5 5 6M8 9h.01',
  camera: 'M4 8h4l2-3h4l2 3h4v11H4zM12 17a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  pin: 'M12 21s7-6.4 7-11a7 7 0 1 0-14 0c0 4.6 7 11 7 11zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  smile: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 14c1 2 2.5 3 4 3s3-1 4-3M9 10h.01M15 10h.01',
  play: 'M8 5l11 7-11 7z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c.5-4 3.5-6 8-6s7.5 2 8 6',
};

/** A line drawing of our own, hidden from screen readers: the control that carries it has a name in words. */
export function icon(name) {
  const drawing = svg('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' });
  drawing.append(svg('path', { d: ICONS[name] }));
  return drawing;
}
