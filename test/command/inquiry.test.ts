import { describe, expect, test } from 'vitest';
import { askedIn } from '../../src/command/asked.ts';
import { inquiryIn } from '../../src/command/inquiry.ts';
import { parse } from '../../src/command/parser.ts';
import { acts } from '../../src/command/table/grammar.ts';
import { textOf } from '../../src/command/tokens.ts';

/** As the sentence is read: the command, and what it is narrowed down to. */
function read(said: string): string {
  const parsed = parse(said);
  const [best] = parsed.kind === 'sentence' ? parsed.readings : [];
  if (best === undefined) return parsed.kind;
  const narrowed = best.command === 'history' ? best.filter : 'group' in best ? best.group : undefined;
  return narrowed === undefined ? best.command : `${best.command} ${narrowed}`;
}

describe('what there is', () => {
  test.each([
    ['我有哪些标签啊', 'tag.list'],
    ['查一下都有啥标签', 'tag.list'],
    ['现在都有什么标签呀', 'tag.list'],
    ['看下标签', 'tag.list'],
    ['标签都有啥', 'tag.list'],
    ['都有乜嘢标签呀', 'tag.list'],
    ['帮我列下全部tag', 'tag.list'],
    ['show me all tags', 'tag.list'],
    ['这边标签都列出来看看', 'tag.list'],
    ['你那有啥标签', 'tag.list'],
    ['what tags do we have', 'tag.list'],
    ['渠道来源都包含哪些', 'tag.list 渠道来源'],
    ['客户分级还剩啥', 'tag.list 客户分级'],
    ['給我看看所有標籤', 'tag.list'],
    ['给我看看所有标签组', 'group.list'],
    ['所有的组给我看一眼', 'group.list'],
    ['有啥组', 'group.list'],
    ['看看有几个组', 'group.list'],
    ['咱们有多少个标签', 'stats'],
    ['标签一共几多个', 'stats'],
    ['客户分级几个标签来着', 'tag.list 客户分级'],
  ])('%s → %s', (said, expected) => {
    expect(read(said)).toBe(expected);
  });
});

describe('who changed what, and when, in any order', () => {
  test.each([
    ['帮我看看昨天谁删东西了', 'history 昨天'],
    ['昨天谁删了标签', 'history 昨天'],
    ['昨天谁把标签删了啊', 'history 昨天'],
    ['最近谁动过客户分级', 'history 客户分级'],
    ['谁最近改过客户分级里的标签', 'history 客户分级'],
    ['客户分级昨天谁改了', 'history 昨天 客户分级'],
    ['昨晚谁删了抖音', 'history 昨天 抖音'],
    ['抖音是谁加上去的', 'history 抖音'],
    ['张三今天动了啥', 'history 今天 张三'],
    ['我上星期都删了啥', 'history 上周 我'],
    ['最近有没有人删东西', 'history'],
    ['最后一次改标签是谁', 'history'],
    ['今天有人动过标签吗', 'history 今天'],
    ['谁删的到访记录', 'history 到访记录'],
    ['可以告诉我谁删了老客吗', 'history 老客'],
    ['谁TM把老客删了？？', 'history 老客'],
  ])('%s → %s', (said, expected) => {
    expect(read(said)).toBe(expected);
  });
});

describe('what I may do', () => {
  test.each([
    '我能看到哪些组',
    '我算管理员不',
    '我能改哪些',
    '我能干嘛',
    '我可以改什么',
    '我有啥权限',
    '我都能做些啥',
    '我能不能删标签',
    '我有权限改吗',
    '我是管理员吗',
    '我的权限是什么',
  ])('%s', (said) => {
    expect(read(said)).toBe('me');
  });
});

test.each([
  '谁让你删老客的',
  '谁能把金卡加到客户分级',
  '谁来删一下老客',
  '查标签',
  '标签',
  '我',
  '删了什么标签好',
  '有效标签',
  '加个有啥用到客户分级',
  '把老客删了',
  '最近购买',
  '我能删老客吗',
  '标签最多多少个',
  '怎么办',
  '客户',
])('%s is no such question', (said) => {
  expect(inquiryIn(textOf(said))).toBeUndefined();
});

test('whatever is asked so only looks', () => {
  for (const said of ['我有哪些标签啊', '昨天谁删了老客', '我能改哪些', '有啥组']) {
    const parsed = parse(said);
    expect(parsed.kind === 'sentence' && parsed.readings.every(({ command }) => !acts(command))).toBe(true);
  }
});

describe('how and what if', () => {
  test.each([
    ['标签太多了怎么清理', 'tidy'],
    ['标签太乱了咋整理', 'tidy'],
    ['怎么批量删', 'tidy'],
    ['能不能一次删一堆', 'tidy'],
    ['如何去重', 'tidy'],
    ['有没有办法一次删十个', 'tidy'],
    ['怎样可以把没用的标签清掉', 'tidy'],
    ['标签删多了咋恢复', 'recovery'],
    ['有人在用不', 'whoBears'],
    ['能不能恢复', 'recovery'],
    ['删错了咋整', 'recovery'],
    ['误删了怎么办', 'recovery'],
    ['这个删了会怎样', 'whatIf'],
    ['删了会怎么样', 'whatIf'],
    ['会影响客户吗', 'customersAfterDelete'],
    ['名字最长多少', 'nameLength'],
    ['怎么批量加', 'how'],
    ['怎么删除标签', 'how'],
  ])('%s → %s', (said, about) => {
    expect(askedIn(said)?.about).toBe(about);
  });

  test.each(['怎么办', '怎么样', '清理', '批量删除', '整理标签', '可恢复'])('%s is left to others', (said) => {
    expect(askedIn(said)).toBeUndefined();
  });
});
