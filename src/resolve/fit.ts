/** How well one reading fits the library, and what the member is told if it is the best one. */

import type { Reading } from '../command/reading.ts';
import { type Line, line, name as nameSpan } from '../reply/reply.ts';
import { MAX_NAME_LENGTH, nameProblem } from '../tags/tag.ts';
import type { MissingSlot, Order, Understanding } from './order.ts';

/** Smaller is better; between equals (a lookup ranks with the last two) the reading that was proposed first. */
export const RANK = { fits: 0, partly: 1, invalid: 2, slot: 3, absent: 3 } as const;

export interface Fit {
  readonly rank: number;
  /** Made only for the reading that is kept: the nearest names are costly. */
  readonly understanding: () => Understanding;
}

export interface Option {
  readonly label: string;
  readonly detail?: string;
  readonly order: Order;
}

/** At most so many choices can be asked. */
export const MOST_OPTIONS = 10;

/** Nothing may be looked into; or a command about rule groups meets none. */
export const NO_RULE_GROUP: Fit = { rank: RANK.fits, understanding: () => ({ kind: 'noRuleGroup' }) };

export function fits(order: Order): Fit {
  return { rank: RANK.fits, understanding: () => ({ kind: 'one', order }) };
}

export function choice(asked: Line, options: () => readonly Option[]): Fit {
  return {
    rank: RANK.fits,
    understanding: () => ({ kind: 'choice', asked, options: options().slice(0, MOST_OPTIONS) }),
  };
}

export function missing(slot: MissingSlot, reading: Reading, asked: Line, examples: readonly string[] = []): Fit {
  return {
    rank: RANK.slot,
    understanding: () => ({ kind: 'slot', asked, slot, reading, examples: examples.slice(0, MOST_OPTIONS) }),
  };
}

export function absent(what: 'tag' | 'group' | 'ruleGroup', name: string, nearest: () => readonly Option[]): Fit {
  return {
    rank: RANK.absent,
    understanding: () => ({ kind: 'absent', what, name, nearest: nearest().slice(0, MOST_OPTIONS) }),
  };
}

export function invalid(title: Line, lines: readonly Line[], hint?: Line): Fit {
  return {
    rank: RANK.invalid,
    understanding: () => ({ kind: 'invalid', title, lines, ...(hint === undefined ? {} : { hint }) }),
  };
}

/** Explains the first name that can never be one; undefined when all can. `what` is 标签 or 标签组. */
export function badName(names: readonly string[], what: string): Fit | undefined {
  for (const name of names) {
    const problem = nameProblem(name);
    if (problem === undefined) continue;
    switch (problem.problem) {
      case 'empty':
        return invalid(line`${what}的名字不能是空的。`, [], line`请写上名字再发一次，现在什么都没有改。`);
      case 'control':
        return invalid(
          line`${what}名里有看不见的控制字符。`,
          [line`${nameSpan(visible(name))}`],
          line`请重新打一遍名字再发，现在什么都没有改。`,
        );
      case 'too-long':
        return invalid(
          line`${what}名最多 ${MAX_NAME_LENGTH} 个字，这个有 ${problem.length} 个字。`,
          [line`${nameSpan(shortened(name))}`],
          line`请缩短到 ${MAX_NAME_LENGTH} 个字以内再发一次，现在什么都没有改。`,
        );
    }
  }
  return undefined;
}

function visible(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is made visible
  return name.replace(/[\u0000-\u001f\u007f]/g, '␦');
}

function shortened(name: string): string {
  const points = [...name];
  return points.length <= MAX_NAME_LENGTH + 10 ? name : `${points.slice(0, MAX_NAME_LENGTH).join('')}…`;
}
