/**
 * Whether what was understood is done, shown first, or asked about, by the names it would make (command/doubt.ts) and by
 * what was left out of them.
 */

import { doubtIn } from '../command/doubt.ts';
import { isEverydayObject, soundsLikeTalk } from '../command/guard.ts';
import type { Parsed, Reading } from '../command/reading.ts';
import { namesIn } from '../command/slots.ts';
import { nameOf } from '../command/tokens.ts';
import { line } from '../reply/reply.ts';
import { type Fit, invalid, missing } from './fit.ts';
import { groupsCalled, tagsCalled, type View } from './names.ts';
import { withNoun } from './noun.ts';
import type { MissingSlot, Understanding } from './order.ts';
import type { Refined } from './refine.ts';

export type Chosen = Fit & Refined;

/** Whether what was chosen is done, shown first, or asked about, by the names it would make. */
export function judged(chosen: Chosen, said: Parsed & { readonly kind: 'sentence' }, view: View): Understanding {
  const { formal = true, text = '' } = said;
  const understanding = chosen.understanding();
  const names = namesMade(chosen.reading, understanding);
  const doubts = names.map((name) => doubtIn(name, formal));
  if (doubts.includes('reference') || (names.length === 1 && doubts.includes('vague')))
    return unnamed(chosen.reading).understanding();
  const talk = !formal && names.some(soundsLikeTalk);
  if (talk) return { kind: 'nothing', nearest: [chosen.reading.command] };
  const doubtful = doubts.some((doubt) => doubt !== undefined && !(formal && doubt === 'vague'));
  const leftOut = [...(said.leftOut ?? []), ...chosen.leftOut];
  if (understanding.kind === 'one' && understanding.order.command === 'tag.add' && leftOut.length === 0) {
    const named = withNoun(understanding.order, said.readings, text, view);
    if (named !== undefined) return named;
  }
  if (understanding.kind === 'one' && WRITES.has(understanding.order.command)) {
    const listed = !formal && chosen.reading.command !== 'tag.add' && names.some((name) => name.includes('、'));
    if (listed) return unclearName(names);
    if (doubts.includes('mark')) return unclearName(names.filter((_, index) => doubts[index] === 'mark'));
    const shown =
      doubtful ||
      chosen.careful ||
      said.careful === true ||
      leftOut.length > 0 ||
      names.some((name, at) => at > 0 && isBesideAnd(name, text)) ||
      names.some((name) => isOtherThing(name, chosen.reading, view)) ||
      (!formal && isDoubtful(names, text, view));
    return shown ? { ...understanding, first: { leftOut } } : understanding;
  }
  const nothingFound = understanding.kind === 'absent' || understanding.kind === 'slot';
  if (doubtful && nothingFound) return { kind: 'nothing', nearest: [chosen.reading.command] };
  const asks = nothingFound || understanding.kind === 'choice' || understanding.kind === 'chooseLibrary';
  return asks && leftOut.length > 0 && WRITES.has(chosen.reading.command)
    ? { ...understanding, leftOut }
    : understanding;
}

export const WRITES: ReadonlySet<string> = new Set([
  'tag.add',
  'tag.delete',
  'tag.rename',
  'tag.order',
  'tag.top',
  'group.create',
  'group.delete',
  'group.rename',
  'group.order',
  'group.top',
]);

/** 金卡 和银卡: two names, or one that begins with 和 (和睦家), whichever it was taken for. */
function isBesideAnd(name: string, text: string): boolean {
  const ahead = text.slice(0, Math.max(0, text.lastIndexOf(name)));
  return /[\s、,，][和与與及跟]$/u.test(ahead) || (/^[和与與及跟]/u.test(name) && /\s$/u.test(ahead));
}

/** 添加 这个: nothing was named. */
function unnamed(reading: Reading): Fit {
  const asks = (slot: MissingSlot, without: Reading, asked: string): Fit => missing(slot, without, [asked]);
  switch (reading.command) {
    case 'tag.add':
      return asks('tags', { ...reading, tags: [] }, '要添加什么标签？请写出名字。');
    case 'group.create':
      return asks('group', { ...reading, group: '', tags: [] }, '新的标签组叫什么名字？');
    case 'tag.rename':
    case 'group.rename':
    case 'rule.rename': {
      const { to: _, ...rest } = reading;
      return asks('to', rest, '要改成什么名字？请写出来。');
    }
    default:
      return invalid(line`没看懂要用什么名字`, [], line`请写出名字再发一次，现在什么都没有改。`);
  }
}

function unclearName(names: readonly string[]): Understanding {
  return {
    kind: 'invalid',
    title: line`没看懂名字从哪里到哪里：${names.map((name) => `「${name}」`).join('')}`,
    lines: [],
    hint: line`什么都没有改。名字里有标点的话，请给名字加上引号再发。`,
  };
}

/** A group's name where a tag would be made, or the other way round. */
function isOtherThing(name: string, reading: Reading, view: View): boolean {
  const isGroup = groupsCalled(name, view).some(({ libraryId }) => libraryId === view.libraryId);
  return (
    isGroup &&
    (reading.command === 'tag.add' || (reading.command === 'group.create' && name === nameOf(reading.group).name))
  );
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

/** Names that would be made, as they would be: a list is cut by then. */
function namesMade(reading: Reading, understanding: Understanding): string[] {
  const order = understanding.kind === 'one' ? understanding.order : undefined;
  if (order?.command !== 'tag.add') return newNames(reading);
  const quoted = new Set(
    namesIn(reading)
      .made.map(nameOf)
      .flatMap(({ name, literal }) => (literal ? [name] : [])),
  );
  return order.tags.filter((name) => !quoted.has(name));
}

/** Names that the command would make, unless they stand in quotes. */
export function newNames(reading: Reading): string[] {
  return namesIn(reading)
    .made.map(nameOf)
    .flatMap(({ name, literal }) => (literal ? [] : [name]));
}
