/**
 * The tags of a group in the order in which they are named: 客户意向排序 低 中 高, 把客户意向按低、中、高排, 客户意向的顺序改成 低>中>高. Read only
 * where the group is there, and at least one of the names.
 */

import { withoutHead, withoutTail } from './courtesy.ts';
import type { Known } from './known.ts';
import type { Parsed } from './reading.ts';
import { listOf, nameOf, slice, splitAt, type Text, textOf } from './tokens.ts';

/** So many are put in order at once. */
const MOST_NAMES = 60;

/** Each to the top, the last named first, so that together they stand as named. */
export function arrangedIn(typed: Text, known: Known): Parsed | undefined {
  const { plain } = typed;
  if (plain.length > LONGEST || !SPEAKS_OF_ORDER.test(plain) || ASKS.test(plain)) return undefined;
  const text = withoutTail(withoutHead(typed));
  const likely = FORMS.flatMap((form) => namedIn(form, text, known) ?? []);
  const isTag = (name: string) => known.tag(nameOf(name).name);
  const { group, names } =
    likely.find((each) => each.names.every(isTag)) ??
    likely.find((each) => each.names.some(isTag) && !each.names.some(isValue)) ??
    {};
  if (group === undefined || names === undefined) return undefined;
  const lines = names.map((tag, at) => ({
    number: at + 1,
    text: tag,
    readings: [{ command: 'tag.top', tag, group } as const],
    formal: true,
  }));
  return { kind: 'batch', lines: lines.reverse(), arranges: true };
}

/** 排序 SVIP 100 gives one tag a value. */
function isValue(name: string): boolean {
  return /^[-+]?\d+$/.test(textOf(name).plain);
}

function namedIn(form: RegExp, text: Text, known: Known) {
  const spans = form.exec(text.plain)?.indices?.groups;
  if (!spans?.group || !spans.names) return undefined;
  const group = slice(text, ...spans.group).raw.trim();
  const names = namesOf(slice(text, ...spans.names));
  const isOne = known.group(nameOf(group).name) && names.length > 1 && names.length <= MOST_NAMES;
  return isOne ? { group, names } : undefined;
}

const LONGEST = 240;
const SPEAKS_OF_ORDER = /排|顺序|次序|按|照|依/;
const ASKS = /[?？]|[吗么呢]\s*$|怎么|如何|咋|能不能|可不可以/;
const GROUP =
  '(?<group>\\S{1,30}?|\\S.{0,30}\\S)\\s*(?:这个|那个)?(?:标签组|分组|组)?(?:里面|里|下面)?的?(?:标签)?的?\\s*';
const SEQUENCE = '(?:排列|先后)?(?:顺序|排序|次序)';
const INTO =
  '(?:请|就|给我|都|重新)*(?:改成|改为|调成|调为|调整为|调整成|换成|变成|设成|设为|设置为|弄成|排成|按照?|照|为)';
const NAMES = '(?<names>\\S.*?)';
const DONE = '\\s*(?:这样|这个|的)?(?:顺序|次序)?(?:来|去|给我|重新)*(?:排序|排列|排好|排一?下|排)(?:序|一下|好|吧)?';

const FORMS: readonly RegExp[] = [
  `(?:把|将)?${GROUP}${SEQUENCE}\\s*${INTO}[\\s:：]*${NAMES}`,
  `(?:把|将)?${GROUP}${SEQUENCE}[\\s:：,，]+${NAMES}`,
  `(?:标签)?\\s*${SEQUENCE}\\s*${GROUP}[\\s:：,，]+${NAMES}`,
  `(?:把|将)?${GROUP}(?:重新)?(?:按照?|照|依)\\s*[:：]?${NAMES}${DONE}`,
  `(?:把|将)?${GROUP}(?:重新)?(?:排一?下序?|排个?序|重排|排列)[\\s:：,，]+${NAMES}`,
].map((form) => new RegExp(`^${form}$`, 'd'));

/** 低 中 高, 低、中、高, 低>中>高: whichever parts them. */
function namesOf(text: Text): readonly string[] {
  const listed = listOf(text);
  if (listed.length > 1) return listed;
  const parted = splitAt(text, /[>＞→|\s]/).map(({ raw }) => raw.replace(/-$/, '').trim());
  return parted.filter((each) => each !== '' && textOf(each).plain !== '');
}
