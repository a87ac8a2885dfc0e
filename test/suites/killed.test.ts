/** kill -9 at each step of an authorisation: exactly one comes of it, and no code is lost that can be had. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startSandbox } from '../../src/sandbox/server.ts';
import { openDatabase } from '../../src/store/open.ts';
import type { SuiteStore } from '../../src/store/suite-store.ts';
import { words } from '../chat.ts';
import { openGate } from '../faults/site.ts';
import { freePort } from '../port.ts';
import { type Program, start } from '../program.ts';
import { IDENTITY } from '../sandbox/box.ts';
import { PROVIDER } from '../sandbox/providing.ts';
import { CREDENTIAL_KEY, MARKET, pointTo, RETAIL, suitesOf, TEMPLATE } from './provider-site.ts';

const SUITES = [TEMPLATE, MARKET];
const settled = { timeout: 15_000, interval: 50 };

/** The real program with its suites, which can be killed and comes back on the same port and database. */
async function openKillable() {
  const sandbox = await startSandbox({ ...IDENTITY, provider: PROVIDER, retryDelayMs: 300 });
  const gate = await openGate(new URL(sandbox.url));
  const folder = mkdtempSync(join(tmpdir(), 'tag-bot-killed-'));
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify({ suites: suitesOf() }));
  const databaseUrl = `file:${join(folder, 'bot.db')}`;
  const port = await freePort();
  pointTo(sandbox, `http://127.0.0.1:${port}`);
  const env = {
    CONFIG_FILE: join(folder, 'config.yaml'),
    CREDENTIAL_KEY,
    WECOM_API_BASE_URL: gate.url,
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    PORT: String(port),
    OPERATOR_PORT: '0',
    REPLY_FORMAT: 'plain',
  };
  let program: Program | undefined;
  const up = async () => {
    program = start(['serve'], { env, cwd: folder });
    await program.logs('listening');
  };
  const kill = async () => {
    program?.kill('SIGKILL');
    await program?.ended;
    program = undefined;
  };
  onTestFinished(async () => {
    await kill();
    await sandbox.stop();
    await gate.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await up();
  for (const { name } of SUITES) await sandbox.provider.pushTicket(name);
  const look = async <T>(ask: (store: SuiteStore) => Promise<T>): Promise<T> => {
    const database = await openDatabase(databaseUrl, { now: Date.now, readOnly: true });
    try {
      return await ask(await database.suites([]));
    } finally {
      await database.close();
    }
  };
  const exchanges = () => sandbox.calls.filter(({ path }) => path.endsWith('v2/get_permanent_code'));
  return { sandbox, gate, up, kill, look, exchanges };
}

it.each(
  SUITES.flatMap(
    ({ name, kind }) =>
      [
        { name, kind, step: 'kept, nothing asked yet', path: 'get_suite_token', where: 'before', exchanged: 1 },
        { name, kind, step: 'asked, not yet heard', path: 'v2/get_permanent_code', where: 'before', exchanged: 1 },
        { name, kind, step: 'the permanent code came', path: 'v2/get_auth_info', where: 'before', exchanged: 1 },
        { name, kind, step: 'the grant was read', path: 'message/send', where: 'before', exchanged: 1 },
        { name, kind, step: 'greeted, not told', path: 'message/send', where: 'after', exchanged: 1 },
      ] as const,
  ),
)('$kind: $step', { timeout: 60_000 }, async ({ name, path, where, exchanged }) => {
  const { sandbox, gate, up, kill, look, exchanges } = await openKillable();
  const held = gate.hold(path, where);
  const { app, corpId } = await sandbox.provider.install(name, RETAIL);
  await held;
  await kill();
  expect(await look((store) => store.openEvents())).toHaveLength(1);
  await up();
  await vi.waitFor(async () => expect(await look((store) => store.openEvents())).toEqual([]), settled);
  expect(await look((store) => store.authorisations())).toMatchObject([{ corpId, state: 'active', version: 1 }]);
  expect(exchanges()).toHaveLength(exchanged);
  const heard = () =>
    app
      .chat('wangzong')
      .filter(({ from }) => from === 'bot')
      .map(words);
  expect(heard().some((text) => text.includes('装好了'))).toBe(true);
  const sent = await app.say('wangzong', '列表');
  expect(sent.delivered).toMatchObject({ state: 'delivered' });
});

it('the answer with the permanent code is lost: tried again, then told that the company has to authorise anew', {
  timeout: 60_000,
}, async () => {
  const { sandbox, gate, up, kill, look, exchanges } = await openKillable();
  const held = gate.hold('v2/get_permanent_code', 'after');
  await sandbox.provider.install('template', RETAIL);
  await held;
  await kill();
  await up();
  await vi.waitFor(async () => expect(await look((store) => store.openEvents())).toEqual([]), settled);
  expect(exchanges().map(({ errcode }) => errcode)).toEqual([0, 40078]);
  expect(await look((store) => store.authorisations())).toEqual([]);
  // Installed again, which the platform allows at any time, it is there.
  const { corpId } = await sandbox.provider.install('template', RETAIL);
  await vi.waitFor(
    async () => expect(await look((store) => store.authorisations())).toMatchObject([{ corpId, state: 'active' }]),
    settled,
  );
});
