/** The parts of a template card that are only read. */
import { picture } from './card-model.js';
import { h, outsideLink } from './dom.js';
import { icon } from './icons.js';

/** @import { Card, Fact, Folded } from './card-model.js' */

/**
 * @param {Folded} words
 * @returns {string | HTMLElement} what was folded away is shown on hover
 */
function folded(words) {
  return words.full === undefined ? words.text : h('span', { title: words.full, 'data-folded': true }, words.text);
}

/**
 * @param {Card} card
 * @returns {HTMLElement | undefined}
 */
export function sourceLine(card) {
  if (!card.source) return undefined;
  const mark = card.source.icon
    ? h('img', { src: card.source.icon, alt: '', class: 'source-icon' })
    : h('span', { class: 'source-icon' }, icon('tag'));
  return h('div', { class: `card-source tone-${card.source.tone}` }, mark, h('span', {}, folded(card.source.desc)));
}

/**
 * Everything between the source line and the controls, top to bottom as in the client.
 * @param {Card} card
 * @returns {HTMLElement[]}
 */
export function readOnlyParts(card) {
  const parts = [
    titleArea(card),
    card.image && pictureBox(card.image.url, card.image.ratio),
    imageTextArea(card),
    quoteArea(card),
    card.emphasis &&
      h(
        'div',
        { class: 'card-emphasis' },
        h('p', { class: 'big' }, folded(card.emphasis.title)),
        card.emphasis.desc.text !== '' && h('p', { class: 'quiet' }, folded(card.emphasis.desc)),
      ),
    card.subTitle.text !== '' && h('p', { class: 'card-sub' }, folded(card.subTitle)),
    ...card.paragraphs.map((item) =>
      h(
        'div',
        { class: 'card-paragraph' },
        h('p', {}, folded(item.title)),
        item.desc.text !== '' && h('p', { class: 'quiet' }, folded(item.desc)),
      ),
    ),
    card.facts.length > 0 && h('dl', { class: 'card-facts' }, ...card.facts.flatMap(fact)),
  ];
  return parts.filter((part) => part instanceof HTMLElement);
}

/**
 * @param {Card} card
 * @returns {HTMLElement | undefined}
 */
export function jumpList(card) {
  if (card.jumps.length === 0) return undefined;
  const rows = card.jumps.map((jump) => {
    const label = h('span', {}, folded(jump.title));
    return jump.url ? outsideLink(jump.url, 'jump', label, icon('chevron')) : h('span', { class: 'jump' }, label);
  });
  return h('div', { class: 'card-jumps' }, ...rows);
}

/** @param {Card} card */
function titleArea(card) {
  if (card.title.text === '' && card.desc.text === '') return undefined;
  const title = folded(card.title);
  return h(
    'div',
    { class: 'card-title' },
    card.title.text !== '' && h('p', { class: 'title' }, card.url ? outsideLink(card.url, 'whole-card', title) : title),
    card.desc.text !== '' && h('p', { class: 'quiet' }, folded(card.desc)),
  );
}

/** @param {Card} card */
function quoteArea(card) {
  const { quote } = card;
  if (!quote) return undefined;
  const content = [
    quote.title !== '' && h('p', { class: 'quote-title' }, quote.title),
    quote.text !== '' && h('p', {}, quote.text),
  ];
  return quote.url ? outsideLink(quote.url, 'card-quote', ...content) : h('div', { class: 'card-quote' }, ...content);
}

/** @param {Card} card */
function imageTextArea(card) {
  const area = card.imageText;
  if (!area) return undefined;
  const content = [
    h('div', { class: 'image-text-words' }, h('p', {}, area.title), h('p', { class: 'quiet' }, area.desc)),
    area.image ? pictureBox(area.image, 1) : null,
  ];
  return area.url
    ? outsideLink(area.url, 'card-image-text', ...content)
    : h('div', { class: 'card-image-text' }, ...content);
}

/**
 * The page loads nothing from outside; a picture elsewhere is replaced by its host name.
 * @param {string} url
 * @param {number} ratio
 */
function pictureBox(url, ratio) {
  const source = picture(url);
  const box = source
    ? h('img', { src: source, alt: '', class: 'card-picture' })
    : h('div', { class: 'card-picture' }, icon('image'), h('span', {}, URL.canParse(url) ? new URL(url).host : '图片'));
  box.style.aspectRatio = String(ratio);
  return box;
}

/**
 * @param {Fact} item
 * @returns {HTMLElement[]}
 */
function fact(item) {
  const value = folded(item.value);
  return [
    h('dt', {}, item.key),
    h(
      'dd',
      {},
      item.url
        ? outsideLink(item.url, 'link', value)
        : item.mediaId
          ? h(
              'a',
              { class: 'link', href: `/sandbox/media/${encodeURIComponent(item.mediaId)}`, download: item.value.text },
              value,
            )
          : item.userid
            ? h('span', { class: 'person', title: item.userid }, value)
            : value,
    ),
  ];
}
