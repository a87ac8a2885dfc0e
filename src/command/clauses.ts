/**
 * A line → its clauses, and what each is: greeting or courtesy, reason, remark, place, name, order, question, denial,
 * correction. Orders are kept (several become a batch), a place is given to the order beside it, courtesy, reasons and
 * remarks fall away, a question or a denial that concerns the order stops it, a correction replaces what it corrects.
 *
 * Whether a comma parts two names or two clauses, the words alone do not say: the clauses are read together first, and
 * kept together when every part of that reading is a name of the library or plainly a new one.
 */

import { cancels, correctionIn, replaced, withoutContrast } from './corrections.ts';
import { countAhead, countBehind } from './counts.ts';
import { withoutHead, withoutTail } from './courtesy.ts';
import { tagsACustomer } from './customers.ts';
import { isClause, isPlainName } from './doubt.ts';
import type { Known } from './known.ts';
import { ruleNamedIn } from './place.ts';
import type { BatchLine, Circumstances, Parsed, Reading, Refusal } from './reading.ts';
import { isAsked, isCourtesy, isRemark, remarkGluedTo } from './remarks.ts';
import { importLine } from './rows.ts';
import { readSentence } from './sentence.ts';
import { namesIn, placedIn } from './slots.ts';
import { acts } from './table/grammar.ts';
import { LONGEST_SENTENCE, nameOf, slice, type Text, textOf, trimmed } from './tokens.ts';

type Sentence = Extract<Parsed, { kind: 'sentence' }>;

/** Reads one line. */
export function readLine(line: string, known: Known): Parsed {
  const text = trimmed(textOf(line));
  if (text.plain.length > LONGEST_SENTENCE) return readLong(text, known);
  const rule = ruleNamedIn(text, known);
  if (rule === undefined) return readClauses(text, known);
  return inRule(readClauses(rule.rest, known), rule.name);
}

function inRule(parsed: Parsed, rule: string): Parsed {
  if (parsed.kind === 'sentence' || parsed.kind === 'suggestion') return { ...parsed, rule };
  if (parsed.kind !== 'batch') return parsed;
  return { kind: 'batch', lines: parsed.lines.map((line) => ({ ...line, rule: line.rule ?? rule })) };
}

function readClauses(text: Text, known: Known, depth = 0): Parsed {
  if (tagsACustomer(text.plain, known)) return stopped('customer', text, undefined);
  if (EXCEPTS.test(text.plain)) return stopped('sweep', text, undefined);
  const contrast = withoutContrast(text);
  const meant = contrast === undefined ? undefined : readSentence(contrast.raw);
  if (meant?.kind === 'sentence' && isOrder(meant, known)) return { ...meant, careful: true };
  const corrected = depth < MOST_CORRECTIONS ? readCorrected(text, known, depth + 1) : undefined;
  if (corrected !== undefined) return corrected;
  const led = leadingPlace(text, known);
  if (led !== undefined) return placedAll(readClauses(led.rest, known), led.group);
  const clauses = clausesOf(text);
  const [first] = clauses;
  if (first === undefined) return readSentence(text.raw);
  if (clauses.length > MOST_CLAUSES) return readLong(text, known);
  if (clauses.length === 1 && connectorsIn(first.text).length === 0 && !isRemark(first.text.plain))
    return asRows(withoutTail(withoutHead(text)), known) ?? readSentence(text.raw);
  return new Walk(text, known).through(clauses);
}

/** So often one corrects himself in a sentence. */
const MOST_CORRECTIONS = 3;

/** A line with more of them is a list. */
const MOST_CLAUSES = 24;

/** A list with an order around it: read as one, without the talk at its ends. What denies or asks there stops it. */
function readLong(text: Text, known: Known): Parsed {
  let rest = text;
  for (let round = 0; round < MOST_AT_ENDS; round++) {
    const tail = TAIL_CLAUSE.exec(rest.plain.slice(-REACH_AT_ENDS))?.[0] ?? '';
    const head = HEAD_CLAUSE.exec(rest.plain.slice(0, REACH_AT_ENDS))?.[0] ?? '';
    const last = trimmed(slice(rest, rest.plain.length - tail.length + 1));
    if (tail !== '' && (cancels(last) || readSentence(last.raw).kind === 'refused'))
      return stopped('negation', text, undefined);
    if (tail !== '' && isTalk(last)) rest = trimmed(slice(rest, 0, rest.plain.length - tail.length));
    else if (head !== '' && isTalk(trimmed(slice(rest, 0, head.length - 1)))) rest = trimmed(slice(rest, head.length));
    else break;
  }
  return asRows(rest, known) ?? readSentence(rest.raw);
}

