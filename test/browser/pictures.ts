/**
 * Takes the pictures of the README anew: `npm run screenshots`. Real conversations on a fixed day, so that a picture
 * changes only when the product does.
 */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChat } from '../chat.ts';
import { browserHere, DESKTOP, openBrowser, PHONE, Phone, type View } from './phone.ts';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const MORNING = Date.parse('2026-03-04T10:24:00+08:00');
const MOST_BYTES = 300_000;

describe('the pictures', () => {
  let browser: Browser;

  beforeAll(async () => {
    const executable = browserHere();
    if (executable === undefined) throw new Error('pictures need a browser');
    browser = await openBrowser(executable);
    mkdirSync(IMAGES, { recursive: true });
  });
  afterAll(() => browser?.close());

  async function picture(name: string, view: View, act: (phone: Phone) => Promise<void>): Promise<void> {
    let now = MORNING;
    const clock = () => now++;
    const chat = await openChat({ app: { now: clock }, sandbox: { now: clock } });
    const phone = await Phone.open(browser, chat.sandbox.url, 'wangzong', { scale: 2, ...view, now: MORNING });
    try {
      await act(phone);
      await phone.settled();
      expect(await phone.cutOff()).toEqual([]);
      expect(await phone.fonts()).toEqual([expect.stringMatching(/CJK|PingFang|YaHei|Source Han/)]);
      expect(phone.errors).toEqual([]);
      const path = join(IMAGES, `${name}.png`);
      await phone.page.screenshot({ path, animations: 'disabled' });
      expect(statSync(path).size).toBeLessThan(MOST_BYTES);
    } finally {
      await phone.close();
      await chat.stop();
    }
  }

  test('a chat on the phone', () =>
    picture('chat', { size: PHONE }, async (phone) => {
      await phone.say('VIP');
      await phone.say('标签 添加 VIP、SVIP 到 客户分级');
      await phone.say('删除老客');
    }));

  test('the whole page on a desktop', () =>
    picture('desktop', { size: DESKTOP, scale: 1.5 }, async (phone) => {
      await phone.say('把金卡、银卡加到客户分级');
      await phone.say('把老客改名为忠实客户');
      await phone.say('删除 地区 里的标签');
    }));

  test('what goes over the wire', () =>
    picture('wire', { size: DESKTOP, scale: 1.5 }, async (phone) => {
      await phone.page.getByTestId('tab-wire').click();
      await phone.say('标签 添加 VIP 到 客户分级');
      await phone.page.getByTestId('wire-entry').filter({ hasText: 'add_strategy_tag' }).first().click();
    }));

  test('in the dark', () =>
    picture('dark', { size: PHONE, dark: true }, async (phone) => {
      await phone.say('统计');
      await phone.say('把VIP加到客户分机');
    }));
});
