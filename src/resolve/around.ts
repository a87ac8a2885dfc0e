/** What people put around names: counts (两个标签), fillers (那个, 吧), remarks behind a space. */

import { countAhead, countBehind } from '../command/counts.ts';
import { isClause, isReference } from '../command/doubt.ts';
import { numeral } from '../command/numerals.ts';
import { isQuoted, nameOf, textOf } from '../command/tokens.ts';

/** No name is as long, however it is dictated and whatever is said around it: nothing is looked for in what is longer. */
export const LONGEST_SAID = 100;

/** A、B、C三档: as many as there are. */
const GRADED = /^(.+?)(?:这)?([两二三四五六七八九十]|\d{1,2})(?:档|级|类|款|项|家|样|门)$/u;

interface Counted {
  readonly names: readonly string[];
  readonly count?: number;
  /** Another number was said than there are names. */
  readonly mismatch: boolean;
  readonly uncounted?: { readonly count: number; readonly text: string };
}

/** 3个：知乎、B站 · 知乎、B站两个 · 快手微博两个标签: the number is no name, and tells how many there must be. */
export function withoutCounts(typed: readonly string[], isKnown: (name: string) => boolean): Counted {
  let names = [...typed];
  let count: number | undefined;
  const [first = ''] = names;
  const ahead = isKnown(nameOf(first).name) ? undefined : countAhead(first);
  if (ahead !== undefined && ahead.rest !== '') {
    count = ahead.value;
    names = [ahead.rest, ...names.slice(1)];
  }
  const last = names.at(-1) ?? '';
  const behind = isKnown(nameOf(last).name) ? undefined : countBehind(last);
  if (behind !== undefined && behind.rest !== '') {
    count = behind.value ?? count;
    names = [...names.slice(0, -1), behind.rest];
  }
  names = names.map((name) => name.replace(/(?<=\S)\s*(?:等等|等)$/u, (etc) => (isKnown(name) ? etc : '')));
  names = names.filter((name) => name.trim() !== '');
  const graded = GRADED.exec(names.at(-1) ?? '');
  if (count === undefined && names.length > 1 && graded?.[1] !== undefined && numeral(graded[2] ?? '') === names.length)
    return { names: [...names.slice(0, -1), graded[1]], mismatch: false, count: names.length };
  if (count === undefined) return { names, mismatch: false };
  const parts = names.flatMap((name) =>
    isKnown(nameOf(name).name) || nameOf(name).literal ? [name] : partsOf([name]),
  );
  if (count === parts.length || count === names.length) return { names, mismatch: false, count };
  const [only] = names;
  if (names.length === 1 && only !== undefined && parts.length === 1 && count > 1) {
    const cut = only.length > LONGEST_GLUED ? undefined : cutInto(only, count, isKnown);
    if (cut === undefined) return { names, mismatch: true, uncounted: { count, text: only } };
    return { names: cut, mismatch: !cut.every(isKnown) };
  }
  return { names, mismatch: names.length > 0 };
}

/** 金卡银卡铜卡 into three known names, the longest first. What led nowhere once, `hopeless`, is not tried again. */
function cutInto(
  text: string,
  count: number,
  isKnown: (name: string) => boolean,
  hopeless = new Set<string>(),
): string[] | undefined {
  if (count === 0) return text === '' ? [] : undefined;
  if (hopeless.has(`${count} ${text}`)) return undefined;
  for (let to = text.length; to > 0; to--) {
    const head = text.slice(0, to);
    if (!isKnown(head)) continue;
    const rest = cutInto(text.slice(to), count - 1, isKnown, hopeless);
    if (rest !== undefined) return [head, ...rest];
  }
  hopeless.add(`${count} ${text}`);
  return undefined;
}

const FILLER_AHEAD =
  /^(?:(?:(?:那个|这个)(?![月周年季星])|就是|呃|嗯|帮我|给我|叫做|叫(?![号车餐好停])|名为|名叫|一?个(?![人体性])|一条|一项)\s*)+(?=\S{2})/u;

const FILLER_BEHIND =
  /(?<=\S)\s*(?:(?<=\S{3})(?<![目士])的(?=$)|(?:这个|那个|这一|那一|这种|这|那|的)标签|(?<=\S{2})(?:这个|那个)|(?<=[^网酒贴书水氧话迪清茶咖陶])吧|(?<=\S[^哈啊呀呗哦呢嘛啦哟咯])[啊呀哈呗哦呢嘛啦哟咯]|一下|就行|就好|即可)+$/u;

const PARTING_SIGH = /[啊呀](?=[\u4e00-\u9fff])|(?:[、,，]|\s+|和|与|及|跟|同|还有|以及|或者)/u;

