/**
 * Readings + catalog → what is to be done, a question with numbered choices, or the nearest names. Pure.
 *
 * Every reading is tried against the library, with its slots refined (refine.ts); the first one whose names all exist is
 * what was meant. When none fits, the first reading says what is missing. A name that stands for several things is asked
 * for, never guessed; a name that would be made and may be none (command/doubt.ts) is shown before it is made.
 */

import { MOST_CHARACTERS } from '../command/arrival.ts';
import { doubtIn } from '../command/doubt.ts';
import { soundsLikeTalk } from '../command/guard.ts';
import { parse } from '../command/parser.ts';
import { phrase } from '../command/phrase.ts';
import type { BatchLine, Circumstances, Parsed, Reading } from '../command/reading.ts';
import { nameOf } from '../command/tokens.ts';
import { line, name as nameSpan } from '../reply/reply.ts';
import type { LibraryId } from '../tags/tag.ts';
import { fold } from '../text.ts';
import { arranged } from './arrange.ts';
import { fitOf } from './candidates.ts';
import { contradictionIn } from './contradiction.ts';
import { choice, type Fit, invalid, RANK } from './fit.ts';
import { type Chosen, judged, newNames, WRITES } from './judge.ts';
import { knownOf } from './known.ts';
import { groupsCalled, librariesCalled, readableLibraries, tagsCalled, type View } from './names.ts';
import type { BatchOrder, Order, ShownFirst, Understanding, Unfinished } from './order.ts';
import { type Refined, refined } from './refine.ts';

export type { View } from './names.ts';

/** What a text means in this library. */
export function understood(text: string, view: View): Understanding {
  return resolve(parse(text, knownOf(view)), view);
}

/**
 * What `parsed` means in this library. Before an `absent` answer is told the caller reads the library once more and
 * asks again.
 */
export function resolve(parsed: Parsed, view: View): Understanding {
  const understanding = comesTo(parsed, view);
  if (understanding.kind !== 'slot') return understanding;
  const { readable } = parsed.kind === 'sentence' || parsed.kind === 'suggestion' ? narrowed(view, parsed) : view;
  const [only, ...others] = readable;
  if (only === undefined || others.length > 0) return understanding;
  return { ...understanding, rule: view.library.libraryName(only) };
}

function comesTo(parsed: Parsed, view: View): Understanding {
  switch (parsed.kind) {
    case 'nothing':
    case 'unclear':
      return parsed;
    case 'refused':
      return asName(parsed.text, view) ?? refused(parsed, view);
    case 'too-long':
      return tooLong(parsed.length);
    case 'suggestion':
      return asName(parsed.text, view) ?? resolveSuggestion(parsed, narrowed(view, parsed));
    case 'sentence': {
      const here = narrowed(view, parsed);
      const named = parsed.text === undefined || isBare(parsed.readings[0]) ? undefined : asName(parsed.text, here);
      if (named !== undefined) return named;
      return judged(best(parsed.readings, here, parsed.formal ?? true), parsed, here);
    }
    case 'batch':
      return inOrder(parsed, resolveBatch(parsed.lines, view), view);
  }
}

function tooLong(length: number): Understanding {
  return {
    kind: 'invalid',
    title:
      length > MOST_CHARACTERS
        ? line`这条消息太长：${length} 个字，一次最多读 ${MOST_CHARACTERS} 个字`
        : line`这条消息里要读的太多，一次读不完`,
    lines: [],
    hint: line`什么都没有改。请分成几条发，每条二三十行以内。`,
  };
}

/** The library that is named in a sentence is the only one it is about. */
function narrowed(view: View, { rule }: Circumstances): View {
  if (rule === undefined) return view;
  const [found] = librariesCalled(rule, view);
  // Out of sight by now: nothing of it may land elsewhere.
  if (found === undefined) return { ...view, readable: new Set() };
  return { ...view, libraryId: found.id, readable: new Set([found.id]), unchosen: false, named: found.id };
}

