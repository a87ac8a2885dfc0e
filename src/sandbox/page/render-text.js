/** Turns the tokens of text and markdown messages into nodes. */
import { h, outsideLink } from './dom.js';
import { markdownBlocks } from './markdown-tokens.js';
import { textTokens } from './text-tokens.js';

/** @import { Inline } from './markdown-tokens.js' */

/**
 * @param {string} content
 * @returns {HTMLElement}
 */
export function renderText(content) {
  return h(
    'div',
    { class: 'prose plain' },
    ...textTokens(content).map((token) =>
      token.kind === 'link' ? outsideLink(token.href, 'link', token.text) : token.text,
    ),
  );
}

/**
 * Headings are drawn as large lines, not as h1…h6: a chat must not litter the page's outline.
 * @param {string} content
 * @returns {HTMLElement}
 */
export function renderMarkdown(content) {
  const nodes = markdownBlocks(content).map((block) => {
    if (block.kind === 'heading') {
      return h('p', { class: `heading heading-${block.level}` }, ...block.children.map(renderInline));
    }
    if (block.kind === 'quote') {
      return h('blockquote', {}, ...block.lines.map((line) => paragraph(line)));
    }
    return paragraph(block.children);
  });
  return h('div', { class: 'prose markdown' }, ...nodes);
}

/** @param {readonly Inline[]} children */
function paragraph(children) {
  return children.length === 0 ? h('p', { class: 'blank' }) : h('p', {}, ...children.map(renderInline));
}

/**
 * @param {Inline} span
 * @returns {Node | string}
 */
function renderInline(span) {
  switch (span.kind) {
    case 'text':
      return span.text;
    case 'code':
      return h('code', {}, span.text);
    case 'bold':
      return h('strong', {}, ...span.children.map(renderInline));
    case 'link':
      return outsideLink(span.href, 'link', ...span.children.map(renderInline));
    case 'font':
      return h('span', { class: `font-${span.color}` }, ...span.children.map(renderInline));
  }
}
