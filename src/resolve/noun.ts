/** Whether 标签 behind a name that would be made is the noun (加VIP标签) or the end of the name (企业标签). */

import type { Reading, ReadingOf } from '../command/reading.ts';
import { nameOf } from '../command/tokens.ts';
import { line } from '../reply/reply.ts';
import { fold } from '../text.ts';
import type { Option } from './fit.ts';
import type { View } from './names.ts';
import type { OrderOf, Understanding } from './order.ts';

type Add = OrderOf<'tag.add'>;

const NOUN = /(?:标签|標籤)$/u;
/** Words that make a name of their own with the noun: what bears them is a kind of tag rather than a tag. */
const KINDS =
  /(?:企业|公司|规则组?|客户|用户|个人|会员|粉丝|渠道|来源|行业|地域|地区|区域|行为|画像|属性|特征|兴趣|偏好|消费|意向|需求|状态|阶段|等级|分级|类型|活动|营销|产品|业务|服务|基础|自动|手动|系统|智能|通用|公共|自定义|默认|内部|外部|重点|重要|核心|特殊|普通|常用|其他|其它|临时|测试|备用|新|旧|老|大|小|红|黄|蓝|绿|黑|白)$/u;

/** The name with the noun, the question which of both is meant, or undefined where the noun is none of the name. */
export function withNoun(
  order: Add,
  readings: readonly Reading[],
  text: string,
  view: View,
): Understanding | undefined {
  const long = order.tags.map((tag, at) => (at === order.tags.length - 1 ? longer(tag, readings) : tag));
  const whole = long.at(-1);
  const cut = order.tags.at(-1);
  if (cut === undefined || whole === undefined || whole === cut) return undefined;
  const asTyped = { ...order, tags: long };
  const short = { ...order, tags: long.map((tag) => tag.replace(NOUN, '') || tag) };
  const there = siblings(order, view);
  const isThere = (name: string) => there.some((tag) => fold(tag) === fold(name));
  if (isThere(whole)) return { kind: 'one', order: asTyped };
  if (isThere(cut) || (view.library.tagsNamed(cut).length > 0 && view.library.tagsNamed(whole).length === 0))
    return undefined;
  const others = long.slice(0, -1);
  if (others.length > 0 && !others.some((tag) => NOUN.test(tag))) return undefined;
  if (there.some((tag) => NOUN.test(tag))) return { kind: 'one', order: asTyped };
  if (others.length === 0 && (/[a-z\d]/iu.test(cut) || (isSaidOfOne(cut, text) && !KINDS.test(cut)))) return undefined;
  return {
    kind: 'choice',
    asked: line`要添加的名字是哪一个？`,
    clearer: line`请给名字加上引号，再整段发一次。`,
    options: [asTyped, short].map((each): Option => ({ label: each.tags.join('、'), order: each })),
  };
}

/** What stands in the sentence with the noun glued to the last name. */
function longer(cut: string, readings: readonly Reading[]): string {
  const adds = readings.filter((each): each is ReadingOf<'tag.add'> => each.command === 'tag.add');
  const last = ({ tags }: ReadingOf<'tag.add'>) => nameOf(tags.at(-1) ?? '');
  for (const reading of adds) {
    const { name, literal } = last(reading);
    const stem = name.replace(NOUN, '');
    if (literal || stem === name || !stem.endsWith(cut)) continue;
    const twin = adds.some((each) => each.group === reading.group && last(each).name === stem);
    if (twin) return cut + name.slice(stem.length);
  }
  return cut;
}

function siblings({ target }: Add, { library }: View): readonly string[] {
  return target.kind === 'existing' ? (library.group(target.group.id)?.tags ?? []).map(({ name }) => name) : [];
}

/** 加个知乎标签, 把知乎标签加到…: people say the noun there. */
function isSaidOfOne(cut: string, text: string): boolean {
  return /(?:[个個条]|把|将|將|新)\s*$/u.test(text.slice(0, Math.max(0, text.indexOf(cut))));
}
