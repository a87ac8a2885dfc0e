/** 导出 and 导入: the file, and the text that comes back as it went out. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { csvLine } from '../../src/bot/commands/csv.ts';
import { type Chat, openChat } from '../chat.ts';

let chat: Chat;
beforeEach(async () => {
  chat = await openChat();
});
afterEach(async () => {
  expect(chat.sandbox.violations).toEqual([]);
  await chat.stop();
});

const say = (text: string, member = 'wangzong') => chat.say(member, text);

async function exportedFile(): Promise<{ name: string; text: string }> {
  const before = chat.sandbox.chat('wangzong').at(-1)?.id;
  await say('导出');
  for (let after = before; ; ) {
    const { id, body } = await chat.sandbox.nextFromBot('wangzong', after);
    after = id;
    if (body.msgtype !== 'file') continue;
    const response = await fetch(`${chat.sandbox.url}/sandbox/media/${body.file.media_id}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { name: body.file.filename, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) };
  }
}

describe('the file', () => {
  test('has a BOM, its columns, and a row per tag of the current rule group', async () => {
    const { name, text } = await exportedFile();
    expect(name).toMatch(/^标签_\d{4}-\d\d-\d\d\.csv$/);
    expect(text.startsWith('\uFEFF')).toBe(true);
    const [head, ...rows] = text.slice(1).trimEnd().split('\r\n');
    expect(head).toBe('标签库,标签组,标签,排序值,标签ID,创建时间');
    expect(rows).toHaveLength(12);
    expect(rows[0]).toMatch(/^华东大区,客户分级,普通,\d+,[\w-]+,\d{4}-\d\d-\d\d$/);
    expect(rows.every((row) => row.startsWith('华东大区,'))).toBe(true);
  });

  test('is announced with its counts', async () => {
    expect(await say('导出')).toContain('4 个标签组、12 个标签');
  });

  test('holds names that a spreadsheet would run as words', async () => {
    const group = chat.sandbox.corp.ruleGroups()[0]?.groups[0]?.group_id ?? '';
    await chat.sandbox.consoleEdit({
      action: 'addTags',
      groupId: group,
      tags: ['=1+1', '＋86', '@SUM(A1)', '-5', 'a,"b"'],
    });
    await say('没有这个');
    const { text } = await exportedFile();
    for (const cell of [`'=1+1`, `'＋86`, `'@SUM(A1)`, `'-5`, '"a,""b"""']) expect(text).toContain(`,${cell},`);
  });

  test.each([
    [48002, /权限/],
    [60020, /IP/],
    [45009, /上限|频|次/],
  ])('that cannot be uploaded (%s) is told with the reason, inside the callback', async (code, reason) => {
    await say('标签 列表');
    chat.sandbox.setFaults({ errcode: { on: true, code, path: 'media/upload' } });
    const answer = await say('导出');
    expect(answer).toMatch(reason);
    expect(answer).not.toContain('已导出');
  });

  test('that was uploaded but cannot be sent is told with the next answer', async () => {
    await say('标签 列表');
    chat.sandbox.setFaults({ errcode: { on: true, code: 48002, path: 'message/send' } });
    await say('导出');
    await chat.sandbox.idle();
    await expect.poll(() => chat.log.some((entry) => String(entry.msg).includes('owed'))).toBe(true);
    chat.sandbox.setFaults({ errcode: { on: false, code: 48002 } });
    await say('我是谁');
    await expect.poll(() => lastWords()).toContain('没能发给你');
  });
});

test.each([
  ['VIP', 'VIP'],
  ['=A1', `'=A1`],
  ['+1', `'+1`],
  ['-1', `'-1`],
  ['@x', `'@x`],
  ['\tx', `'\tx`],
  [' =x', `' =x`],
  ['＝x', `'＝x`],
  ['＋x', `'＋x`],
  ['－x', `'－x`],
  ['＠x', `'＠x`],
  ['\rx', `"'\rx"`],
  ['a,b', '"a,b"'],
  ['说"好"', '"说""好"""'],
  ['=a,"b"', `"'=a,""b"""`],
  ['C++', 'C++'],
])('the cell %j is written %j', (value, cell) => {
  expect(csvLine([value])).toBe(cell);
});

/** What the member copies: the whole bubble, with what stands below the lines. */
async function exportedPages(): Promise<string[]> {
  const pages = [await say('导出 文本')];
  while (pages.at(-1)?.includes('更多')) pages.push(await say('更多'));
  return pages;
}

