/** The unpleasant platform: every refusal has its proper end, nothing is hammered, nothing uncertain is repeated. */

import { describe, expect, test } from 'vitest';
import type { Chat } from '../chat.ts';
import { MEMBER, sayAndConfirm, startChat, writes } from './talk.ts';

const ENV = { REPLY_FORMAT: 'plain' };
const ADD = '标签 添加 钻石 到 客户分级';

const callsTo = (chat: Chat, path: string) => chat.sandbox.calls.filter((call) => call.path.endsWith(path)).length;

describe('a code that no repeat can mend: one call, and the sentence says what to do', () => {
  test.each([
    [40071, /已经有|名字/],
    [40072, /名字/],
    [40126, /上限[\s\S]*10000|10,000/],
    [40068, /不存在|列表/],
    [40058, /参数|维护者/],
    [48002, /可调用接口的应用/],
    [60030, /可见范围/],
    [60011, /可见范围/],
    [60111, /成员/],
    [85002, /不合规/],
    [40201, /垃圾/],
    [45009, /分钟|之后/],
    [60020, /可信IP/],
    [50003, /停用/],
    [999999, /999999/],
  ])('%i on an add', async (code, sentence) => {
    const chat = await startChat({ env: ENV });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.clearCalls();
    chat.sandbox.setFaults({ errcode: { on: true, code, path: 'add_strategy_tag' } });
    const answer = await chat.say(MEMBER, ADD);
    expect(answer).toMatch(sentence);
    expect(answer).toContain('没有做成');
    expect(answer).not.toMatch(/成功|已添加/);
    // 40068 in answer to an add into a group is final; only one that makes a group is tried once more.
    expect(callsTo(chat, 'add_strategy_tag')).toBe(1);
  });

  test.each([
    ['edit_strategy_tag', '把老客改名为回头客', 40071],
    ['edit_strategy_tag', '把老客改名为回头客', 40072],
    ['edit_strategy_tag', '标签 排序 老客 9', 40068],
    ['customer_strategy/edit', '规则组 改名 华东大区 为 东部', 60030],
    ['customer_strategy/edit', '规则组 负责人 华东大区 加 李四', 50100],
    ['customer_strategy/create', '规则组 新建 北部 负责人 张三 范围 销售部', 60111],
  ] as const)('%s: %s, %i', async (path, text, code) => {
    const chat = await startChat({ env: ENV });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ errcode: { on: true, code, path } });
    const answer = await sayAndConfirm(chat, MEMBER, text);
    expect(answer).toContain('没有做成');
    expect(callsTo(chat, path)).toBe(1);
  });

  test('what only an admin can mend is not explained to others with addresses', async () => {
    const chat = await startChat({ env: ENV });
    await chat.say('zhangsan', '标签 列表');
    chat.sandbox.setFaults({ untrustedIp: { on: true } });
    expect(await chat.say(MEMBER, ADD)).toContain('127.0.0.1');
    const toOther = await chat.say('zhangsan', ADD);
    expect(toOther).not.toContain('127.0.0.1');
    expect(toOther).toContain('管理员');
  });
});

describe('a busy platform', () => {
  test.each([-1, 6000, 45033, 45035])('%i twice: repeated with a pause, done, told as done', async (code) => {
    const chat = await startChat({ env: ENV });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ errcode: { on: true, code, times: 2, path: 'add_strategy_tag' } });
    expect(await chat.say(MEMBER, ADD)).toContain('已添加');
    expect(callsTo(chat, 'add_strategy_tag')).toBe(3);
  });

  test('for long: at most three repeats, then told as not done', async () => {
    const chat = await startChat({ env: ENV });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ busy: { on: true, path: 'add_strategy_tag' } });
    expect(await chat.say(MEMBER, ADD)).toContain('没有做成');
    expect(callsTo(chat, 'add_strategy_tag')).toBe(4);
    expect(chat.tags('客户分级')).not.toContain('钻石');
  });

  test('a token that has expired is renewed once, unnoticed', async () => {
    const chat = await startChat({ env: ENV });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.clearCalls();
    chat.sandbox.setFaults({ expiredToken: { on: true } });
    expect(await chat.say(MEMBER, ADD)).toContain('已添加');
    expect(callsTo(chat, 'gettoken')).toBe(1);
  });

  test('a wrong secret is not hammered: one call for many questions, each explained', async () => {
    const chat = await startChat({ env: ENV });
    chat.sandbox.setFaults({ wrongSecret: { on: true }, expiredToken: { on: true } });
    chat.sandbox.clearCalls();
    for (const text of ['没有的甲', '没有的乙', '没有的丙', ADD]) {
      expect(await chat.say(MEMBER, text)).toMatch(/Secret|密钥/);
    }
    expect(callsTo(chat, 'gettoken')).toBe(1);
    expect(writes(chat)).toHaveLength(0);
  });
});

