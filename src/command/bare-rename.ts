/** 中改中意向, 把抖音换抖音号: a rename without 成, read only where what stands before the verb is a tag that is there. */

import { isPlainName } from './doubt.ts';
import type { Known } from './known.ts';
import { CHENG_OF_A_WORD } from './lexicon.ts';
import { isOrder } from './orders.ts';
import type { Reader } from './reader.ts';
import type { Parsed } from './reading.ts';
import { nameOf, slice, type Text, textOf, trimmed } from './tokens.ts';

const LONGEST = 60;

/** Undefined where it is no such rename. `steps` as in `Reader.sentence`. */
export function readBareRename(
  text: Text,
  reader: Reader,
  steps?: number,
): Extract<Parsed, { kind: 'sentence' }> | undefined {
  const spelled = spelledOut(text, reader);
  const parsed = spelled && reader.sentence(spelled.raw, steps);
  return parsed?.kind === 'sentence' && isOrder(parsed, reader) ? parsed : undefined;
}

/** The same with 成, which the grammar knows. */
function spelledOut(text: Text, known: Known): Text | undefined {
  if (text.plain.length > LONGEST || known.tag(text.raw)) return undefined;
  const lead = LEAD.exec(text.plain)?.[0].length ?? 0;
  for (const { index } of text.plain.matchAll(VERB)) {
    const what = trimmed(slice(text, lead, index)).raw;
    const to = trimmed(slice(text, index + 1)).raw;
    if (!isTagThere(what, known) || !(nameOf(to).literal || isPlainName(to))) continue;
    return textOf(`把${what}改成${to}`);
  }
  return undefined;
}

const LEAD = /^(?:然后|再|还有|同时|[把将]|\s)*/;
const VERB = new RegExp(
  `[改换](?=${CHENG_OF_A_WORD}|[^成为名叫做作到至回掉了个的一下吧呗改换善装进造革版期签天动编行季货购届洗])(?=\\S)`,
  'g',
);

/** 老客; 客户分级里的老客. */
function isTagThere(said: string, known: Known): boolean {
  if (known.tag(nameOf(said).name)) return true;
  const [, group = '', tag = ''] = /^(.+?)(?:标签组|组)?(?:里面的|里的|下面的|的|里面|里)(.+)$/u.exec(said) ?? [];
  return known.group(nameOf(group).name) && known.tag(nameOf(tag).name);
}
