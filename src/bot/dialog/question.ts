/**
 * A question that waits for the member's next message, and whether a text answers it.
 *
 * An open question is plain JSON, so that it survives in the session. Numbers and option names take a choice, 好 or 。
 * takes a single suggestion, 确认 carries out a shown plan and nothing else, a clean name fills a missing slot. What is
 * plainly meant for the question but answers it not (确认 where a number is asked for, 等等, an emoticon, 随便) leaves it
 * open. Anything else is for bot.ts: what only asks or looks something up leaves the question open, any other order drops it.
 */

import { isEmoticon, withoutHead, withoutTail } from '../../command/courtesy.ts';
import { type Known, NOTHING_KNOWN } from '../../command/known.ts';
import { lacksNothing, looked } from '../../command/orders.ts';
import { type CommandId, type Parsed, type Reading, under } from '../../command/reading.ts';
import { referenceIn } from '../../command/reference.ts';
import { acts } from '../../command/table/grammar.ts';
import { listOf, plainOf, textOf } from '../../command/tokens.ts';
import type { MissingSlot } from '../../resolve/order.ts';
import { fold } from '../../text.ts';
import type { Question } from '../session.ts';
import { type Label, loosely } from './loose.ts';
import { nameGiven } from './name-given.ts';

export type Answered =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'cancelled' }
  /** Positions in `options`, from 0, at least one. */
  | { readonly kind: 'taken'; readonly indexes: readonly number[] }
  /** A slot was filled: resolve this instead of the text. */
  | { readonly kind: 'filled'; readonly parsed: Parsed }
  /**
   * Meant as an answer but not one: the question stays open. `range`: no such number. `say-confirm`: 好 is not 确认.
   * `choose`: 好 and 确认 say not which. `name`: no clean name. `wait`: the member needs a moment.
   */
  | { readonly kind: 'again'; readonly why: 'range' | 'say-confirm' | 'choose' | 'name' | 'wait' }
  /** Something else, handled as usual: a question of the member's own leaves this one open, an order drops it. */
  | { readonly kind: 'unrelated' };

/** A hundred names; what is longer answers no question. */
const LONGEST_ANSWER = 2_000;

/** Decides whether `text` (parsed as `parsed`) answers `open`. Pure; expiry is the caller's business. */
export function answerTo(open: Question, text: string, parsed: Parsed, known: Known = NOTHING_KNOWN): Answered {
  if (text.length > LONGEST_ANSWER) return { kind: 'unrelated' };
  const plain = plainOf(text.trim());
  if (isCommand(parsed, 'cancel') || DECLINES.test(plain)) return { kind: 'cancelled' };
  if (WAITS.test(plain)) return { kind: 'again', why: 'wait' };
  if (isEmoticon(text) && !ASSENTS.test(plain)) return { kind: 'again', why: stillAsked(open) };
  const confirms = isCommand(parsed, 'confirm') && CONFIRMS.test(plain);
  if (open.kind === 'confirm') {
    if (confirms) return { kind: 'confirmed' };
    return isCommand(parsed, 'confirm') ? { kind: 'again', why: 'say-confirm' } : answerToPlan(plain);
  }
  const answered = answerToAsked(open, text, parsed, known);
  return answered.kind === 'unrelated' && confirms ? { kind: 'again', why: 'choose' } : answered;
}

/** What an answer that says nothing is told. */
function stillAsked(open: Question): 'say-confirm' | 'choose' | 'name' {
  if (open.kind === 'confirm') return 'say-confirm';
  return open.kind === 'slot' ? 'name' : 'choose';
}

function answerToAsked(
  open: Exclude<Question, { kind: 'confirm' }>,
  text: string,
  parsed: Parsed,
  known: Known,
): Answered {
  switch (open.kind) {
    case 'choice':
      return answerToChoice(open.options, text, parsed);
    case 'library':
      return answerToChoice(
        open.options.map((option) => ({ label: option.name })),
        text,
        parsed,
      );
    case 'pick':
      return answerToPick(
        open.options.map((option) => option.label),
        text,
      );
    case 'slot':
      return answerToSlot(open, text, parsed, known);
  }
}

