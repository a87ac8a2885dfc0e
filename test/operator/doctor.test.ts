/** `doctor` against the sandbox: each trouble is found by its own check, and what rests on it is not blamed. */
import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CorpConfig, loadConfig } from '../../src/config.ts';
import type { Finding } from '../../src/diagnosis.ts';
import { doctor } from '../../src/operator/doctor.ts';
import type { Faults } from '../../src/sandbox/protocol.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { openStore } from '../../src/store/open.ts';
import { SCHEMA_VERSION } from '../../src/store/schema.ts';
import { CREDENTIAL_ENV, CREDENTIALS } from '../chat.ts';
import { newFolder } from '../folder.ts';
import { BACK_TO_VERSION_2 } from '../store/rows.ts';

const IDS = [
  'config',
  'store',
  'network',
  'clock',
  'token',
  'ip',
  'agent',
  'rule-groups',
  'corp-tags',
  'admins',
  'default-library',
  'callback',
  'menu',
  'push',
  'quota',
];
const MINUTE = 60_000;

let sandbox: Sandbox;
let folder: string;
let databaseUrl: string;
beforeAll(async () => {
  sandbox = await startSandbox({ ...CREDENTIALS });
});
afterAll(() => sandbox.stop());
beforeEach(() => {
  sandbox.reset();
  folder = newFolder('doctor');
  databaseUrl = `file:${join(folder, 'bot.db')}`;
});
afterEach(() => {
  expect(sandbox.violations).toEqual([]);
  rmSync(folder, { recursive: true });
});

interface Ask {
  readonly env?: Record<string, string>;
  readonly roles?: string;
  /** ms that this machine's clock is ahead. */
  readonly ahead?: number;
}

async function ask({ env = {}, roles = '', ahead = 0 }: Ask = {}) {
  const lines: string[] = [];
  const load = () =>
    loadConfig(
      {
        ...CREDENTIAL_ENV,
        WECOM_API_BASE_URL: sandbox.url,
        DATABASE_URL: databaseUrl,
        BOT_ADMINS: 'wangzong',
        ...env,
      },
      () => `access:\n  roles: [${roles}]\n`,
    );
  const common = { version: '1.2.3', nodeVersion: '20', now: () => Date.now() + ahead };
  const { ok } = await doctor(load, { ...common, json: true, print: (line) => lines.push(line) });
  expect(lines).toHaveLength(1);
  const told = JSON.parse(lines[0] ?? '') as { ok: boolean; version: string; checks: Finding[] };
  expect(told).toMatchObject({ ok, version: '1.2.3' });
  expect(told.checks.map(({ id }) => id)).toEqual(IDS);
  expect(JSON.stringify(told)).not.toContain(CREDENTIALS.secret);
  for (const check of told.checks) {
    expect(
      Object.keys(check).filter((key) => !['id', 'ok', 'title', 'message', 'advice', 'code'].includes(key)),
    ).toEqual([]);
    expect(check.message).not.toMatch(/[{}]|undefined|null|NaN/);
    if (!check.ok) expect(check.code, check.id).toBeDefined();
  }
  return {
    ok,
    of: (id: string) => told.checks.find((check) => check.id === id) as Finding,
    /** Those that were made and failed. */
    failed: told.checks.filter((check) => !check.ok && !check.code?.startsWith('blocked.')).map(({ id }) => id),
    blocked: told.checks.filter((check) => check.code?.startsWith('blocked.')).map(({ id }) => id),
  };
}

/** The database as a bot leaves it that has been verified and written to. */
async function inUse(): Promise<void> {
  const store = await openStore(databaseUrl, CREDENTIALS.corpId, { now: Date.now });
  await store.keepNote('callback.verified', String(Date.now() - 90 * MINUTE));
  await store.keepNote('callback.taken', String(Date.now() - 5 * MINUTE));
  await store.close();
}

