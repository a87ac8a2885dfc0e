/**
 * A line → what it may mean, clause by clause: the library it names (library-named.ts), corrections (corrections.ts), its
 * clauses (cut.ts) and the walk through them (walk.ts). Orders are kept, several become a batch; courtesy, reasons and
 * remarks fall away; a question or a denial that concerns the order stops it. A long list is read by its ends.
 */

import { arrangedIn } from './arrange.ts';
import { readBareRename } from './bare-rename.ts';
import { cancels, correctionIn, replaced, withoutContrast } from './corrections.ts';
import { withoutHead, withoutTail } from './courtesy.ts';
import { tagsACustomer } from './customers.ts';
import { clausesOf, connectorsIn, joinText } from './cut.ts';
import { isPlainName } from './doubt.ts';
import type { Known } from './known.ts';
import { isAboutRules, libraryNamedIn, type Placed } from './library-named.ts';
import { actingIn, asRows, isComplete, isOrder, lacksNothing, looked, placeOf, stopped } from './orders.ts';
import type { Reader } from './reader.ts';
import { type BatchLine, type Parsed, type Reading, under } from './reading.ts';
import { isCourtesy, isRemark } from './remarks.ts';
import { namesIn, placedIn } from './slots.ts';
import { sparedIn, withoutSpared } from './spared.ts';
import { switchingIn, withSwitch } from './switching.ts';
import { acts } from './table/grammar.ts';
import { LONGEST_SENTENCE, nameOf, slice, type Text, textOf, trimmed } from './tokens.ts';
import { alsoThere, tooIn } from './too.ts';
import { Walk } from './walk.ts';

/** Reads one line. */
export function readLine(line: string, reader: Reader, depth = 0): Parsed {
  const text = trimmed(textOf(line));
  if (text.plain.length > LONGEST_SENTENCE) return readLong(text, reader);
  const several = depth < MOST_WITHIN ? readSeveral(text, reader, depth + 1) : undefined;
  if (several !== undefined) return several;
  const placed = libraryNamedIn(text, reader);
  return placed === undefined ? readClauses(text, reader) : readPlaced(placed, text, reader);
}

/** A sentence around another one: 切换到企业标签，查VIP; 客户价值的高意向改成强意向，跟进状态的也改. */
function readSeveral(text: Text, reader: Reader, depth: number): Parsed | undefined {
  const switching = switchingIn(text, reader);
  const switched = switching && withSwitch(switching, text.raw, readLine(switching.rest.raw, reader, depth));
  if (switched !== undefined) return switched;
  const too = tooIn(text, reader);
  return too && alsoThere(readLine(too.first.raw, reader, depth), too);
}

/** So many sentences may stand around each other. */
const MOST_WITHIN = 2;

/**
 * Without the library that is named, in the way that leaves an order with everything in it: 企业标签 添加 VIP 到 客户分级 is
 * 标签 添加 …, 企业标签 导出 is 导出. Where only the whole text is such an order, the library's name is one of its names:
 * 把华东加到地区.
 */
function readPlaced(placed: Placed, text: Text, reader: Reader): Parsed {
  const whole = readClauses(text, reader);
  const readings = whole.kind === 'batch' ? whole.lines.flatMap((each) => each.readings) : readingsOf(whole);
  if (readings.some((reading) => isAboutRules(reading, reader))) return whole;
  const named = readings.filter((reading) => isNamed(placed.said, reading));
  if (placed.listed && named.includes(actingIn(readings) as Reading)) return under({ careful: true }, whole);
  const ways = placed.rests.map((rest) => readClauses(rest, reader));
  const refused = ways.find(({ kind }) => kind === 'refused');
  const formal = ways.find((way) => way.kind === 'sentence' && way.formal && isComplete(way, reader));
  const narrowed = formal ?? refused ?? ways.findLast((way) => isComplete(way, reader));
  if (narrowed === undefined && named.some((reading) => isIn(reading, reader) && lacksNothing(reading, reader)))
    return whole;
  const [name, ...others] = placed.names;
  const inside = narrowed ?? ways[0] ?? whole;
  if (others.length === 0) return under({ rule: name }, inside);
  return narrowed === undefined ? whole : ofEach(placed.names, inside);
}

/** 企业标签和华东的客户分级都加甲: an order for each. */
function ofEach(names: readonly string[], parsed: Parsed): Parsed {
  if (parsed.kind !== 'sentence' && parsed.kind !== 'batch') return parsed;
  const lines = names.flatMap((rule) => {
    const one: Omit<BatchLine, 'number'>[] =
      parsed.kind === 'batch' ? [...parsed.lines] : [{ formal: false, ...parsed, text: parsed.text ?? '' }];
    return one.map((line) => ({ ...line, rule }));
  });
  return { kind: 'batch', lines: lines.map((line, at) => ({ ...line, number: at + 1 })) };
}

function readingsOf(parsed: Parsed): readonly Reading[] {
  return parsed.kind === 'sentence' ? looked(parsed) : [];
}

/** In a group that is there, word for word. */
function isIn(reading: Reading, known: Known): boolean {
  const { place } = namesIn(reading);
  return place === undefined || known.group(nameOf(place).name);
}

/** 地区 加 金卡 华东: what could be the place is one of the names as well. */
function isNamed(said: string, reading: Reading): boolean {
  const { there, made } = namesIn(reading);
  return [...there, ...made].some((name) => name.includes(said));
}

