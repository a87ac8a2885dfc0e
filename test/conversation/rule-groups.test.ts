/** Rule groups from the chat: made, changed and removed by name, with what the platform does not take told beforehand. */

import { describe, expect, test } from 'vitest';
import type { Member } from '../../src/sandbox/directory.ts';
import type { Chat } from '../chat.ts';
import { MEMBER, sayAndConfirm, startChat, tagCalls, writes } from './talk.ts';

const ENV = { REPLY_FORMAT: 'plain' };
const open = () => startChat({ env: ENV });
const found = (chat: Chat, name: string) => chat.sandbox.corp.strategies.all().find((each) => each.name === name);

describe('规则组 新建', () => {
  test('people and departments by name and by userid; its 负责人 may manage tags', async () => {
    const chat = await open();
    expect(await sayAndConfirm(chat, MEMBER, '规则组 新建 华北大区 负责人 张三、lisi 范围 销售部、@wangwu')).toContain(
      '华北大区',
    );
    const made = found(chat, '华北大区');
    expect(made?.admins).toEqual(['zhangsan', 'lisi']);
    expect(made?.range).toEqual([
      { type: 2, partyid: 2 },
      { type: 1, userid: 'wangwu' },
    ]);
    expect(made?.privilege.manage_customer_tag).toBe(true);
    await chat.say('lisi', '规则组 切换 华北大区');
    expect(await chat.say('lisi', '标签组 新建 等级：金卡')).toContain('金卡');
    expect(await chat.say(MEMBER, '规则组 详情 华北大区')).toMatch(/张三、李四[\s\S]*销售部、王五/);
  });

  test('nobody of that name: told before any call', async () => {
    const chat = await open();
    expect(await chat.say(MEMBER, '规则组 新建 华北大区 负责人 不存在的人 范围 销售部')).toContain('不存在的人');
    expect(await chat.say(MEMBER, '规则组 新建 华北大区 负责人 张三 范围 没有的部门')).toContain('没有的部门');
    expect(writes(chat)).toEqual([]);
  });

  test('several of that name are asked about', async () => {
    const chat = await open();
    const { members } = chat.sandbox.corp.directory;
    Object.assign(members.find(({ userid }) => userid === 'wangwu') ?? {}, { name: '张三' });
    const answer = await chat.say(MEMBER, '规则组 新建 华北大区 负责人 张三 范围 销售部');
    expect(answer).toContain('zhangsan');
    expect(answer).toContain('wangwu');
    expect(writes(chat)).toEqual([]);
    Object.assign(members.find(({ userid }) => userid === 'wangwu') ?? {}, { name: '王五' });
  });

  test('a super admin as 负责人: the refusal is explained', async () => {
    const chat = await open();
    expect(await sayAndConfirm(chat, MEMBER, '规则组 新建 华北大区 负责人 王总 范围 销售部')).toMatch(
      /没有做成[\s\S]*超级管理员/,
    );
    expect(found(chat, '华北大区')).toBeUndefined();
  });

  test('a name that is taken', async () => {
    const chat = await open();
    expect(await chat.say(MEMBER, '规则组 新建 华东大区 负责人 张三 范围 销售部')).toContain('已经有');
    expect(writes(chat)).toEqual([]);
  });

  test('two at the same time: one after the other', async () => {
    const chat = await startChat({ env: { ...ENV, BOT_ADMINS: 'wangzong,chenjie' } });
    const answers = await Promise.all([
      sayAndConfirm(chat, MEMBER, '规则组 新建 东北大区 负责人 张三 范围 销售部'),
      sayAndConfirm(chat, 'chenjie', '规则组 新建 西北大区 负责人 李四 范围 销售部'),
    ]);
    for (const answer of answers) expect(answer).toContain('已新建');
    expect(chat.sandbox.calls.filter(({ errcode }) => errcode === 45035)).toEqual([]);
  });
});