test('all is well', async () => {
  await inUse();
  const { ok, of, failed } = await ask({ env: { DEFAULT_STRATEGY_ID: '1' } });
  expect([ok, failed]).toEqual([true, []]);
  expect(of('config').message).toContain('版本 1.2.3，Node 20');
  expect(of('store').message).toMatch(new RegExp(`SQLite，第 ${SCHEMA_VERSION} 版；磁盘还有 \\d+ (MB|GB)`));
  expect(of('clock').message).toMatch(/差 [012] 秒/);
  expect(of('callback').message).toBe('验证在 90 分钟前，最近一条消息在 5 分钟前');
  expect(of('admins').message).toMatch(/（wangzong）/);
  expect(of('default-library').message).toContain('编号 1');
  expect(of('quota').message).toMatch(/\d+ 个标签（上限 10000/);
});

describe('the platform', () => {
  type Case = readonly [what: string, faults: Partial<Faults>, id: string, code: string, told: RegExp];
  const cases: readonly Case[] = [
    ['wrong secret', { wrongSecret: { on: true } }, 'token', '40001', /WECOM_SECRET/],
    ['address not trusted', { untrustedIp: { on: true } }, 'ip', '60020', /企业可信IP.*127\.0\.0\.1/],
    [
      'no right to rule groups',
      { errcode: { on: true, code: 48002, path: 'externalcontact/customer_strategy/list' } },
      'rule-groups',
      '48002',
      /可调用接口的应用/,
    ],
    [
      'no right to corp tags',
      { errcode: { on: true, code: 48002, path: 'externalcontact/get_corp_tag_list' } },
      'corp-tags',
      '48002',
      /可调用接口的应用/,
    ],
    ['wrong agent id', { errcode: { on: true, code: 301002, path: 'agent/get' } }, 'agent', '301002', /WECOM_AGENT_ID/],
    ['a gateway in between', { badGateway: { on: true } }, 'network', 'api.gateway', /HTTP 502/],
    ['menu not readable', { errcode: { on: true, code: 48002, path: 'menu/get' } }, 'menu', '48002', /./],
  ];
  test.each(cases)('%s', async (_, faults, id, code, words) => {
    await inUse();
    sandbox.setFaults(faults);
    const { failed, blocked, of } = await ask({ env: { DEFAULT_STRATEGY_ID: '1' } });
    expect(failed).toEqual([id]);
    expect(of(id)).toMatchObject({ ok: false, code });
    expect(`${of(id).message}${of(id).advice}`).toMatch(words);
    // Who rests on it names it, and was not asked.
    for (const each of blocked) expect(of(each).message).toBe(`没有查：先要解决「${of(id).title}」`);
    if (id === 'network')
      expect(blocked).toEqual(IDS.filter((each) => !['config', 'store', 'network', 'callback'].includes(each)));
    if (id === 'ip') expect(blocked).toContain('agent');
  });

  test('a network that swallows everything costs one try', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const begun = performance.now();
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const { failed, of } = await ask({ env: { WECOM_API_BASE_URL: url } });
    mute.close();
    expect(performance.now() - begun).toBeLessThan(8_000);
    expect(failed).toContain('network');
    expect(of('token').code).toBe('blocked.network');
  }, 15_000);

  test('the pause of the bot after a wrong secret is kept: no call', async () => {
    sandbox.setFaults({ wrongSecret: { on: true } });
    await ask();
    const store = await openStore(databaseUrl, CREDENTIALS.corpId, { now: Date.now });
    const { connect } = await import('../../src/operator/connect.ts');
    const config = await loadConfig({
      ...CREDENTIAL_ENV,
      WECOM_API_BASE_URL: sandbox.url,
      CONFIG_FILE: '/dev/null',
    });
    const wecom = connect(config.corps[0] as CorpConfig, Date.now, {
      recall: (name) => store.note(name),
      keep: (name, note) => store.keepNote(name, note),
      alone: (work) => work(),
    });
    await expect(wecom.token.get()).rejects.toThrow();
    wecom.close();
    await store.close();
    sandbox.setFaults({ wrongSecret: { on: false } });
    expect((await ask()).of('token')).toMatchObject({ ok: false, code: '40001' });
  });
});

describe('the clock', () => {
  test.each([
    [30 * MINUTE, /快 30 分钟/],
    [-7 * MINUTE, /慢 7 分钟/],
  ])('%i ms off', async (ahead, words) => {
    const { of } = await ask({ ahead });
    expect(of('clock')).toMatchObject({ ok: false, code: 'clock.off' });
    expect(of('clock').message).toMatch(words);
  });
});

