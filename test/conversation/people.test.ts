/** Who gets rights by a name: whom the words say in full, or whom the member has chosen, seen and confirmed. */

import { describe, expect, test } from 'vitest';
import type { Member } from '../../src/sandbox/directory.ts';
import { asks, type Chat, planOf } from '../chat.ts';
import { MEMBER, startChat, writes } from './talk.ts';

const SALES = 2;
const HIDDEN = 4;

/** Where people of these names and userids work too, and 张三 is out of the app's sight where that is told. */
async function withPeople(
  people: Readonly<Record<string, string>>,
  { hides, env = {} }: { readonly hides?: string; readonly env?: Record<string, string> } = {},
): Promise<Chat> {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain', ...env } });
  const members = chat.sandbox.corp.directory.members as Member[];
  for (const [userid, name] of Object.entries(people))
    members.push({ userid, name, department: SALES, superAdmin: false, position: '' });
  const at = members.findIndex(({ userid }) => userid === hides);
  if (members[at]) members[at] = { ...members[at], department: HIDDEN };
  return chat;
}

const adminsOf = (chat: Chat, name = '华南大区') =>
  chat.sandbox.corp.strategies.all().find((each) => each.name === name)?.admins;
const rangeOf = (chat: Chat) => chat.sandbox.corp.strategies.all().find((each) => each.name === '华南大区')?.range;

describe('a 负责人', () => {
  test('is never made without a plan that names the userid', async () => {
    const chat = await withPeople({});
    const plan = await chat.say(MEMBER, '规则组 负责人 华南大区 加 张三');
    expect(asks(plan)).toBe('confirm');
    expect(plan).toContain('张三（zhangsan）');
    expect(writes(chat)).toEqual([]);
    expect(await chat.say(MEMBER, '确认')).toContain('张三（zhangsan）');
    expect(adminsOf(chat)).toEqual(['lisi', 'zhangsan']);
  });

  test('of a new rule group likewise', async () => {
    const chat = await withPeople({});
    const plan = await chat.say(MEMBER, '规则组 新建 华北大区 负责人 张三 范围 销售部');
    expect(asks(plan)).toBe('confirm');
    expect(plan).toContain('张三（zhangsan）');
    expect(writes(chat)).toEqual([]);
    await chat.say(MEMBER, '确认');
    expect(adminsOf(chat, '华北大区')).toEqual(['zhangsan']);
  });

  test('who comes back by an undo likewise', async () => {
    const chat = await withPeople({});
    await chat.say(MEMBER, '规则组 负责人 华南大区 加 张三');
    await chat.say(MEMBER, '确认');
    await chat.say(MEMBER, '规则组 负责人 华南大区 减 张三');
    expect(adminsOf(chat)).toEqual(['lisi']);
    expect(asks(await chat.say(MEMBER, '撤销'))).toBe('confirm');
    expect(adminsOf(chat)).toEqual(['lisi']);
  });

  test.each(['华南大区 加 张三', '华南大区 加 @张三'])('%s, where only 张三丰 can be seen: is asked', async (text) => {
    const chat = await withPeople({ zhangsanfeng: '张三丰' }, { hides: 'zhangsan' });
    const answer = await chat.say(MEMBER, `规则组 负责人 ${text}`);
    expect(asks(answer)).toBe('choice');
    expect(answer).toContain('张三丰（zhangsanfeng）');
    await chat.say(MEMBER, '确认');
    expect(writes(chat)).toEqual([]);
    expect(asks(await chat.say(MEMBER, '1'))).toBe('confirm');
    await chat.say(MEMBER, '确认');
    expect(adminsOf(chat)).toEqual(['lisi', 'zhangsanfeng']);
  });

  test("whose name is another's userid: is asked, whichever of them can be found by a list", async () => {
    const chat = await withPeople({ mallory: 'wangwu' });
    const answer = await chat.say(MEMBER, '规则组 负责人 华南大区 加 wangwu');
    expect(asks(answer)).toBe('choice');
    expect(answer).toContain('王五（wangwu）');
    expect(answer).toContain('wangwu（mallory）');
    const plan = await chat.say(MEMBER, '王五（wangwu）');
    expect(asks(plan)).toBe('confirm');
    await chat.say(MEMBER, '确认');
    expect(adminsOf(chat)).toEqual(['lisi', 'wangwu']);
  });

  test('of whose name there are two: is asked, and each can be taken', async () => {
    const chat = await withPeople({ zhangsan2: '张三' });
    expect(asks(await chat.say(MEMBER, '规则组 负责人 华南大区 加 张三'))).toBe('choice');
    await chat.say(MEMBER, '张三（zhangsan2）');
    await chat.say(MEMBER, '确认');
    expect(adminsOf(chat)).toEqual(['lisi', 'zhangsan2']);
  });

  test('is found by a userid in any case of its letters, and by no other likeness', async () => {
    const chat = await withPeople({ kate: '凯特' });
    expect(await chat.say(MEMBER, '规则组 负责人 华南大区 加 KATE')).toContain('凯特（kate）');
    expect(asks(await chat.say(MEMBER, '规则组 负责人 华南大区 加 \u212Aate'))).toBe('choice');
    expect(await chat.say(MEMBER, '规则组 负责人 华南大区 加 userid:kate')).toContain('凯特（kate）');
    expect(asks(await chat.say(MEMBER, '规则组 负责人 华南大区 加 userid:kat'))).toBeUndefined();
    expect(writes(chat)).toEqual([]);
  });

  test('who is to go is looked for among those who are there', async () => {
    const chat = await withPeople({ lisi2: '李四' });
    chat.sandbox.corp.strategies.edit({ strategy_id: 2, admin_list: ['lisi', 'wangwu'] });
    expect(await chat.say(MEMBER, '规则组 负责人 华南大区 减 李四')).toContain('李四（lisi）');
    expect(adminsOf(chat)).toEqual(['wangwu']);
    expect(asks(await chat.say(MEMBER, '规则组 负责人 华南大区 减 王'))).toBe('choice');
  });
});