/** The whole text is the name of something: then it is looked up, whatever key words it is made of. */
function asName(text: string, view: View): Understanding | undefined {
  const { name } = nameOf(text.replace(/[?？。!！]+$/u, '').trim());
  if (tagsCalled(name, view).length === 0 && groupsCalled(name, view).length === 0) return undefined;
  return fitOf({ command: 'tag.find', query: name }, view).understanding();
}

/** With the words that would be a command, when all names in them are there and none is talk. */
function refused({ why, command, readings }: Extract<Parsed, { kind: 'refused' }>, view: View): Understanding {
  const meant = readings.length === 0 ? undefined : best(readings, view, false);
  const clear = meant?.rank === RANK.fits && !newNames(meant.reading).some(soundsLikeTalk);
  return { kind: 'refused', why, command, ...(meant && clear ? { say: phrase(meant.reading) } : {}) };
}

/** A command that names nothing yet (删除, 列表): the key word is meant even if a tag is called so. */
function isBare(reading: Reading | undefined): boolean {
  if (reading === undefined || reading.command === 'tag.find') return false;
  return Object.entries(reading).every(
    ([key, value]) => key === 'command' || typeof value === 'boolean' || value === 'file' || value.length === 0,
  );
}

/** The first reading that fits best. A tag and a tag group of one name are both offered. */
function best(readings: readonly Reading[], view: View, formal = true): Chosen {
  const asTyped = formal ? readings.find((reading) => isPlainAdd(reading, view)) : undefined;
  if (asTyped !== undefined) return { ...fitOf(asTyped, view), reading: asTyped, leftOut: [], careful: false };
  let chosen: Chosen | undefined;
  const fitting: Fit[] = [];
  for (const each of readings) {
    for (const way of refined(each, view, formal)) {
      const fit = { ...fitOfRefined(way, view), ...way };
      if (fit.rank === RANK.fits) fitting.push(fit);
      if (chosen === undefined || fit.rank < chosen.rank) chosen = fit;
      if (fit.rank === RANK.fits) break;
    }
  }
  if (chosen === undefined) throw new Error('a sentence without readings');
  const asked = twin(chosen, fitting) ?? rivals(chosen, fitting) ?? nearGroup(chosen, readings, view);
  return asked === undefined ? chosen : { ...chosen, ...asked };
}

/** A slip of the thumb; what is longer than that holds more than the name. */
const MOST_SLIPPED = 1;

/** 把渠道来原改成客户来源: what is near no tag may be near a group. */
function nearGroup(
  { rank, reading, understanding }: Chosen,
  readings: readonly Reading[],
  view: View,
): Fit | undefined {
  const twinned = TWINS.get(reading.command);
  const ofGroup = readings.find(({ command }) => command === twinned);
  if (rank !== RANK.absent || ofGroup === undefined || ofGroup.command === 'group.delete') return undefined;
  return {
    rank,
    understanding: () => {
      const nothing = understanding();
      if (nothing.kind !== 'absent' || nothing.nearest.length > 0) return nothing;
      const group = fitOf(ofGroup, view).understanding();
      if (group.kind !== 'absent') return nothing;
      const nearest = group.nearest.filter(({ label }) => Math.abs(label.length - nothing.name.length) <= MOST_SLIPPED);
      return nearest.length > 0 ? { ...group, nearest } : nothing;
    },
  };
}

/** 标签 添加 … 到 … with a group that is there and names without a doubt. */
function isPlainAdd(reading: Reading, view: View): boolean {
  if (reading.command !== 'tag.add' || reading.group === undefined || reading.tags.length === 0) return false;
  const plain = (typed: string) => {
    const { name, literal } = nameOf(typed);
    const doubt = literal ? undefined : doubtIn(name, true);
    return doubt === undefined || (doubt === 'vague' && reading.tags.length > 1);
  };
  return groupsCalled(nameOf(reading.group).name, view).length > 0 && reading.tags.every(plain);
}

function fitOfRefined({ reading, uncounted }: Refined, view: View): Fit {
  if (uncounted === undefined) return fitOf(reading, view);
  return invalid(
    line`说是 ${uncounted.count} 个，可是${nameSpan(uncounted.text)}我分不开`,
    [],
    line`请用、把名字隔开再发一次，现在什么都没有改。`,
  );
}

