/**
 * From a reply to what travels: the text that always exists, the richer push beside it, the outcome of a pressed card;
 * and the pages of an answer that is too long for one message.
 */

import type { Outgoing } from '../message.ts';
import { cutUtf8, utf8Length } from '../text.ts';
import { questionCard, replaceName, summaryCard } from './card.ts';
import { markdownForm } from './markdown.ts';
import { code, type Line, line, type Question, type Reply, type Span } from './reply.ts';
import { type Form, MESSAGE_BYTES, textForm } from './text.ts';

/** markdown: markdown answers, card questions · text: text answers, card questions · plain: nothing but text. */
export type ReplyFormat = 'markdown' | 'text' | 'plain';

export interface RenderOptions {
  /** Where a card may lead (https://…); without it no notice cards are made, they cannot be sent without a link. */
  readonly publicUrl?: string;
}

/**
 * Every form of the answer. `text` and markdown are at most 2,048 bytes, cut between lines if the reply was not paged
 * (see `paginate`). A question becomes a card where the format allows and nothing that matters would be cut;
 * whatever the card asks can be answered by text as well.
 */
export function render(reply: Reply, format: ReplyFormat, options: RenderOptions = {}): Outgoing {
  const push = pushed(reply, format, options);
  return {
    text: assembleText(reply),
    ...(push && { push }),
    ...(reply.outcome !== undefined && { update: { kind: 'button', replaceName: replaceName(reply.outcome) } }),
  };
}

function pushed(reply: Reply, format: ReplyFormat, options: RenderOptions): Outgoing['push'] {
  if (format === 'plain') return undefined;
  const card = reply.question ? questionCard(reply, reply.question) : undefined;
  if (card) return { msgtype: 'template_card', template_card: card };
  if (format === 'text' || reply.plain) return undefined;
  const summary = options.publicUrl === undefined ? undefined : summaryCard(reply, options.publicUrl);
  if (summary) return { msgtype: 'template_card', template_card: summary };
  // A single line looks the same as text, which costs no API call and is also seen in the WeChat plugin.
  if (isOneLine(reply)) return undefined;
  const content = assemble(markdownForm, reply);
  return content === undefined ? undefined : { msgtype: 'markdown', markdown: { content } };
}

function isOneLine(reply: Reply): boolean {
  return reply.lines.length === 0 && !reply.hint && !reply.question && !reply.page;
}

/**
 * The given page (from 1; clamped to what exists) of a reply with any number of lines, as a reply of its own that
 * `render` draws whole in every form the format uses. `of` is the number of pages; with one page the reply comes back
 * as it was. A line is never split, unless it alone is too long for a page. Linear in the number of lines.
 */
export function paginate(
  reply: Reply,
  format: ReplyFormat,
  page: number,
): { readonly reply: Reply; readonly of: number } {
  const forms = format === 'markdown' && !reply.plain ? [textForm, markdownForm] : [textForm];
  // Drawn once for both questions, whether it is one page and where the pages begin: half of the time of a long list.
  const sizes = reply.lines.map((current) => sizesOf(current, forms));
  if (forms.every((form, i) => isWithin(form, reply, sizes, i))) return { reply, of: 1 };
  const { lines, starts } = pages(reply, forms, sizes);
  const of = starts.length;
  if (of === 1) return { reply: { ...reply, lines }, of };
  const number = Math.min(Math.max(Math.trunc(page) || 1, 1), of);
  return { reply: { ...reply, lines: lines.slice(starts[number - 1], starts[number]), page: { number, of } }, of };
}

/** Bytes of the line in every form, with its line break. */
function sizesOf(current: Line, forms: readonly Form[]): readonly number[] {
  return forms.map((form) => utf8Length(form.line(current)) + 1);
}

/** Whether the whole reply fits one message of the i-th form. */
function isWithin(form: Form, reply: Reply, sizes: readonly (readonly number[])[], i: number): boolean {
  let bytes = frameBytes(form, reply);
  for (const size of sizes) bytes += size[i] ?? 0;
  return bytes <= MESSAGE_BYTES + 1;
}

/** What stands around the lines. */
function frameBytes(form: Form, reply: Reply): number {
  return joinedBytes(parts(form, { ...reply, lines: [] }).flat());
}

/** A title that leaves less than this for the lines is cut itself. */
const LEAST_ROOM = 400;
/** Stands for every page line in the sum, so that the number of pages need not be known before it is counted. */
const LONGEST_PAGE = { number: 99_998, of: 99_999 };

/** The lines, over-long ones split, and the index of the first line of every page. */
function pages(
  reply: Reply,
  forms: readonly Form[],
  sizes: readonly (readonly number[])[],
): { readonly lines: readonly Line[]; readonly starts: readonly number[] } {
  const rooms = forms.map((form) => ({
    form,
    room: Math.max(MESSAGE_BYTES - frameBytes(form, { ...reply, page: LONGEST_PAGE }), LEAST_ROOM),
    used: 0,
  }));
  const lines: Line[] = [];
  const starts = [0];
  const place = (current: Line, size: readonly number[]): void => {
    if (rooms.some(({ room, used }, i) => used > 0 && used + (size[i] ?? 0) > room)) {
      starts.push(lines.length);
      for (const each of rooms) each.used = 0;
    }
    for (const [i, each] of rooms.entries()) each.used += size[i] ?? 0;
    lines.push(current);
  };
  for (const [at, whole] of reply.lines.entries()) {
    const size = sizes[at] ?? [];
    if (rooms.every(({ room }, i) => (size[i] ?? 0) <= room)) place(whole, size);
    else for (const part of splitLine(whole, rooms)) place(part, sizesOf(part, forms));
  }
  return { lines, starts };
}

