/**
 * Readings + catalog → what is to be done, a question with numbered choices, or the nearest names. Pure.
 *
 * Every reading is tried against the library; the first one whose names all exist is what was meant. When none fits,
 * the first reading says what is missing. A name that stands for several things is asked for, never guessed.
 */

import { isEverydayObject, soundsLikeTalk } from '../command/guard.ts';
import type { Intent, Parsed } from '../command/intent.ts';
import { phrase } from '../command/phrase.ts';
import { nameOf } from '../command/tokens.ts';
import { line, name as nameSpan } from '../reply/reply.ts';
import { fold } from '../text.ts';
import { contradictionIn } from './contradiction.ts';
import { choice, type Fit, RANK } from './fit.ts';
import { groupsCalled, readableRules, tagsCalled, type View } from './names.ts';
import { fitOf } from './readings.ts';
import type { Resolution, Resolved } from './resolved.ts';

export type { View } from './names.ts';

/**
 * What `parsed` means in this library. An `absent` answer is final only when `view.fresh`; otherwise the caller reads
 * the library once more and asks again.
 */
export function resolve(parsed: Parsed, view: View): Resolution {
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
        ? (asked(chosen, parsed.text ?? '', view) ?? chosen.resolution())
        : chosen.resolution();
    }
    case 'batch':
      return resolveBatch(parsed.lines, view);
  }
}

/** The whole text is the name of something: then it is looked up, whatever key words it is made of. */
function asName(text: string, view: View): Resolution | undefined {
  const { name } = nameOf(text.replace(/[?？。!！]+$/u, '').trim());
  if (tagsCalled(name, view).length === 0 && groupsCalled(name, view).length === 0) return undefined;
  return fitOf({ command: 'tag.find', query: name }, view).resolution();
}

/** With the words that would be a command, when all names in them are there and none is talk. */
function refused({ why, command, readings }: Extract<Parsed, { kind: 'refused' }>, view: View): Resolution {
  const meant = readings.length === 0 ? undefined : best(readings, view);
  const clear = meant?.rank === RANK.fits && !newNames(meant.intent).some(soundsLikeTalk);
  return { kind: 'refused', why, command, ...(meant && clear ? { say: phrase(meant.intent) } : {}) };
}

/** A command that names nothing yet (删除, 列表): the key word is meant even if a tag is called so. */
function isBare(intent: Intent | undefined): boolean {
  if (intent === undefined || intent.command === 'tag.find') return false;
  return Object.entries(intent).every(
    ([key, value]) => key === 'command' || typeof value === 'boolean' || value === 'file' || value.length === 0,
  );
}

/** The first reading that fits best. A tag and a tag group of one name are both offered. */
function best(readings: readonly Intent[], view: View): Chosen {
  let chosen: Chosen | undefined;
  const fitting: Fit[] = [];
  for (const intent of readings) {
    const fit = { ...fitOf(intent, view), intent };
    if (fit.rank === RANK.fits) fitting.push(fit);
    if (chosen === undefined || fit.rank < chosen.rank) chosen = fit;
  }
  if (chosen === undefined) throw new Error('a sentence without readings');
  const asked = twin(chosen, fitting) ?? rivals(chosen, fitting);
  return asked === undefined ? chosen : { ...asked, intent: chosen.intent };
}

interface Chosen extends Fit {
  readonly intent: Intent;
}

/** A command that would make a name which sounds like a piece of talk is suggested first; one that finds nothing is talk. */
function asked(chosen: Chosen, text: string, view: View): Resolution | undefined {
  if (leavesTalk(chosen)) return { kind: 'nothing', nearest: [chosen.intent.command] };
  const names = newNames(chosen.intent);
  const talk = names.some(soundsLikeTalk);
  if (!talk && !isDoubtful(names, text, view)) return undefined;
  const resolution = chosen.resolution();
  if (resolution.kind === 'one') {
    return { kind: 'suggestion', wrote: text, meant: phrase(chosen.intent), resolved: resolution.resolved };
  }
  const nothingFound = resolution.kind === 'absent' || resolution.kind === 'slot';
  return talk && nothingFound ? { kind: 'nothing', nearest: [chosen.intent.command] } : undefined;
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
  const resolved = resolvedOf(chosen);
  return resolved !== undefined && 'absent' in resolved && resolved.absent.some(soundsLikeTalk);
}

/** Names that the command would make, unless they stand in quotes. */
function newNames(intent: Intent): string[] {
  return namesMade(intent)
    .map(nameOf)
    .flatMap(({ name, literal }) => (literal ? [] : [name]));
}

