/**
 * A question that waits for the member's next message, and whether a text answers it.
 *
 * An open question is plain JSON, so that it survives in the session. Numbers and option names take a choice, 好 or 。
 * takes a single suggestion, 确认 carries out a shown plan and nothing else, free text fills a missing slot. What is
 * plainly meant for the question but answers it not (确认 where a number is asked for, 等等) leaves it open; any other
 * command drops it.
 */

import { withoutHead, withoutTail } from '../../command/courtesy.ts';
import { soundsLikeTalk } from '../../command/guard.ts';
import type { CommandId, Parsed, Reading } from '../../command/reading.ts';
import { listOf, nameOf, plainOf, textOf } from '../../command/tokens.ts';
import type { MissingSlot } from '../../resolve/order.ts';
import { fold } from '../../text.ts';
import type { Question } from '../session.ts';

export type Answered =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'cancelled' }
  /** Positions in `options`, from 0, at least one; exactly one unless the question is a pick. */
  | { readonly kind: 'taken'; readonly indexes: readonly number[] }
  /** A slot was filled: resolve this instead of the text. */
  | { readonly kind: 'filled'; readonly parsed: Parsed }
  /**
   * Meant as an answer but not one: the question stays open. `range`: no such number. `say-confirm`: 好 is not 确认.
   * `choose`: 好 and 确认 say not which. `wait`: the member needs a moment.
   */
  | { readonly kind: 'again'; readonly why: 'range' | 'say-confirm' | 'choose' | 'wait' }
  /** A new command or unrelated talk: the question is dropped and the text handled as usual. */
  | { readonly kind: 'unrelated' };

/** Decides whether `text` (parsed as `parsed`) answers `open`. Pure; expiry is the caller's business. */
export function answerTo(open: Question, text: string, parsed: Parsed): Answered {
  const plain = plainOf(text.trim());
  if (isCommand(parsed, 'cancel') || DECLINES.test(plain)) return { kind: 'cancelled' };
  if (WAITS.test(plain)) return { kind: 'again', why: 'wait' };
  const confirms = isCommand(parsed, 'confirm') && CONFIRMS.test(plain);
  if (open.kind === 'confirm') return confirms ? { kind: 'confirmed' } : answerToPlan(plain);
  const answered = answerToAsked(open, text, parsed);
  return answered.kind === 'unrelated' && confirms ? { kind: 'again', why: 'choose' } : answered;
}

function answerToAsked(open: Exclude<Question, { kind: 'confirm' }>, text: string, parsed: Parsed): Answered {
  switch (open.kind) {
    case 'choice':
      return answerToChoice(
        open.options.map((option) => option.label),
        text,
        open.options.length === 1,
      );
    case 'ruleGroup':
      return answerToChoice(
        open.options.map((option) => option.name),
        text,
        open.options.length === 1,
      );
    case 'pick':
      return answerToPick(
        open.options.map((option) => option.label),
        text,
      );
    case 'slot':
      return answerToSlot(open, text, parsed);
  }
}

const ASSENTS =
  /^(?:好+的?[啊呀吧呢嘞]?|好滴|对+的?[啊呀]?|是+的?[啊呀]?|嗯+[嗯哼]*|行[啊吧]?|可以[的啊]?|没错|正确|要|1|ok(?:ay)?|y|yes|yep|sure|right|係|系|得|👌|👍)?[。.!！~～\s]*$/iu;
const DECLINES =
  /^(?:不+|不是|不要|不对|不用|不行|不好|否|别|别了|错了?|都不是|都不要|没有?|0|no|nope|n|唔系|唔係|唔好|❌)[了的。.!！~～\s]*$/iu;

const WAITS =
  /^(?:先|你|请)?(?:等等|等一等|等一?下|等一?会儿?|稍等一?下?|稍后|慢着|慢点|wait|hold on|等我(?:看看|看一下|想想|想一下|确认一下|问问|问一下))[吧哈啊哦呀]?[。.!！~～\s]*$/iu;