const ASSENTS =
  /^(?:好+的?[啊呀吧呢嘞]?|好滴|对+的?[啊呀]?|是+的?[啊呀]?|嗯+[嗯哼]*|行[啊吧]?|可以[的啊]?|没问题|没毛病|没错|正确|要|1|ok(?:ay)?|y|yes|yep|sure|right|係|系|得|👌|👍)?[。.!！~～\s]*$/iu;
const DECLINES =
  /^(?:算了吧?[\s,，]*)?(?:不+|不是|不要|不对|不用|不行|不好|否|别|别了|错了?|都不(?:是|要|删|改|加|选)|不(?:删|改|加|确认|执行|做)|(?:先|那)?(?:别|不|不要|不用)(?:删|改|加|动|确认|执行|做)?|(?:等等|等一下|哎)?[\s,，]*先(?:别|不)(?:了|动|弄|搞|做|急|要)?|不[弄搞]|没事|手滑|唔好(?:删|刪)?(?:住|先)?|没有?|0|no|nope|n|唔系|唔係|❌)[了的吧。.!！~～\s]*$/iu;

const WAITS =
  /^(?:(?:我|先|让我)?(?:再)?(?:想想|想一下|考虑一?下|考虑考虑|看看)|(?:我|先)*(?:去)?(?:问|请示)(?:一?下|问)?(?:领导|老板|同事|一声|.{1,4})?(?:叫啥|叫什么|再说)?)[吧哈啊哦呀]?[。.!！~～\s]*$|^(?:先|你|请|哎)?(?:不(?:着)?急|等等|等一等|等一?下|等哈|等一?会儿?|[稍先]?等.{0,2}我.{0,12}|稍等一?下?|稍后|慢着|慢点|wait|hold on|等我(?:看看|看一下|想想|想一下|确认一下|问问|问一下))[吧哈啊哦呀]?[。.!！~～\s]*$/iu;

/** Nothing but the word: 确认一下 may ask for another look. */
const CONFIRMS = /^(?:好的?|嗯+|是的?|对)?[\s,，。]*(?:确认|确定|confirm)[^一]{0,4}$/;

/** 等等, 先别, 等下，我想想: somebody who wants nothing to be done now. */
export function wantsNothing(text: string): boolean {
  const plain = plainOf(text.trim());
  return WAITS.test(plain) || HOLDS.test(plain);
}

const HOLDS =
  /^(?:哎+|那|还是|算了|嗯+|我)?[\s,，]*(?:(?:先|暂时|还是)(?:别|不)(?:了|动|弄|搞|做|急|要|删|改|加)?|不[弄搞]|没事|没什么事?|算了|[先就]?放着|先这样|(?:晚点|回头|下次|改天)再(?:说|弄|搞|来|看))[了吧哈啊哦呀先]*[。.!！~～\s]*$/u;
/** 银卡留着, 那个先别删: nothing of the plan may be done that names it. */
const SPARES =
  /^(?!.*[删改加换建].*(?:留|别|不))[^\s,，。;；]{0,20}?(?:还是)?(?:先|就|都)*(?:留着|保留|留下|别动|不动|别删|不删|不要删)(?:吧|了|啊|哈|掉|它|来)*[。.!！~～\s]*$/u;

function answerToPlan(plain: string): Answered {
  if (plain === '') return { kind: 'unrelated' };
  if (SPARES.test(plain)) return { kind: 'cancelled' };
  const says = ASSENTS.test(plain) || ASSENTS_TO_DO.test(plain) || isFiller(plain);
  return says ? { kind: 'again', why: 'say-confirm' } : { kind: 'unrelated' };
}

