/**
 * Every command of the table as it is said of one library: sentences in which nothing says which one, to be put into the
 * places where a library is named. What is about no library says why. A command without a row does not compile.
 */

import type { CommandId } from '../../src/command/reading.ts';

export interface Row {
  /** About what both libraries of the tests hold. */
  readonly says: readonly [string, ...string[]];
  /** Lines that go on below the sentence. */
  readonly below?: string;
  readonly writes?: true;
}

const RULES = 'about a rule group itself';
const ANSWERS = 'about what was asked or told before';
const BOT = 'about the bot';

export const ROWS: Readonly<Record<CommandId, Row | string>> = {
  'tag.add': {
    says: [
      '标签 添加 甲 到 客户分级',
      '添加标签甲到客户分级',
      '把甲加到客户分级',
      '客户分级 加 甲',
      '标签 添加 不要联系 到 客户分级',
    ],
    writes: true,
  },
  'tag.delete': { says: ['标签 删除 普通', '删除普通', '把普通删掉', '删除客户分级里的普通'], writes: true },
  'tag.rename': { says: ['标签 改名 普通 为 一般', '把普通改名为一般', '普通改成一般'], writes: true },
  'tag.top': { says: ['标签 置顶 重点', '置顶重点', '重点排第一'], writes: true },
  'tag.order': { says: ['标签 排序 重点 9', '重点 排序 9', '把重点的排序改成 9'], writes: true },
  'tag.find': { says: ['标签 查 上海', '查上海', '上海在哪个组', '有没有上海'] },
  'tag.list': { says: ['标签 列表', '标签 列表 地区', '地区有哪些标签', '列表'] },
  'tag.move': { says: ['标签 移动 上海 到 客户分级', '把上海移到客户分级'] },
  'group.create': { says: ['标签组 新建 节日：春节、中秋', '新建标签组节日：春节、中秋'], writes: true },
  'group.delete': { says: ['标签组 删除 地区', '删除标签组地区', '把标签组地区删掉'], writes: true },
  'group.rename': { says: ['标签组 改名 地区 为 城市', '把标签组地区改名为城市'], writes: true },
  'group.top': { says: ['标签组 置顶 地区'], writes: true },
  'group.order': { says: ['标签组 排序 地区 9'], writes: true },
  'group.list': { says: ['标签组 列表', '有哪些标签组'] },
  undo: { says: ['撤销'] },
  history: { says: ['历史', '今天改了什么'] },
  stats: { says: ['统计', '看下统计'] },
  export: { says: ['导出', '导出 文本'] },
  import: { says: ['导入'], below: '节日：春节、中秋\n客户分级：甲', writes: true },
  'rule.list': 'about all of them',
  'rule.switch': RULES,
  'rule.show': RULES,
  'rule.create': RULES,
  'rule.rename': RULES,
  'rule.delete': RULES,
  'rule.admins': RULES,
  'rule.range': RULES,
  more: ANSWERS,
  confirm: ANSWERS,
  cancel: ANSWERS,
  help: BOT,
  doctor: BOT,
  me: BOT,
  settings: BOT,
  'menu.publish': BOT,
};

/** The sentence with the library in each place where it is named. */
export function placed(library: string, { says, below }: Row): string[] {
  return says.flatMap((said) => {
    const ahead = [`${library} ${said}`, `${library}${said}`, `在${library}里${said}`, `${library}里${said}`];
    const heads = [...ahead, `${library}：${said}`];
    const tails = below === undefined ? [`${said}（${library}）`, `${said} 在${library}`] : [`${said}到${library}`];
    return [...heads, ...tails].map((text) => (below === undefined ? text : `${text}\n${below}`));
  });
}
