/** Looking things up as people do on a phone: bare words, halves of words, initials, several at once. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chat, openChat } from '../chat.ts';

let chat: Chat;
const ask = (text: string) => chat.say('chenjie', text);

beforeAll(async () => {
  chat = await openChat({ env: { REPLY_FORMAT: 'plain' } });
});
afterAll(() => chat.stop());

describe('a bare word', () => {
  it.each([
    ['抖音', ['抖音', '渠道来源', '第 1']],
    ['xhs', ['小红书', '渠道来源']],
    ['KHFJ', ['客户分级']],
    ['到访', ['到访记录', '到访一次', '到访两次']],
    ['门点', ['门店']],
    ['客户來源', ['渠道来源']],
    ['餐饮', ['行业', '华南大区']],
    ['抖音在哪个组', ['渠道来源']],
    ['有没有小红书', ['渠道来源']],
    ['渠道来源有哪些标签', ['抖音', '小红书', '门店', '转介绍']],
    ['渠道来源', ['抖音', '小红书', '门店', '转介绍']],
    ['有哪些标签组', ['客户分级', '渠道来源', '地区', '到访记录']],
    ['抖音、上海', ['渠道来源', '地区']],
    ['抖音、没有的', ['渠道来源', '没有']],
    ['抖音\n上海\n没有的', ['渠道来源', '地区', '没有']],
    ['抖音、成都', ['渠道来源', '没有「成都」，名字相近的：「成交」（客户分级，华南大区）']],
    ['抖音、到访', ['渠道来源', '和「到访」有关的：「到访记录」（标签组）、「到访一次」（到访记录）']],
    ['查一下老客有哪些', ['客户分级', '老客']],
  ])('%s', async (text, parts) => {
    const answer = await ask(text);
    for (const part of parts) expect(answer).toContain(part);
  });
});

it('says that a name does not exist only after reading the library again', async () => {
  // By another app, without an event: only a new read can know of it.
  const [east] = chat.sandbox.corp.ruleGroups();
  chat.sandbox.corp.library.put(east?.strategy_id ?? 1, '季节', ['春季', '夏季'], 0);
  await expect.poll(() => ask('夏季'), { timeout: 8_000, interval: 300 }).toContain('季节');
});

it('says that there are only similar names after reading it again as well', async () => {
  const [east] = chat.sandbox.corp.ruleGroups();
  expect(await ask('抖音店')).toContain('名字相近');
  chat.sandbox.corp.library.put(east?.strategy_id ?? 1, '网店', ['抖音店'], 0);
  await expect.poll(() => ask('抖音店'), { timeout: 8_000, interval: 300 }).toContain('网店');
  const answer = await ask('抖音、网店甲');
  expect(answer).toContain('没有「网店甲」，名字相近的');
  chat.sandbox.corp.library.put(east?.strategy_id ?? 1, '网店甲', ['乙店'], 0);
  await expect.poll(() => ask('抖音、网店甲'), { timeout: 8_000, interval: 300 }).toContain('标签组「网店甲」');
});

it('changes nothing', () => {
  expect(chat.sandbox.calls.filter((call) => /add_|edit_|del_/.test(call.path))).toEqual([]);
});