const MOST_AT_ENDS = 6;
const REACH_AT_ENDS = 80;
const TAIL_CLAUSE = /[,。!;][^,。!;]*[。!;]?$/;
const HEAD_CLAUSE = /^[^,。!;]*[,。!;]/;

function isTalk({ plain }: Text): boolean {
  const bare = plain.replace(/[。!;\s]+$/, '');
  return bare === '' || isCourtesy(bare) || isRemark(bare);
}

/** 课程意向：书法、围棋: the names of a group that is there. */
function asRows(text: Text, known: Known): Parsed | undefined {
  const line = importLine(text.raw);
  if (line === undefined || !known.group(nameOf(line.group).name)) return undefined;
  if (!line.tags.every((tag) => nameOf(tag).literal || known.tag(tag) || (isPlainName(tag) && !VERB_FIRST.test(tag))))
    return undefined;
  const reading: Reading = { command: 'tag.add', tags: line.tags, group: line.group };
  return { kind: 'sentence', readings: [reading], text: text.raw, formal: false, careful: true };
}

/** 渠道来源：加快手 orders. */
const VERB_FIRST = /^(?:加|添|新增|增加|删|改|移除|去掉|置顶|把|将)/;

/** The last word counts; undefined when nothing was corrected. */
function readCorrected(text: Text, known: Known, depth: number): Parsed | undefined {
  const corrected = correctionIn(text, known);
  if (corrected === undefined) return undefined;
  const { first, wrong } = corrected;
  if (corrected.instead.raw === '') return undefined;
  const whole = corrected.instead;
  const instead = isOrderLike(readClauses(whole, known, MOST_CORRECTIONS), known) ? whole : withoutTalk(whole, known);
  const before = first.raw === '' ? undefined : readClauses(first, known, depth);
  if (cancels(instead)) return stopped('negation', text, before);
  const after = readClauses(instead, known, MOST_CORRECTIONS);
  if (after.kind === 'refused') return after;
  if (isOrderLike(after, known)) return careful(placeKept(after, before));
  const order = before === undefined ? undefined : lastOrder(before);
  if (order === undefined || before === undefined) return undefined;
  const readings = order.readings.flatMap((reading) => replaced(reading, instead, known, wrong) ?? []);
  if (readings.length === 0) return stopped('correction', text, before);
  return withLastOrder(before, readings);
}

/** What was said instead, without what was said around it. */
function withoutTalk(text: Text, known: Known): Text {
  const [first, ...rest] = clausesOf(text);
  if (first === undefined) return text;
  let kept = first.text;
  for (const { text: each, after, remark } of rest) {
    const name = nameOf(each.raw);
    if (remark || isCourtesy(each.plain) || isRemark(each.plain) || cancels(each)) continue;
    if (!name.literal && !known.means(name.name) && !placeOf(each, known) && !isPlainName(name.name)) continue;
    kept = joinText(kept, each, after === 'space' ? ' ' : '，');
  }
  return withoutTail(kept);
}

function isOrderLike(parsed: Parsed, known: Known): boolean {
  if (parsed.kind === 'batch') return true;
  return parsed.kind === 'sentence' && isOrder(parsed, known);
}

/** 删掉高意向，购车意向的，啊不，删课程意向的: what was not said again stays. */
function placeKept(after: Parsed, before: Parsed | undefined): Parsed {
  const said = before?.kind === 'sentence' ? actingIn(before.readings) : undefined;
  const place = said === undefined ? undefined : namesIn(said).place;
  if (place === undefined || after.kind !== 'sentence') return after;
  if (actingIn(after.readings)?.command !== 'tag.add') return after;
  return { ...after, readings: after.readings.map((reading) => placedIn(reading, place)) };
}

function careful(parsed: Parsed): Parsed {
  if (parsed.kind === 'sentence') return { ...parsed, careful: true };
  if (parsed.kind === 'batch')
    return { kind: 'batch', lines: parsed.lines.map((line) => ({ ...line, careful: true })) };
  return parsed;
}