/** 删吧; 好，删; 就删这俩; 对，就这个: yes to what is shown, but not 确认. */
const ASSENTS_TO_DO =
  /^(?:好的?|嗯|行|可以的?|对的?|没问题|是的?|那|就|ok)*[\s,，。!！]*(?:就|都)?(?:(?:删除|删掉|删了|删|改|加|执行|做|办|弄|来|搞)(?:这|那)?(?:俩|个|几个|些|它|两个|三个)?(?:吧|了|掉|呗|就行)*|(?:就|是)?(?:这|那)(?:个|俩|两个|些|几个|样)(?:吧|了|没错)?)[。.!！~～\s]*$/iu;

function isFiller(plain: string): boolean {
  return /^(?:嗯+|呃+|额+|啊+|哦+|噢|唉|哎|那个|这个|就是|收到|知道了?|了解|明白|哈+|谢谢.{0,2})[。.!！~～\s]*$/.test(
    plain,
  );
}

/** `parsed` tells a command of its own from a word that fits one of the options. */
function answerToChoice(labels: readonly Label[], text: string, parsed: Parsed): Answered {
  const number = numberIn(text);
  const named = labelled(
    labels.map(({ label }) => label),
    text,
  );
  if (number !== undefined) {
    if (number >= 1 && number <= labels.length) return { kind: 'taken', indexes: [number - 1] };
    return named ?? { kind: 'again', why: 'range' };
  }
  if (named !== undefined) return named;
  const plain = plainOf(text.trim());
  if (text.trim() === '') return { kind: 'unrelated' };
  const assents = ASSENTS.test(plain) || ASSENTS_TO_DO.test(plain);
  if (assents && labels.length === 1) return { kind: 'taken', indexes: [0] };
  if (
    !isOrder(parsed) ||
    /^(?:不|除了|留|保留|都|全|[两三四五俩仨\d]个?都|(?:加|放)到?|我?(?:要|想|选)?(?:删|改|选).{1,8}(?:的|那个)$)/.test(
      plain,
    )
  ) {
    const loose = loosely(labels, text);
    if (loose.kind === 'taken') return loose;
    if (loose.kind === 'range') return { kind: 'again', why: 'range' };
  }
  return assents || isFiller(plain) || NO_CHOICE.test(plain) ? { kind: 'again', why: 'choose' } : { kind: 'unrelated' };
}

/** Says that one of them will do, but not which. */
const NO_CHOICE = /^(?:随便|都行|都可以|哪个都行|随便哪个.*|你定|看着办|无所谓)[吧了。.!！\s]*$/;