/** Nothing but the word: 确认一下 may ask for another look. */
const CONFIRMS = /^(?:好的?|嗯+|是的?|对)?[\s,，。]*(?:确认|确定|confirm)[^一]{0,4}$/;

function answerToPlan(plain: string): Answered {
  return plain !== '' && ASSENTS.test(plain) ? { kind: 'again', why: 'say-confirm' } : { kind: 'unrelated' };
}

function answerToChoice(labels: readonly string[], text: string, single: boolean): Answered {
  const number = numberIn(text);
  if (number !== undefined) {
    if (number >= 1 && number <= labels.length) return { kind: 'taken', indexes: [number - 1] };
    return labelled(labels, text) ?? { kind: 'again', why: 'range' };
  }
  const named = labelled(labels, text);
  if (named !== undefined) return named;
  if (text.trim() === '' || !ASSENTS.test(plainOf(text.trim()))) return { kind: 'unrelated' };
  return single ? { kind: 'taken', indexes: [0] } : { kind: 'again', why: 'choose' };
}

/** The one option that is called so; also without the 选 or 「」 around it. */
function labelled(labels: readonly string[], text: string): Answered | undefined {
  const wanted = new Set(
    [text, text.replace(/^(?:选择?|要|就|是|用|第[^个]{1,3}个)+/u, '').replace(/[。.!！吧的]+$/u, '')].map(fold),
  );
  const indexes = labels.flatMap((label, index) =>
    wanted.has(fold(label)) || wanted.has(fold(inner(label))) ? [index] : [],
  );
  return indexes.length === 1 ? { kind: 'taken', indexes } : undefined;
}

/** 标签「VIP」→ 标签; 新建「X」 keeps its whole label, as X alone may be another option. */
function inner(label: string): string {
  return /^(标签组?)「/u.exec(label)?.[1] ?? label;
}

const DIGITS = '零一二三四五六七八九十';

/** 1, １, 一, 第一个, ①, 选2, 3号: the number a text consists of. */
function numberIn(text: string): number | undefined {
  const plain = plainOf(text.trim())
    .normalize('NFKC')
    .replace(/[。.、,!~)）\s]+$/u, '');
  const found =
    /^(?:选择?|要|就|第|我选|no\.?|#|\(|（)*\s*(\d{1,3}|十[一二]?|[一二两三四五六七八九])\s*(?:个|号|项|条|那个)?$/u.exec(
      plain,
    )?.[1];
  if (found === undefined) return undefined;
  if (/^\d/.test(found)) return Number(found);
  if (found === '两') return 2;
  return [...found].reduce((sum, digit) => sum + DIGITS.indexOf(digit), 0);
}

/** 1、3 or 1 3 or 2-4 or 全部 or the options' names. */
function answerToPick(labels: readonly string[], text: string): Answered {
  const plain = plainOf(text.trim()).replace(/[。.!\s]+$/u, '');
  if (/^(?:全部|所有|全都?|都要|全选|all)$/.test(plain))
    return { kind: 'taken', indexes: labels.map((_, index) => index) };
  const parts = plain.split(/[\s,、和与及]+/u).filter((part) => part !== '');
  const indexes: number[] = [];
  for (const part of parts) {
    const range = /^(\d{1,3})\s*(?:-|~|到|至)\s*(\d{1,3})$/.exec(part);
    const [from, to] = range ? [Number(range[1]), Number(range[2])] : [numberIn(part), numberIn(part)];
    if (from !== undefined && to !== undefined) {
      if (from < 1 || to > labels.length || from > to) return { kind: 'again', why: 'range' };
      for (let number = from; number <= to; number++) indexes.push(number - 1);
      continue;
    }
    const named = labelled(labels, part);
    if (named?.kind !== 'taken') return { kind: 'unrelated' };
    indexes.push(...named.indexes);
  }
  return indexes.length === 0 ? { kind: 'unrelated' } : { kind: 'taken', indexes: [...new Set(indexes)] };
}

