/** Names that look like code, and names that could deceive the eye, all the way: add, look up, list, rename, delete. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asks, type Chat, openChat } from '../chat.ts';
import { everything, groupOf, MEMBER, startChat, writes } from './talk.ts';

const NAMES = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  '<b>粗</b>',
  '<a href="//x.cn">点我</a>',
  "'; DROP TABLE x; --",
  ']]>',
  '<![CDATA[x]]>',
  '&lt;&amp;',
  '&#60;',
  '{"a":1}',
  '$' + '{1+1}',
  '%s %d %00',
  '\\u0041\\n',
  '**粗** `码` [链接](u)',
  '# 标题',
  '> 引用',
  '@all',
  'null',
  'undefined',
  '0',
  '-1',
  '👨‍👩‍👧‍👦',
  '🏳️‍🌈老客',
  '😀'.repeat(30),
  'e\u0301'.repeat(15),
];
/** Either kind of quotes takes a name literally. */
const quoted = (name: string) => `「${name}」`;

const legible = (text: string): string => text.normalize('NFKC').replace(/[「」]/g, '');

let texts: Chat;
beforeAll(async () => {
  texts = await openChat({ env: { REPLY_FORMAT: 'plain' } });
});
afterAll(() => texts.stop());

describe.each(NAMES)('%j', (name) => {
  test.each(['markdown', 'plain'])('as a tag, answers as %s', async (format) => {
    // Only so many pushes a minute reach a member, so a conversation in markdown is a short one.
    const chat = format === 'plain' ? texts : await startChat();
    const other = everything(chat).length;
    const said: string[] = [];
    const say = async (text: string) => {
      const answer = await chat.say(MEMBER, text);
      said.push(answer);
      return answer;
    };

    const added = await say(`标签 添加 ${quoted(name)} 到 客户分级`);
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客', name]);
    expect(legible(added)).toContain(legible(name));
    expect(writes(chat).at(-1)?.[1]).toMatchObject({ tag: [{ name }] });

    const found = await say(`标签 查 ${quoted(name)}`);
    expect(legible(found)).toContain(legible(name));
    expect(found).toContain('客户分级');

    expect(legible(await say('标签 列表 客户分级'))).toContain(legible(name));

    await say(`标签 改名 ${quoted(name)} 为 暂时`);
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客', '暂时']);
    await say(`标签 改名 暂时 为 ${quoted(name)}`);
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客', name]);

    const question = await say(`标签 删除 ${quoted(name)}`);
    expect(legible(question)).toContain(legible(name));
    await say('确认');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
    expect(everything(chat)).toHaveLength(other);

    for (const answer of said) {
      expect(answer).not.toMatch(/<(?!\/?font\b)[a-z!/]/i);
      // Only markdown knows links; in text and on cards the brackets are just brackets.
      if (format === 'markdown' && !answer.startsWith('[card')) expect(answer).not.toMatch(/\]\(u\)/);
      expect(Buffer.byteLength(answer)).toBeLessThanOrEqual(2048);
    }
    expect(chat.sandbox.violations).toEqual([]);
    expect(chat.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('as a group', async () => {
    await texts.say(MEMBER, `标签组 新建 ${quoted(name)}：一、二`);
    expect(texts.tags(name)).toEqual(['一', '二']);
    await texts.say(MEMBER, `标签 添加 三 到 ${quoted(name)}`);
    expect(texts.tags(name)).toEqual(['一', '二', '三']);
    await texts.say(MEMBER, `标签组 置顶 ${quoted(name)}`);
    expect(groupOf(texts, name).order).toBe(5);
    await texts.say(MEMBER, `标签组 改名 ${quoted(name)} 为 暂时`);
    await texts.say(MEMBER, `标签组 改名 暂时 为 ${quoted(name)}`);
    expect(texts.tags(name)).toEqual(['一', '二', '三']);
    await texts.say(MEMBER, `标签组 删除 ${quoted(name)}`);
    await texts.say(MEMBER, '确认');
    expect(texts.tags(name)).toBeUndefined();
    expect(texts.sandbox.violations).toEqual([]);
  });
});

test('what cannot be seen is taken off a new name, and does not hide one that is there', async () => {
  await texts.say(MEMBER, '标签 添加 「甲\u202e乙\u200b」 到 客户分级');
  expect(texts.tags('客户分级')).toContain('甲乙');
  expect(asks(await texts.say(MEMBER, '标签 删除 甲\u200d乙'))).toBe('confirm');
  await texts.say(MEMBER, '确认');
  expect(texts.tags('客户分级')).not.toContain('甲乙');
});
