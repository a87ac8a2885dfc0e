/**
 * 把快手和抖音删了，抖音留着: what is named for deletion and then taken out again. Nothing that somebody wants to keep may
 * stand in the plan, and who keeps all of it wants nothing done.
 */

import { fold } from '../text.ts';
import type { Parsed, Reading } from './reading.ts';
import { listOf, slice, type Text, textOf, trimmed } from './tokens.ts';

const KEPT =
  '(?:就|先|还是|要|得|暂时|都|给我)*(?:留着|留下来?|保留着?|不删除?|不要删除?|别删除?|不用删除?|不能删除?|别动|不动|不要动|算了)(?:吧|了|哈|啊|哦|先)*';
const BORDER = '[\\s,。;!…~]+';
const BETWEEN = '(?:哦|噢|啊|唉|哎|诶|呃)?(?:不对|不是|等等|等一?下|慢着|但是?|不过|只是|其中|里面的?)?[\\s,。;!…~]*';
/** 抖音留着; 其中抖音和快手别删. */
const NAMES_FIRST = new RegExp(`^(.*?[^\\s,。;!…~])${BORDER}${BETWEEN}([^,。;!?]{1,60}?)${KEPT}[\\s。!~]*$`);
/** 别动抖音; 保留抖音和快手. */
const NAMES_LAST = new RegExp(
  `^(.*?[^\\s,。;!…~])${BORDER}${BETWEEN}(?:先|就|但)?(?:保留|留着|留下|留|别删除?|不要删除?|不删除?|别动|不要动|不用删)([^,。;!?]{1,60}?)(?:吧|了|哈|啊|哦)*[\\s。!~]*$`,
);
/** Between names that stand in a list, before the library has told which they are. */
const BETWEEN_NAMES = /\s*(?:[、,，]|还有|以及|和|与|及|跟)\s*/u;

/** Nobody looks back over more than that. */
const LONGEST = 1_000;

export interface Spared {
  /** What was said before. */
  readonly order: Text;
  /** As typed. */
  readonly names: readonly string[];
}

/** Undefined when nothing is taken out of what was said before. */
export function sparedIn(text: Text): Spared | undefined {
  if (text.plain.length > LONGEST) return undefined;
  for (const pattern of [NAMES_FIRST, NAMES_LAST]) {
    const found = pattern.exec(text.plain);
    if (found?.[1] === undefined || found[2] === undefined) continue;
    const at = text.plain.lastIndexOf(found[2]);
    const names = partsOf(trimmed(slice(text, at, at + found[2].length)).raw);
    if (names.length > 0) return { order: trimmed(slice(text, 0, found[1].length)), names };
  }
  return undefined;
}

/**
 * The deletion without them. Undefined when it is none, or does not name them all; `kept` when nothing is left of it.
 */
export function withoutSpared(parsed: Parsed, names: readonly string[]): Parsed | 'kept' | undefined {
  if (parsed.kind !== 'sentence') return undefined;
  const spared = new Set(names.map(fold));
  const less = parsed.readings.flatMap((reading) => lessOf(reading, spared) ?? []);
  if (less.length === 0) return undefined;
  const readings = less.filter((reading) => listIn(reading)?.length !== 0);
  return readings.length === 0 ? 'kept' : { ...parsed, readings, careful: true };
}

function lessOf(reading: Reading, spared: ReadonlySet<string>): Reading | undefined {
  const all = listIn(reading)?.flatMap((name) => {
    const parts = partsOf(name);
    return parts.some((part) => spared.has(fold(part))) ? parts : [name];
  });
  const left = all?.filter((name) => !spared.has(fold(name)));
  if (all === undefined || left === undefined || all.length - left.length < spared.size) return undefined;
  if (reading.command === 'tag.delete') return { ...reading, tags: left };
  return reading.command === 'group.delete' ? { ...reading, groups: left } : undefined;
}

function listIn(reading: Reading): readonly string[] | undefined {
  if (reading.command === 'tag.delete') return reading.tags;
  return reading.command === 'group.delete' ? reading.groups : undefined;
}

function partsOf(typed: string): string[] {
  return listOf(textOf(typed))
    .flatMap((part) => part.split(BETWEEN_NAMES))
    .filter((part) => part !== '');
}