const TWINS: ReadonlyMap<string, string> = new Map([
  ['tag.delete', 'group.delete'],
  ['tag.rename', 'group.rename'],
  ['tag.order', 'group.order'],
  ['tag.top', 'group.top'],
]);

/** 删除 X, where X is a tag as well as a group: which of them? */
function twin(chosen: Fit, fitting: readonly Fit[]): Fit | undefined {
  const one = orderOf(chosen);
  if (one === undefined) return undefined;
  const other = fitting
    .map(orderOf)
    .find((two) => two !== undefined && TWINS.get(one.command) === two.command && sameTarget(one, two));
  if (other === undefined) return undefined;
  const label = targetName(one) ?? '';
  return {
    rank: RANK.fits,
    understanding: () => ({
      kind: 'choice',
      asked: line`${nameSpan(label)} 既是标签也是标签组，要动哪一个？`,
      options: [
        { label: `标签「${label}」`, order: one },
        { label: `标签组「${label}」`, detail: '整个组和里面的标签', order: other },
      ],
    }),
  };
}

/** 删除老客标签, where 老客 and 老客标签 are both tags: which of them? */
function rivals(chosen: Fit, fitting: readonly Fit[]): Fit | undefined {
  const one = orderOf(chosen);
  if (one === undefined || targetName(one) === undefined) return undefined;
  const others = fitting.flatMap((fit) => {
    const two = orderOf(fit);
    return two?.command === one.command && targetName(two) !== undefined && !sameTarget(one, two) ? [two] : [];
  });
  if (others.length === 0) return undefined;
  const options = [one, ...others].map((order) => ({ label: targetName(order) ?? '', order }));
  return choice(line`说的可能是几个名字，要动哪一个？`, () => [
    ...new Map(options.map((option) => [option.label, option])).values(),
  ]);
}

function orderOf(fit: Fit): Order | undefined {
  const understanding = fit.understanding();
  return understanding.kind === 'one' ? understanding.order : undefined;
}

function targetName(order: Order): string | undefined {
  if ('targets' in order) return order.targets.length === 1 ? order.targets[0]?.name : undefined;
  return 'target' in order && 'name' in order.target ? order.target.name : undefined;
}

function sameTarget(one: Order, two: Order): boolean {
  const [a, b] = [targetName(one), targetName(two)];
  return a !== undefined && b !== undefined && fold(a) === fold(b);
}

function resolveSuggestion(parsed: Extract<Parsed, { kind: 'suggestion' }>, view: View): Understanding {
  const typed =
    parsed.asTyped === undefined || parsed.asTyped.length === 0 ? undefined : best(parsed.asTyped, view, false);
  if (typed !== undefined && typed.rank === RANK.fits)
    return judged(typed, { kind: 'sentence', readings: [], text: parsed.text, formal: false }, view);
  const meant = best(parsed.readings, view, false);
  const understanding = meant.understanding();
  if (understanding.kind === 'one' && understanding.order.command === 'tag.find') return understanding;
  if (understanding.kind === 'one' && WRITES.has(understanding.order.command))
    return judged(meant, { kind: 'sentence', readings: [], text: parsed.text, formal: false, careful: true }, view);
  if (understanding.kind === 'one') {
    return { kind: 'suggestion', wrote: parsed.wrote, meant: parsed.meant, order: understanding.order };
  }
  return understanding;
}

function inOrder({ arranges }: Extract<Parsed, { kind: 'batch' }>, all: Understanding, view: View): Understanding {
  if (!arranges) return all;
  if (all.kind === 'batch') return { ...all, lines: arranged(all.lines, view) };
  if (all.kind !== 'absent') return all;
  return {
    kind: 'invalid',
    title: line`没有找到标签${nameSpan(all.name)}`,
    lines: all.nearest.slice(0, 1).map(({ label }) => line`是不是${nameSpan(label)}？`),
    hint: line`改好再整句发一次，现在什么都没有改。`,
  };
}