function namesMade(intent: Intent): readonly string[] {
  switch (intent.command) {
    case 'tag.add':
      return intent.tags;
    case 'group.create':
      return [intent.group, ...intent.tags];
    case 'tag.rename':
    case 'group.rename':
    case 'rule.rename':
      return intent.to === undefined ? [] : [intent.to];
    case 'rule.create':
      return [intent.rule];
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
  const one = resolvedOf(chosen);
  if (one === undefined) return undefined;
  const other = fitting
    .map(resolvedOf)
    .find((two) => two !== undefined && TWINS.get(one.command) === two.command && sameTarget(one, two));
  if (other === undefined) return undefined;
  const label = targetName(one) ?? '';
  return {
    rank: RANK.fits,
    resolution: () => ({
      kind: 'choice',
      asked: line`${nameSpan(label)} 既是标签也是标签组，要动哪一个？`,
      options: [
        { label: `标签「${label}」`, resolved: one },
        { label: `标签组「${label}」`, detail: '整个组和里面的标签', resolved: other },
      ],
    }),
  };
}

/** 删除老客标签, where 老客 and 老客标签 are both tags: which of them? */
function rivals(chosen: Fit, fitting: readonly Fit[]): Fit | undefined {
  const one = resolvedOf(chosen);
  if (one === undefined || targetName(one) === undefined) return undefined;
  const others = fitting.flatMap((fit) => {
    const two = resolvedOf(fit);
    return two?.command === one.command && targetName(two) !== undefined && !sameTarget(one, two) ? [two] : [];
  });
  if (others.length === 0) return undefined;
  const options = [one, ...others].map((resolved) => ({ label: targetName(resolved) ?? '', resolved }));
  return choice(line`说的可能是几个名字，要动哪一个？`, () => [
    ...new Map(options.map((option) => [option.label, option])).values(),
  ]);
}

function resolvedOf(fit: Fit): Resolved | undefined {
  const resolution = fit.resolution();
  return resolution.kind === 'one' ? resolution.resolved : undefined;
}

function targetName(resolved: Resolved): string | undefined {
  if ('targets' in resolved) return resolved.targets.length === 1 ? resolved.targets[0]?.name : undefined;
  return 'target' in resolved && 'name' in resolved.target ? resolved.target.name : undefined;
}

function sameTarget(one: Resolved, two: Resolved): boolean {
  const [a, b] = [targetName(one), targetName(two)];
  return a !== undefined && b !== undefined && fold(a) === fold(b);
}

function resolveSuggestion(parsed: Extract<Parsed, { kind: 'suggestion' }>, view: View): Resolution {
  const typed = parsed.asTyped === undefined || parsed.asTyped.length === 0 ? undefined : best(parsed.asTyped, view);
  if (typed !== undefined && typed.rank === RANK.fits) return typed.resolution();
  const meant = best(parsed.readings, view);
  const resolution = meant.resolution();
  if (resolution.kind === 'one' && resolution.resolved.command === 'tag.find') return resolution;
  if (resolution.kind === 'one') {
    return { kind: 'suggestion', wrote: parsed.wrote, meant: parsed.meant, resolved: resolution.resolved };
  }
  return resolution;
}

function resolveBatch(lines: Extract<Parsed, { kind: 'batch' }>['lines'], view: View): Resolution {
  if (readableRules(view).length === 0) return { kind: 'noRuleGroup' };
  const made = new Map<string, { readonly name: string; readonly strategyId: number }>();
  const done: { number: number; text: string; resolved: Resolved }[] = [];
  for (const { number, text, readings, formal } of lines) {
    const chosen = best(readings, { ...view, made });
    const resolution = (formal ? undefined : asked(chosen, text, view)) ?? chosen.resolution();
    switch (resolution.kind) {
      case 'one':
        done.push({ number, text, resolved: resolution.resolved });
        if (resolution.resolved.command === 'group.create') {
          const { name, strategyId } = resolution.resolved;
          made.set(fold(name), { name, strategyId });
        }
        break;
      case 'absent':
        return { ...resolution, line: number };
      case 'invalid':
        return { ...resolution, title: [`第 ${number} 行：`, ...resolution.title] };
      case 'choice':
        return {
          kind: 'invalid',
          title: [`第 ${number} 行：`, ...resolution.asked],
          lines: resolution.options.map(
            ({ label, detail }) => line`${nameSpan(label)}${detail === undefined ? '' : `（${detail}）`}`,
          ),
          hint: line`请在这一行写明是哪个组，例如「删除 客户分级 里的 VIP」，再整段发一次。`,
        };
      case 'slot':
        return {
          kind: 'invalid',
          title: [`第 ${number} 行没写完：`, ...resolution.asked],
          lines: [line`${text}`],
          hint: line`补全后请整段再发一次，现在什么都没有改。`,
        };
      case 'suggestion':
        return { kind: 'unclear', number, text };
      default:
        return resolution;
    }
  }
  return contradictionIn(done) ?? { kind: 'batch', lines: done };
}
