/** Rights that were there a moment ago: what was begun with them goes no further without them. */

import { describe, expect, test } from 'vitest';
import { asks, type Chat, planOf, refused } from '../chat.ts';
import { MEMBER, startChat, tagCalls, writes } from './talk.ts';

const MINUTE = 60_000;
const DAYS = 24 * 60 * MINUTE;
const EAST = 1;
const SOUTH = 2;

/** One clock for the bot and the platform, that can be set on. */
function sharedClock() {
  let offset = 0;
  const now = () => Date.now() + offset;
  return { app: { now }, sandbox: { now }, pass: (ms: number) => (offset += ms) };
}

function setAdmins(chat: Chat, strategyId: number, userids: readonly string[]): void {
  chat.sandbox.corp.strategies.edit({ strategy_id: strategyId, admin_list: [...userids] });
}

describe("a rule group's 负责人 who was removed", () => {
  test.each([0, 3 * DAYS])('writes nothing, %d ms later', async (later) => {
    const { pass, ...clocks } = sharedClock();
    const chat = await startChat({ ...clocks, env: { REPLY_FORMAT: 'plain' } });
    expect(await chat.say('zhangsan', '标签 添加 钻石 到 客户分级')).toContain('已添加');
    setAdmins(chat, EAST, ['lisi']);
    pass(later);
    chat.sandbox.clearCalls();
    const answer = await chat.say('zhangsan', '标签 添加 铂金 到 客户分级');
    expect(refused(answer)).toBe(true);
    expect(answer).toContain('zhangsan');
    expect(writes(chat)).toEqual([]);
  });

  test('cannot confirm what was asked before, and is asked nothing more', async () => {
    const chat = await startChat();
    await chat.say('zhangsan', '标签 删除 老客');
    expect(await planOf(chat, 'zhangsan')).toHaveLength(1);
    setAdmins(chat, EAST, ['lisi']);
    expect(refused(await chat.press('zhangsan', 'confirm'))).toBe(true);
    expect(refused(await chat.say('zhangsan', '标签 删除 重点'))).toBe(true);
    expect(await planOf(chat, 'zhangsan')).toBeUndefined();
    expect(writes(chat)).toEqual([]);
  });

  test('as soon as that is known, nothing is even read for what is confirmed', async () => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    await chat.say('zhangsan', '标签 删除 老客');
    setAdmins(chat, EAST, ['lisi']);
    await chat.restart();
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.clearCalls();
    expect(refused(await chat.say('zhangsan', '确认'))).toBe(true);
    expect(tagCalls(chat)).toEqual([]);
  });

  test('is refused without the name of the rule group, and without that of another', async () => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain', READ_ACCESS: 'admins' } });
    setAdmins(chat, EAST, ['zhangsan', 'lisi']);
    await chat.restart();
    await chat.say('lisi', '标签 删除 老客');
    setAdmins(chat, EAST, ['zhangsan']);
    await chat.restart();
    const answer = await chat.say('lisi', '确认');
    expect(refused(answer)).toBe(true);
    const [told] = answer.split('\n');
    expect(told).not.toMatch(/华东大区|华南大区/);
    // 李四 leads the other one still, and may be reminded of that.
    expect(answer).not.toContain('华东大区');
  });

  test('takes nothing back', async () => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    await chat.say('zhangsan', '标签 添加 钻石 到 客户分级');
    setAdmins(chat, EAST, ['lisi']);
    chat.sandbox.clearCalls();
    expect(refused(await chat.say('zhangsan', '撤销'))).toBe(true);
    expect(writes(chat)).toEqual([]);
  });

  test('is asked for by one call for each write, which costs a bot admin three', async () => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    for (const [member, calls] of [
      [MEMBER, ['get_strategy_tag_list', 'edit_strategy_tag', 'get_strategy_tag_list']],
      ['zhangsan', ['get_strategy_tag_list', 'get', 'edit_strategy_tag', 'get_strategy_tag_list']],
    ] as const) {
      await chat.say(member, '标签 列表');
      chat.sandbox.clearCalls();
      expect(await chat.say(member, `标签 改名 ${chat.tags('客户分级')?.[2]} 为 ${member}的`)).toContain('已');
      expect(tagCalls(chat).map(([name]) => name)).toEqual(calls);
    }
  });
});

/** 张三 reads 华东大区 (and a part of it), 李四 华南大区, and so does nobody else. */
const READERS = { REPLY_FORMAT: 'plain', READ_ACCESS: 'admins' };

