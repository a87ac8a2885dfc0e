/**
 * Readings + catalog → what is to be done, a question with numbered choices, or the nearest names. Pure.
 *
 * Every reading is tried against the library; the first one whose names all exist is what was meant. When none fits,
 * the first reading says what is missing. A name that stands for several things is asked for, never guessed.
 */

import { isEverydayObject, soundsLikeTalk } from '../command/guard.ts';
import { phrase } from '../command/phrase.ts';
import type { Parsed, Reading } from '../command/reading.ts';
import { nameOf } from '../command/tokens.ts';
import { line, name as nameSpan } from '../reply/reply.ts';
import { fold } from '../text.ts';
import { fitOf } from './candidates.ts';
import { contradictionIn } from './contradiction.ts';
import { choice, type Fit, RANK } from './fit.ts';
import { groupsCalled, readableRules, tagsCalled, type View } from './names.ts';
import type { Order, Understanding } from './order.ts';

export type { View } from './names.ts';

/**
 * What `parsed` means in this library. Before an `absent` answer is told the caller reads the library once more and
 * asks again.
 */
export function resolve(parsed: Parsed, view: View): Understanding {
  switch (parsed.kind) {
    case 'nothing':
      return parsed;
    case 'unclear':
      return parsed;
    case 'refused':
      return asName(parsed.text, view) ?? refused(parsed, view);
    case 'suggestion':
      return asName(parsed.text, view) ?? resolveSuggestion(parsed, view);
    case 'sentence': {
      const named = parsed.text === undefined || isBare(parsed.readings[0]) ? undefined : asName(parsed.text, view);
      if (named !== undefined) return named;
      const chosen = best(parsed.readings, view);
      return parsed.formal === false
        ? (asked(chosen, parsed.text ?? '', view) ?? chosen.understanding())
        : chosen.understanding();
    }
    case 'batch':
      return resolveBatch(parsed.lines, view);
  }
}

/** The whole text is the name of something: then it is looked up, whatever key words it is made of. */
function asName(text: string, view: View): Understanding | undefined {
  const { name } = nameOf(text.replace(/[?？。!！]+$/u, '').trim());
  if (tagsCalled(name, view).length === 0 && groupsCalled(name, view).length === 0) return undefined;
  return fitOf({ command: 'tag.find', query: name }, view).understanding();
}