describe('changes', () => {
  test('负责人 加 keeps the others, 减 takes only who was named, and privileges stay as they are', async () => {
    const chat = await open();
    await sayAndConfirm(chat, MEMBER, '规则组 负责人 华东大区 加 李四、陈洁');
    expect(found(chat, '华东大区')?.admins).toEqual(['zhangsan', 'lisi', 'chenjie']);
    await chat.say(MEMBER, '规则组 负责人 华东大区 减 李四');
    expect(found(chat, '华东大区')?.admins).toEqual(['zhangsan', 'chenjie']);
    expect(writes(chat).every(([, body]) => !('privilege' in (body as object)))).toBe(true);
    await sayAndConfirm(chat, MEMBER, '撤销');
    expect(found(chat, '华东大区')?.admins.toSorted()).toEqual(['chenjie', 'lisi', 'zhangsan']);
  });

  test('someone whom the client has added meanwhile is kept', async () => {
    const chat = await open();
    await chat.say(MEMBER, '规则组 详情 华东大区');
    chat.sandbox.corp.strategies.edit({ strategy_id: 1, admin_list: ['zhangsan', 'wangwu'] });
    await sayAndConfirm(chat, MEMBER, '规则组 负责人 华东大区 加 李四');
    expect(found(chat, '华东大区')?.admins).toEqual(['zhangsan', 'wangwu', 'lisi']);
  });

  test('two admins who add someone at the same time both keep theirs', async () => {
    const chat = await startChat({ env: { ...ENV, BOT_ADMINS: 'wangzong,chenjie' } });
    await chat.say(MEMBER, '规则组 负责人 华东大区 加 李四');
    await chat.say('chenjie', '规则组 负责人 华东大区 加 王五');
    const confirm = (member: string) => sayAndConfirm(chat, member, '确认');
    const answers = await Promise.all([confirm(MEMBER), confirm('chenjie')]);
    for (const answer of answers) expect(answer).toContain('已更新');
    expect(found(chat, '华东大区')?.admins.toSorted()).toEqual(['lisi', 'wangwu', 'zhangsan']);
  });

  test('the last 负责人 stays', async () => {
    const chat = await open();
    expect(await chat.say(MEMBER, '规则组 负责人 华东大区 减 张三')).toContain('至少');
    expect(writes(chat)).toEqual([]);
  });

  test('范围 加 and 减', async () => {
    const chat = await open();
    await chat.say(MEMBER, '规则组 范围 华南大区 加 客服部');
    expect(found(chat, '华南大区')?.range).toContainEqual({ type: 2, partyid: 3 });
    await chat.say(MEMBER, '规则组 范围 华南大区 减 客服部');
    expect(found(chat, '华南大区')?.range).toEqual([{ type: 2, partyid: 2 }]);
    expect(await chat.say(MEMBER, '规则组 范围 华南大区 加 销售部')).toContain('没有变化');
  });

  test('改名', async () => {
    const chat = await open();
    expect(await chat.say(MEMBER, '规则组 改名 华东大区 为 东部')).toContain('东部');
    expect(found(chat, '东部')).toBeDefined();
    expect(await chat.say(MEMBER, '规则组 改名 东部 为 华南大区')).toContain('已经有');
  });

  test('删除 counts its groups and tags, and asks; what has grown meanwhile is counted anew', async () => {
    const chat = await open();
    expect(await chat.say(MEMBER, '规则组 删除 华南大区')).toMatch(/2[\s\S]*4[\s\S]*确认/);
    await chat.sandbox.consoleEdit({ action: 'createGroup', strategyId: 2, name: '新来的', tags: ['一', '二'] });
    expect(await chat.say(MEMBER, '确认')).toMatch(/变动[\s\S]*3[\s\S]*6/);
    expect(found(chat, '华南大区')).toBeDefined();
    expect(await chat.say(MEMBER, '确认')).toContain('已删除');
    expect(found(chat, '华南大区')).toBeUndefined();
  });

  test('one with children is not deleted over their heads', async () => {
    const chat = await open();
    expect(await chat.say(MEMBER, '规则组 删除 华东大区')).toContain('上海一部');
    expect(writes(chat)).toEqual([]);
  });
});