describe('the next page of what may not be read any more', () => {
  const LONG: readonly [what: string, say: string][] = [
    ['a list', '标签 列表'],
    ['an export as text', '导出 文本'],
    ['a search', '会员日'],
    ['several lookups', '标签 列表\n标签组 列表'],
    ['a history', '历史'],
  ];

  test.each(LONG)('%s: is refused, after a restart and without', async (_, say) => {
    for (const restart of [true, false]) {
      const { pass, ...clocks } = sharedClock();
      const chat = await startChat({ ...clocks, env: READERS, tags: 1_000 });
      if (say === '历史')
        for (let i = 0; i < 60; i++) await chat.say(MEMBER, `标签 添加 会员日的长长的名字${i} 到 客户分级`);
      expect(await chat.say('zhangsan', say)).toContain('更多');
      expect(await chat.say('zhangsan', '更多')).toMatch(/会员日|抖音/);
      setAdmins(chat, EAST, ['lisi']);
      pass(10 * MINUTE);
      if (restart) await chat.restart();
      const answer = await chat.say('zhangsan', '更多');
      expect(answer).not.toMatch(/会员日|抖音|客户分级/);
    }
  });

  test('the outcome of a long change: is refused', async () => {
    const { pass, ...clocks } = sharedClock();
    const chat = await startChat({ ...clocks, env: READERS });
    const names = Array.from({ length: 30 }, (_, i) => `标签 添加 很长很长的名字用来把回答撑长一些${i} 到 客户分级`);
    await chat.say('zhangsan', names.join('\n'));
    await chat.say('zhangsan', '确认');
    const told = () => JSON.stringify(chat.sandbox.chat('zhangsan').at(-1)?.body);
    await expect.poll(told, { timeout: 8_000 }).toContain('更多');
    setAdmins(chat, EAST, ['lisi']);
    pass(10 * MINUTE);
    const answer = await chat.say('zhangsan', '更多');
    expect(refused(answer)).toBe(true);
    expect(answer).not.toContain('很长很长');
  });

  test('is shown to whom it may be shown', async () => {
    const chat = await startChat({ env: READERS, tags: 1_000 });
    await chat.say('zhangsan', '标签 列表\n标签组 列表');
    setAdmins(chat, SOUTH, ['chenjie']);
    await chat.restart();
    expect(refused(await chat.say('zhangsan', '更多'))).toBe(false);
  });
});

describe('a choice among what may not be read any more', () => {
  /** 李四 reads both and works in none. */
  const both = async () => {
    const chat = await startChat({ env: { ...READERS, DEFAULT_STRATEGY_ID: '' } });
    setAdmins(chat, EAST, ['zhangsan', 'lisi']);
    await chat.restart();
    return chat;
  };
  const loseEast = async (chat: Chat) => {
    setAdmins(chat, EAST, ['zhangsan']);
    await chat.restart();
  };

  test.each([
    ['which rule group to work in', '标签组 列表', '华东大区'],
    ['which rule group to switch to', '规则组 切换', '华东大区'],
    ['which of two groups to list', '列表 客户分级', '1'],
    ['which of two groups to look at', '规则组 详情', '华东大区'],
  ])('%s: is refused', async (_, say, choose) => {
    const chat = await both();
    expect(asks(await chat.say('lisi', say))).toBe('choice');
    await loseEast(chat);
    const answer = await chat.say('lisi', choose);
    expect(refused(answer)).toBe(true);
    expect(answer).not.toMatch(/普通|老客|渠道来源|张三/);
  });

  test('which group to add to: is refused, and nothing is called', async () => {
    const chat = await both();
    expect(asks(await chat.say('lisi', '标签 添加 钻石 到 客户分级'))).toBe('choice');
    await loseEast(chat);
    chat.sandbox.clearCalls();
    expect(refused(await chat.say('lisi', '1'))).toBe(true);
    expect(writes(chat)).toEqual([]);
  });

  test('a card sent off with nothing ticked shows its names no more', async () => {
    const chat = await startChat({ env: { READ_ACCESS: 'admins' } });
    expect(asks(await chat.say('zhangsan', '删除 客户分级 里的标签'))).toBe('pick');
    setAdmins(chat, EAST, ['lisi']);
    await chat.restart();
    const answer = await chat.press('zhangsan', 'submit', { chosen: [] });
    expect(refused(answer)).toBe(true);
    expect(answer).not.toContain('老客');
  });
});
