/**
 * From clause to clause of a line. What is open is the order said last: the next clause goes on with it, gives it a place,
 * takes something of it back, stops it, or is another order; what is none of that is left out and told. What stands before
 * the first order may be its place, its first names, or a reason, which falls away.
 */

import { readBareRename } from './bare-rename.ts';
import { cancels } from './corrections.ts';
import { countBehind } from './counts.ts';
import { withoutHead, withoutTail } from './courtesy.ts';
import { type Clause, connectorsIn, joinText } from './cut.ts';
import { actingIn, asRows, isOrder, isPossible, isWhole, looked, placeOf, type Sentence, stopped } from './orders.ts';
import type { Reader } from './reader.ts';
import type { BatchLine, Circumstances, Parsed, Reading, Refusal } from './reading.ts';
import { isAsked, isCourtesy, isRemark } from './remarks.ts';
import { STEPS } from './sentence.ts';
import { namesIn, placedIn } from './slots.ts';
import { acts } from './table/grammar.ts';
import { nameOf, slice, type Text, textOf, trimmed } from './tokens.ts';

interface Unit {
  readonly text: Text;
  readonly parsed: Sentence;
  readonly leftOut: readonly string[];
  readonly careful: boolean;
}

/** From clause to clause; what is open is the order said last, and what came before any order. */
export class Walk {
  readonly #whole: Text;
  readonly #reader: Reader;
  #steps = STEPS;
  readonly #units: Unit[] = [];
  /** Before the first order: pieces that may be its beginning, its place, or a reason. */
  #ahead: Text[] = [];
  #kept: Text[] = [];
  #cancelled = false;
  /** Orders that were found from some place to the end of a clause. */
  readonly #partedFrom = new Map<string, Unit[] | undefined>();

  constructor(whole: Text, reader: Reader) {
    this.#whole = whole;
    this.#reader = reader;
  }

  through(clauses: readonly Clause[]): Parsed {
    // All clauses together may take about as long as one sentence.
    this.#steps = Math.max(500, Math.floor(9_000 / clauses.length));
    for (const clause of clauses) {
      const stop = this.#take(clause);
      if (stop !== undefined) return stop;
    }
    return this.#result();
  }

