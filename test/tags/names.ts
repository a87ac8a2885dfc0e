/** A library of realistic size and names, the same at every run. */

import { Library } from '../../src/tags/library.ts';
import type { LibraryId, RuleGroup, TagGroup } from '../../src/tags/tag.ts';

const WORDS =
  `客户 地区 来源 渠道 等级 会员 重要 普通 潜在 意向 成交 跟进 沉睡 活跃 流失 复购 高价值 低价值 年龄 性别 行业 职业
兴趣 偏好 活动 门店 线上 线下 微信 抖音 小红书 电话 华东 华南 华北 西南 上海 北京 广州 深圳 杭州 成都 重庆 银行 教育 医疗
制造 零售 餐饮 地产 科技 母婴 宠物 美妆 护肤 服装 家电 数码 食品 运动 旅游 酒店 汽车 保险 理财 贷款 学生 白领 宝妈 老板
采购 财务 经理 总监 首次 多次 到访 试用 签约 续费 退款 投诉 好评 差评 转介绍 老客 新客 黑名单 VIP SVIP 春季 秋季 促销 直播
展会 沙龙 讲座 培训 加盟 代理 经销 批发 团购 预售 现货 定制`.split(/\s+/);

/** Numbers below `n`, always in the same sequence. */
export function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % n;
  };
}

export const ruleGroup = (id: number, name = `规则组${id}`): RuleGroup => ({
  id,
  parentId: 0,
  name,
  createTime: 1_600_000_000,
  admins: ['lisi'],
  privilege: { manage_customer_tag: true },
});

/** Tags in the order given; ids are made from the group's id. */
export function tagGroup(
  id: string,
  name: string,
  tags: readonly string[],
  libraryId: LibraryId = 1,
  order = 0,
): TagGroup {
  return {
    id,
    name,
    order,
    createTime: 1_600_000_000,
    libraryId,
    tags: tags.map((tag, i) => ({ id: `${id}-${i}`, name: tag, order: tags.length - i, createTime: 1_600_000_000 })),
  };
}

/**
 * So many tags, 50 in a group; every name of one, two or three words and used once. In 4 rule groups, or in 企业标签
 * beside `ruleGroups` with a group of 20 of the same words each.
 */
export function largeLibrary(tags = 10_000, ruleGroups = 0): Library {
  const roll = dice(7);
  const used = new Set<string>();
  const groups: TagGroup[] = [];
  for (let g = 0; g < tags / 50; g++) {
    const names: string[] = [];
    while (names.length < 50) {
      const words = new Set(Array.from({ length: 1 + roll(3) }, () => WORDS[roll(WORDS.length)]));
      const name = [...words].join('') + (roll(6) === 0 ? String(1 + roll(99)) : '');
      if (used.has(name)) continue;
      used.add(name);
      names.push(name);
    }
    groups.push(
      tagGroup(`g${g}`, `${WORDS[roll(WORDS.length)]}分类${g}`, names, ruleGroups > 0 ? 'corp' : 1 + (g % 4), 1000 - g),
    );
  }
  for (let id = 1; id <= ruleGroups; id++) groups.push(tagGroup(`r${id}`, '客户分级', WORDS.slice(id, id + 20), id));
  const ids = Array.from({ length: ruleGroups || 4 }, (_, at) => at + 1);
  return new Library(
    ids.map((id) => ruleGroup(id)),
    groups,
    0,
  );
}

/** The name with one slip of the thumb: a character changed, missing, added, or two neighbours swapped. */
export function slipped(name: string, roll: (n: number) => number, alphabet: readonly string[]): string {
  const chars = [...name];
  const at = roll(chars.length);
  const other = alphabet[roll(alphabet.length)] as string;
  switch (roll(4)) {
    case 0:
      chars[at] = other;
      break;
    case 1:
      if (chars.length > 2) chars.splice(at, 1);
      break;
    case 2:
      chars.splice(at, 0, other);
      break;
    default:
      chars.splice(
        Math.min(at, chars.length - 2),
        2,
        ...chars
          .slice(Math.min(at, chars.length - 2))
          .slice(0, 2)
          .reverse(),
      );
  }
  return chars.join('');
}
