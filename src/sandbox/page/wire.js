/** 报文: every callback and API call, newest first; opened, one shows envelope, plaintext, request and response. */
import { arrange, h, part } from './dom.js';
import { icon } from './icons.js';
import { preciseTime } from './labels.js';
import { copyText } from './panels.js';
import { pretty, wireLine, wireProblem } from './wire-format.js';

/** @import { WireEntry } from '../protocol.ts' */

export function createWire() {
  const list = part('wire', HTMLElement);
  const filter = part('wire-filter', HTMLSelectElement);
  const clear = part('wire-clear', HTMLButtonElement);
  const empty = h(
    'p',
    { class: 'empty' },
    '还没有报文。在对话里发一句话，就能看到它怎样加密送达、机器人又调用了哪些接口。',
  );

  /** @type {Map<string, { element: HTMLElement, entry: WireEntry }>} */
  const rows = new Map();
  /** @type {Set<string>} */
  const cleared = new Set();
  /** @type {readonly WireEntry[]} */
  let entries = [];

  const draw = () => {
    const wanted = entries
      .filter((entry) => !cleared.has(entry.id) && (filter.value === 'all' || entry.direction === filter.value))
      .toSorted((a, b) => b.at - a.at);
    const nodes = wanted.map((entry) => {
      const known = rows.get(entry.id);
      if (known?.entry === entry) return known.element;
      const element = createRow(entry);
      if (known instanceof HTMLDetailsElement) element.open = known.open;
      rows.set(entry.id, { element, entry });
      return element;
    });
    arrange(list, nodes.length > 0 ? nodes : [empty]);
  };
  filter.addEventListener('change', draw);
  clear.addEventListener('click', () => {
    for (const entry of entries) cleared.add(entry.id);
    rows.clear();
    draw();
  });

  return {
    /** @param {readonly WireEntry[]} now */
    show(now) {
      entries = now;
      draw();
    },
  };
}

/** @param {WireEntry} entry */
function createRow(entry) {
  const line = wireLine(entry.line);
  const problem = wireProblem(entry);
  const row = h(
    'details',
    {
      class: `wire-entry ${entry.direction}`,
      'data-testid': 'wire-entry',
      'data-id': entry.id,
      'data-line': entry.line,
    },
    h(
      'summary',
      {},
      h('span', { class: 'direction' }, entry.direction === 'callback' ? '回调' : '接口'),
      h('span', { class: 'wire-name', title: line.path }, line.name),
      problem !== undefined && h('span', { class: 'badge bad' }, problem),
      h('span', { class: 'quiet wire-time' }, `${preciseTime(entry.at)} · ${entry.ms} ms`),
      icon('down'),
    ),
  );
  // The bodies are built when they are first looked at: three hundred closed entries cost nothing.
  row.addEventListener('toggle', () => {
    if (row.open && row.children.length === 1) row.append(bodies(entry));
  });
  return row;
}

/** @param {WireEntry} entry */
function bodies(entry) {
  const callback = entry.direction === 'callback';
  return h(
    'div',
    { class: 'wire-bodies' },
    h('p', { class: 'wire-line' }, entry.line),
    body(callback ? '密文（企业微信 → 机器人）' : '请求', entry.request),
    entry.plaintext !== undefined && body('解密后的明文', entry.plaintext),
    body(callback ? `响应 HTTP ${entry.status}` : `响应 HTTP ${entry.status || '—'}`, entry.response),
    entry.responsePlaintext !== undefined && body('被动回复的明文', entry.responsePlaintext),
  );
}

/**
 * @param {string} title
 * @param {string} text
 */
function body(title, text) {
  const shown = text === '' ? '（空）' : pretty(text);
  return h(
    'div',
    { class: 'wire-body' },
    h(
      'p',
      { class: 'wire-title' },
      title,
      h(
        'button',
        {
          type: 'button',
          class: 'icon-button',
          'aria-label': `复制${title}`,
          title: '复制',
          onclick: () => void copyText(text),
        },
        icon('copy'),
      ),
    ),
    h('pre', { tabindex: 0 }, shown),
  );
}