describe('the text', () => {
  test('pasted back changes nothing', async () => {
    const [text = ''] = await exportedPages();
    expect(text.split('\n').slice(0, 3)).toEqual([
      '导入',
      '「客户分级」：普通、重点、老客',
      '「渠道来源」：抖音、小红书、门店、转介绍',
    ]);
    expect(await say(text)).toContain('没有需要改的');
  });

  test('pasted back with more adds what is new', async () => {
    const [text = ''] = await exportedPages();
    expect(await say(text.replace('普通、', '普通、金卡、'))).toContain('金卡');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客', '金卡']);
  });

  test('pasted back with less removes nothing, and with 含删除 asks first', async () => {
    const [text = ''] = await exportedPages();
    const less = text.replace('重点、', '');
    expect(await say(less)).toContain('没有需要改的');
    expect(await say(less.replace('导入', '导入 含删除'))).toContain('从「客户分级」删除 1 个标签：重点');
    expect(chat.tags('客户分级')).toContain('重点');
    await say('确认');
    expect(chat.tags('客户分级')).toEqual(['普通', '老客']);
  });

  test('with a group that does not exist is shown as a plan first', async () => {
    expect(await say('导入\n会员等级：青铜、白银\n来源：展会')).toContain('新建标签组「会员等级」');
    expect(chat.tags('会员等级')).toBeUndefined();
    await say('确认');
    expect(chat.tags('会员等级')).toEqual(['青铜', '白银']);
    expect(chat.tags('来源')).toEqual(['展会']);
  });

  test('of more than ten steps says when it starts, and reports every step', async () => {
    const lines = Array.from({ length: 12 }, (_, i) => `新组${i + 1}：甲、乙`);
    expect(await say(`导入\n${lines.join('\n')}`)).toContain('12 步');
    expect(chat.tags('新组1')).toBeUndefined();
    await say('确认');
    await expect.poll(() => chat.tags('新组12')).toEqual(['甲', '乙']);
    await expect.poll(() => lastWords()).toMatch(/^12\. .*新组12/m);
    expect(lastWords()).toMatch(/^1\. .*新组1/m);
    const all = chat.sandbox
      .chat('wangzong')
      .map((message) => (message.body.msgtype === 'text' ? message.body.text.content : ''));
    expect(all.some((text) => text.includes('共 12 步'))).toBe(true);
  });

  test('of several pages comes back page by page; a group on two pages loses nothing', async () => {
    const tags = Array.from({ length: 90 }, (_, i) => `一个相当长的标签名字好让一页放不下它们全部${i + 1}`);
    await chat.sandbox.consoleEdit({ action: 'createGroup', strategyId: 1, name: '很多', tags });
    await say('没有这个');
    const pages = await exportedPages();
    expect(pages.length).toBeGreaterThan(2);
    for (const page of pages) {
      expect(await say(page)).toContain('没有需要改的');
      expect(await say(page.replace('导入', '导入 含删除'))).toContain('没有需要改的');
    }
  });

  test('keeps names with separators, quotes and key words', async () => {
    const tags = [
      'A、B',
      '说：好；吧',
      '"引号"',
      "O'Neil",
      '和睦家',
      '导入',
      '1、第一',
      '全部 空格',
      '「角」',
      '<b>&amp;',
    ];
    await chat.sandbox.consoleEdit({ action: 'createGroup', strategyId: 1, name: '1. 导入：删除', tags });
    await expect.poll(() => say('标签组 列表')).toContain('删除');
    for (const page of await exportedPages()) expect(await say(page)).toContain('没有需要改的');
  });
});

function lastWords(): string {
  const message = chat.sandbox.chat('wangzong').findLast((each) => each.from === 'bot');
  return message?.body.msgtype === 'markdown'
    ? message.body.markdown.content
    : message?.body.msgtype === 'text'
      ? message.body.text.content
      : '';
}
