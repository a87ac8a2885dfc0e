/** The program's commands on PostgreSQL: who brings the tables up to date, who leaves them alone, and backup and restore. */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { SCHEMA_VERSION } from '../../src/store/schema.ts';
import { CREDENTIALS, environment, words } from '../chat.ts';
import { type Program, run, start } from '../program.ts';
import { BACK_TO_VERSION_6 } from '../store/rows.ts';
import { startPostgres } from '../store/server.ts';

const server = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'wecom-operating-'));
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const MEMBER = 'wangzong';

describe.skipIf(server === undefined)('on PostgreSQL', () => {
  let sandbox: Sandbox;
  let env: Record<string, string>;
  let running: Program[];

  beforeEach(async () => {
    sandbox = await startSandbox({ ...CREDENTIALS });
    env = { ...environment(sandbox.url, (await server?.createDatabase()) ?? ''), REPLY_FORMAT: 'plain' };
    running = [];
  });

  afterEach(async () => {
    for (const program of running) program.kill('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
    await sandbox.stop();
  });

  const command = (...args: string[]) => run(args, { env, cwd: folder });

  function begin(): Program {
    const program = start(['serve'], { env, cwd: folder });
    running.push(program);
    return program;
  }

  async function serve(): Promise<Program> {
    const program = begin();
    const { port } = await program.logs('listening');
    sandbox.setCallbackUrl(`http://127.0.0.1:${port}/wecom/callback`);
    return program;
  }

  async function stop(program: Program): Promise<string> {
    program.kill('SIGTERM');
    const { code, out } = await program.ended;
    expect(code).toBe(0);
    return out;
  }

  async function say(text: string): Promise<string> {
    await sandbox.say(MEMBER, text);
    const [last] = sandbox
      .chat(MEMBER)
      .filter(({ from }) => from === 'bot')
      .slice(-1);
    return last ? words(last) : '';
  }

  async function tables<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client(env.DATABASE_URL);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  const version = () =>
    tables(async (client) => Number((await client.query('SELECT MAX(version) FROM migrations')).rows[0].max));

  it('two that start at once on nothing make the tables once, and both serve', async () => {
    const both = [begin(), begin()];
    await Promise.all(both.map((program) => program.logs('listening')));
    const said = (await Promise.all(both.map(stop))).join('');
    expect(said.match(/"msg":"database migrated"/g)).toHaveLength(1);
    expect(await version()).toBe(SCHEMA_VERSION);
  });

  it('of a later release: the start is refused in its own words, and nothing is touched', async () => {
    await stop(await serve());
    await tables((client) => client.query(`INSERT INTO migrations VALUES (${SCHEMA_VERSION + 1}, 0)`));
    const { code, err } = await command('serve');
    expect(code).toBe(78);
    expect(err).toMatch(`数据库是更新的版本写的（第 ${SCHEMA_VERSION + 1} 版，这个程序认识到第 ${SCHEMA_VERSION} 版）`);
    expect(err).toContain('store.newer');
    expect(await version()).toBe(SCHEMA_VERSION + 1);
  });

  it('changed by a later release beside it: lookups are answered, a change is refused with the reason', async () => {
    await serve();
    expect(await say('老客')).toContain('客户分级');
    await tables((client) =>
      client.query(`INSERT INTO migrations VALUES (${SCHEMA_VERSION + 1}, 0);
        ALTER TABLE messages RENAME COLUMN tries TO begun; ALTER TABLE messages RENAME COLUMN owner TO holder;
        ALTER TABLE sessions RENAME TO talks`),
    );
    expect(await say('小红书')).toContain('渠道来源');
    expect(await say('标签 添加 银卡 到 客户分级')).toContain('已经被新版本升级了');
    expect(sandbox.calls.filter(({ path }) => path.endsWith('/add_strategy_tag'))).toEqual([]);
  });

  it('of an earlier release: the commands look or refuse, only serve brings it up to date', async () => {
    await stop(await serve());
    await tables((client) => client.query(BACK_TO_VERSION_6));
    const doctor = await command('doctor', '--json');
    expect(doctor.out).toContain(`第 6 版，下次启动时会升级到第 ${SCHEMA_VERSION} 版`);
    for (const args of [
      ['journal'],
      ['store', 'export', join(folder, 'early.jsonl')],
      ['backup', join(folder, 'early')],
    ])
      expect(await command(...args)).toMatchObject({ code: 78, err: expect.stringContaining('store.older') });
    await command('menu', '--dry-run');
    expect(await version()).toBe(6);
    expect(await stop(await serve())).toContain(`"from":6,"to":${SCHEMA_VERSION},"msg":"database migrated"`);
    expect(await version()).toBe(SCHEMA_VERSION);
  });

  it('a backup of the running bot, restored into a new database: history and undo are there', async () => {
    const program = await serve();
    expect(await say('标签 添加 金卡 到 客户分级')).toContain('已添加');
    const file = join(folder, 'backup.jsonl');
    expect(await command('backup', file)).toMatchObject({ code: 0, err: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await stop(program);
    env.DATABASE_URL = (await server?.createDatabase()) ?? '';
    expect(await command('store', 'import', file)).toMatchObject({ code: 0, err: '' });
    await serve();
    expect(await say('历史')).toContain('金卡');
    expect(await say('撤销')).toMatch(/删除：金卡/);
  });
});