/** Free text fills the slot unless it is a command of its own, talk, or refused. */
function answerToSlot(open: Extract<Question, { kind: 'slot' }>, text: string, parsed: Parsed): Answered {
  const listed = numberIn(text);
  const example = listed === undefined || open.slot === 'order' ? undefined : open.examples[listed - 1];
  const bareText = withoutTail(withoutHead(textOf(text.trim()))).raw;
  const answer = example ?? bareText.replace(LEAD_IN[open.slot] ?? /^$/u, '').trim();
  if (answer === '') return { kind: 'unrelated' };
  const certain = example !== undefined || /^[-+]?\d+$/.test(plainOf(answer));
  if (!certain && (!isBareName(parsed, open.slot) || isTalk(answer))) return { kind: 'unrelated' };
  const reading = filled(open.reading, open.slot, answer);
  return reading === undefined
    ? { kind: 'unrelated' }
    : { kind: 'filled', parsed: { kind: 'sentence', readings: [reading] } };
}

function isTalk(answer: string): boolean {
  return listOf(textOf(answer))
    .map(nameOf)
    .some(({ name, literal }) => !literal && soundsLikeTalk(name));
}

/** What people put in front of the bare answer: 加到客户分级, 改成大客户. */
const LEAD_IN: Partial<Record<MissingSlot, RegExp>> = {
  group: /^(?:就?(?:加|放|添加|加入)?(?:到|进|在|入)\s*|标签组\s*|to\s+|in\s+)(?=\S)/iu,
  to: /^(?:就?(?:改名|改|换|叫|命名)?(?:成|为|叫|做)\s*|叫\s*|to\s+)(?=\S)/iu,
  order: /^(?:设?(?:为|成)|排到?)\s*/u,
};

/** A lookup is a name; whole commands, refusals and talk are not. A name may begin like a command: 改名服务. */
function isBareName(parsed: Parsed, slot: MissingSlot): boolean {
  if (parsed.kind !== 'sentence') return false;
  const [best] = parsed.readings;
  if (best?.command === 'tag.find') return true;
  if (best?.command === 'tag.add') return slot === 'group' && best.tags.length === 0;
  return best?.command === 'tag.rename' && best.to === undefined && slot !== 'group';
}

/** The reading with its slot filled from what was typed; undefined when the text cannot be that. */
function filled(reading: Reading, slot: MissingSlot, answer: string): Reading | undefined {
  const list = listOf(textOf(answer));
  switch (slot) {
    case 'tags':
      return 'tags' in reading ? { ...reading, tags: list } : undefined;
    case 'tag':
      if (reading.command === 'tag.find') return { ...reading, query: answer };
      return 'tag' in reading ? { ...reading, tag: answer } : undefined;
    case 'group':
      if (reading.command === 'group.delete') return { ...reading, groups: list };
      if (reading.command === 'tag.add') return { ...reading, group: answer };
      return 'group' in reading ? ({ ...reading, group: answer } as Reading) : undefined;
    case 'to':
      return reading.command === 'tag.rename' || reading.command === 'group.rename' || reading.command === 'rule.rename'
        ? { ...reading, to: answer }
        : undefined;
    case 'order': {
      const order = /^[-+]?\d{1,15}$/.exec(plainOf(answer));
      if (order === null) return undefined;
      return reading.command === 'tag.order' || reading.command === 'group.order'
        ? { ...reading, order: Number(order[0]) }
        : undefined;
    }
    case 'rule':
      return 'rule' in reading || RULE_OPTIONAL.has(reading.command)
        ? ({ ...reading, rule: answer } as Reading)
        : undefined;
    case 'people':
      return reading.command === 'rule.create'
        ? { ...reading, admins: list.map((name) => name.replace(/^[@＠]/u, '')) }
        : undefined;
    case 'range':
      return reading.command === 'rule.create' ? { ...reading, range: list } : undefined;
  }
}

const RULE_OPTIONAL: ReadonlySet<CommandId> = new Set(['rule.switch', 'rule.show', 'rule.admins', 'rule.range']);

/** Whether this command is what the words mean before anything else. */
export function isCommand(parsed: Parsed, command: CommandId): boolean {
  return parsed.kind === 'sentence' && parsed.readings[0]?.command === command;
}
