/** Answers to lookups are kept until the library changes; nobody may notice but by the clock. */

import { afterEach, describe, expect, it } from 'vitest';
import { asks, type Chat, openChat } from '../chat.ts';

let chat: Chat;
afterEach(() => chat.stop());

async function twice(member: string, text: string): Promise<string> {
  const first = await chat.say(member, text);
  expect(await chat.say(member, text)).toBe(first);
  return first;
}

describe('a lookup asked again', () => {
  it('gets the same answer, and the new one after a change from the chat', async () => {
    chat = await openChat({ env: { REPLY_FORMAT: 'plain' } });
    expect(await twice('chenjie', '客户分级')).toContain('3 个标签');
    await chat.say('wangzong', '标签 添加 金卡 到 客户分级');
    expect(await twice('chenjie', '客户分级')).toContain('金卡');
    await chat.say('wangzong', '标签 改名 金卡 为 金卡会员');
    expect(await twice('chenjie', '金卡')).toContain('金卡会员');
  });

  it('gets the new answer after a change in the console', async () => {
    chat = await openChat({ env: { REPLY_FORMAT: 'plain' } });
    await twice('chenjie', '地区');
    const [east] = chat.sandbox.corp.ruleGroups();
    const region = east?.groups.find((group) => group.group_name === '地区');
    await chat.sandbox.consoleEdit({ action: 'addTags', groupId: region?.group_id ?? '', tags: ['南京'] });
    await expect.poll(() => chat.say('chenjie', '地区'), { timeout: 5_000, interval: 100 }).toContain('南京');
  });

  it('is never shown to someone who may not read it', async () => {
    chat = await openChat({ env: { REPLY_FORMAT: 'plain', READ_ACCESS: 'admins' } });
    expect(await twice('wangzong', '行业')).toContain('餐饮');
    expect(await twice('lisi', '行业')).toContain('餐饮');
    expect(await twice('zhangsan', '行业')).not.toContain('餐饮');
    expect(await twice('chenjie', '行业')).not.toContain('餐饮');
  });

  it('comes in the format and from the rule group of the one who asks', async () => {
    chat = await openChat({ env: { REPLY_FORMAT: 'plain' } });
    const plain = await twice('chenjie', '标签 列表');
    await chat.say('wangwu', '设置 富文本');
    expect(await chat.say('wangwu', '标签 列表')).toContain('**');
    await chat.say('lisi', '规则组 切换 华南大区');
    expect(await twice('lisi', '标签 列表')).toContain('行业');
    expect(await chat.say('chenjie', '标签 列表')).toBe(plain);
  });

  it('comes for a name of two libraries only to who has chosen one of them', async () => {
    chat = await openChat({ env: { REPLY_FORMAT: 'plain', DEFAULT_STRATEGY_ID: '' } });
    chat.sandbox.corp.strategies.del({ strategy_id: 2 });
    await chat.restart();
    await chat.say('lisi', '规则组 切换 华东大区');
    expect(await twice('lisi', '标签 列表 客户分级')).toContain('老客');
    expect(asks(await chat.say('chenjie', '标签 列表 客户分级'))).toBe('choice');
  });

  it('leaves the question open that it does not answer, and says so', async () => {
    chat = await openChat({ env: { REPLY_FORMAT: 'plain' } });
    await twice('wangzong', '标签 查 老客');
    expect(asks(await chat.say('wangzong', '标签 删除 老客'))).toBe('confirm');
    expect(await chat.say('wangzong', '标签 查 老客')).toMatch(/客户分级[\s\S]*还在等你/);
    expect(await chat.say('wangzong', '确认')).toContain('已从「客户分级」删除：老客');
    expect(await chat.say('wangzong', '标签 查 老客')).not.toMatch(/客户分级|还在等你/);
  });

  it('is what the next message may refer to', async () => {
    chat = await openChat({ env: { REPLY_FORMAT: 'plain' } });
    await twice('wangzong', '标签 查 老客');
    await twice('wangzong', '标签 查 餐饮');
    await chat.say('wangzong', '标签 查 老客');
    const plan = await chat.say('wangzong', '删掉它');
    expect(asks(plan)).toBe('confirm');
    expect(plan).toContain('老客');
  });

  it('is told in the log each time', async () => {
    chat = await openChat({ env: { REPLY_FORMAT: 'plain' } });
    await twice('chenjie', '客户分级');
    const told = chat.log.filter(({ msg }) => msg === 'answered');
    expect(told).toHaveLength(2);
    for (const line of told)
      expect(line).toMatchObject({
        member: 'chenjie',
        kind: 'text',
        command: 'tag.list',
        outcome: 'info',
        way: 'passive',
      });
  });

  it('can be continued with 更多 from a kept first page', async () => {
    chat = await openChat({ env: { REPLY_FORMAT: 'plain' }, tags: 2_000 });
    const first = await chat.say('chenjie', '标签 列表');
    expect(first).toContain('第 1 页');
    expect(await chat.say('wangwu', '标签 列表')).toBe(first);
    const second = await chat.say('wangwu', '更多');
    expect(second).toContain('第 2 页');
    expect(await chat.say('chenjie', '更多')).toBe(second);
  });
});
