/**
 * One clause or sentence → readings. Proposes everything the words can mean, best first; what exists decides later
 * (resolve/). A write is read only where the whole text is a form of the grammar and nothing in it asks, denies, quotes
 * or tells.
 */

import { withoutHead, withoutTail } from './courtesy.ts';
import { isPlainName } from './doubt.ts';
import { guard } from './guard.ts';
import { inquiryIn } from './inquiry.ts';
import { type WordClass, wordsOfClass } from './lexicon.ts';
import { phrase } from './phrase.ts';
import type { CommandId, Parsed, Reading } from './reading.ts';
import { importLine } from './rows.ts';
import { Budget, type Form, type Match, matches, mayMatch } from './table/forms.ts';
import { acts, type CommandRow, commands } from './table/grammar.ts';
import {
  END_OF_LONG,
  isQuoted,
  keyWordsIn,
  LONGEST_SENTENCE,
  nameOf,
  type Occurrences,
  slice,
  type Text,
  textOf,
} from './tokens.ts';
import { corrections } from './typo.ts';

/** Enough for any sentence that somebody says. */
export const STEPS = 6_000;
/** Every step in a long text costs more. */
const STEPS_OF_LONG = 400;
const MOST_READINGS = 48;
/** Of a text longer than any sentence with names in it only the best few readings are kept. */
const LONG_TEXT = 240;
const FEW_READINGS = 8;
/** Of a list as long as a page. */
const FEWEST_READINGS = 2;
/** A lookup longer than this is talk. */
const MAX_LOOKUP = 40;

/** Of a list with an order around it only the order can deny, ask or tell. */
function guarded(started: Text, ended: Text, words: Occurrences, formal: boolean): ReturnType<typeof guard> {
  if (started.plain.length <= LONGEST_SENTENCE) return guard(started, ended, words, formal);
  const order = bothEnds(started);
  return guard(order, bothEnds(ended), keyWordsIn(order), formal);
}

function bothEnds(text: Text): Text {
  const [head, tail] = [slice(text, 0, END_OF_LONG), slice(text, text.plain.length - END_OF_LONG)];
  return { raw: head.raw + tail.raw, plain: head.plain + tail.plain };
}

interface Found {
  readonly reading: Reading;
  readonly match: Match;
  /** Begins with the noun, like 标签 添加 …: a command beyond doubt. */
  readonly formal: boolean;
}

export interface Limits {
  /** That all forms together may take on one text. */
  readonly steps: number;
  /** Told how many were taken; what it throws ends the reading. */
  readonly taken: (steps: number) => void;
}

