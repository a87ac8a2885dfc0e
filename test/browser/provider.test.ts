/** The provider's console on the page: suites, corps, their acts, and the switch between the chats of several corps. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startBox } from '../sandbox/box.ts';
import { startProviding } from '../sandbox/providing.ts';
import { openProviderSite } from '../suites/provider-site.ts';
import { browserHere, DESKTOP, openBrowser, PHONE, Phone, type View } from './phone.ts';

const executable = browserHere();

describe.skipIf(executable === undefined)("the provider's console", () => {
  let browser: Browser;
  const phones: Phone[] = [];

  beforeAll(async () => {
    browser = await openBrowser(executable ?? '');
  });
  afterEach(async () => {
    expect(phones.flatMap((phone) => phone.errors)).toEqual([]);
    await Promise.all(phones.splice(0).map((phone) => phone.close()));
  });
  afterAll(async () => {
    await browser.close();
  });

  async function open(view: View = { size: DESKTOP }) {
    const providing = await startProviding();
    const phone = await Phone.open(browser, providing.box.url, 'wangzong', view);
    phones.push(phone);
    if (view.size === PHONE) await phone.page.getByTestId('tools-open').click();
    await phone.page.getByTestId('provider').waitFor();
    const corp = (suite: string, company: string) => phone.page.getByTestId(`corp-${suite}-${company}`);
    const infoTypes = () => providing.heard.map((told) => told.field('InfoType') ?? told.field('Event'));
    return { ...providing, phone, page: phone.page, corp, infoTypes };
  }

  test('without a provider there is no such tab, and no switch', async () => {
    const box = await startBox();
    const phone = await Phone.open(browser, box.url, 'wangzong');
    phones.push(phone);
    expect(await phone.page.getByTestId('tab-provider').isHidden()).toBe(true);
    expect(await phone.page.getByTestId('apps').isHidden()).toBe(true);
  });

  test('a corp installs, changes rights, gets another secret, cancels; the bot hears each', async () => {
    const { corp, page, infoTypes, box } = await open();
    const row = corp('template', '远山餐饮');
    expect(await row.getAttribute('data-state')).toBe('none');
    await page.getByTestId('ticket-template').click();
    await row.getByTestId('install').click();
    await expect.poll(() => row.getAttribute('data-state')).toBe('waiting');
    await row.getByTestId('grant').click();
    await row.getByTestId('right-ruleGroups').uncheck();
    await row.getByTestId('right-userNames').check();
    await row.getByTestId('department-2').uncheck();
    await row.getByTestId('save').click();
    await row.getByTestId('reset-secret').click();
    await row.getByTestId('change-admin').click();
    await expect
      .poll(infoTypes)
      .toEqual(['suite_ticket', 'create_auth', 'change_auth', 'reset_permanent_code', 'change_app_admin']);
    const { app } = box.provider.app('template', '远山餐饮').corp;
    expect([app.may('corpTags'), app.may('ruleGroups'), app.may('userNames')]).toEqual([true, false, true]);
    await row.getByTestId('cancel').click();
    await page.getByTestId('dialog-yes').click();
    await expect.poll(() => row.getAttribute('data-state')).toBe('none');
    await expect.poll(() => infoTypes().at(-1)).toBe('cancel_auth');
    await expect
      .poll(() => page.locator('[data-testid=provider-event][data-state=delivered]').count())
      .toBe(infoTypes().length);
  });

  test('an exchange is seen, and an install from the own site pushes nothing', async () => {
    const { corp, page, infoTypes, box, heard, ofSuite } = await open();
    await page.getByTestId('ticket-market').click();
    await corp('market', '晨光教育').getByTestId('install-site').click();
    await expect.poll(() => corp('market', '晨光教育').getAttribute('data-state')).toBe('waiting');
    await corp('market', '远山餐饮').getByTestId('install').click();
    await expect.poll(infoTypes).toEqual(['suite_ticket', 'create_auth']);
    const { suiteId, secret } = { suiteId: 'ww0123456789abcdef', secret: 'secret-of-the-app' };
    await ofSuite({ suiteId, secret }, 'v2/get_permanent_code', { auth_code: heard[1]?.field('AuthCode') });
    await expect.poll(() => corp('market', '远山餐饮').getAttribute('data-state')).toBe('open');
    expect(box.provider.app('market', '晨光教育').corp.company.name).toBe('晨光教育');
  });

  test('each corp has its chat, and who is shown an app that is cancelled is taken elsewhere', async () => {
    const { corp, page, box, phone } = await open();
    for (const company of ['远山餐饮', '晨光教育']) await corp('template', company).getByTestId('install').click();
    const choice = page.getByTestId('apps');
    await expect
      .poll(() => choice.locator('option').allTextContents())
      .toEqual(['未来零售 · 自建', '远山餐饮 · 代开发', '晨光教育 · 代开发']);
    await corp('template', '远山餐饮').getByTestId('chat').click();
    await expect.poll(() => page.locator('#who').innerText()).toContain('远山餐饮');
    await page.getByTestId('input').fill('标签');
    await page.getByTestId('send').click();
    await page.locator('[data-testid=message][data-state=delivered]').waitFor();
    expect(box.provider.app('template', '远山餐饮').chat('wangzong')).toHaveLength(1);
    expect(box.provider.app('template', '晨光教育').chat('wangzong')).toHaveLength(0);
    expect(box.chat('wangzong')).toHaveLength(0);
    await choice.selectOption('template/晨光教育');
    await expect.poll(() => page.locator('#who').innerText()).toContain('晨光教育');
    expect(await page.getByTestId('message').count()).toBe(0);
    expect(phone.page.url()).toContain('app=template');
    await corp('template', '晨光教育').getByTestId('cancel').click();
    await page.getByTestId('dialog-yes').click();
    await expect.poll(() => page.locator('#who').innerText()).toContain('未来零售');
  });

  test('events are held, let go in the other order, repeated; and what is unsure is switched', async () => {
    const { corp, page, infoTypes, box } = await open();
    await page.getByTestId('hold').click();
    await corp('template', '远山餐饮').getByTestId('install').click();
    await page.locator('[data-testid=provider-event][data-state=held]').waitFor();
    await corp('template', '远山餐饮').getByTestId('cancel').click();
    await page.getByTestId('dialog-yes').click();
    await expect.poll(() => page.locator('[data-testid=provider-event][data-state=held]').count()).toBe(2);
    await page.getByTestId('reversed').click();
    await expect.poll(infoTypes).toEqual(['cancel_auth', 'create_auth']);
    await page.getByTestId('again-template').click();
    await expect.poll(() => infoTypes().length).toBe(3);
    await page.getByTestId('provider-variant-createAuthTo').selectOption('provider');
    await expect.poll(() => box.provider.variants.createAuthTo).toBe('provider');
    await page.getByTestId('tickets-on').check();
    await expect.poll(() => infoTypes().filter((type) => type === 'suite_ticket').length).toBe(2);
  });

  test('the whole way with the real bot: install, first tag, rights, another secret, cancel', async () => {
    const site = await openProviderSite();
    onTestFinished(() => site.stop());
    const phone = await Phone.open(browser, site.sandbox.url, 'wangzong', { size: DESKTOP });
    phones.push(phone);
    const { page } = phone;
    const row = page.getByTestId('corp-template-远山餐饮');
    const state = () => row.getAttribute('data-state');

    await row.getByTestId('install').click();
    await expect.poll(state).toBe('open');
    await row.getByTestId('chat').click();
    await phone.answers.first().waitFor();
    expect(await phone.answers.first().innerText()).toContain('装好了');
    expect(await phone.say('新建标签组 会员等级：青铜')).toContain('会员等级');

    await row.getByTestId('grant').click();
    await row.getByTestId('right-corpTags').uncheck();
    await row.getByTestId('save').click();
    await site.logs('authorisation changed');
    expect(await phone.say('标签 添加 白银 到 会员等级')).toContain('服务商后台');
    await row.getByTestId('right-corpTags').check();
    await row.getByTestId('save').click();
    await expect.poll(() => site.calls('v2/get_auth_info')).toBe(3);
    await expect.poll(() => phone.say('标签 添加 白银 到 会员等级')).toContain('已添加');

    await row.getByTestId('reset-secret').click();
    await expect.poll(() => site.calls('v2/get_permanent_code')).toBe(2);
    await expect.poll(state).toBe('open');
    expect(await phone.say('标签 添加 黄金 到 会员等级')).toContain('已添加');

    await row.getByTestId('cancel').click();
    await page.getByTestId('dialog-yes').click();
    await expect.poll(state).toBe('none');
    await site.logs('authorisation cancelled: stopped, its permanent code wiped');
    await expect.poll(() => page.locator('#who').innerText()).not.toContain('远山餐饮');
  });

  test('nothing is wider than a phone', async () => {
    const { corp, page, phone } = await open({ size: PHONE });
    await corp('template', '远山餐饮').getByTestId('install').click();
    await corp('template', '远山餐饮').getByTestId('grant').click();
    await corp('market', '晨光教育').getByTestId('install').click();
    await page.locator('[data-testid=provider-event][data-state=delivered]').nth(1).waitFor();
    expect(await phone.cutOff()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('members-open').click();
    await page.getByTestId('apps').selectOption('market/晨光教育');
    await expect.poll(() => page.locator('#who').innerText()).toContain('晨光教育');
    expect(await phone.cutOff()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('tools-open').click();
    await corp('template', '远山餐饮').getByTestId('chat').click();
    await expect.poll(() => page.locator('#who').innerText()).toContain('远山餐饮');
    expect(await page.locator('#tools').evaluate((side) => side.classList.contains('open'))).toBe(false);
  });
});
