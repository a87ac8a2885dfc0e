/**
 * From a reply to what travels: the text that always exists, the richer push beside it, the outcome of a pressed card;
 * and the pages of an answer that is too long for one message.
 */

import type { Outgoing, ReplyFormat } from '../message.ts';
import { cutUtf8, utf8Length } from '../text.ts';
import { questionCard, replaceName, summaryCard } from './card.ts';
import { markdownForm } from './markdown.ts';
import { code, type Line, line, type Question, type Reply, type Span } from './reply.ts';
import { type Form, MESSAGE_BYTES, textForm } from './text.ts';

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
 * The given page (from 1) of a reply with any number of lines, as a reply of its own that `render` draws whole in every
 * form the format uses; the last one for a page beyond it, and the reply as it was when it is a single page. Lines after
 * the page are not drawn, so how many pages there are is not known. A line is never split, unless it alone is too long
 * for a page.
 */
export function paginate(
  reply: Reply,
  format: ReplyFormat,
  page: number,
): { readonly reply: Reply; readonly more: boolean } {
  const forms = format === 'markdown' && !reply.plain ? [textForm, markdownForm] : [textForm];
  const sizes: Sizes[] = [];
  if (isOnePage(reply, forms, sizes)) return { reply, more: false };
  const wanted = Math.max(Math.trunc(page) || 1, 1);
  const pages = pagesOf(reply, forms, sizes);
  for (let number = 1; ; number++) {
    const { value: lines, done: last = false } = pages.next();
    if (last && number === 1) return { reply: { ...reply, lines }, more: false };
    if (last || number === wanted) return { reply: { ...reply, lines, page: { number, more: !last } }, more: !last };
  }
}

/** Bytes of a line with its line break, in each form. */
type Sizes = readonly number[];

function sizesOf(current: Line, forms: readonly Form[]): Sizes {
  return forms.map((form) => utf8Length(form.line(current)) + 1);
}

/** Whether the whole reply fits one message. Leaves the sizes of the lines it had to look at in `sizes`. */
function isOnePage(reply: Reply, forms: readonly Form[], sizes: Sizes[]): boolean {
  const used = forms.map((form) => frameBytes(form, reply));
  const fits = () => used.every((bytes) => bytes <= MESSAGE_BYTES + 1);
  for (const current of reply.lines) {
    if (!fits()) return false;
    const size = sizesOf(current, forms);
    sizes.push(size);
    for (const [i, bytes] of size.entries()) used[i] = (used[i] ?? 0) + bytes;
  }
  return fits();
}

/** What stands around the lines. */
function frameBytes(form: Form, reply: Reply): number {
  return joinedBytes(parts(form, { ...reply, lines: [] }).flat());
}

/** A title that leaves less than this for the lines is cut itself. */
const LEAST_ROOM = 400;
/** Stands for every page line in the sum. */
const LONGEST_PAGE = { number: 99_999, more: true };

/**
 * The lines of one page after the other, over-long lines split; the last page is returned. `sizes`: of the first lines,
 * as far as they are known.
 */
function* pagesOf(
  reply: Reply,
  forms: readonly Form[],
  sizes: readonly Sizes[],
): Generator<readonly Line[], readonly Line[]> {
  const rooms = forms.map((form) => ({
    form,
    room: Math.max(MESSAGE_BYTES - frameBytes(form, { ...reply, page: LONGEST_PAGE }), LEAST_ROOM),
  }));
  let lines: Line[] = [];
  let used = rooms.map(() => 0);
  for (const [at, whole] of reply.lines.entries()) {
    const size = sizes[at] ?? sizesOf(whole, forms);
    const isWhole = rooms.every(({ room }, i) => (size[i] ?? 0) <= room);
    for (const part of isWhole ? [whole] : splitLine(whole, rooms)) {
      const more = part === whole ? size : sizesOf(part, forms);
      if (lines.length > 0 && rooms.some(({ room }, i) => (used[i] ?? 0) + (more[i] ?? 0) > room)) {
        yield lines;
        lines = [];
        used = rooms.map(() => 0);
      }
      used = used.map((bytes, i) => bytes + (more[i] ?? 0));
      lines.push(part);
    }
  }
  return lines;
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

function pageLine({ number, more }: NonNullable<Reply['page']>): Line {
  return more ? line`第 ${number} 页，回复${code('更多')}看下一页` : line`第 ${number} 页，到底了`;
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
