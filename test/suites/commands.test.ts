/** The command line of a provider, while the bot runs. */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { newFolder } from '../folder.ts';
import { run } from '../program.ts';
import { until } from '../until.ts';
import { CATERING, MARKET, openProviderSite, type ProviderSite, RETAIL, suitesOf, TEMPLATE } from './provider-site.ts';

let site: ProviderSite;
let corpId = '';

async function open(): Promise<void> {
  site = await openProviderSite();
  ({ corpId } = await site.sandbox.provider.install('template', RETAIL));
  const market = await site.sandbox.provider.install('market', CATERING);
  await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), { timeout: 8_000 });
  await until(() => expect(site.heard(market.app, 'wangzong')).toHaveLength(1));
  await site.say(market.app, 'wangzong', '新建标签组门店等级:金卡');
  await site.say(market.app, 'wangzong', '确认');
}

const command = (...words: string[]) => run(words, { env: site.env as Record<string, string> });

describe('of companies that have authorised', () => {
  beforeAll(open, 30_000);
  afterAll(() => site.stop());

  it('lists who has authorised, with its kind, its address and its state', async () => {
    const { out, code } = await command('corps', 'list');
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(`template:${RETAIL}.*${corpId}.*/wecom/suite/template/app.*代开发.*还没有收到过消息`),
    );
    expect(out).toMatch(new RegExp(`market:${CATERING}.*/wecom/suite/market/data.*第三方.*正常`));
  });

  it('shows one by its name or its id, without its secrets', async () => {
    const secrets = site.sandbox.calls.flatMap(({ body }) =>
      typeof body?.permanent_code === 'string' ? [body.permanent_code] : [],
    );
    expect(secrets).not.toEqual([]);
    for (const wanted of [`template:${RETAIL}`, corpId, `${TEMPLATE.suiteId}/${corpId}`]) {
      const { out, code } = await command('corps', 'show', wanted);
      expect(code).toBe(0);
      expect(out).toContain('应用：代开发');
      for (const secret of secrets) expect(out).not.toContain(secret);
    }
  });

  it('the journal is that of the one that is named', async () => {
    expect((await command('journal', '--corp', `market:${CATERING}`)).out).toContain('门店等级');
    expect((await command('journal', '--corp', corpId)).out).not.toContain('门店等级');
  });

  it('one company with two apps is named with the suite', { timeout: 40_000 }, async () => {
    const { corpId: same } = await site.sandbox.provider.install('market', RETAIL);
    expect(same).toBe(corpId);
    await vi.waitFor(async () => expect(await site.authorisations()).toHaveLength(3), { timeout: 8_000 });
    await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), { timeout: 8_000 });
    for (const words of [
      ['corps', 'pause', corpId],
      ['corps', 'show', RETAIL],
      ['journal', '--corp', corpId],
    ]) {
      const { code, err } = await command(...words);
      expect(code).toBe(64);
      expect(err).toMatch(new RegExp(`不止一个.*${TEMPLATE.suiteId}/${corpId}.*${MARKET.suiteId}/${corpId}`));
    }
    for (const wanted of [`market:${RETAIL}`, `${MARKET.suiteId}/${corpId}`]) {
      expect((await command('corps', 'show', wanted)).out).toContain('应用：第三方');
      expect(await command('journal', '--corp', wanted)).toMatchObject({ code: 0, out: '' });
    }
    expect((await command('journal', '--corp', CATERING)).out).toContain('门店等级');
    expect(await command('journal', '--corp', 'nobody')).toMatchObject({ code: 64 });
    await site.sandbox.provider.cancel('market', RETAIL);
    await vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), { timeout: 8_000 });
    await vi.waitFor(
      async () => expect(await command('corps', 'remove', `market:${RETAIL}`, '--yes')).toMatchObject({ code: 0 }),
      { timeout: 10_000 },
    );
    expect((await command('corps', 'list')).out).toContain(`template:${RETAIL}`);
  });

  it('doctor looks at each suite and at each company', async () => {
    const { out } = await command('doctor', '--json');
    const { checks } = JSON.parse(out) as { checks: { id: string; corp: string; ok: boolean; message: string }[] };
    const of = (corp: string, id: string) => checks.find((each) => each.corp === corp && each.id === id);
    for (const suite of ['template', 'market'])
      for (const id of ['suite-key', 'suite-ticket', 'suite-token', 'suite-corps'])
        expect(of(suite, id)).toMatchObject({ ok: true });
    for (const corp of [`template:${RETAIL}`, `market:${CATERING}`])
      expect(of(corp, 'token')).toMatchObject({ ok: true });
    expect(of(`market:${CATERING}`, 'menu')).toMatchObject({
      ok: true,
      message: expect.stringContaining('没有菜单接口'),
    });
  });

  it('doctor tells what is missing', async () => {
    const { out, code } = await run(['doctor'], {
      env: { ...(site.env as Record<string, string>), CREDENTIAL_KEY: Buffer.alloc(32, 'another').toString('base64') },
    });
    expect(code).toBe(1);
    expect(out).toMatch(/✗ 密钥：.*CREDENTIAL_KEY_FILE/);
  });

  it('pauses one', async () => {
    expect(await command('corps', 'pause', corpId)).toMatchObject({ code: 0 });
    expect((await command('corps', 'list')).out).toMatch(new RegExp(`template:${RETAIL}.*暂停`));
    expect(await command('corps', 'pause', corpId, '--off')).toMatchObject({ code: 0 });
  });
});

