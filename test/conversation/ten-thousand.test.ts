/** As many tags as a company can have: everything still fits the window and the message, and nothing is left out. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chat, openChat } from '../chat.ts';
import { MEMBER } from './talk.ts';

const TAGS = 9_900;
/** WeCom waits 5 s for an answer; on a machine of its own an answer takes a few dozen ms. */
const IN_TIME_MS = 2_500;
let chat: Chat;
beforeAll(async () => {
  chat = await openChat({ tags: TAGS, env: { REPLY_FORMAT: 'text' } });
});
afterAll(() => chat.stop());

async function timed(text: string): Promise<{ answer: string; ms: number }> {
  const from = performance.now();
  const answer = await chat.say(MEMBER, text);
  return { answer, ms: performance.now() - from };
}

/** From the first page to the last. */
async function pages(first: string): Promise<string[]> {
  const out = [await chat.say(MEMBER, first)];
  while (/回复「更多」/.test(out.at(-1) ?? '')) out.push(await chat.say(MEMBER, '更多'));
  return out;
}

test('the very first message, when the library is not known yet', async () => {
  const { answer, ms } = await timed('标签 查 客户来源');
  expect(answer).toContain('客户来源');
  expect(ms).toBeLessThan(IN_TIME_MS);
});

async function answersInTime(said: string, word: string): Promise<void> {
  const { answer, ms } = await timed(said);
  expect(answer).toContain(word);
  expect(Buffer.byteLength(answer)).toBeLessThanOrEqual(2048);
  expect(ms).toBeLessThan(IN_TIME_MS);
  expect(chat.sandbox.violations).toEqual([]);
}

test.each<[said: string, word: string]>([
  ['标签 列表', '更多'],
  ['标签组 列表', '更多'],
  ['标签 列表 客户分级', '老客'],
  ['标签 查 老客', '客户分级'],
  ['标签 查 VIP专享', '更多'],
  ['标签 查 年货节', '年货节'],
  ['标签 查 xhs', '小红书'],
  ['标签 查 没有这个标签', '没有找到'],
])('%s', answersInTime);

test('a tag and a group from their addition to the deletion', async () => {
  await answersInTime('标签 添加 VIP 到 客户分级', '已添加');
  await answersInTime('标签 改名 VIP 为 贵宾', '贵宾');
  await answersInTime('标签 置顶 贵宾', '第 1');
  await answersInTime('标签组 新建 会员等级：青铜', '已新建');
  await answersInTime('标签组 置顶 会员等级', '第 1');
  await answersInTime('标签 删除 贵宾', '确认');
  await answersInTime('确认', '已从');
});

test('更多 to the end: every group is named once, every tag is shown once, nothing is cut', async () => {
  const east = chat.sandbox.corp.ruleGroups().find((each) => each.strategy_name === '华东大区');
  const groups = east?.groups ?? [];
  const tagPages = await pages('标签 列表');
  expect(tagPages.length).toBeGreaterThan(50);
  for (const page of tagPages) expect(Buffer.byteLength(page)).toBeLessThanOrEqual(2048);
  const listed = tagPages
    .flatMap((page) => page.split('\n').slice(1))
    .filter((line) => !/^第 \d+ 页/.test(line))
    .map((line) => line.replace(/^[^：]+（续）：/, ''))
    .join('')
    .replaceAll('「', '')
    .replaceAll('」', '');
  // What a page shows is under the name of its group, also when the group began on the page before.
  for (const page of tagPages) expect(page.split('\n')[1]).toMatch(/^[^：]+（(?:\d+|续)）：/);
  let at = 0;
  for (const group of groups) {
    const whole = `${group.group_name}（${group.tag.length}）：${group.tag.map((tag) => tag.name).join('、')}`;
    expect(listed.slice(at, at + whole.length)).toBe(whole);
    at += whole.length;
  }
  expect(listed).toHaveLength(at);

  const groupPages = await pages('标签组 列表');
  const named = groupPages.flatMap((page) => page.match(/^\d+\. .+(?=（\d+ 个标签）)/gm) ?? []);
  expect(named).toEqual(groups.map((group, i) => `${i + 1}. ${group.group_name}`));
});

test('in markdown only so many pushes a minute arrive: the pages beyond come as text', async () => {
  const other = await openChat({ tags: TAGS });
  try {
    const seen = [await other.say(MEMBER, '标签 列表')];
    while (seen.length < 40) seen.push(await other.say(MEMBER, '更多'));
    expect(seen.map((page) => /第 (\d+) 页/.exec(page)?.[1])).toEqual(seen.map((_, i) => String(i + 1)));
    const ways = other.sandbox.chat(MEMBER).flatMap((message) => message.via ?? []);
    expect(ways).toContain('push');
    expect(ways.at(-1)).toBe('passive');
    expect(other.sandbox.violations).toEqual([]);
    expect(other.sandbox.corp.dropped).toEqual([]);
  } finally {
    await other.stop();
  }
});

test('a lookup does not wait for a slow platform', async () => {
  chat.sandbox.setFaults({ slow: { on: true, ms: 3_000, path: 'get_strategy_tag_list' } });
  const { answer, ms } = await timed('标签 查 老客');
  expect(answer).toContain('客户分级');
  expect(ms).toBeLessThan(IN_TIME_MS);
  chat.sandbox.setFaults({ slow: { on: false, ms: 0 } });
});
