/**
 * Whether what was read can be an order in this library: every name that must be there is (with nothing but particles
 * around it), every name that would be made is plainly one. Decides whether a comma parts two names or two clauses.
 */

import { countAhead, countBehind } from './counts.ts';
import { isPlainName } from './doubt.ts';
import type { Known } from './known.ts';
import type { Parsed, Reading, Refusal } from './reading.ts';
import { importLine } from './rows.ts';
import { namesIn } from './slots.ts';
import { acts } from './table/grammar.ts';
import { nameOf, type Text } from './tokens.ts';

export type Sentence = Extract<Parsed, { kind: 'sentence' }>;

/** Whether the best acting reading could be an order in this library. */
export function isOrder(parsed: Sentence, known: Known): boolean {
  const best = parsed.readings.find(({ command }) => command !== 'tag.find');
  if (best === undefined) return false;
  if (!acts(best.command)) return false;
  return looked(parsed).some((reading) => acts(reading.command) && isPossible(reading, known));
}

/** Whether every name in the best reading is one of the library, or plainly a new one. */
export function isWhole(parsed: Sentence, known: Known): boolean {
  return looked(parsed).some((reading) => acts(reading.command) && isPossible(reading, known) && isFilled(reading));
}

/** The likeliest readings; what none of them is, the clause is not. */
export function looked({ readings }: Sentence): readonly Reading[] {
  return readings.slice(0, 10);
}

export function actingIn(readings: readonly Reading[]): Reading | undefined {
  return readings.find(({ command }) => acts(command));
}

/** Whether some likely reading is all that an order needs, or looks at what is there. */
export function isComplete(parsed: Parsed, known: Known): boolean {
  if (parsed.kind === 'batch') return parsed.lines.every((line) => isComplete({ kind: 'sentence', ...line }, known));
  if (parsed.kind !== 'sentence') return false;
  return looked(parsed).some((reading) => lacksNothing(reading, known, parsed.formal));
}

/** Possible in this library, in a place that is there, and with everything in it. */
export function lacksNothing(reading: Reading, known: Known, formal = false): boolean {
  if (reading.command === 'tag.find') return known.means(reading.query) || known.group(reading.query);
  if (acts(reading.command) && !isPossible(reading, known, formal)) return false;
  if ('group' in reading && !reading.command.startsWith('group.') && reading.group !== undefined)
    if (!isNamed(reading.group, known, 'group')) return false;
  switch (reading.command) {
    case 'tag.add':
      return reading.tags.length > 0 && reading.group !== undefined;
    case 'tag.delete':
    case 'tag.move':
    case 'group.create':
      return reading.tags.length > 0;
    case 'tag.rename':
    case 'group.rename':
      return reading.to !== undefined;
    case 'tag.order':
    case 'group.order':
      return reading.order !== undefined || reading.last !== undefined;
    case 'tag.top':
      return reading.tag !== '';
    case 'group.top':
      return reading.group !== '';
    case 'group.delete':
    case 'import':
      return reading.groups.length > 0;
    default:
      return true;
  }
}

function isFilled(reading: Reading): boolean {
  if (reading.command === 'tag.add') return reading.tags.length > 0;
  return !('to' in reading) || reading.to !== undefined;
}

/** `formal`: whatever stands in the slot of a new name is one. */
export function isPossible(reading: Reading, known: Known, formal = false): boolean {
  const { there, made, place } = namesIn(reading);
  const ofGroups = reading.command.startsWith('group.');
  if (!there.every((name) => isNamed(name, known, ofGroups ? 'group' : 'tag'))) return false;
  if (place !== undefined && !(isNamed(place, known) || (reading.command === 'tag.add' && isNewPlace(place))))
    return false;
  const first = reading.command === 'group.create' ? 1 : 0;
  return formal || made.every((name, index) => isMade(name, index === first, index === made.length - 1, known));
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
  /^(?:的|那|这|个|组|标签|分|里|面|头|中|下|内|边|在|从|到|和|与|及|跟|还有|以|、|啊|呀|\/|>|:|：|-|\s|都|也|给|我|帮|了|吧|等|全|部|\d|[两二三四五六七八九十俩仨]|[“”"「」『』【】()（）])*$/u;

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

/** The group that a clause is, with nothing but particles around it: 课程意向的, 在提货方式里, 提货方式里那个. */
export function placeOf({ raw, plain }: Text, known: Known): string | undefined {
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

/** 课程意向：书法、围棋: the names of a group that is there. */
export function asRows(text: Text, known: Known): Parsed | undefined {
  const line = importLine(text.raw);
  if (line === undefined || !known.group(nameOf(line.group).name)) return undefined;
  if (!line.tags.every((tag) => nameOf(tag).literal || known.tag(tag) || (isPlainName(tag) && !VERB_FIRST.test(tag))))
    return undefined;
  const reading: Reading = { command: 'tag.add', tags: line.tags, group: line.group };
  return { kind: 'sentence', readings: [reading], text: text.raw, formal: false, careful: true };
}

/** 渠道来源：加快手 orders. */
const VERB_FIRST = /^(?:加|添|新增|增加|删|改|移除|去掉|置顶|把|将)/;

export function stopped(why: Refusal, text: Text, order: Parsed | undefined): Parsed {
  const readings = order?.kind === 'sentence' ? order.readings.filter(({ command }) => acts(command)) : [];
  return { kind: 'refused', why, command: readings[0]?.command ?? 'tag.delete', text: text.raw, readings };
}