  #take(clause: Clause): Parsed | undefined {
    const { text, asked } = clause;
    if (isCourtesy(text.plain)) return undefined;
    if (CONDITION.test(text.plain)) return this.#stop('later');
    if (this.#units.length > 0 && cancels(text)) {
      this.#units.length = 0;
      this.#cancelled = true;
      return undefined;
    }
    if (asked && (this.#units.length > 0 || this.#orderOf(text) !== undefined)) return this.#stop('question');
    if ((clause.remark || isRemark(text.plain)) && !this.#reader.tag(text.raw))
      return this.#leaveOut(text, clause.after !== 'comma' && clause.after !== 'stop');
    if (this.#retracts(text) || this.#joins(clause) || this.#places(text)) return undefined;
    const parts = this.#ordersIn(clause);
    if (parts !== undefined) {
      const passedOver = this.#ahead.filter(({ plain }) => OPENS.test(plain) && !parts.some(holds(plain)));
      for (const part of parts) if (!this.#repeats(part)) this.#units.push(part);
      for (const each of passedOver) this.#leaveOut(each, true);
      this.#ahead = [];
      this.#cancelled = false;
      return undefined;
    }
    return this.#other(clause);
  }

  /** 加美团、知乎，啊知乎不要: one of the names is taken back. */
  #retracts({ plain }: Text): boolean {
    const last = this.#units.at(-1);
    const name = RETRACTS.exec(plain)?.[1];
    if (last === undefined || name === undefined) return false;
    const readings = last.parsed.readings.flatMap((reading): Reading[] => {
      if (!('tags' in reading)) return [];
      const tags = reading.tags.filter((tag) => textOf(nameOf(tag).name).plain !== name);
      return tags.length > 0 && tags.length < reading.tags.length ? [{ ...reading, tags }] : [];
    });
    if (readings.length === 0) return false;
    this.#units[this.#units.length - 1] = { ...last, parsed: { ...last.parsed, readings }, careful: true };
    return true;
  }

  #read(sentence: string): Parsed {
    return this.#reader.sentence(sentence, this.#steps);
  }

  /** The clause goes on with the order before it: more names, or what was still missing. */
  #joins({ text, after }: Clause): boolean {
    const last = this.#units.at(-1);
    if (last === undefined || after === 'stop' || last.leftOut.length > 0) return false;
    if (placeOf(text, this.#reader) !== undefined) return false;
    if (after === 'comma' && isTooLongFor(text, last)) return false;
    const order = this.#read(text.raw);
    if (order.kind === 'refused') return false;
    if (order.kind === 'sentence' && isOrder(order, this.#reader) && isWhole(last.parsed, this.#reader)) return false;
    const whole = joinText(last.text, text, after === 'space' ? ' ' : '，');
    const parsed = this.#read(whole.raw);
    if (parsed.kind !== 'sentence' || !isWhole(parsed, this.#reader)) return false;
    this.#units[this.#units.length - 1] = { ...this.#unit(whole, parsed), careful: last.careful };
    return true;
  }

  /** 把高意向改成强意向，课程意向的; 渠道来源那组，朋友圈改成微信朋友圈. */
  #places(text: Text): boolean {
    const place = placeOf(text, this.#reader);
    if (place === undefined) return false;
    const last = this.#units.at(-1);
    if (last === undefined) {
      this.#ahead.push(text);
      return true;
    }
    const other = /^(?:应该)?是/.test(text.plain);
    const readings = last.parsed.readings.map((reading) =>
      other && 'group' in reading ? ({ ...reading, group: place } as Reading) : placedIn(reading, place),
    );
    if (readings.every((reading, index) => reading === last.parsed.readings[index])) return false;
    this.#units[this.#units.length - 1] = { ...last, parsed: { ...last.parsed, readings } };
    return true;
  }

  /** The orders of a clause, with what stands before it as far as that belongs to it. */
  #ordersIn({ text }: Clause): Unit[] | undefined {
    // Names may stand in front of an order only where it begins with a name itself: 快手，微博加到渠道来源.
    const from0 = Math.max(0, this.#ahead.length - MOST_AHEAD);
    for (let from = VERB_AHEAD.test(text.plain) ? this.#ahead.length : from0; from < this.#ahead.length; from++) {
      const ahead = this.#ahead.slice(from);
      if (ahead.some((each) => IS_NO_NAME.test(each.plain))) continue;
      const whole = [...ahead, text].reduce((a, b) => joinText(a, b, '，'));
      const parsed = this.#read(whole.raw);
      if (parsed.kind === 'sentence' && isWhole(parsed, this.#reader)) return [this.#unit(whole, parsed)];
    }
    const parts = this.#parted(text);
    const topic = this.#ahead.map((each) => placeOf(each, this.#reader)).findLast((place) => place !== undefined);
    if (parts === undefined || topic === undefined) return parts;
    return parts.map((each) => ({
      ...each,
      parsed: { ...each.parsed, readings: each.parsed.readings.map((reading) => placedIn(reading, topic)) },
    }));
  }

  /** 把双11删了再把3.5折改成3.8折: cut where both sides are orders. */
  #parted(text: Text): Unit[] | undefined {
    if (!this.#partedFrom.has(text.raw)) this.#partedFrom.set(text.raw, this.#part(text));
    return this.#partedFrom.get(text.raw);
  }

  #part(text: Text): Unit[] | undefined {
    for (const at of connectorsIn(text)) {
      const left = this.#orderOf(trimmed(slice(text, 0, at)));
      if (left === undefined) continue;
      const right = this.#parted(trimmed(slice(text, at)));
      if (right !== undefined) return [left, ...right];
    }
    const only = this.#orderOf(text);
    return only === undefined ? undefined : [only];
  }

  #orderOf(whole: Text): Unit | undefined {
    const text = trimmed(slice(whole, LINKS.exec(whole.plain)?.[0].length ?? 0));
    for (const each of text.raw === whole.raw ? [text] : [text, whole]) {
      const parsed = asRows(withoutTail(withoutHead(each)), this.#reader) ?? this.#read(each.raw);
      if (parsed.kind === 'sentence' && isOrder(parsed, this.#reader)) return this.#unit(each, parsed);
    }
    return this.#bareRename(text);
  }

  /** 把高改成高意向，中改中意向: behind a rename it is one beyond doubt, and in the same place. */
  #bareRename(text: Text): Unit | undefined {
    const parsed = readBareRename(text, this.#reader, this.#steps);
    if (parsed === undefined) return undefined;
    const unit = this.#unit(text, parsed);
    const before = actingIn(this.#units.at(-1)?.parsed.readings ?? []);
    if (before?.command !== 'tag.rename') return { ...unit, careful: true };
    const place = before.group;
    if (place === undefined) return unit;
    const { readings } = unit.parsed;
    const inPlace = readings.map((reading) => placedIn(reading, place));
    return { ...unit, parsed: { ...parsed, readings: [...inPlace, ...readings] } };
  }

  /** What could be meant in this library comes first: there may be a reading with a comma in a name. */
  #unit(text: Text, parsed: Sentence): Unit {
    const possible = (reading: Reading) => acts(reading.command) && isPossible(reading, this.#reader);
    const first = looked(parsed).find(possible);
    const rest = parsed.readings.filter((reading) => reading !== first);
    const readings = first === undefined ? rest : [first, ...rest];
    return { text, parsed: { ...parsed, readings }, leftOut: parsed.leftOut ?? [], careful: parsed.careful ?? false };
  }

  /** 1688不要了，删掉: the verb again, and nothing new. */
  #repeats({ parsed: { readings } }: Unit): boolean {
    const best = actingIn(readings);
    const before = actingIn(this.#units.at(-1)?.parsed.readings ?? []);
    if (best === undefined || before?.command !== best.command) return false;
    const { there, made, place } = namesIn(best);
    return [...there, ...made].every((name) => name === '') && place === undefined;
  }

  #other({ text, asked }: Clause): Parsed | undefined {
    const parsed = this.#read(text.raw);
    if (parsed.kind === 'refused') {
      if (parsed.why === 'question') return this.#stop('question');
      if (parsed.why === 'sweep') return { ...parsed, text: this.#whole.raw };
      if (parsed.why === 'negation' && this.#concerns(text)) return this.#stop('negation');
      if (this.#units.length > 0) return this.#leaveOut(text, true);
      if (parsed.why === 'quotation' || parsed.why === 'negation' || parsed.why === 'later') this.#kept.push(text);
      this.#ahead.push(asked ? joinText(text, QUESTION_MARK, '') : text);
      return undefined;
    }
    if (this.#units.length === 0) {
      if ((isAsked(text.plain) || TELLS_AT_END.test(text.plain)) && !asked) this.#kept.push(text);
      this.#ahead.push(asked ? joinText(text, QUESTION_MARK, '') : text);
      return undefined;
    }
    if (isAsked(text.plain)) return this.#stop('question');
    return this.#leaveOut(text, true);
  }

  /** A denial that names none of what is to be changed, or nothing at all, is meant for the whole order. */
  #concerns(text: Text): boolean {
    if (this.#units.length === 0) return false;
    const named = this.#units.flatMap(({ parsed }) => {
      const best = actingIn(parsed.readings);
      if (best === undefined) return [];
      const { there, made } = namesIn(best);
      return [...there, ...made].map((name) => textOf(nameOf(name).name).plain);
    });
    if (named.some((name) => name !== '' && text.plain.includes(name))) return true;
    return !/(?:加|删|改|动|移|建|置顶|碰)\S{2,}|\S{2,}(?:千万|先|都|就)*(?:别|不要|不许|不准)/.test(
      text.plain.replace(/^(?:但是?|不过)/, ''),
    );
  }

  #leaveOut(text: Text, told: boolean): Parsed | undefined {
    const last = this.#units.at(-1);
    if (last === undefined || !told) return undefined;
    this.#units[this.#units.length - 1] = { ...last, leftOut: [...last.leftOut, text.raw], careful: true };
    return undefined;
  }

  #stop(why: Refusal): Parsed {
    const [first] = this.#units;
    if (first !== undefined) return stopped(why, this.#whole, first.parsed);
    const parsed = this.#reader.sentence(this.#whole.raw);
    return parsed.kind === 'refused' ? parsed : stopped(why, this.#whole, parsed);
  }

  #result(): Parsed {
    const [only, ...more] = this.#units;
    if (only === undefined) return this.#withoutOrder();
    // 老板说，把VIP删了: what somebody else wants is no order.
    if (this.#kept.some((text) => TELLS_AT_END.test(text.plain))) return this.#stop('quotation');
    if (more.length === 0) return { ...only.parsed, ...circumstances(only) };
    const lines = this.#units.map(
      (each, index): BatchLine => ({
        number: index + 1,
        text: each.text.raw,
        readings: inheriting(each.parsed.readings, this.#units[index - 1]),
        formal: each.parsed.formal ?? false,
        ...circumstances(each),
      }),
    );
    return { kind: 'batch', lines };
  }

  #withoutOrder(): Parsed {
    if (this.#cancelled) return stopped('negation', this.#whole, undefined);
    const [first, ...rest] = this.#ahead;
    const left = first === undefined ? undefined : rest.reduce((a, b) => joinText(a, b, '，'), first);
    const whole = this.#reader.sentence(this.#whole.raw);
    if (left === undefined || whole.kind === 'refused') return whole;
    const parsed = this.#reader.sentence(left.raw);
    return parsed.kind === 'nothing' ? whole : parsed;
  }
}

/** 房屋类型加平房，数据组等着用: much longer than the names before it, and without any separator of names. */
function isTooLongFor({ raw, plain }: Text, last: Unit): boolean {
  if (last.parsed.formal || /[、:]|[到进往给]/.test(plain) || nameOf(raw).literal) return false;
  const best = actingIn(last.parsed.readings);
  if (best?.command !== 'tag.add' || best.tags.length === 0) return false;
  const longest = Math.max(...best.tags.map((tag) => [...tag].length));
  const said = countBehind(raw)?.rest ?? raw;
  return [...said].length >= Math.max(5, longest + 2);
}

/** A clause with a verb of its own is not the first name of the next one. */
const IS_NO_NAME = /^(?!把|将|给|在|从).*(?:改[成为名]|删|移除|加到|添加|新增|置顶)/;

/** An order that was begun: no reason that falls away without a word. */
const OPENS = /^(?:请|麻烦|帮我)?(?:(?:把|将)|(?:查|搜|找)(?:一下|下|询|索|找)?)\s*\S/;

function holds(plain: string): (unit: Unit) => boolean {
  return ({ text }) => text.plain.includes(plain);
}

/** So many names are looked back for. */
const MOST_AHEAD = 8;

const VERB_AHEAD =
  /^(?:嗯|呃|请|帮我|帮忙|麻烦|你|再|也|那个|就是)*(?:加|添|新增|新建|增|建|创|补|录|删|移|去掉|清|改名|重命名|把|将|给|在|从|往|置顶|排|标签|规则|[+-]|add|tag|group|del|ren|create|new)/;

const QUESTION_MARK = textOf('？');

const RETRACTS =
  /^(?:啊|哦|诶|呃|算了)?\s*(?:那个)?(.+?)(?:先|就|还是|也)?(?:不要了?|不加了?|不用了?|不删了?|不算|除外|别加了?|别删了?|留着|去掉)(?:吧)?$/;

const CONDITION = /^(?:如果|要是|假如|万一|倘若|除非|一旦|只要|等.{1,12}(?:再|后|就|时)|.{2,14}的话$)/;

const LINKS = /^(?:然后|顺便|顺带|并且|并|同时|另外|还有|接着|随后|再|最后|所以|其次|首先|先|以及)\s*(?=\S{2})/;

const TELLS_AT_END = /(?:说|讲|问|让我|叫我|要我|喊我|告诉我|要求|表示|回复|写道)$/;

function circumstances({ leftOut, careful: shown }: Unit): Circumstances {
  return { ...(leftOut.length > 0 ? { leftOut } : {}), ...(shown ? { careful: true } : {}) };
}

/** 删掉法式和北欧风，加上美式: the second order is about the group of the first. */
function inheriting(readings: readonly Reading[], before: Unit | undefined): readonly Reading[] {
  const previous = actingIn(before?.parsed.readings ?? []);
  const place = previous === undefined ? undefined : namesIn(previous).place;
  // VIP改成贵宾，然后置顶: it is found by the name that it still bears.
  const { tag, group } = previous?.command === 'tag.rename' ? previous : {};
  if (tag !== undefined && readings.some((reading) => reading.command === 'tag.top' && reading.tag === ''))
    return [{ command: 'tag.top', tag, ...(group === undefined ? {} : { group }) }];
  if (place === undefined) return readings;
  return readings.map((reading) => (reading.command === 'tag.add' ? placedIn(reading, place) : reading));
}