/** Chunks of text this long (in UTF-16 units) are put together to lines. */
const CHUNK = 40;
/** A name alone stands bare; between others it may get 「」. */
const BORDERS_BYTES = 6;

/** The line as several that each fit the room of every form; parted after a 、 where there is one. Linear. */
function splitLine(whole: Line, rooms: readonly { readonly form: Form; readonly room: number }[]): Line[] {
  const out: Line[] = [];
  const subject = subjectOf(whole);
  const taken = rooms.map(({ form }) => utf8Length(form.line(subject)));
  let current: Span[] = [];
  let used = rooms.map(() => 0);
  for (const piece of whole.flatMap((span): Span[] => (typeof span === 'string' ? chunks(span) : [span]))) {
    const size = rooms.map(({ form }) => utf8Length(form.line([piece])) + BORDERS_BYTES);
    const started = current.length > (out.length === 0 ? 0 : subject.length);
    if (started && rooms.some(({ room }, i) => (used[i] ?? 0) + (size[i] ?? 0) >= room)) {
      out.push(current);
      current = [...subject];
      used = taken;
    }
    current.push(piece);
    used = used.map((bytes, i) => bytes + (size[i] ?? 0));
  }
  out.push(current);
  return out;
}

/** What the rest of a split line begins with, when the line begins with a name: nobody scrolls back a page to see it. */
function subjectOf([first]: Line): Line {
  return typeof first === 'object' && 'name' in first ? [first, '（续）：'] : [];
}

function chunks(text: string): string[] {
  const out: string[] = [];
  let chunk = '';
  for (const part of text.split(/(?<=[、，,])/)) {
    if (chunk !== '' && chunk.length + part.length > CHUNK) {
      out.push(chunk);
      chunk = '';
    }
    for (const char of part) {
      if (chunk.length >= 4 * CHUNK) {
        out.push(chunk);
        chunk = '';
      }
      chunk += char;
    }
  }
  if (chunk !== '') out.push(chunk);
  return out;
}

function joinedBytes(lines: readonly string[]): number {
  let bytes = 0;
  for (const text of lines) bytes += utf8Length(text) + 1;
  return bytes;
}

/** What stands above, in and below the lines. */
function parts(form: Form, reply: Reply): [head: string[], body: string[], tail: string[]] {
  const head = [form.title(reply)];
  const body = reply.lines.map((current) => form.line(current));
  const tail: string[] = [];
  const { question } = reply;
  if (question?.kind === 'choice' || question?.kind === 'pick') {
    for (const [i, choice] of question.choices.entries()) tail.push(form.choice(i + 1, choice.label, choice.detail));
  }
  const how = question && howToAnswer(question);
  if (how) tail.push(form.hint(how));
  if (reply.page) tail.push(form.hint(pageLine(reply.page)));
  if (reply.hint) tail.push(form.hint(reply.hint));
  return [head, body, tail];
}

function howToAnswer(question: Question): Line | undefined {
  switch (question.kind) {
    case 'confirm':
      return line`回复${code('确认')}执行，回复${code('取消')}放弃`;
    case 'choice':
      return line`回复前面的数字选择，或回复${code('取消')}`;
    case 'pick':
      return line`回复前面的数字，可以选几个，如${code('1 3')}，或回复${code('取消')}`;
    case 'slot':
      return undefined;
  }
}

function pageLine(page: { readonly number: number; readonly of: number }): Line {
  const where = line`第 ${page.number}/${page.of} 页`;
  return page.number < page.of ? [...where, '，回复', code('更多'), '看下一页'] : where;
}

/** The whole message; lines that do not fit are counted instead. Undefined when not even the rest fits. */
function assemble(form: Form, reply: Reply): string | undefined {
  const [head, body, tail] = parts(form, reply);
  const whole = [...head, ...body, ...tail].join('\n');
  if (utf8Length(whole) <= MESSAGE_BYTES) return whole;
  const left = (count: number) => form.hint(line`…还有 ${count} 行没有显示`);
  const room = MESSAGE_BYTES - joinedBytes(head) - joinedBytes(tail) - utf8Length(left(body.length)) - 1;
  const shown: string[] = [];
  let used = 0;
  for (const text of body) {
    used += utf8Length(text) + 1;
    if (used > room) break;
    shown.push(text);
  }
  if (body.length > 0 && room >= 0) return [...head, ...shown, left(body.length - shown.length), ...tail].join('\n');
  return undefined;
}

/** As text there is always something to say: at worst the beginning of it. */
function assembleText(reply: Reply): string {
  const text = assemble(textForm, reply);
  if (text !== undefined) return text;
  const whole = parts(textForm, reply).flat().join('\n');
  return `${cutUtf8(whole, MESSAGE_BYTES - utf8Length('…'))}…`;
}