describe('of one that is over', () => {
  beforeEach(open, 30_000);
  afterEach(() => site.stop());

  it('removes one when its authorisation has ended, and only with --yes', { timeout: 60_000 }, async () => {
    const refused = await command('corps', 'remove', `market:${CATERING}`);
    expect([refused.code, refused.err]).toEqual([64, expect.stringContaining('还授权着')]);
    await site.sandbox.provider.cancel('market', CATERING);
    await site.logs('authorisation cancelled: stopped, its permanent code wiped');
    expect((await command('corps', 'list')).out).toMatch(new RegExp(`market:${CATERING}.*取消了授权`));
    const asked = await command('corps', 'remove', `market:${CATERING}`);
    expect([asked.code, asked.out]).toEqual([1, expect.stringContaining('--yes')]);
    expect(site.bytes().includes('门店等级')).toBe(true);
    await vi.waitFor(
      async () => expect(await command('corps', 'remove', `market:${CATERING}`, '--yes')).toMatchObject({ code: 0 }),
      { timeout: 20_000 },
    );
    expect((await command('corps', 'list')).out).not.toContain(`market:${CATERING}`);
    expect(await site.authorisations()).toMatchObject([{ suiteId: TEMPLATE.suiteId }]);
    expect(site.bytes().includes('门店等级')).toBe(false);
  });

  it('what authorised a suite that is configured no longer is shown, and can be removed', {
    timeout: 60_000,
  }, async () => {
    const file = join(newFolder('without'), 'config.yaml');
    onTestFinished(() => rmSync(file));
    writeFileSync(file, JSON.stringify({ suites: suitesOf().slice(1) }));
    const without = { env: { ...(site.env as Record<string, string>), CONFIG_FILE: file } };
    const key = `${TEMPLATE.suiteId}/${corpId}`;
    expect((await run(['corps', 'list'], without)).out).toMatch(new RegExp(`${key}.*不在配置里`));
    await site.app.stop();
    expect(await run(['corps', 'remove', key, '--yes'], without)).toMatchObject({ code: 0 });
    expect((await run(['corps', 'list'], without)).out).not.toContain(key);
    expect(await site.authorisations()).toMatchObject([{ suiteId: MARKET.suiteId }]);
  });

  it('a key that cannot be one is a matter of configuration', async () => {
    const { code, err } = await run(['serve'], {
      env: { ...(site.env as Record<string, string>), CREDENTIAL_KEY: 'not a key' },
    });
    expect(code).toBe(78);
    expect(err).toContain('CREDENTIAL_KEY');
    expect(err).not.toContain('not a key');
  });
});
