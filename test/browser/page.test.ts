/** The whole product through the page it is tried on: real browser, real bot, simulated platform. */

import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Chat, type ChatOptions, openChat } from '../chat.ts';
import { start } from '../program.ts';
import { browserHere, openBrowser, PHONE, Phone, type View } from './phone.ts';

const executable = browserHere();

test('without a browser these tests are skipped with a notice, and on CI they fail', () => {
  const notices: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => notices.push(String(text)) > 0);
  expect(browserHere(['/nowhere/chromium'], {})).toBeUndefined();
  write.mockRestore();
  expect(notices.join()).toMatch(/no Chromium found.*skipped/);
  expect(() => browserHere(['/nowhere/chromium'], { CI: 'true' })).toThrow('no Chromium found');
});

describe.skipIf(executable === undefined)('the chat page', () => {
  let browser: Browser;
  const toStop: (() => Promise<void>)[] = [];
  const phones: Phone[] = [];

  beforeAll(async () => {
    browser = await openBrowser(executable ?? '');
  });
  afterEach(async () => {
    expect(phones.flatMap((phone) => phone.errors)).toEqual([]);
    await Promise.all(phones.splice(0).map((phone) => phone.close()));
    for (const stop of toStop.splice(0)) await stop();
  });
  afterAll(async () => {
    await browser.close();
  });

  async function bot(options?: ChatOptions): Promise<Chat> {
    const chat = await openChat(options);
    toStop.push(async () => {
      expect(chat.sandbox.violations).toEqual([]);
      await chat.stop();
    });
    return chat;
  }

  async function phoneOf(member: string, url: string, view?: View): Promise<Phone> {
    const phone = await Phone.open(browser, url, member, view);
    phones.push(phone);
    return phone;
  }

  test('a newcomer starts the program, adds tags and deletes them, by card and by text', async () => {
    const program = start(['sandbox', '--port', '0']);
    toStop.push(async () => {
      program.kill('SIGTERM');
      expect((await program.ended).code).toBe(0);
    });
    const [url = ''] = await program.shows(/http:\/\/[\d.]+:\d+/);
    const phone = await phoneOf('wangzong', url);
    const tags = phone.tags('客户分级');
    expect(await tags.allTextContents()).toEqual(['普通', '重点', '老客']);

    const added = await phone.say('标签 添加 VIP、SVIP 到 客户分级');
    expect(added).toContain('客户分级');
    expect(added).toContain('VIP、SVIP');
    await tags.filter({ hasText: 'SVIP' }).waitFor();
    expect(await tags.allTextContents()).toEqual(['普通', '重点', '老客', 'VIP', 'SVIP']);

    expect(await phone.say('标签 删除 SVIP')).toContain('要删除标签「SVIP」吗');
    expect(await phone.press('confirm')).toContain('SVIP');
    await phone.page.getByText('已删除', { exact: true }).waitFor();
    expect(await phone.page.locator('.card[data-disabled]').count()).toBe(1);
    await expect.poll(() => tags.allTextContents()).toEqual(['普通', '重点', '老客', 'VIP']);

    await phone.say('标签 删除 VIP');
    expect(await tags.filter({ hasText: 'VIP' }).count()).toBe(1);
    expect(await phone.say('确认')).toContain('VIP');
    await expect.poll(() => tags.allTextContents()).toEqual(['普通', '重点', '老客']);
  });

  test('the examples that a newcomer is shown can be tapped', async () => {
    const phone = await phoneOf('wangzong', (await bot()).sandbox.url, { size: PHONE });
    const first = phone.page.getByTestId('example').first();
    expect(await phone.answerTo(() => first.click())).toContain('VIP、SVIP');
    await phone.page.getByTestId('example').first().waitFor({ state: 'hidden' });
  });

  test('a choice by button, and one by list when there are many', async () => {
    const chat = await bot();
    const phone = await phoneOf('wangzong', chat.sandbox.url, { size: PHONE });
    await phone.say('标签 添加 普通 到 地区');
    await phone.say('标签 删除 普通');
    expect(await phone.card.getAttribute('data-card')).toBe('button_interaction');
    expect(await phone.answerTo(() => phone.card.getByRole('button', { name: '地区' }).click())).toContain(
      '从「地区」删除',
    );
    expect(await phone.page.locator('.card[data-disabled]').innerText()).toContain('已选 地区');
    await phone.press('cancel');
    expect(chat.tags('地区')).toContain('普通');

    const groups = ['一', '二', '三', '四', '五', '六', '七'].map((place) => `${place}店客户`);
    for (const name of groups)
      await chat.sandbox.consoleEdit({ action: 'createGroup', strategyId: 1, name, tags: ['回访'] });
    await expect.poll(() => phone.say('标签组 列表')).toContain('七店客户');
    await phone.say('标签 删除 回访');
    await phone.card.getByRole('combobox').selectOption({ label: '3 三店客户' });
    expect(await phone.press('submit')).toContain('从「三店客户」删除');
    expect(await phone.say('确认')).toContain('三店客户');
    expect(chat.tags('三店客户')).toBeUndefined();
    expect(chat.tags('四店客户')).toEqual(['回访']);
  });

  test('the group that an addition lacks is tapped', async () => {
    const chat = await bot();
    const phone = await phoneOf('zhangsan', chat.sandbox.url, { size: PHONE });
    expect(await phone.say('加VIP')).toContain('要加到哪个标签组');
    const done = phone.answerTo(() => phone.card.getByRole('button', { name: '客户分级' }).click());
    expect(await done).toContain('VIP');
    expect(chat.tags('客户分级')).toContain('VIP');
  });

  test('several tags are ticked, confirmed and gone', async () => {
    const chat = await bot();
    const phone = await phoneOf('zhangsan', chat.sandbox.url, { size: PHONE });
    expect(await phone.say('删除 地区 里的标签')).toContain('要删除「地区」里的哪些标签');
    const submit = phone.button('submit');
    await phone.card.getByText('上海').click();
    await phone.card.getByText('苏州').click();
    expect(await phone.answerTo(() => submit.click())).toContain('上海、苏州');
    expect(chat.tags('地区')).toEqual(['上海', '杭州', '苏州']);
    await phone.press('confirm');
    expect(chat.tags('地区')).toEqual(['杭州']);
    expect(await phone.page.locator('.card[data-disabled]').allInnerTexts()).toEqual([
      expect.stringContaining('已选 上海、苏州'),
      expect.stringContaining('已删除'),
    ]);
  });

  test('a long list is continued with 更多 up to its end', async () => {
    const phone = await phoneOf('wangzong', (await bot({ tags: 400 })).sandbox.url, { size: PHONE });
    const pages = [await phone.say('标签 列表')];
    while (/第 \d+ 页，回复/.test(pages.at(-1) ?? '') && pages.length < 50) pages.push(await phone.say('更多'));
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.at(-1)).toContain(`第 ${pages.length} 页，到底了`);
    expect(pages.join('').match(/初次接触·一月/g)?.length).toBeGreaterThan(0);
    expect(await phone.say('更多')).toContain('没有更多');
    expect(await phone.cutOff()).toEqual([]);
  });

  test('a member without the right is told so, and whom to ask', async () => {
    const chat = await bot();
    const phone = await phoneOf('wangwu', chat.sandbox.url, { size: PHONE });
    const refused = await phone.say('标签 添加 VIP 到 客户分级');
    expect(refused).toContain('没有权限');
    expect(refused).toContain('wangwu');
    expect(refused).toContain('张三');
    expect(await phone.say('删除标签')).toContain('没有权限');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
    expect(await phone.say('重点')).toContain('客户分级');
  });

  test('trouble that is switched on in the panel is told, and is over when it is switched off', async () => {
    const chat = await bot();
    const phone = await phoneOf('wangzong', chat.sandbox.url);
    await phone.page.getByTestId('tab-faults').click();
    const fault = (name: string) => phone.page.getByTestId(`fault-${name}`);

    await fault('errcode').check();
    await phone.page.getByTestId('fault-errcode-code').fill('48002');
    await phone.page.getByTestId('fault-errcode-code').press('Enter');
    await expect.poll(() => chat.sandbox.corp.trouble.faults.errcode.code).toBe(48002);
    expect(await phone.say('标签 添加 VIP 到 客户分级')).toMatch(/权限/);
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
    await fault('errcode').uncheck();
    await expect.poll(() => chat.sandbox.corp.trouble.faults.errcode.on).toBe(false);

    chat.sandbox.setFaults({ brokenAfter: { on: true, times: 1, path: 'add_strategy_tag' } });
    expect(await phone.say('标签 添加 VIP 到 客户分级')).toContain('已核对');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客', 'VIP']);

    chat.sandbox.setFaults({ slow: { on: true, ms: 700 } });
    const answer = phone.say('标签 添加 SVIP 到 客户分级');
    await phone.page.getByTestId('typing').waitFor({ state: 'visible' });
    expect(await answer).toContain('SVIP');
    await phone.page.getByTestId('typing').waitFor({ state: 'hidden' });
  });

  test('two members at once each get their own answer and see both changes', async () => {
    const chat = await bot();
    const [one, two] = await Promise.all([
      phoneOf('wangzong', chat.sandbox.url),
      phoneOf('zhangsan', chat.sandbox.url),
    ]);
    const [first, second] = await Promise.all([
      one.say('标签 添加 金卡 到 客户分级'),
      two.say('标签 添加 银卡 到 客户分级'),
    ]);
    expect(first).toContain('金卡');
    expect(first).not.toContain('银卡');
    expect(second).toContain('银卡');
    for (const phone of [one, two]) {
      await expect
        .poll(async () => (await phone.tags('客户分级').allTextContents()).sort())
        .toEqual(['普通', '老客', '重点', '金卡', '银卡'].sort());
    }
    expect(await one.say('标签 删除 金卡')).toContain('要删除');
    expect(await two.say('确认')).toContain('没有等待确认');
    expect(chat.tags('客户分级')).toContain('金卡');
  });

  test('the menu is published by a command and clicked', async () => {
    const chat = await bot();
    const phone = await phoneOf('wangzong', chat.sandbox.url, { size: PHONE });
    await phone.say('菜单 发布');
    await phone.page.getByTestId('menu-toggle').click();
    await phone.page.getByTestId('menu-0').click();
    expect(await phone.answerTo(() => phone.page.getByRole('menuitem', { name: '标签列表' }).click())).toContain(
      '客户分级',
    );
    expect(await phone.cutOff()).toEqual([]);
  });

  test('an export is a file that can be downloaded', async () => {
    const phone = await phoneOf('zhangsan', (await bot()).sandbox.url, { size: PHONE });
    await phone.say('导出');
    const [download] = await Promise.all([phone.page.waitForEvent('download'), phone.page.locator('a.file').click()]);
    expect(download.suggestedFilename()).toMatch(/^标签_\d{4}-\d{2}-\d{2}\.csv$/);
    const text = readFileSync(await download.path(), 'utf8');
    expect(text.startsWith('\uFEFF标签库,标签组,标签,排序值,标签ID,创建时间\r\n华东大区,客户分级,普通,')).toBe(true);
    expect(text.split('\r\n')).toHaveLength(14);
  });

  test('entering is welcomed once a day, a picture is answered with what to do instead', async () => {
    const phone = await phoneOf('chenjie', (await bot()).sandbox.url, { size: PHONE });
    const extra = async (kind: string) => {
      await phone.page.getByTestId('more').click();
      await phone.page.getByTestId(`extra-${kind}`).click();
    };
    const welcome = await phone.answerTo(() => extra('enter'));
    expect(welcome).toContain('普通');
    expect(welcome).not.toContain('添加');
    await extra('enter');
    expect(await phone.answerTo(() => extra('image'))).toContain('文字');
    expect(await phone.answers.count()).toBe(2);
    expect(await phone.page.locator('[data-from=member][data-state=delivered]').count()).toBe(3);
  });

  test('nothing is wider than a phone, whatever it holds', async () => {
    const phone = await phoneOf('wangzong', (await bot()).sandbox.url, { size: PHONE });
    const long = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ1234';
    const said = [
      `标签 添加 ${long}、一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十 到 客户分级`,
      `标签 删除 ${long}`,
      '取消',
      '标签 列表',
      '统计',
      '帮助',
      '历史',
      '我',
      '规则组 详情',
      '删除标签',
      '把VIP加到大区',
      `${long}${long}${long}`,
    ];
    for (const text of said) await phone.say(text);
    expect(await phone.cutOff()).toEqual([]);
  });
});