function lastOrder(parsed: Parsed): { readonly readings: readonly Reading[] } | undefined {
  if (parsed.kind === 'sentence') return parsed.readings.some(({ command }) => acts(command)) ? parsed : undefined;
  return parsed.kind === 'batch' ? parsed.lines.at(-1) : undefined;
}

function withLastOrder(parsed: Parsed, readings: readonly Reading[]): Parsed {
  if (parsed.kind === 'sentence') return { ...parsed, readings, careful: true };
  if (parsed.kind !== 'batch') return parsed;
  const lines = parsed.lines.map((line, index) =>
    index === parsed.lines.length - 1 ? { ...line, readings, careful: true } : { ...line, careful: true },
  );
  return { kind: 'batch', lines };
}

function stopped(why: Refusal, text: Text, order: Parsed | undefined): Parsed {
  const readings = order?.kind === 'sentence' ? order.readings.filter(({ command }) => acts(command)) : [];
  return { kind: 'refused', why, command: readings[0]?.command ?? 'tag.delete', text: text.raw, readings };
}

/** 在购车意向里把高意向改成近期购车, 房屋类型下面让学区房排最前面: the place stands in front of the order. */
function leadingPlace(text: Text, known: Known): { readonly group: string; readonly rest: Text } | undefined {
  const found = LEADING.exec(text.plain);
  if (found === null) return undefined;
  const [place] = known.namesIn(text.raw);
  if (place === undefined || !place.group) return undefined;
  const head = text.plain.slice(0, place.from);
  const joint = LEADING_JOINT.exec(text.plain.slice(place.to))?.[0];
  if (!/^(?:在|从|关于|对|请|帮我|麻烦|那个)*$/.test(head) || joint === undefined) return undefined;
  return { group: text.raw.slice(place.from, place.to), rest: trimmed(slice(text, place.to + joint.length)) };
}

const LEADING = /(?:把|将|让)/;
const LEADING_JOINT =
  /^\s*(?:这个|那个|这|那)?(?:标签组|分组|组)?\s*(?:里面|里头|里|中|内|下面|下|那里|那边)?[\s,]*(?=把|将|让)/;

function placedAll(parsed: Parsed, group: string): Parsed {
  const placed = (readings: readonly Reading[]) => readings.map((reading) => placedIn(reading, group));
  if (parsed.kind === 'sentence') return { ...parsed, readings: placed(parsed.readings) };
  if (parsed.kind !== 'batch') return parsed;
  return { kind: 'batch', lines: parsed.lines.map((line) => ({ ...line, readings: placed(line.readings) })) };
}

/** 除了抖音都删掉: what would go is not named. */
const EXCEPTS =
  /(?:除了|除开|除去|除.{1,8}(?:外|以外|之外)).*(?:都|全|其[他余它]).*(?:删|去掉|清)|(?:只|仅)(?:留|保留|剩).*(?:删|去掉|清)|(?:删|去掉|清).*(?:只|仅)(?:留|保留|剩)/;

// -- cutting -------------------------------------------------------------------------------------------------------

interface Clause {
  readonly text: Text;
  /** What parts it from the clause before: the beginning, a full stop, a comma, a space. */
  readonly after: 'start' | 'stop' | 'comma' | 'space';
  /** Asked. */
  readonly asked: boolean;
  /** Known for a remark by the way it was cut off. */
  readonly remark?: true;
}

const BORDER =
  /[。!?;…~]+|,|、(?=[^、,。]{1,20}(?:改成|改为|改名为|改叫|换成|置顶))|(?<=[^\sa-z0-9])\s+(?=\S)|(?<=\S)\s+(?=[\u4e00-\u9fff])/g;
/** 1,000 and 9:30 are no borders. */
const WITHIN_NUMBER = /^\d{3}(?!\d)/;

function clausesOf(text: Text): Clause[] {
  const out: Clause[] = [];
  let from = 0;
  let after: Clause['after'] = 'start';
  const push = (to: number, asked: boolean): void => {
    const piece = trimmed(slice(text, from, to));
    if (piece.raw !== '') out.push({ text: piece, after, asked });
  };
  for (const found of text.plain.matchAll(BORDER)) {
    const [mark] = found;
    const end = found.index + mark.length;
    if (mark === ',' && WITHIN_NUMBER.test(text.plain.slice(end)) && /\d$/.test(text.plain.slice(0, found.index)))
      continue;
    push(found.index, mark.includes('?'));
    after = mark === ',' || mark === '、' ? 'comma' : mark.trim() === '' ? 'space' : 'stop';
    from = end;
  }
  push(text.plain.length, false);
  return joinedAtSpaces(bracketed(out)).flatMap(unglued);
}