const QUOTED_WITHIN =
  /^\s*(?:那个|这个|叫做?|名为|名叫)?\s*([“"「『【][^”"」』】]+[”"」』】])\s*(?:这个|这一|那个|的)?(?:标签|选项)?$/u;

/** A name that is about to be made, without what is said around it; in a formal sentence all of it is the name. */
export function withoutFiller(typed: string, isKnown: (name: string) => boolean, formal: boolean): string {
  const { name, literal } = nameOf(typed);
  if (literal || name.length > LONGEST_SAID || isKnown(name) || isReference(name)) return typed;
  const quoted = QUOTED_WITHIN.exec(typed)?.[1];
  if (quoted !== undefined && isQuoted(textOf(quoted))) return quoted;
  return formal ? typed : name.replace(FILLER_BEHIND, '').replace(FILLER_AHEAD, '').trim() || name;
}

/** 双旦 到时候要统计: what stands behind a space and is a clause is left out. */
export function withoutRemark(typed: string, isKnown: (name: string) => boolean, leftOut: string[]): string {
  const { name, literal } = nameOf(typed);
  if (literal || !/\s/u.test(name) || isKnown(name)) return typed;
  const parts = name.split(/\s+/u);
  while (parts.length > 1 && isClause(parts.at(-1) ?? '')) leftOut.unshift(parts.pop() ?? '');
  return parts.join(' ');
}

/** 元旦专场 时间是1月1号: two names, or a name and a remark. */
export function isPartedBySpace(typed: string, isKnown: (name: string) => boolean): boolean {
  const { name, literal } = nameOf(typed);
  return (
    !literal &&
    !isKnown(name) &&
    name.split(/\s+/u).some((part, index) => index > 0 && [...part].length > LONGEST_SECOND)
  );
}

export const LONGEST_SECOND = 4;

/** 书法加围棋 in 课程意向加书法加围棋. */
export function addedTogether(typed: string, isKnown: (name: string) => boolean): string[] {
  const { name, literal } = nameOf(typed);
  if (literal || name.length > LONGEST_SAID || isKnown(name)) return [typed];
  const parts = name.split(ADDED);
  return parts.length > 1 && parts.every((part) => part.length > 1) ? parts : [typed];
}

const ADDED = /(?<=\S{2})(?<![参追叠添增附再累更])加(?:上|个)?(?![盟急入班群油工微好])(?=\S{2})/u;

/** The names meant by a text that names what is to be there: without fillers, cut where people sigh between them. */
export function soughtNames(typed: string, isKnown: (name: string) => boolean): string[] {
  const { name, literal } = nameOf(typed);
  if (literal || name.length > LONGEST_SAID || isKnown(name)) return [typed];
  const bare = withoutFiller(typed, isKnown, false);
  if (isKnown(nameOf(bare).name)) return [bare];
  for (const trimmedName of [
    bare.replace(/^(?:那个|这个|那|这)/u, ''),
    bare.replace(/(?:的|那个|这个)?(?:标签)?(?:不要了|不用了|没用了|用不上了|了|都|也|给我|帮我|给)+$/u, ''),
  ]) {
    if (trimmedName !== bare && isKnown(trimmedName)) return [trimmedName];
  }
  const parts = bare.split(PARTING_SIGH).map((part) => part.replace(/[啊呀]$/u, ''));
  if (parts.length > 1 && parts.every((part) => part !== '' && isKnown(part))) return parts;
  return [typed];
}

/**
 * 北欧风法式奶油风: the tags that each is made of, when that can be in one way only. Single characters are none of them.
 * Whoever types a longer list parts its names.
 */
export function gluedNames(typed: readonly string[], isKnown: (name: string) => boolean): readonly string[] {
  return typed.length > MOST_GLUED ? typed : typed.flatMap((each) => glued(each, isKnown) ?? [each]);
}

const MOST_GLUED = 20;
const LONGEST_GLUED = 60;

function glued(typed: string, isKnown: (name: string) => boolean): readonly string[] | undefined {
  const { name, literal } = nameOf(typed);
  if (literal || isKnown(name) || name.length > LONGEST_GLUED) return undefined;
  const [only, other] = cutsOf(name, isKnown, 2);
  return only !== undefined && other === undefined && only.length > 1 ? only : undefined;
}

/** Ways to cut a text into known names, at most so many. */
function cutsOf(text: string, isKnown: (name: string) => boolean, most: number): string[][] {
  const ways: string[][][] = Array.from({ length: text.length + 1 }, () => []);
  ways[text.length] = [[]];
  for (let from = text.length - 2; from >= 0; from--) {
    for (let to = from + 2; to <= text.length; to++) {
      const rests = ways[to] ?? [];
      const head = text.slice(from, to);
      if (rests.length === 0 || (ways[from]?.length ?? 0) >= most || !isKnown(head)) continue;
      ways[from]?.push(...rests.slice(0, most).map((rest) => [head, ...rest]));
    }
  }
  return ways[0] ?? [];
}

export function partsOf(names: readonly string[]): string[] {
  return names.flatMap((name) => name.split(/\s+|、|和|与|及|跟|还有|以及/u)).filter((name) => name !== '');
}
