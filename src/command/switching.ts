/** 切换到企业标签，查VIP: what is said in the same breath is meant in the library that is switched to. */

import type { Known } from './known.ts';
import { UNIT } from './library-named.ts';
import type { BatchLine, Parsed } from './reading.ts';
import { isCourtesy, isRemark } from './remarks.ts';
import { slice, type Text, trimmed } from './tokens.ts';

const SWITCH =
  '(?:请|麻烦|帮我|帮忙|给我|先|你)*(?:切换到|切换至|切换成|切换|切回到|切回|切到|切去|换回到|换回|换到|转到|回到|进入)\\s*(?:客户)?(?:规则组|标签库)?\\s*';
const AHEAD = new RegExp(`^${SWITCH}$`);
const LAST = new RegExp(`[\\s,。;]+${SWITCH}$`);
const TAIL = new RegExp(`^${UNIT}?(?:规则组|标签库|库)?(?:那边|里面|里)?`);
const GOES_ON = /^(?:[\s,。;!~]+(?:然后|再|接着|并且?|顺便)?|然后|再|接着|并且?|顺便)\s*/;
const ENDS = /^(?:吧|哈|一下|里|去)*[\s。!~]*$/;

export interface Switching {
  readonly library: string;
  /** What else the sentence says. */
  readonly rest: Text;
  /** It was said before the switch, where only a lookup can be meant in the other library. */
  readonly before: boolean;
}

export function switchingIn(text: Text, known: Known): Switching | undefined {
  for (const { name, stem } of known.rules) {
    const at = text.plain.indexOf(stem);
    if (at < 0) continue;
    const ahead = text.plain.slice(0, at);
    const to = at + stem.length + (TAIL.exec(text.plain.slice(at + stem.length))?.[0].length ?? 0);
    const behind = text.plain.slice(to);
    const joint = GOES_ON.exec(behind)?.[0].length;
    const before = LAST.exec(ahead)?.index;
    if (AHEAD.test(ahead) && joint !== undefined) return whole(name, trimmed(slice(text, to + joint)), false);
    if (before !== undefined && before > 0 && ENDS.test(behind))
      return whole(name, trimmed(slice(text, 0, before)), true);
  }
  return undefined;
}

function whole(library: string, rest: Text, before: boolean): Switching | undefined {
  return rest.raw === '' || isCourtesy(rest.plain) || isRemark(rest.plain) ? undefined : { library, rest, before };
}

/** The switch and what is said besides; undefined where that is nothing that could be done. */
export function withSwitch({ library, rest, before }: Switching, said: string, parsed: Parsed): Parsed | undefined {
  if (parsed.kind === 'refused') return before ? undefined : parsed;
  if (parsed.kind !== 'sentence' && parsed.kind !== 'batch') return undefined;
  const { kind: _, ...one } = parsed;
  const lines: readonly Omit<BatchLine, 'number'>[] =
    'lines' in one ? one.lines : [{ ...one, text: one.text ?? rest.raw, formal: one.formal ?? false }];
  if (
    before &&
    !lines.every(({ readings }) => readings[0]?.command === 'tag.find' || readings[0]?.command === 'tag.list')
  )
    return undefined;
  const change: Omit<BatchLine, 'number'> = {
    text: said,
    formal: true,
    readings: [{ command: 'rule.switch', rule: `「${library}」` }],
  };
  return { kind: 'batch', lines: [change, ...lines].map((line, at) => ({ ...line, number: at + 1 })) };
}