/** Reads one sentence: no line breaks, no semicolons that part sentences. */
export function readSentence(sentence: string, limits: Limits): Parsed {
  const whole = textOf(sentence.trim().replace(/^[/#／＃]\s*(?=\S)/u, ''));
  const started = withoutHead(whole);
  const ended = withoutTail(started);
  const inquiry = inquiryIn(ended);
  if (inquiry !== undefined) return { kind: 'sentence', readings: [inquiry], text: ended.raw };
  const words = keyWordsIn(started);
  const formal = isFormal(started, words);
  const long = started.plain.length > LONGEST_SENTENCE;
  const found = readingsOf(
    variants(whole, started, ended),
    long ? { ...limits, steps: Math.min(limits.steps, STEPS_OF_LONG) } : limits,
    (text) => (text.raw === started.raw ? words : keyWordsIn(text)),
    formal,
  );
  const verdict = guarded(started, ended, words, formal);
  if (verdict !== undefined) {
    const harmless = found.filter(
      (one) => !acts(one.reading.command) && (!one.match.open || one.match.longest >= 2) && !mentionsVerb(one),
    );
    if (harmless.length > 0) return { kind: 'sentence', readings: readingsIn(harmless) };
    return { kind: 'refused', ...verdict, text: sentence, readings: orderIn(started, words, limits) };
  }
  const corrected = ended.plain.length > LONGEST_SENTENCE ? undefined : correct(ended, found, limits);
  if (corrected !== undefined) return corrected;
  const lookup = SMALL_TALK.test(whole.plain) ? undefined : lookupOf(ended);
  const [best] = found;
  if (best === undefined)
    return listed(ended, lookup) ?? lookup ?? { kind: 'nothing', nearest: nearestCommands(started) };
  const readings = arrange(found, lookup);
  return { kind: 'sentence', readings, text: ended.raw, formal };
}

/** The order in 可以删除老客吗 or 明天把老客删掉: from its first word on, without what makes it a question. */
function orderIn(text: Text, words: Occurrences, limits: Limits): Reading[] {
  const at = Math.min(...ORDERS_BEGIN_WITH.flatMap((cls) => [...(words.get(cls)?.keys() ?? [])]));
  if (!Number.isFinite(at)) return [];
  const order = slice(text, at);
  const end = /(?:可以|行|好|对)?[吗么呢]?[?。!~ ]*$/.exec(order.plain)?.index;
  return readingsIn(readingsOf([withoutTail(slice(order, 0, end))], limits)).filter((reading) => acts(reading.command));
}

const ORDERS_BEGIN_WITH = ['把', '从', '添加', '删除', '改名', '置顶先', '新建'] as const;

/** 客户分级：金卡 on a line of its own may be talk (客户：好的), so that it only ever suggests an add. */
function listed(text: Text, lookup: Parsed | undefined): Parsed | undefined {
  const line = importLine(text.raw);
  if (line === undefined || lookup?.kind !== 'sentence') return undefined;
  if (![line.group, ...line.tags].every((name) => nameOf(name).literal || isPlainName(name))) return undefined;
  const add: Reading = { command: 'tag.add', tags: line.tags, group: line.group };
  return {
    kind: 'suggestion',
    text: text.raw,
    wrote: text.raw,
    meant: phrase(add),
    readings: [...lookup.readings, add],
  };
}

/** A noun, a verb and a space: 标签 添加 … is a command beyond doubt, 标签 不要删除 is not. */
function isFormal(text: Text, words: Occurrences): boolean {
  const start = NOUN_AND_SPACE.exec(text.plain)?.[0].length;
  if (start === undefined) return false;
  return FORMAL_VERBS.some((cls) =>
    (words.get(cls)?.get(start) ?? []).some((length) => /^(?:$|[\s:])/.test(text.plain.slice(start + length))),
  );
}

const NOUN_AND_SPACE = /^(?:标签组|标签|规则组|tag group|group|tag|rule group|rule)\s+/;
const FORMAL_VERBS = ['添加', '删除', '改名', '排序', '置顶先', '移', '新建', '切换', '负责人', '范围'] as const;

/** Without courtesies at both ends, then with those that may belong to a name. */
function variants(whole: Text, started: Text, ended: Text): Text[] {
  const all = [unasked(ended), ended, started, withoutTail(whole), withoutTail(started, true)];
  return all.filter((text, index) => all.findIndex((other) => other.raw === text.raw) === index);
}

/** A lookup is often asked: 抖音在哪个组？ The guard has seen the mark by then. */
function unasked(text: Text): Text {
  const length = text.plain.length - (/(?<![?])[?]+$/.exec(text.plain)?.[0].length ?? 0);
  return length === 0 ? text : withoutTail(slice(text, 0, length));
}

/** `formal`: only the forms that begin with a noun are tried, unless none of them fits. */
function readingsOf(
  texts: readonly Text[],
  limits: Limits,
  wordsOf: (text: Text) => Occurrences = keyWordsIn,
  formal = false,
): Found[] {
  const budget = new Budget(limits.steps);
  const long = (texts[0]?.plain.length ?? 0) > LONGEST_SENTENCE;
  const found: (Found & { readonly rank: readonly [number, number, number] })[] = [];
  for (const [variant, text] of texts.entries()) {
    const words = wordsOf(text);
    for (const { row, form, order } of formsFor(text, words, formal)) {
      if (long && found.length >= FEWEST_READINGS) break;
      for (const match of matches(form, text, words, budget)) {
        if (long && found.length >= FEWEST_READINGS) break;
        if (namesANoun(match) || leavesAParticle(match)) continue;
        for (const reading of row.read(match.slots) ?? []) {
          found.push({ reading, match, formal: form.formal, rank: [variant, -match.covered, order] });
        }
      }
    }
  }
  limits.taken(limits.steps - Math.max(0, budget.left));
  if (formal && found.length === 0) return readingsOf(texts, limits, wordsOf);
  found.sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.rank[2] - b.rank[2]);
  const most = long ? FEWEST_READINGS : (texts[0]?.raw.length ?? 0) > LONG_TEXT ? FEW_READINGS : MOST_READINGS;
  const best = new Map<string, Found>();
  for (const one of found) {
    if (best.size === most) break;
    const key = JSON.stringify(one.reading);
    if (!best.has(key)) best.set(key, one);
  }
  return [...best.values()];
}

interface Placed {
  readonly row: CommandRow;
  readonly form: Form;
  readonly order: number;
}

/**
 * Every form of the table, by a word class it cannot do without. A text holds few of them, and ruling out the others
 * one by one took a quarter of the time.
 */
const FORMS: ReadonlyMap<WordClass | undefined, readonly Placed[]> = (() => {
  const by = new Map<WordClass | undefined, Placed[]>();
  let order = 0;
  for (const row of commands) {
    for (const form of row.forms) {
      const [need] = form.needs;
      const placed = { row, form, order: order++ };
      const list = by.get(need);
      if (list) list.push(placed);
      else by.set(need, [placed]);
    }
  }
  return by;
})();

/** The forms that these key words leave possible, in the order of the table. */
function formsFor({ plain }: Text, words: Occurrences, formal: boolean): readonly Placed[] {
  const possible: Placed[] = [];
  for (const cls of [undefined, ...words.keys()]) {
    for (const placed of FORMS.get(cls) ?? []) {
      if ((placed.form.formal || !formal) && mayMatch(placed.form, plain, words)) possible.push(placed);
    }
  }
  return possible.sort((a, b) => a.order - b.order);
}

/** 删除标签 names no tag: a bare 标签 is a name only where a group must stand (到 标签), or in quotes. */
function namesANoun({ slots, open }: Match): boolean {
  return Object.entries(slots).some(
    ([slot, text]) =>
      NOUNS.has(text.plain) &&
      slot !== 'query' &&
      slot !== 'topic' &&
      (slot !== 'group' || open || slots.tags === undefined),
  );
}

/** 改名 SVIP 为 标签 does not rename it to 为 标签. */
function leavesAParticle({ slots: { to } }: Match): boolean {
  const rest = /^[为成叫](.*)$/.exec(to?.plain ?? '')?.[1];
  return rest !== undefined && (rest === '' || rest.startsWith(' ') || NOUNS.has(rest));
}

const NOUNS: ReadonlySet<string> = new Set([...wordsOfClass('标签'), ...wordsOfClass('组'), ...wordsOfClass('规则组')]);

function readingsIn(found: readonly Found[]): Reading[] {
  return found.map((one) => one.reading);
}

/** Short key words glued to a name (加班) come after the lookup; everything else before it. */
function arrange(found: readonly Found[], lookup: Parsed | undefined): Reading[] {
  const strong = found.filter((one) => !one.match.open || one.match.longest >= 2);
  const weak = found.filter((one) => one.match.open && one.match.longest < 2);
  const bare = lookup?.kind === 'sentence' ? lookup.readings : [];
  return [...readingsIn(strong), ...bare, ...readingsIn(weak)];
}

function mentionsVerb(one: Found): boolean {
  return Object.values(one.match.slots).some((slot) => VERB_INSIDE.test(slot.plain));
}

const VERB_INSIDE = /删|移除|添加|新增|加到|改名|重命名|改成|置顶|撤销|delete|remove|rename|add/;

/** A bare word is a lookup; greetings, noise and whole paragraphs are not. */
function lookupOf(text: Text): Parsed | undefined {
  const query = text.raw.replace(/(?<![?？])[?？]+$/u, '').trim();
  if (query === '' || [...query].length > MAX_LOOKUP) return undefined;
  if (!isQuoted(text) && (SMALL_TALK.test(text.plain) || !/[\p{L}\p{N}\p{S}]/u.test(query))) return undefined;
  return { kind: 'sentence', readings: [{ command: 'tag.find', query }], text: query };
}

const SMALL_TALK =
  /^(?:你好+|您好|hi+|hello|hey|哈喽|嗨|在吗|在不在|在么|谢谢.*|多谢.*|感谢.*|thx|thanks?( you)?|辛苦.*|好的?[呢呀啊吧嘞]?|好滴|ok(ay)?|嗯+|哦+|噢|啊+|额+|呃+|哈+|呵+|嘿+|嘻+|收到|知道了|明白了?|了解|可以|不错|厉害|牛|棒|赞|早|早上好|早安|晚安|晚上好|中午好|下午好|再见|拜拜|bye|好|是的?|对的?|不是|不对|没有?|没事|test|测试一下|在干嘛|干嘛|怎么回事|什么|什么意思|啥|为什么|[0-9]{1,2}|y|n|yes|no|啊这|无语|笨蛋|傻.?|滚|垃圾.?|草|靠|妈的|fuck.*|shit)[!。.~?？！～\s]*$/;

/**
 * A mistyped key word put right: at the head of the sentence, or anywhere when nothing but names was understood.
 * Readings as typed are kept for names that only look mistyped; new names, which can be anything, only when the slip
 * is not where the verb belongs.
 */
function correct(text: Text, found: readonly Found[], limits: Limits): Parsed | undefined {
  const sure = found.some((one) => !one.match.open);
  for (const correction of corrections(text)) {
    if (sure && !correction.atHead) continue;
    const better = readingsOf([correction.text], limits).filter((one) => !one.match.open || one.match.longest >= 2);
    const [best] = better;
    if (best === undefined || best.match.longest < 2 || mentions(best, correction.meant)) continue;
    if (guard(correction.text, correction.text, keyWordsIn(correction.text), false) !== undefined) continue;
    const typo = { wrote: correction.wrote, meant: correction.meant };
    const readings = readingsIn(better);
    const asTyped = readingsIn(found).filter((reading) => !correction.atHead || !MAKES.has(reading.command));
    if (!acts(best.reading.command))
      return { kind: 'sentence', text: text.raw, readings: [...readings, ...asTyped], typo };
    return { kind: 'suggestion', text: text.raw, ...typo, readings, asTyped };
  }
  return undefined;
}

const MAKES: ReadonlySet<CommandId> = new Set(['tag.add', 'group.create', 'rule.create']);

/** The corrected word has only become part of a name. */
function mentions(found: Found, meant: string): boolean {
  return Object.values(found.match.slots).some((slot) => slot.plain.includes(meant));
}

/** The commands whose words occur in the text; help when none does. */
function nearestCommands(text: Text): CommandId[] {
  const near = commands.filter((row) =>
    row.words.some((word) => word.split(' ').every((part) => text.plain.includes(part))),
  );
  return near.length === 0 ? ['help'] : near.slice(0, 3).map((row) => row.id);
}