describe('an unknown outcome', () => {
  test.each([
    ['carried out, answer lost', { brokenAfter: { on: true, times: 1, path: 'add_strategy_tag' } }, /已添加/, true],
    ['not carried out', { brokenBefore: { on: true, times: 1, path: 'add_strategy_tag' } }, /没有生效/, false],
    ['502', { badGateway: { on: true, times: 1, path: 'add_strategy_tag' } }, /没有生效/, false],
    ['carried out, answer misshapen', { wrongShape: { on: true, times: 1, path: 'add_strategy_tag' } }, /已添加/, true],
  ] as const)('%s: re-read, told, never repeated', async (_, faults, told, there) => {
    const chat = await startChat({ env: ENV });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults(faults);
    expect(await chat.say(MEMBER, ADD)).toMatch(told);
    expect(chat.tags('客户分级')?.includes('钻石')).toBe(there);
    expect(callsTo(chat, 'add_strategy_tag')).toBe(1);
  });

  test.each([
    ['rename', '把老客改名为回头客', 'edit_strategy_tag', /已改名/],
    ['order', '标签 排序 老客 99', 'edit_strategy_tag', /已设为/],
    ['new rule group', '规则组 新建 北部 负责人 张三 范围 销售部', 'customer_strategy/create', /已新建/],
    ['more admins', '规则组 负责人 华东大区 加 李四', 'customer_strategy/edit', /已更新/],
    ['more range', '规则组 范围 华东大区 加 @王五', 'customer_strategy/edit', /已更新/],
  ])('%s whose answer was lost: found done', async (_, text, path, told) => {
    const chat = await startChat({ env: ENV });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ brokenAfter: { on: true, times: 1, path } });
    expect(await sayAndConfirm(chat, MEMBER, text)).toMatch(told);
    expect(callsTo(chat, path)).toBe(1);
  });

  test('that cannot be looked into is told as uncertain, and the rest is not tried', async () => {
    const chat = await startChat({ env: ENV });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ brokenAfter: { on: true, times: 1, path: 'add_strategy_tag' } });
    const forget = chat.sandbox.corp.listen((event) => {
      if (event.type !== 'wire' || !event.entry.line.includes('add_strategy_tag')) return;
      forget();
      chat.sandbox.setFaults({ badGateway: { on: true, path: 'get_strategy_tag_list' } });
    });
    const answer = await chat.say(MEMBER, '标签 添加 金牌 到 客户分级；标签 添加 快手 到 渠道来源');
    expect(answer).toMatch(/不确定[\s\S]*金牌/);
    expect(answer).toMatch(/没有执行[\s\S]*快手/);
    expect(answer).not.toMatch(/成功|已添加/);
    expect(callsTo(chat, 'add_strategy_tag')).toBe(1);
  });
});

describe('the quota', () => {
  test('from 80 % on every addition says how much is left', async () => {
    const chat = await startChat({ env: ENV, tags: 8_060 });
    expect(await chat.say(MEMBER, ADD)).toMatch(/已添加[\s\S]*10000/);
  });

  test('below it says nothing of it', async () => {
    const chat = await startChat({ env: ENV });
    expect(await chat.say(MEMBER, ADD)).not.toContain('10000');
  });

  test('met: refused with the numbers', async () => {
    const chat = await startChat({ env: ENV, tags: 10_000 });
    expect(await chat.say(MEMBER, ADD)).toMatch(/上限[\s\S]*10000/);
    expect(chat.sandbox.corp.library.tagCount).toBe(10_000);
  });
});

describe('where the documentation is silent', () => {
  for (const addExisting of ['all', 'onlyNew', 'refuse'] as const)
    for (const unknownIds of ['error', 'omit'] as const)
      for (const foreignStrategy of [60030, 40058, 40068] as const)
        test(`addExisting ${addExisting}, unknownIds ${unknownIds}, foreignStrategy ${foreignStrategy}`, async () => {
          const chat = await startChat({ env: ENV });
          chat.sandbox.setVariants({
            addExisting,
            unknownIds,
            foreignStrategy,
            eventStrategyId: unknownIds === 'omit',
          });
          expect(await chat.say(MEMBER, '标签 添加 钻石、老客 到 客户分级')).toMatch(/已添加[\s\S]*钻石/);
          expect(await chat.say(MEMBER, '标签 添加 老客 到 客户分级')).toContain('已经有');
          expect(await chat.say(MEMBER, '标签组 新建 会员：金卡、银卡')).toContain('会员');
          await chat.say(MEMBER, '标签 删除 金卡、银卡');
          expect(await chat.say(MEMBER, '确认')).toMatch(/消失/);
          expect(chat.tags('会员')).toBeUndefined();
          const tag = chat.sandbox.corp.library
            .groupsOf(1)
            .flatMap((group) => group.tags)
            .find(({ name }) => name === '钻石');
          await chat.say(MEMBER, '标签 删除 钻石、老客');
          await chat.sandbox.consoleEdit({ action: 'delete', id: tag?.id ?? '' });
          const again = await chat.say(MEMBER, '确认');
          expect(again).toContain('老客');
          await chat.say(MEMBER, '确认');
          expect(chat.tags('客户分级')).toEqual(['普通', '重点']);
          expect(await chat.say(MEMBER, '撤销')).toMatch(/老客/);
          expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
        });

  test('another hand adds the same name at the same moment: only what was ours is taken back', async () => {
    const chat = await startChat({ env: ENV });
    chat.sandbox.setVariants({ addExisting: 'refuse' });
    await chat.say(MEMBER, '标签 列表');
    const group = chat.sandbox.corp.library.groupsOf(1).find(({ name }) => name === '客户分级');
    const forget = chat.sandbox.corp.listen((event) => {
      // As soon as the bot has re-read the group, and before it adds.
      if (event.type !== 'wire' || !event.entry.line.includes('get_strategy_tag_list')) return;
      forget();
      chat.sandbox.corp.console({ action: 'addTags', groupId: group?.id ?? '', tags: ['钻石'] });
    });
    await chat.say(MEMBER, '标签 添加 钻石、金牌 到 客户分级');
    expect(chat.tags('客户分级')).toEqual(expect.arrayContaining(['钻石', '金牌']));
    await chat.say(MEMBER, '撤销');
    expect(chat.tags('客户分级')).toContain('钻石');
    expect(chat.tags('客户分级')).not.toContain('金牌');
  });
});