function readClauses(text: Text, reader: Reader, depth = 0): Parsed {
  if (tagsACustomer(text.plain, reader)) return stopped('customer', text, undefined);
  if (EXCEPTS.test(text.plain)) return stopped('sweep', text, undefined);
  const arranged = arrangedIn(text, reader);
  if (arranged !== undefined) return arranged;
  const spared = sparedIn(text);
  const less = spared && withoutSpared(readClauses(spared.order, reader, depth), spared.names);
  if (less !== undefined) return less === 'kept' ? stopped('negation', text, undefined) : less;
  const contrast = withoutContrast(text);
  const meant = contrast === undefined ? undefined : reader.sentence(contrast.raw);
  if (meant?.kind === 'sentence' && isOrder(meant, reader)) return { ...meant, careful: true };
  const corrected = depth < MOST_CORRECTIONS ? readCorrected(text, reader, depth + 1) : undefined;
  if (corrected !== undefined) return corrected;
  const led = leadingPlace(text, reader);
  if (led !== undefined) return placedAll(readClauses(led.rest, reader), led.group);
  const clauses = clausesOf(text);
  const [first] = clauses;
  if (first === undefined) return reader.sentence(text.raw);
  if (clauses.length > MOST_CLAUSES) return readLong(text, reader);
  if (clauses.length === 1 && connectorsIn(first.text).length === 0 && !isRemark(first.text.plain))
    return asRows(withoutTail(withoutHead(text)), reader) ?? bareRename(text, reader) ?? reader.sentence(text.raw);
  return new Walk(text, reader).through(clauses);
}

/** 抖音改抖音号: shown first, as 改抖音号 may be a part of a name. */
function bareRename(text: Text, reader: Reader): Parsed | undefined {
  const parsed = readBareRename(withoutTail(withoutHead(text)), reader);
  return parsed && { ...parsed, careful: true };
}

/** So often one corrects himself in a sentence. */
const MOST_CORRECTIONS = 3;

/** A line with more of them is a list. */
const MOST_CLAUSES = 24;

/** A list with an order around it: read as one, without the talk at its ends. What denies or asks there stops it. */
function readLong(text: Text, reader: Reader): Parsed {
  let rest = text;
  for (let round = 0; round < MOST_AT_ENDS; round++) {
    const tail = TAIL_CLAUSE.exec(rest.plain.slice(-REACH_AT_ENDS))?.[0] ?? '';
    const head = HEAD_CLAUSE.exec(rest.plain.slice(0, REACH_AT_ENDS))?.[0] ?? '';
    const last = trimmed(slice(rest, rest.plain.length - tail.length + 1));
    if (tail !== '' && (cancels(last) || reader.sentence(last.raw).kind === 'refused'))
      return stopped('negation', text, undefined);
    if (tail !== '' && isTalk(last)) rest = trimmed(slice(rest, 0, rest.plain.length - tail.length));
    else if (head !== '' && isTalk(trimmed(slice(rest, 0, head.length - 1)))) rest = trimmed(slice(rest, head.length));
    else break;
  }
  return asRows(rest, reader) ?? reader.sentence(rest.raw);
}

const MOST_AT_ENDS = 6;

const REACH_AT_ENDS = 80;

const TAIL_CLAUSE = /[,。!;][^,。!;]*[。!;]?$/;

const HEAD_CLAUSE = /^[^,。!;]*[,。!;]/;

function isTalk({ plain }: Text): boolean {
  const bare = plain.replace(/[。!;\s]+$/, '');
  return bare === '' || isCourtesy(bare) || isRemark(bare);
}

/** The last word counts; undefined when nothing was corrected. */
function readCorrected(text: Text, reader: Reader, depth: number): Parsed | undefined {
  const corrected = correctionIn(text, reader);
  if (corrected === undefined) return undefined;
  const { first, wrong } = corrected;
  if (corrected.instead.raw === '') return undefined;
  const whole = corrected.instead;
  const instead = isOrderLike(readClauses(whole, reader, MOST_CORRECTIONS), reader)
    ? whole
    : withoutTalk(whole, reader);
  const before = first.raw === '' ? undefined : readClauses(first, reader, depth);
  if (cancels(instead)) return stopped('negation', text, before);
  const after = readClauses(instead, reader, MOST_CORRECTIONS);
  if (after.kind === 'refused') return after;
  if (isOrderLike(after, reader)) return under({ careful: true }, placeKept(after, before));
  const order = before === undefined ? undefined : lastOrder(before);
  if (order === undefined || before === undefined) return undefined;
  const readings = order.readings.flatMap((reading) => replaced(reading, instead, reader, wrong) ?? []);
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

function lastOrder(parsed: Parsed): { readonly readings: readonly Reading[] } | undefined {
  if (parsed.kind === 'sentence') return parsed.readings.some(({ command }) => acts(command)) ? parsed : undefined;
  return parsed.kind === 'batch' ? parsed.lines.at(-1) : undefined;
}

function withLastOrder(parsed: Parsed, readings: readonly Reading[]): Parsed {
  if (parsed.kind === 'sentence') return under({ careful: true }, { ...parsed, readings });
  if (parsed.kind !== 'batch') return parsed;
  const lines = parsed.lines.map((line, index) => (index === parsed.lines.length - 1 ? { ...line, readings } : line));
  return under({ careful: true }, { kind: 'batch', lines });
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