describe('what names nobody', () => {
  test('an admin, a role, a rule group', async () => {
    await inUse();
    const roles =
      '{ member: nobody2, ruleGroup: 没有的组, role: editor }, { member: wangzong, ruleGroup: 1, role: reader }';
    const { of, failed } = await ask({ env: { BOT_ADMINS: 'wangzong,nobody1' }, roles });
    expect(failed).toEqual(['admins']);
    for (const name of ['nobody1', 'nobody2', '没有的组']) expect(of('admins').message).toContain(name);
    expect(of('admins').message).not.toContain('wangzong');
  });

  test('no admin at all, told though nothing can be reached', async () => {
    const { of } = await ask({ env: { BOT_ADMINS: '', WECOM_API_BASE_URL: 'http://127.0.0.1:9' } });
    expect(of('admins').message).toContain('BOT_ADMINS 是空的');
  });

  test('企业标签 as the default', async () => {
    const { of } = await ask({ env: { DEFAULT_STRATEGY_ID: 'corp' } });
    expect([of('default-library').message, of('default-library').ok]).toEqual(['企业标签', true]);
  });

  test('the default rule group', async () => {
    const { of } = await ask({ env: { DEFAULT_STRATEGY_ID: '99' } });
    expect(of('default-library')).toMatchObject({
      ok: false,
      message: expect.stringContaining('DEFAULT_STRATEGY_ID 是 99'),
    });
    expect(of('default-library').advice).toMatch(/有的是：1 /);
  });
});

describe('the callback', () => {
  test('never seen, with the last refusal', async () => {
    const store = await openStore(databaseUrl, CREDENTIALS.corpId, { now: Date.now });
    await store.keepNote('callback.refused', JSON.stringify({ at: Date.now() - 2 * MINUTE, reason: 'signature' }));
    await store.close();
    const { of } = await ask();
    expect(of('callback')).toMatchObject({ ok: false, code: 'setup.callback-never' });
    expect(of('callback').message).toMatch(/2 分钟前拒绝了一次请求，原因是 signature/);
    expect(of('callback').advice).toContain('https://你的域名/wecom/callback');
    const known = await ask({ env: { PUBLIC_URL: 'https://bot.example.com' } });
    expect(known.of('callback').advice).toContain('https://bot.example.com/wecom/callback');
  });
});

describe('the database is only looked at', () => {
  const state = () =>
    readdirSync(folder)
      .sort()
      .map((name) => [name, statSync(join(folder, name)).mode, readFileSync(join(folder, name)).toString('base64')]);

  test('none: none is made', async () => {
    const { of } = await ask();
    expect(of('store')).toMatchObject({ ok: true, message: expect.stringContaining('还没有建') });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('an older one is not migrated, and its mode stays', async () => {
    await inUse();
    const db = new DatabaseSync(join(folder, 'bot.db'));
    db.exec(BACK_TO_VERSION_2);
    db.close();
    const before = state();
    expect((await ask()).of('store').message).toContain(`第 2 版，下次启动时会升级到第 ${SCHEMA_VERSION} 版`);
    expect(state()).toEqual(before);
  });

  test.each([
    [
      'store.newer',
      () => new DatabaseSync(join(folder, 'bot.db')).exec('INSERT INTO migrations VALUES (999, 0)'),
      /第 999 版/,
    ],
    ['store.corrupt', () => writeFileSync(join(folder, 'bot.db'), 'a page of somebody'), /不是数据库/],
  ])('%s', async (code, make, words) => {
    await inUse();
    make();
    const { of } = await ask();
    expect(of('store')).toMatchObject({ ok: false, code });
    expect(of('store').message).toMatch(words);
    expect(of('callback').code).toBe('blocked.store');
  });
});

test('a file that was taken away from a running bot is not one that has not been made yet', async () => {
  const store = await openStore(databaseUrl, CREDENTIALS.corpId, { now: Date.now });
  const path = join(folder, 'bot.db');
  renameSync(path, `${path}.away`);
  expect((await ask()).of('store')).toMatchObject({ ok: false, code: 'store.replaced' });
  renameSync(`${path}.away`, path);
  expect((await ask()).of('store')).toMatchObject({ ok: true });
  await store.close();
  rmSync(path);
  expect((await ask()).of('store')).toMatchObject({ ok: true, message: expect.stringContaining('还没有建') });
});