/** With the words that would be a command, when all names in them are there and none is talk. */
function refused({ why, command, readings }: Extract<Parsed, { kind: 'refused' }>, view: View): Understanding {
  const meant = readings.length === 0 ? undefined : best(readings, view);
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
function best(readings: readonly Reading[], view: View): Chosen {
  let chosen: Chosen | undefined;
  const fitting: Fit[] = [];
  for (const reading of readings) {
    const fit = { ...fitOf(reading, view), reading };
    if (fit.rank === RANK.fits) fitting.push(fit);
    if (chosen === undefined || fit.rank < chosen.rank) chosen = fit;
  }
  if (chosen === undefined) throw new Error('a sentence without readings');
  const asked = twin(chosen, fitting) ?? rivals(chosen, fitting);
  return asked === undefined ? chosen : { ...asked, reading: chosen.reading };
}

interface Chosen extends Fit {
  readonly reading: Reading;
}

/** A command that would make a name which sounds like a piece of talk is suggested first; one that finds nothing is talk. */
function asked(chosen: Chosen, text: string, view: View): Understanding | undefined {
  if (leavesTalk(chosen)) return { kind: 'nothing', nearest: [chosen.reading.command] };
  const names = newNames(chosen.reading);
  const talk = names.some(soundsLikeTalk);
  if (!talk && !isDoubtful(names, text, view)) return undefined;
  const understanding = chosen.understanding();
  if (understanding.kind === 'one') {
    return { kind: 'suggestion', wrote: text, meant: phrase(chosen.reading), order: understanding.order };
  }
  const nothingFound = understanding.kind === 'absent' || understanding.kind === 'slot';
  return talk && nothingFound ? { kind: 'nothing', nearest: [chosen.reading.command] } : undefined;
}

function isDoubtful(names: readonly string[], text: string, view: View): boolean {
  if (names.length === 0) return false;
  const [only] = names;
  if (names.length === 1 && only !== undefined && isEverydayObject(only)) return true;
  return COMMENTS.test(text) || (COMPARES.test(text) && names.some((name) => exists(name, view)));
}

/** 老客变成沉睡客户 tells; 把老客变成沉睡客户 orders. */
const COMMENTS = /^(?!.*[把将將]).*(?:变成|变为|換成|换成|變成)/u;

/** VIP > SVIP may rank two tags rather than rename one, and a > b > c ranks for certain. */
const COMPARES = /[>＞→➜⇒]/u;

function exists(name: string, view: View): boolean {
  return COMPARES.test(name) || tagsCalled(name, view).length > 0 || groupsCalled(name, view).length > 0;
}

/** Of several names to delete some do not exist because they are no names at all. */
function leavesTalk(chosen: Chosen): boolean {
  if (chosen.rank !== RANK.partly) return false;
  const order = orderOf(chosen);
  return order !== undefined && 'absent' in order && order.absent.some(soundsLikeTalk);
}

/** Names that the command would make, unless they stand in quotes. */
function newNames(reading: Reading): string[] {
  return namesMade(reading)
    .map(nameOf)
    .flatMap(({ name, literal }) => (literal ? [] : [name]));
}

function namesMade(reading: Reading): readonly string[] {
  switch (reading.command) {
    case 'tag.add':
      return reading.tags;
    case 'group.create':
      return [reading.group, ...reading.tags];
    case 'tag.rename':
    case 'group.rename':
    case 'rule.rename':
      return reading.to === undefined ? [] : [reading.to];
    case 'rule.create':
      return [reading.rule];
    default:
      return [];
  }
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
  const typed = parsed.asTyped === undefined || parsed.asTyped.length === 0 ? undefined : best(parsed.asTyped, view);
  if (typed !== undefined && typed.rank === RANK.fits) return typed.understanding();
  const meant = best(parsed.readings, view);
  const understanding = meant.understanding();
  if (understanding.kind === 'one' && understanding.order.command === 'tag.find') return understanding;
  if (understanding.kind === 'one') {
    return { kind: 'suggestion', wrote: parsed.wrote, meant: parsed.meant, order: understanding.order };
  }
  return understanding;
}

function resolveBatch(lines: Extract<Parsed, { kind: 'batch' }>['lines'], view: View): Understanding {
  if (readableRules(view).length === 0) return { kind: 'noRuleGroup' };
  const made = new Map<string, { readonly name: string; readonly strategyId: number }>();
  const done: { number: number; text: string; order: Order }[] = [];
  for (const { number, text, readings, formal } of lines) {
    const chosen = best(readings, { ...view, made });
    const understanding = (formal ? undefined : asked(chosen, text, view)) ?? chosen.understanding();
    switch (understanding.kind) {
      case 'one':
        done.push({ number, text, order: understanding.order });
        if (understanding.order.command === 'group.create') {
          const { name, strategyId } = understanding.order;
          made.set(fold(name), { name, strategyId });
        }
        break;
      case 'absent':
        return { ...understanding, line: number };
      case 'invalid':
        return { ...understanding, title: [`第 ${number} 行：`, ...understanding.title] };
      case 'choice':
        return {
          kind: 'invalid',
          title: [`第 ${number} 行：`, ...understanding.asked],
          lines: understanding.options.map(
            ({ label, detail }) => line`${nameSpan(label)}${detail === undefined ? '' : `（${detail}）`}`,
          ),
          hint: line`请在这一行写明是哪个组，例如「删除 客户分级 里的 VIP」，再整段发一次。`,
        };
      case 'slot':
        return {
          kind: 'invalid',
          title: [`第 ${number} 行没写完：`, ...understanding.asked],
          lines: [line`${text}`],
          hint: line`补全后请整段再发一次，现在什么都没有改。`,
        };
      case 'suggestion':
        return { kind: 'unclear', number, text };
      default:
        return understanding;
    }
  }
  return contradictionIn(done) ?? { kind: 'batch', lines: done };
}
