/** What 历史 shows of rule groups that not everybody may read. */

import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { type Chat, CREDENTIALS } from '../chat.ts';
import { MEMBER, startChat } from './talk.ts';

const ENV = { REPLY_FORMAT: 'plain', READ_ACCESS: 'admins' };

/** 张三 reads 华东大区 and 李四 华南大区; 钻石 goes into the one, 医疗 into the other. */
async function batchOverTwo(): Promise<Chat> {
  const chat = await startChat({ env: ENV });
  await chat.say(MEMBER, '标签 添加 钻石 到 渠道来源\n标签 添加 医疗 到 行业');
  return chat;
}

describe('a change over two rule groups', () => {
  test('is shown to the readers of each, its own part only', async () => {
    const chat = await batchOverTwo();
    const east = await chat.say('zhangsan', '历史');
    expect(east).toContain('钻石');
    expect(east).not.toContain('医疗');
    expect(east).not.toContain('行业');
    expect(east).not.toContain('等 2 步');
    const south = await chat.say('lisi', '历史');
    expect(south).toContain('医疗');
    expect(south).not.toContain('钻石');
    const whole = await chat.say(MEMBER, '历史');
    expect(whole).toContain('等 2 步');
  });

  test("tells nothing of the other's failure", async () => {
    const chat = await startChat({ env: ENV });
    chat.sandbox.setFaults({ errcode: { on: true, code: 40072, times: 1, path: 'add_strategy_tag' } });
    await chat.say(MEMBER, '标签 添加 钻石 到 渠道来源\n标签 添加 医疗 到 行业');
    expect(await chat.say('zhangsan', '历史')).toContain('没有做成');
    expect(await chat.say('lisi', '历史')).not.toMatch(/没有做成|部分成功/);
    expect(await chat.say(MEMBER, '历史')).toContain('部分成功');
  });

  test('is found by the names of the readable part alone', async () => {
    const chat = await batchOverTwo();
    expect(await chat.say('zhangsan', '历史 钻石')).toContain('王总');
    for (const probe of ['医疗', '行业', '医'])
      expect(await chat.say('zhangsan', `历史 ${probe}`)).not.toContain('王总');
    expect(await chat.say('lisi', '历史 医疗')).toContain('王总');
    expect(await chat.say('lisi', '历史 1')).not.toContain('钻石');
  });
});

test('a quiet rule group beside a busy one keeps its history', async () => {
  const chat = await startChat({ env: { ...ENV, DEFAULT_STRATEGY_ID: '1' } });
  await chat.say(MEMBER, '标签 添加 医疗 到 行业');
  await chat.say(MEMBER, '标签 排序 抖音 1');
  await chat.restart(async () => {
    const store = await openStore(String(chat.env.DATABASE_URL), CREDENTIALS.corpId, { now: Date.now });
    const [busy] = await store.changes({ limit: 1 });
    if (busy === undefined) throw new Error('no change');
    for (let i = 2; i <= 205; i++) {
      const libraries = [{ libraryId: 1, names: '抖音' }];
      const id = await store.intend({ ...busy, messageKey: `m:busy-${i}`, libraries, names: '抖音' }, undefined);
      await store.conclude(id, { state: 'done', outcome: String(busy.outcome), at: busy.at });
    }
    await store.close();
  });
  expect(await chat.say('lisi', '历史')).toContain('医疗');
});

test('one who reads the rule group no longer does not read what was changed there, not even by them', async () => {
  const chat = await startChat({ env: ENV });
  await chat.say('zhangsan', '标签 添加 钻石 到 渠道来源');
  expect(await chat.say('zhangsan', '历史')).toContain('钻石');
  chat.sandbox.corp.strategies.edit({ strategy_id: 1, admin_list: ['lisi'] });
  await chat.restart();
  expect(await chat.say('zhangsan', '历史')).not.toContain('钻石');
});

test('is asked for by day and name, by day and colleague', async () => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
  await chat.say(MEMBER, '标签 添加 钻石 到 地区');
  await chat.say('zhangsan', '标签 添加 黄金 到 地区');
  const said = async (text: string) => {
    const answer = await chat.say(MEMBER, text);
    return ['钻石', '黄金'].filter((name) => answer.split('\n').slice(1).join('\n').includes(name));
  };
  expect(await said('今天谁加了钻石')).toEqual(['钻石']);
  expect(await said('昨天谁加了钻石')).toEqual([]);
  expect(await said('张三今天动了啥')).toEqual(['黄金']);
  expect(await said('张三昨天动了啥')).toEqual([]);
  expect(await said('帮我看看今天谁动东西了')).toEqual(['钻石', '黄金']);
});