/** A bracket at the end of a clause is one of its own: 到 美容项目（周五前弄好）. */
function bracketed(clauses: readonly Clause[]): Clause[] {
  return clauses.flatMap((clause) => {
    const found = /^(.+?)\s*\(([^()]+)\)$/.exec(clause.text.plain);
    const inside = found?.[2] ?? '';
    if (found === null || !(isRemark(inside) || isClause(inside) || ASIDE.test(inside))) return [clause];
    const at = clause.text.plain.lastIndexOf('(');
    return [
      { ...clause, text: trimmed(slice(clause.text, 0, at)), asked: false },
      {
        text: slice(clause.text, at + 1, clause.text.plain.length - 1),
        after: 'space' as const,
        asked: clause.asked,
        remark: true as const,
      },
    ];
  });
}

/** 钻石会员领导要的: the remark is cut off where it begins. */
function unglued(clause: Clause): Clause[] {
  const at = remarkGluedTo(clause.text.plain);
  if (at === undefined) return [clause];
  return [
    { ...clause, text: trimmed(slice(clause.text, 0, at)), asked: false },
    { text: trimmed(slice(clause.text, at)), after: 'space', asked: clause.asked, remark: true },
  ];
}

const ASIDE = /^(?:待定|保留|暂定|新|新增|重要|急|必填|选填|可选|备注.*)$/;

/**
 * A space parts clauses only in front of another order, and where courtesy, a remark or a reason stands at one of the ends:
 * in the middle, and behind a word that wants a name (改名 SVIP 为 加急), it is a name.
 */
function joinedAtSpaces(clauses: readonly Clause[]): Clause[] {
  const out: Clause[] = [];
  let leading = true;
  for (const [index, clause] of clauses.entries()) {
    const last = out.at(-1);
    if (clause.after !== 'space') leading = true;
    if (last !== undefined) leading &&= stands(last.text.plain);
    const parts =
      clause.after !== 'space' ||
      clause.remark ||
      last === undefined ||
      leading ||
      LEADS.test(clause.text.plain) ||
      (!WANTS_A_NAME.test(last.text.plain) && standsToTheEnd(clauses, index));
    if (parts) out.push(clause);
    else out[out.length - 1] = { ...last, text: joinText(last.text, clause.text, ' '), asked: clause.asked };
  }
  return out;
}

function standsToTheEnd(clauses: readonly Clause[], from: number): boolean {
  for (let index = from; index < clauses.length; index++) {
    const clause = clauses[index] as Clause;
    if (index > from && clause.after !== 'space') return true;
    if (!stands(clause.text.plain)) return false;
  }
  return true;
}

const WANTS_A_NAME =
  /(?:为|成|叫做?|到|进|在|从|给|把|将|的|里|和|与|及|:|、|,|(?:^|\s)(?:添加|新增|增加|新建|加|删除|删掉|删|改名|置顶|排序|to|from|in|add|delete|rename))$/;

/** Stands on its own although only a space parts it. */
function stands(plain: string): boolean {
  return isCourtesy(plain) || isRemark(plain) || REASONS.test(plain);
}

const LEADS =
  /^(?:请|麻烦|帮我|帮忙|烦请|劳烦|顺便|然后|另外|还有(?=把|给|在|将)|再(?=把|给|在|将|加|删)|并(?=把|将|在|给))\S*(?:把|将|在|给|从|往|删|加|添|新|改|置|建)/;
const REASONS =
  /^(?:经(?:.{0,10}(?:讨论|商量|研究|决定|同意|批准|沟通|商议|会议)).*|(?:因为|由于|鉴于|考虑到|为了?(?:方便|配合|避免|便于|统一|区分)|既然|经过?(?:讨论|商量|研究|沟通|确认)|根据|按照|最近|近期).{3,})/;

function joinText(a: Text, b: Text, by: string): Text {
  return { raw: `${a.raw}${by}${b.raw}`, plain: `${a.plain}${by === '，' ? ',' : by}${b.plain}` };
}

const CONNECTOR =
  /(?:然后|顺便|顺带|并且|同时|另外|还有(?=把|给|在|将)|接着|随后|并(?=删|加上?|添|把|置顶|改|将|新)|再(?=把|给|将|在)|再(?=加|删|添|新增|置顶)|(?<=[了吧])(?=把|将|给)|(?<=不要了)(?=删))/g;