const IN_WHICH_GROUP = line`请在这一行写明是哪个组，例如「删除 客户分级 里的 VIP」，再整段发一次。`;

function resolveBatch(lines: readonly BatchLine[], view: View): Understanding {
  if (readableLibraries(view).length === 0) return { kind: 'noRuleGroup' };
  return throughBatch(lines, new BatchSoFar(view));
}

/** The batch goes on, with the order that was chosen for the line that was asked about, or else with that line anew. */
export function resumed({ done, first, line: asked, rest }: Unfinished, view: View, order?: Order): Understanding {
  const soFar = new BatchSoFar(view);
  for (const each of done) soFar.take(each);
  if (first) soFar.showFirst(first);
  if (order === undefined) return throughBatch([asked, ...rest], soFar);
  soFar.take({ number: asked.number, text: asked.text, order });
  return throughBatch(rest, soFar);
}

/** The lines understood by now, and the library as it will be seen after them. */
class BatchSoFar {
  readonly done: BatchOrder[] = [];
  first: ShownFirst | undefined;
  readonly #view: View;
  readonly #made = new Map<string, { readonly name: string; readonly libraryId: LibraryId }>();
  #now: View;

  constructor(view: View) {
    this.#view = view;
    this.#now = view;
  }

  viewOf(line: BatchLine): View {
    return { ...narrowed(this.#now, line), made: this.#made };
  }

  take(each: BatchOrder): void {
    const { order } = each;
    this.done.push(each);
    // 切换到企业标签，加个VIP到客户分级: what follows is meant there.
    if (order.command === 'rule.switch') this.#now = { ...this.#view, libraryId: order.target.id, unchosen: false };
    if (order.command === 'group.create') {
      const { name, libraryId } = order;
      this.#made.set(fold(name), { name, libraryId });
    }
  }

  showFirst({ leftOut }: ShownFirst): void {
    this.first = { leftOut: [...(this.first?.leftOut ?? []), ...leftOut] };
  }
}

function throughBatch(lines: readonly BatchLine[], soFar: BatchSoFar): Understanding {
  for (const [at, each] of lines.entries()) {
    const { number, text, readings, rule } = each;
    const here = soFar.viewOf(each);
    if (rule !== undefined && here.readable.size === 0)
      return { kind: 'absent', what: 'ruleGroup', name: rule, nearest: [], batch: unfinished(soFar, each, []) };
    const understanding = judged(best(readings, here, each.formal), { kind: 'sentence', ...each }, here);
    switch (understanding.kind) {
      case 'one':
        soFar.take({ number, text, order: understanding.order });
        if (understanding.first) soFar.showFirst(understanding.first);
        break;
      case 'absent':
      case 'chooseLibrary':
        return { ...understanding, batch: unfinished(soFar, each, lines.slice(at + 1)) };
      case 'invalid':
        return { ...understanding, title: [`第 ${number} 行：`, ...understanding.title] };
      case 'choice':
        return {
          kind: 'invalid',
          title: [`第 ${number} 行：`, ...understanding.asked],
          lines: understanding.options.map(
            ({ label, detail }) => line`${nameSpan(label)}${detail === undefined ? '' : `（${detail}）`}`,
          ),
          hint: understanding.clearer ?? IN_WHICH_GROUP,
        };
      case 'slot':
        return {
          kind: 'invalid',
          title: [`第 ${number} 行没写完：`, ...understanding.asked],
          lines: [line`${text}`],
          hint: line`补全后请整段再发一次，现在什么都没有改。`,
        };
      case 'suggestion':
      case 'nothing':
        return { kind: 'unclear', number, text };
      default:
        return understanding;
    }
  }
  const { done, first } = soFar;
  return contradictionIn(done) ?? { kind: 'batch', lines: done, ...(first ? { first } : {}) };
}

function unfinished({ done, first }: BatchSoFar, line: BatchLine, rest: readonly BatchLine[]): Unfinished {
  return { done: [...done], ...(first ? { first } : {}), line, rest };
}
