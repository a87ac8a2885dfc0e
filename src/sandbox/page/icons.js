/** Line icons, drawn on a 24 × 24 grid with the text colour. They are decoration: the button around them carries the label. */

const SHAPES = {
  tag: 'M4 4h7.5l8.2 8.2a1.6 1.6 0 0 1 0 2.3l-5.2 5.2a1.6 1.6 0 0 1-2.3 0L4 11.5zM8.2 8.2h.01',
  people:
    'M9 11.5a3.4 3.4 0 1 0 0-6.8 3.4 3.4 0 0 0 0 6.8zM2.8 19.5c.5-3.4 3-5.3 6.2-5.3s5.7 1.9 6.2 5.3M16 5.2a3 3 0 0 1 0 5.8M18 14.6c1.8.7 2.9 2.3 3.2 4.9',
  panels: 'M4 5h16v14H4zM13.5 5v14M16 9h1.5M16 12h1.5',
  keyboard: 'M3 6.5h18v11H3zM6.5 10h.01M10 10h.01M14 10h.01M17.5 10h.01M8 14h8',
  menu: 'M4 7h16M4 12h16M4 17h16',
  plus: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 8.2v7.6M8.2 12h7.6',
  image: 'M4 5h16v14H4zM4 16l4.5-4.5 3.6 3.6 2.4-2.4L20 17M15.5 9h.01',
  voice:
    'M12 3.5a2.8 2.8 0 0 1 2.8 2.8v5a2.8 2.8 0 0 1-5.6 0v-5A2.8 2.8 0 0 1 12 3.5zM5.8 11.5a6.2 6.2 0 0 0 12.4 0M12 17.7v3',
  video: 'M3.5 6.5h11v11h-11zM14.5 10.5l6-3v9l-6-3',
  location:
    'M12 21s6.5-6 6.5-11a6.5 6.5 0 0 0-13 0c0 5 6.5 11 6.5 11zM12 12.4a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8z',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1',
  enter: 'M13 4h6v16h-6M4 12h10M10.5 8.5L14 12l-3.5 3.5',
  follow:
    'M10 11.5a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2zM3.5 19.7c.5-3.6 3.1-5.5 6.5-5.5s6 1.9 6.5 5.5M18.5 8v6M15.5 11h6',
  file: 'M6 3.5h8l4.5 4.5v12.5H6zM14 3.5V8h4.5',
  close: 'M6 6l12 12M18 6L6 18',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  chevron: 'M9.5 6l6 6-6 6',
  down: 'M6 9.5l6 6 6-6',
  copy: 'M8.5 8.5h11v11h-11zM5.5 15.5h-1v-11h11v1',
  window: 'M13 5h6v6M19 5l-8 8M17 14v5H5V7h5',
  alert: 'M12 7.5v5.5M12 16.3h.01M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z',
};

/** @typedef {keyof typeof SHAPES} IconName */

/**
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', SHAPES[name]);
  svg.append(path);
  return svg;
}
