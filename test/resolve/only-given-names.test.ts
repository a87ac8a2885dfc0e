/**
 * Whatever is said around an order (fillers, reasons, remarks, corrections, counts, places), and whatever the member then
 * agrees to: no name is ever made, given or deleted that is not one of those the sentence is about.
 */

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Order, Understanding } from '../../src/resolve/order.ts';
import { understood, type View } from '../../src/resolve/resolve.ts';
import { buildIndex } from '../../src/tags/search/search.ts';
import { readSpeech } from '../conversation/speech.ts';
import { libraryOf, viewOf } from './utterances.ts';

const NAMES =
  `知乎 视频号 B站 快手 微博 贴吧 豆瓣 直播间 线下沙龙 展会 异业合作 物业介绍 同事介绍 门店扫码 官网咨询 电话咨询 老客推荐 员工内购 黑金会员 钻石会员
  体验卡 年卡 月卡 次卡 亲子卡 家庭装 大客户 散客 团购客 批发商 加盟商 经销商 意向强 意向弱 已付定金 待签约 已签约 已退款 待发货 已发货 已收货 未接通 空号 停机
  加微信 已加微信 再联系 要发票 给孩子买 改善型 首套房 二套房 学位房 江景房 精装修 毛坯 日式 美式 侘寂风 工业风 书法 围棋 街舞 轮滑 游泳 击剑 机器人 口才 寒假班
  秋季班 周末班 一对一 小班课 增程 纯电 混动 皮卡 房车 平行进口 光子嫩肤 水光针 祛痘 美白 抗初老 货到付款 门店自取 海外直邮 同城闪送 双旦 年货节 开学季 店庆 9.9元
  买2送1 3-6岁 30万以上 VIP+ C端 A类 Plus会员 三次到店 两年未购 个体户 新生儿`.split(/\s+/);

const GROUPS = ['渠道来源', '客户分级', '课程意向', '提货方式'] as const;
const TAGS = ['抖音', '小红书', '老客', '奥数', '热玛吉', '北欧风', '公寓', '二手车', '618'] as const;

const HEADS = [
  '',
  '你好，',
  '嗯那个',
  '麻烦',
  '请帮忙',
  '因为下周做活动，',
  '由于系统要对接，',
  '老板说要统一，',
  '经讨论决定，',
  '为了方便统计，',
  '最近客户问得多，',
  '不好意思打扰了，',
  '王姐，',
  '呃就是',
  '活动都结束了，',
] as const;
const REMARKS = [
  '',
  '，谢谢',
  '，下周要用',
  '，领导要的',
  '，别的先不动',
  '，尽快',
  ' 明天要用',
  ' 谢谢老师',
  '，设计部提的',
  '，辛苦了[抱拳]',
  '（周五前弄好）',
  '，反正没人看',
  '，数据那边等着用',
  '。麻烦尽快处理，谢谢！',
  '吧',
  '哈🙏',
  '，加完说一声',
  '，这样好找',
] as const;

interface Said {
  readonly text: string;
  /** Names that may be made, given or deleted. */
  readonly given: readonly string[];
}

const name = fc.constantFrom(...NAMES);
const group = fc.constantFrom(...GROUPS);
const tag = fc.constantFrom(...TAGS);

const adds = fc.tuple(fc.uniqueArray(name, { minLength: 1, maxLength: 3 }), group).chain(([names, place]) => {
  const list = names.join('、');
  const count = `${['零', '一', '两', '三'][names.length]}个`;
  return fc
    .constantFrom(
      `标签 添加 ${list} 到 ${place}`,
      `把${list}加到${place}`,
      `在${place}里加${list}`,
      `${place}加${list}`,
      `${place}下面建${count}标签：${list}`,
      `${place}新增${count}：${list}`,
      `标签 添加 ${list} 在 ${place}`,
      `+ ${list} ${place}`,
      `添加 ${list} > ${place}`,
      `${place}加${list}这${count}`,
      `给${place}这个组添上${list}`,
      `加${list}，${place}的`,
      `${place}那边再加一个${list}`,
      `${place}加百度，不对，是${list}`,
      `标签 添加 百度 到 ${place} 打错了 ${list}`,
      `${place}：${list}`,
      `标签组 新建 新的一组：${list}`,
    )
    .map((text): Said => ({ text, given: [...names, '新的一组'] }));
});
const renames = fc
  .tuple(tag, name)
  .chain(([old, to]) =>
    fc
      .constantFrom(
        `标签 改名 ${old} 为 ${to}`,
        `把${old}改成${to}`,
        `${old}改名为${to}`,
        `把那个${old}标签改叫${to}`,
        `把${old}改成百度，不对，改成${to}`,
        `给${old}改名叫${to}`,
      )
      .map((text): Said => ({ text, given: [to] })),
  );
const deletes = fc.uniqueArray(tag, { minLength: 1, maxLength: 3 }).chain((tags) => {
  const list = tags.join('、');
  return fc
    .constantFrom(
      `标签 删除 ${list}`,
      `把${list}删了`,
      `删掉${list}这${tags.length}个标签`,
      `${list}不要了，删掉`,
      `把${list}都删除`,
      `删除公寓，不对，删除${list}`,
      `删掉${tags.join('和')}`,
    )
    .map((text): Said => ({ text, given: tags }));
});

const said = fc
  .tuple(fc.constantFrom(...HEADS), fc.oneof(adds, renames, deletes), fc.constantFrom(...REMARKS))
  .map(([head, { text, given }, remark]): Said => ({ text: head + text + remark, given }));

/** Every name that this order would make, give or delete. */
function touched(order: Order): readonly string[] {
  switch (order.command) {
    case 'tag.add':
      return [...order.tags, ...(order.target.kind === 'new' ? [order.target.name] : [])];
    case 'group.create':
      return [order.name, ...order.tags];
    case 'tag.rename':
    case 'group.rename':
    case 'rule.rename':
      return [order.to];
    case 'tag.delete':
    case 'group.delete':
      return order.targets.map((target) => target.name);
    case 'import':
      return order.groups.flatMap(({ tags }) => tags);
    default:
      return [];
  }
}

/** What the member could come to by agreeing to any of it. */
function reachable(understanding: Understanding): readonly string[] {
  switch (understanding.kind) {
    case 'one':
    case 'suggestion':
      return touched(understanding.order);
    case 'batch':
      return understanding.lines.flatMap(({ order }) => touched(order));
    case 'choice':
      return understanding.options.flatMap(({ order }) => touched(order));
    case 'absent':
      return understanding.nearest.flatMap(({ order }) => touched(order));
    default:
      return [];
  }
}

let view: View;
beforeAll(async () => {
  const library = libraryOf(readSpeech('speech.txt'));
  view = viewOf(library, await buildIndex(library));
});

describe('whatever is said around it', () => {
  it('no name but those given is made, given or deleted', () => {
    let done = 0;
    let all = 0;
    fc.assert(
      fc.property(said, ({ text, given }) => {
        const understanding = understood(text, view);
        all++;
        if (reachable(understanding).length > 0) done++;
        expect(
          reachable(understanding).filter((each) => !given.includes(each)),
          text,
        ).toEqual([]);
      }),
      { numRuns: 1_500, seed: 14 },
    );
    console.log(`${all} sentences, ${((100 * done) / all).toFixed(1)} % of them understood as an order`);
    expect(done / all).toBeGreaterThan(0.9);
  }, 120_000);
});