/** A command that says what it is about: it drops the question. */
function isOrder(parsed: Parsed): boolean {
  if (parsed.kind === 'batch') return true;
  if (parsed.kind !== 'sentence') return false;
  const [best] = parsed.readings;
  return best !== undefined && best.command !== 'tag.find' && best.command !== 'tag.list';
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
    .replace(/[\ufe0f\u20e3]/g, '')
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

/** A clean name fills the slot; what is none leaves it open, a command of its own drops it. */
function answerToSlot(open: Extract<Question, { kind: 'slot' }>, text: string, parsed: Parsed, known: Known): Answered {
  if (isWholeCommand(text, parsed) || isWholeOrder(parsed, known)) return { kind: 'unrelated' };
  const more = moreToAdd(text);
  if (more !== undefined) return addsTo(open) ? filledWith(open, more) : { kind: 'unrelated' };
  const listed = numberIn(text);
  const example = listed === undefined || open.slot === 'order' ? undefined : open.examples[listed - 1];
  if (example !== undefined || /^[-+]?\d+$/.test(plainOf(text.trim()))) return filledWith(open, example ?? text.trim());
  const bare = withoutTail(withoutHead(textOf(text.trim()))).raw;
  if (bare === '' || isFiller(plainOf(text.trim()))) return { kind: 'again', why: 'name' };
  if (NAMED_SLOTS.has(open.slot) && !isOther(parsed, open.slot)) {
    const given = nameGiven(open.slot, text, isKnown(open));
    if (given.kind === 'question') return { kind: 'unrelated' };
    if (given.kind === 'noName') return { kind: 'again', why: 'name' };
    if (isBareName(parsed, open.slot) || given.name !== bare) return filledWith(open, given.name);
    return { kind: 'unrelated' };
  }
  return isBareName(parsed, open.slot) ? filledWith(open, bare) : { kind: 'unrelated' };
}

const NAMED_SLOTS: ReadonlySet<MissingSlot> = new Set(['tags', 'tag', 'group', 'to', 'rule']);

function sentence(reading: Reading): Parsed {
  return { kind: 'sentence', readings: [reading] };
}

function filledWith(open: Extract<Question, { kind: 'slot' }>, answer: string): Answered {
  const reading = filled(open.reading, open.slot, answer);
  return reading === undefined
    ? { kind: 'unrelated' }
    : { kind: 'filled', parsed: under(open.rule === undefined ? {} : { rule: open.rule }, sentence(reading)) };
}

/** Whether the slot is for something that exists already. */
function isKnown({ slot, reading }: Extract<Question, { kind: 'slot' }>): boolean {
  if (slot === 'to') return false;
  if (slot === 'tags') return reading.command === 'tag.delete' || reading.command === 'tag.move';
  return slot === 'group' ? reading.command !== 'group.create' : reading.command !== 'rule.create';
}

/** Said in full and beyond doubt (标签 添加 …, 查 老客, 把金卡加到客户分级): nobody answers so. */
function isWholeCommand(text: string, parsed: Parsed): boolean {
  if (parsed.kind !== 'sentence') return false;
  const plain = plainOf(text.trim());
  if (parsed.formal || ASKS_FOR.test(plain)) return true;
  const [best] = parsed.readings;
  if (!SAYS_OF_WHAT.test(plain)) return false;
  return best?.command === 'tag.add'
    ? best.tags.length > 0 && best.group !== undefined
    : best?.command === 'tag.rename' && best.to !== undefined;
}

/** 加个白金到地区: possible in this library, and with everything in it. */
function isWholeOrder(parsed: Parsed, known: Known): boolean {
  const likely = parsed.kind === 'sentence' ? looked(parsed) : [];
  return likely.some((reading) => acts(reading.command) && lacksNothing(reading, known));
}

/** 再加个D: an order of its own, or one more name where names to add are asked for. */
function moreToAdd(text: string): string | undefined {
  const reference = referenceIn(text);
  return reference?.refers === 'add' && !reference.verbless && reference.tags !== '' ? reference.tags : undefined;
}

function addsTo({ slot, reading }: Extract<Question, { kind: 'slot' }>): boolean {
  if (slot !== 'tags') return false;
  return reading.command === 'group.create' || (reading.command === 'tag.add' && reading.group !== undefined);
}

const ASKS_FOR = /^(?:查|帮助)(?:\s+\S|$)/u;
/** 把名字改成… speaks of what is asked for. */
const SAYS_OF_WHAT = /^[把将](?!(?:它|这个|那个)?的?(?:名字?|名称|组名|标签名)?[改换叫])/u;

/** A whole command, not the name that is waited for. */
function isOther(parsed: Parsed, slot: MissingSlot): boolean {
  if (parsed.kind === 'batch' || parsed.kind === 'suggestion') return true;
  if (parsed.kind !== 'sentence' || isBareName(parsed, slot)) return false;
  const [best] = parsed.readings;
  return best !== undefined && !INSIDE_A_NAME.has(best.command);
}

/** Commands whose words also stand around a name: 就叫…, 里面有…, 还有哪些. */
const INSIDE_A_NAME: ReadonlySet<CommandId> = new Set(['tag.find', 'tag.list', 'tag.rename', 'tag.add', 'rule.switch']);

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
