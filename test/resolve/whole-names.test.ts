/**
 * Names of every day that begin or end like words of the grammar: what is made bears the name as typed, the whole of it.
 * A sentence that could be talk may be asked about or refused; it must never make another name.
 */

import { beforeAll, describe, expect, it } from 'vitest';
import { understood, type View } from '../../src/resolve/resolve.ts';
import { Library } from '../../src/tags/library.ts';
import { buildIndex } from '../../src/tags/search/search.ts';
import { effectOf, libraryOf, readCorpus, viewOf } from './utterances.ts';

const NAMES =
  `新客户 新客 新品 新生儿 老客户 个人 个体户 一号店 1号店 一线城市 三个月未购买 两个小时内 几个月没来 两次以上 第一次到店 首次购买
  再次购买 多次到店 多人 少量 已成交 未成交 待跟进 有意向 无意向 高意向 不感兴趣 有房 没有房 已加微信 加过好友 加盟商 加急 改签客户
  改善型 建材 补货 为爱付费 为主 成为会员 成交客户 叫号客户 查价客户 找货源 看房客户 要发票 给力客户 在线客户 从事教育 到期客户
  到店未买 到货通知 进店 进群 入会 入职 移动用户 移民 换货 转介绍 排名靠前 前10名 顺序 全款 全部客户 所有人 这里 那边 急需 先付款
  再联系 统一采购 一起团购 包含税 含税 分期 里程会员 中产 中国区 下单未付 下沉市场 组长 组团 规则客户 撤单 取消订单 确认收货
  导出客户 历史客户 统计局 更多需求 菜单已看 批量采购 和平区 和家亲 与会者 及时付款 以及 跟单 请假 麻烦客户 好评 差评 就行 吧台
  先锋 来访 昨天 周末 去年成交 A B VIP客户 A级 Plus New Old a an the top10 add1 to me 3折 50% 100元以下 18-25岁 C++ A/B`.split(
    /\s+/,
  );

type Form = readonly [sentence: (name: string) => string, effect: (name: string) => string];

/** Begin with the noun: nothing in them can be talk. */
const FORMAL: readonly Form[] = [
  [(name) => `标签 添加 ${name} 到 客户分级`, (name) => `add 客户分级: ${name}`],
  [(name) => `标签 添加 金卡、${name} 到 客户分级`, (name) => `add 客户分级: 金卡, ${name}`],
  [(name) => `标签 添加 ${name}、金卡 到 客户分级`, (name) => `add 客户分级: ${name}, 金卡`],
  [(name) => `标签 改名 SVIP 为 ${name}`, (name) => `rename 客户分级/SVIP → ${name}`],
  [(name) => `标签组 新建 ${name}：甲、乙`, (name) => `create ${name}: 甲, 乙`],
  [(name) => `标签组 新建 会员等级：${name}、乙`, (name) => `create 会员等级: ${name}, 乙`],
  [(name) => `标签组 改名 地区 为 ${name}`, (name) => `rename-group 地区 → ${name}`],
];

const SPOKEN: readonly Form[] = [
  [(name) => `添加${name}到客户分级`, (name) => `add 客户分级: ${name}`],
  [(name) => `把${name}加到客户分级`, (name) => `add 客户分级: ${name}`],
  [(name) => `客户分级 加 ${name}`, (name) => `add 客户分级: ${name}`],
  [(name) => `在客户分级里加${name}`, (name) => `add 客户分级: ${name}`],
  [(name) => `+ ${name} @客户分级`, (name) => `add 客户分级: ${name}`],
  [(name) => `把SVIP改名为${name}`, (name) => `rename 客户分级/SVIP → ${name}`],
  [(name) => `SVIP改成${name}`, (name) => `rename 客户分级/SVIP → ${name}`],
  [(name) => `新建标签组${name}：甲、乙`, (name) => `create ${name}: 甲, 乙`],
];

let view: View;
beforeAll(async () => {
  const library = libraryOf(readCorpus());
  view = viewOf(library, await buildIndex(library));
});

const effect = (text: string) => effectOf(understood(text, view));

describe('what is made bears the name as typed', () => {
  it.each(FORMAL.map(([sentence, of]) => [sentence('…'), sentence, of] as const))('%s', (_, sentence, of) => {
    for (const name of NAMES) expect(effect(sentence(name)), sentence(name)).toBe(of(name));
  });
});

describe('or the member is asked', () => {
  it.each(SPOKEN.map(([sentence, of]) => [sentence('…'), sentence, of] as const))('%s', (_, sentence, of) => {
    for (const name of NAMES) {
      const told = effect(sentence(name));
      if (/^(?:add|rename|create|order|top|batch|import|undo)/.test(told)) expect(told, sentence(name)).toBe(of(name));
      else expect(told, sentence(name)).not.toMatch(/\?/);
    }
  });
});

describe('where one name lies within another, it is asked which is meant', () => {
  const tag = (name: string) => ({ id: name, name, order: 0, createTime: 0 });
  const names = ['老客', '老客标签', '工厂', '标签工厂'].map(tag);
  const group = { id: 'g', name: '客户分级', order: 0, createTime: 0, libraryId: 1, tags: names };
  const ruleGroup = { id: 1, parentId: 0, name: '华东区', createTime: 0, admins: [], privilege: {} };
  let both: View;
  beforeAll(async () => {
    const library = new Library([ruleGroup], [group], 0);
    both = viewOf(library, await buildIndex(library));
  });

  it.each([
    ['删除老客标签', '老客', '老客标签'],
    ['把标签工厂删掉', '工厂', '标签工厂'],
    ['把老客标签改名为常客', '老客', '老客标签'],
    ['标签工厂置顶', '工厂', '标签工厂'],
  ])('%s', (text, ...labels) => {
    const understanding = understood(text, both);
    expect(understanding.kind).toBe('choice');
    expect(understanding.kind === 'choice' && understanding.options.map(({ label }) => label)).toEqual(labels);
  });

  it.each([
    ['标签 删除 老客标签', 'delete? 客户分级/老客标签'],
    ['删除老客', 'delete? 客户分级/老客'],
    ['删除“标签工厂”', 'delete? 客户分级/标签工厂'],
  ])('%s is plain', (text, expected) => {
    expect(effectOf(understood(text, both))).toBe(expected);
  });
});