describe('a range', () => {
  test.each(['客服', '@陈'])('with only a part of the name (%s): is asked', async (part) => {
    const chat = await withPeople({});
    expect(asks(await chat.say(MEMBER, `规则组 范围 华南大区 加 ${part}`))).toBe('choice');
    expect(writes(chat)).toEqual([]);
    await chat.say(MEMBER, '1');
    expect(rangeOf(chat)).toHaveLength(2);
  });

  test('with a name that two bear: is asked', async () => {
    const chat = await withPeople({ wangwu2: '王五' });
    expect(asks(await chat.say(MEMBER, '规则组 范围 华南大区 加 @王五'))).toBe('choice');
    await chat.say(MEMBER, '王五（wangwu2）');
    expect(rangeOf(chat)).toContainEqual({ type: 1, userid: 'wangwu2' });
  });
});

describe('rights by userid', () => {
  test('do not reach one whose userid only looks alike in Unicode', async () => {
    const chat = await withPeople({ kate: '凯特' }, { env: { BOT_ADMINS: 'kate' } });
    expect(await chat.say('kate', '标签 添加 钻石 到 客户分级')).toContain('已添加');
    const { sameUserid } = await import('../../src/bot/rights.ts');
    expect(sameUserid('Kate', 'kATE')).toBe(true);
    for (const other of ['\u212Aate', 'kate ', 'käte', 'ｋate']) expect(sameUserid(other, 'kate')).toBe(false);
  });
});

test('历史 @ tells of whom the name says in full, or lists who could be meant', async () => {
  const chat = await withPeople({ zhangsanfeng: '张三丰' }, { hides: 'zhangsan' });
  await chat.say(MEMBER, '标签 添加 钻石 到 渠道来源');
  const answer = await chat.say(MEMBER, '历史 @张三');
  expect(answer).toContain('历史 @zhangsanfeng');
  expect(await planOf(chat, MEMBER)).toBeUndefined();
});
