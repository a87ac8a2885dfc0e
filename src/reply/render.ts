/**
 * From a reply to what travels: the text that always exists, the richer push beside it, the fate of a pressed card;
 * and the pages of an answer that is too long for one message.
 */

import type { Outgoing } from '../message.ts';
import { cutUtf8, utf8Length } from '../text.ts';
import { questionCard, replaceName, summaryCard } from './card.ts';
import { markdownForm } from './markdown.ts';
import { code, type Line, line, type Question, type Reply } from './reply.ts';
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
    text: assemble(textForm, reply),
    ...(push && { push }),
    ...(reply.fate !== undefined && { update: { kind: 'button', replaceName: replaceName(reply.fate) } }),
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
  return { msgtype: 'markdown', markdown: { content: assemble(markdownForm, reply) } };
}

function isOneLine(reply: Reply): boolean {
  return reply.lines.length === 0 && !reply.hint && !reply.question && !reply.facts?.length && !reply.page;
}

/**
 * The given page (from 1; clamped to what exists) of a reply with any number of lines, as a reply of its own that
 * `render` can draw whole in every form the format uses. `of` is the number of pages; with one page the reply comes
 * back as it was. Linear in the number of lines.
 */
export function paginate(
  reply: Reply,
  format: ReplyFormat,
  page: number,
): { readonly reply: Reply; readonly of: number } {
  const starts = pageStarts(reply, format);
  const of = starts.length;
  if (of === 1) return { reply, of };
  const number = Math.min(Math.max(Math.trunc(page) || 1, 1), of);
  const lines = reply.lines.slice(starts[number - 1], starts[number]);
  return { reply: { ...reply, lines, page: { number, of } }, of };
}

/** Index of the first line of every page. */
function pageStarts(reply: Reply, format: ReplyFormat): number[] {
  const forms = format === 'markdown' && !reply.plain ? [textForm, markdownForm] : [textForm];
  if (fitsOnOne(reply, forms)) return [0];
  // The largest page line that can come up keeps the page count out of the sum.
  const framed = { ...reply, lines: [], page: { number: 9999, of: 99_999 } };
  const budgets = forms.map((form) =>
    Math.max(MESSAGE_BYTES - joinedBytes(parts(form, framed).flat()), MIN_LINE_BYTES),
  );
  const starts = [0];
  const used = forms.map(() => 0);
  for (const [at, current] of reply.lines.entries()) {
    const sizes = forms.map((form, i) => Math.min(utf8Length(form.line(current)), (budgets[i] ?? 0) - 1) + 1);
    const full = sizes.some((size, i) => (used[i] ?? 0) + size > (budgets[i] ?? 0));
    if (full && at > (starts.at(-1) ?? 0)) {
      starts.push(at);
      used.fill(0);
    }
    for (const [i, size] of sizes.entries()) used[i] = (used[i] ?? 0) + size;
  }
  return starts;
}

const MIN_LINE_BYTES = 200;

function fitsOnOne(reply: Reply, forms: readonly Form[]): boolean {
  // A line of text takes at least its line break.
  if (reply.lines.length > MESSAGE_BYTES) return false;
  return forms.every((form) => joinedBytes(parts(form, reply).flat()) <= MESSAGE_BYTES);
}

function joinedBytes(lines: readonly string[]): number {
  let bytes = 0;
  for (const text of lines) bytes += utf8Length(text) + 1;
  return bytes;
}

/** What stands above, in and below the lines. */
function parts(form: Form, reply: Reply): [head: string[], body: string[], tail: string[]] {
  const head = [form.title(reply), ...(reply.facts ?? []).map((fact) => form.fact(fact.key, fact.value))];
  const body = reply.lines.map((current) => form.line(current));
  const tail: string[] = [];
  if (reply.question) {
    const { kind, choices } = reply.question;
    if (kind === 'choice' || kind === 'pick') {
      for (const [i, choice] of choices.entries()) tail.push(form.choice(i + 1, choice.label, choice.detail));
    }
    const how = howToAnswer(reply.question);
    if (how) tail.push(form.hint(how));
  }
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

function assemble(form: Form, reply: Reply): string {
  const [head, body, tail] = parts(form, reply);
  const whole = [...head, ...body, ...tail].join('\n');
  if (utf8Length(whole) <= MESSAGE_BYTES) return whole;
  const frame = joinedBytes(head) + joinedBytes(tail);
  return [...head, ...fitted(body, MESSAGE_BYTES - frame), ...tail].join('\n');
}

function fitted(body: readonly string[], budget: number): string[] {
  return body.length === 0 || budget <= 0 ? [] : [cutUtf8(body.join('\n'), budget)];
}