function connectorsIn({ plain }: Text): number[] {
  return [...plain.matchAll(CONNECTOR)].map((found) => found.index).filter((at) => at > 1 && at < plain.length - 3);
}

// -- walking -------------------------------------------------------------------------------------------------------

interface Unit {
  readonly text: Text;
  readonly parsed: Sentence;
  readonly leftOut: readonly string[];
  readonly careful: boolean;
}

/** From clause to clause; what is open is the order said last, and what came before any order. */
class Walk {
  readonly #whole: Text;
  readonly #known: Known;
  #steps = 6_000;
  readonly #units: Unit[] = [];
  /** Before the first order: pieces that may be its beginning, its place, or a reason. */
  #ahead: Text[] = [];
  #kept: Text[] = [];
  #cancelled = false;

  constructor(whole: Text, known: Known) {
    this.#whole = whole;
    this.#known = known;
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
    if ((clause.remark || isRemark(text.plain)) && !this.#known.tag(text.raw))
      return this.#leaveOut(text, clause.after !== 'comma' && clause.after !== 'stop');
    if (this.#retracts(text) || this.#joins(clause) || this.#places(text)) return undefined;
    const parts = this.#ordersIn(clause);
    if (parts !== undefined) {
      for (const part of parts) if (!this.#repeats(part)) this.#units.push(part);
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

  /** The clause goes on with the order before it: more names, or what was still missing. */
  #joins({ text, after }: Clause): boolean {
    const last = this.#units.at(-1);
    if (last === undefined || after === 'stop' || last.leftOut.length > 0) return false;
    if (placeOf(text, this.#known) !== undefined) return false;
    if (after === 'comma' && isTooLongFor(text, last)) return false;
    const order = readSentence(text.raw, this.#steps);
    if (order.kind === 'refused') return false;
    if (order.kind === 'sentence' && isOrder(order, this.#known) && isWhole(last.parsed, this.#known)) return false;
    const whole = joinText(last.text, text, after === 'space' ? ' ' : '，');
    const parsed = readSentence(whole.raw, this.#steps);
    if (parsed.kind !== 'sentence' || !isWhole(parsed, this.#known)) return false;
    this.#units[this.#units.length - 1] = { ...this.#unit(whole, parsed), careful: last.careful };
    return true;
  }

  /** 把高意向改成强意向，课程意向的; 渠道来源那组，朋友圈改成微信朋友圈. */
  #places(text: Text): boolean {
    const place = placeOf(text, this.#known);
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
      const parsed = readSentence(whole.raw, this.#steps);
      if (parsed.kind === 'sentence' && isWhole(parsed, this.#known)) return [this.#unit(whole, parsed)];
    }
    const parts = this.#parted(text);
    const topic = this.#ahead.map((each) => placeOf(each, this.#known)).findLast((place) => place !== undefined);
    if (parts === undefined || topic === undefined) return parts;
    return parts.map((each) => ({
      ...each,
      parsed: { ...each.parsed, readings: each.parsed.readings.map((reading) => placedIn(reading, topic)) },
    }));
  }

  /** 把双11删了再把3.5折改成3.8折: cut where both sides are orders. */
  #parted(text: Text): Unit[] | undefined {
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
      const parsed = asRows(withoutTail(withoutHead(each)), this.#known) ?? readSentence(each.raw, this.#steps);
      if (parsed.kind === 'sentence' && isOrder(parsed, this.#known)) return this.#unit(each, parsed);
    }
    return undefined;
  }

  /** What could be meant in this library comes first: there may be a reading with a comma in a name. */
  #unit(text: Text, parsed: Sentence): Unit {
    const possible = (reading: Reading) => acts(reading.command) && isPossible(reading, this.#known);
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
    const parsed = readSentence(text.raw, this.#steps);
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
    const parsed = readSentence(this.#whole.raw);
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
    const whole = readSentence(this.#whole.raw);
    if (left === undefined || whole.kind === 'refused') return whole;
    const parsed = readSentence(left.raw);
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
  if (place === undefined) return readings;
  return readings.map((reading) => (reading.command === 'tag.add' ? placedIn(reading, place) : reading));
}

/** The group that a clause is, with nothing but particles around it: 课程意向的, 在提货方式里, 提货方式里那个. */
function placeOf({ raw, plain }: Text, known: Known): string | undefined {
  const found = PLACE.exec(plain)?.[1];
  if (found === undefined || known.tag(raw)) return undefined;
  const at = plain.indexOf(found);
  const name = raw.slice(at, at + found.length).trim();
  for (const candidate of [name, name.replace(/(?:这个|那个|这一?|那一?)?(?:标签组|分组|组)$/u, '')]) {
    if (candidate !== '' && known.group(candidate)) return candidate;
  }
  return undefined;
}

const PLACE =
  /^(?:是|关于|对于|就是|在|从|到|至于)?\s*(.+?)\s*(?:这个|那个|这一|那一|这|那)?(?:标签组|分组|组)?(?:里面|里头|里边|里|中|内|下面|下|那里|那边)?(?:的那个|那个|那一个|的标签|的|,)?(?:吧|哈|啊|哦|呀|了)*$/;

// -- looking at readings -------------------------------------------------------------------------------------------

/** Whether the best acting reading could be an order in this library. */
function isOrder(parsed: Sentence, known: Known): boolean {
  const best = parsed.readings.find(({ command }) => command !== 'tag.find');
  if (best === undefined) return false;
  if (!acts(best.command)) return false;
  return looked(parsed).some((reading) => acts(reading.command) && isPossible(reading, known));
}

/** Whether every name in the best reading is one of the library, or plainly a new one. */
function isWhole(parsed: Sentence, known: Known): boolean {
  return looked(parsed).some((reading) => acts(reading.command) && isPossible(reading, known) && isFilled(reading));
}

/** The likeliest readings; what none of them is, the clause is not. */
function looked({ readings }: Sentence): readonly Reading[] {
  return readings.slice(0, 10);
}

function actingIn(readings: readonly Reading[]): Reading | undefined {
  return readings.find(({ command }) => acts(command));
}

function isFilled(reading: Reading): boolean {
  if (reading.command === 'tag.add') return reading.tags.length > 0;
  return !('to' in reading) || reading.to !== undefined;
}

function isPossible(reading: Reading, known: Known): boolean {
  const { there, made, place } = namesIn(reading);
  const ofGroups = reading.command.startsWith('group.');
  if (!there.every((name) => isNamed(name, known, ofGroups ? 'group' : 'tag'))) return false;
  if (place !== undefined && !(isNamed(place, known) || (reading.command === 'tag.add' && isNewPlace(place))))
    return false;
  const first = reading.command === 'group.create' ? 1 : 0;
  return made.every((name, index) => isMade(name, index === first, index === made.length - 1, known));
}

/** A name of the library, with nothing but particles around it. */
function isNamed(typed: string, known: Known, what?: 'tag' | 'group'): boolean {
  const { name, literal } = nameOf(typed);
  if (literal || name === '') return true;
  if ((what !== 'group' && known.means(name)) || (what !== 'tag' && known.group(name))) return true;
  let rest = '';
  let from = 0;
  const places = known.namesIn(name);
  if (what !== undefined && !places.some((place) => place[what])) return false;
  for (const place of places) {
    rest += name.slice(from, place.from);
    from = place.to;
  }
  return from > 0 && AROUND_NAMES.test(rest + name.slice(from));
}

const AROUND_NAMES =
  /^(?:的|那|这|个|组|标签|分|里|面|头|中|下|内|边|在|从|到|和|与|及|跟|还有|以|、|啊|呀|\/|>|:|：|-|\s|都|也|给|我|帮|了|吧|等|全|部|\d{1,2}|[两二三四五六七八九十俩仨]|[“”"「」『』【】()（）])*$/u;

/** A new name, or one of the library; the count around a list is none of it. */
function isMade(typed: string, first: boolean, last: boolean, known: Known): boolean {
  if (nameOf(typed).literal) return true;
  let { name } = nameOf(typed);
  if (first) name = countAhead(name)?.rest ?? name;
  if (last) name = countBehind(name)?.rest ?? name;
  const bare = nameOf(name);
  return (
    bare.literal ||
    known.tag(bare.name) ||
    bare.name.split(/\s+|和|与|及|跟|还有|以及/u).every((part) => isPlainName(part))
  );
}

function isNewPlace(typed: string): boolean {
  const { name, literal } = nameOf(typed);
  return literal || isPlainName(name);
}