describe('levels and visibility', () => {
  test('the list is a tree; tags in a child are explained, not tried', async () => {
    const chat = await open();
    const list = await chat.say(MEMBER, '规则组 列表');
    expect(list.indexOf('上海一部')).toBeGreaterThan(list.indexOf('华东大区'));
    expect(list).not.toContain('手工规则组');
    await chat.say(MEMBER, '规则组 切换 上海一部');
    expect(await chat.say(MEMBER, '标签组 新建 等级：金卡')).toContain('一级');
    expect(writes(chat)).toEqual([]);
  });

  test.each(['sent', 'omitted'] as const)(
    'none visible, empty lists %s: says why, what there is, and the first step, which works',
    async (emptyLists) => {
      const chat = await startChat({ env: { ...ENV, DEFAULT_STRATEGY_ID: '' } });
      chat.sandbox.corp.trouble.setVariants({ emptyLists });
      for (const strategy of chat.sandbox.corp.strategies
        .all()
        .filter(({ ownApp }) => ownApp)
        .reverse()) {
        chat.sandbox.corp.library.drop(strategy.id);
        if (strategy.parentId === 0) chat.sandbox.corp.strategies.del({ strategy_id: strategy.id });
      }
      await chat.restart();
      for (const text of ['规则组 列表', '规则组 详情', '规则组 改名 华东大区 为 华东']) {
        const answer = await chat.say(MEMBER, text);
        expect(answer).toContain('规则组 新建');
        expect(answer).toMatch(/本应用|它自己/);
      }
      expect(await chat.say(MEMBER, '规则组 列表')).toContain('企业标签');
      expect(await chat.say(MEMBER, '标签 列表')).toContain('企业标签：7 个标签组，30 个标签');
      expect(await chat.say('wangwu', '规则组 列表')).toContain('wangwu');
      expect(await chat.say(MEMBER, '我')).toContain(MEMBER);
      await sayAndConfirm(chat, MEMBER, '规则组 新建 华东大区 负责人 张三 范围 销售部');
      await chat.say(MEMBER, '标签组 新建 客户分级：普通、VIP');
      expect(chat.tags('客户分级')).toEqual(['普通', 'VIP']);
    },
  );

  test('more than a hundred nodes go in several calls; a failure in between is told as a part', async () => {
    const chat = await open();
    const members = chat.sandbox.corp.directory.members as Member[];
    const before = members.length;
    for (let i = 0; i < 130; i++)
      members.push({ userid: `u${i}`, name: `人${i}`, department: 3, superAdmin: false, position: '' });
    const people = Array.from({ length: 130 }, (_, i) => `@u${i}`).join('、');
    expect(await chat.say(MEMBER, `规则组 范围 华南大区 加 ${people}`)).toContain('已更新');
    const edits = tagCalls(chat).filter(([name]) => name === 'edit');
    expect(edits.map(([, body]) => (body as { range_add: unknown[] }).range_add.length)).toEqual([100, 30]);
    expect(found(chat, '华南大区')?.range).toHaveLength(131);

    const forget = chat.sandbox.corp.listen((event) => {
      if (event.type !== 'wire' || !event.entry.line.includes('customer_strategy/create')) return;
      forget();
      chat.sandbox.setFaults({ errcode: { on: true, code: 60030, path: 'customer_strategy/edit' } });
    });
    const answer = await sayAndConfirm(chat, MEMBER, `规则组 新建 华北大区 负责人 张三 范围 ${people}`);
    expect(answer).toMatch(/一部分[\s\S]*100/);
    expect(found(chat, '华北大区')?.range).toHaveLength(100);
    members.length = before;
  });
});
