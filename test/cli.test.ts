/** The program as operators and supervisors meet it: real processes, exit codes, signals. */
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEnvelope } from '../src/callback/envelope.ts';
import type { SandboxState } from '../src/sandbox/protocol.ts';
import { openStore } from '../src/store/open.ts';
import { CREDENTIALS, ENTRY, NOWHERE, type Program, run, start } from './program.ts';

let folder: string;
const children: Program[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wecom-cli-'));
});
afterAll(async () => {
  for (const { child } of children) child.kill('SIGKILL');
  await Promise.all(children.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

function environment(name: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    ...CREDENTIALS,
    WECOM_API_BASE_URL: NOWHERE,
    DATABASE_URL: `file:${join(folder, `${name}.db`)}`,
    HOST: '127.0.0.1',
    PORT: '0',
    OPERATOR_PORT: '0',
    ...more,
  };
}

/** `serve` as soon as it listens. */
async function serve(name: string): Promise<{ program: Program; url: string; operatorUrl: string }> {
  const program = start(['serve'], { env: environment(name), cwd: folder });
  children.push(program);
  const { port, operatorPort } = await program.logs('listening');
  return { program, url: `http://127.0.0.1:${port}`, operatorUrl: `http://127.0.0.1:${operatorPort}` };
}

async function startServer(answer: (path: string) => object): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://any.invalid');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(pathname)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const COMMANDS = ['serve', 'sandbox', 'init', 'doctor', 'menu', 'journal', 'backup', 'store export', 'store import'];

describe('usage', () => {
  test.each(['--help', '-h', 'help'])('%s names every command', async (flag) => {
    const { code, out, err } = await run([flag]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  test.each(['--version', '-v'])('%s is that of package.json', async (flag) => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await run([flag])).toMatchObject({ code: 0, out: `${version}\n`, err: '' });
  });

  test.each(COMMANDS)('%s --help tells its own options and needs no configuration', async (command) => {
    const { code, out, err } = await run([...command.split(' '), '--help'], { cwd: folder });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`^用法：wecom-tag-bot ${command}`));
    expect(out.includes('--csv')).toBe(command === 'journal');
  });

  test.each([
    ['nothing', [], '要说做什么'],
    ['an unknown command', ['server'], '没有「server」这个命令，是不是想写 serve？'],
    ['a lone option', ['--port', '1'], '--port 前面要先写命令'],
    ['half a command', ['store'], 'store 后面要写做什么：store export、store import'],
    ['half an unknown command', ['store', 'exprot', 'x'], 'store 后面要写做什么'],
  ] as const)('%s: named, and the usage, on standard error: 64', async (_, args, told) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain(told);
    expect(err).toMatch(/^ {2}serve /m);
  });

  test.each([
    [['serve', '--port', '1'], 'serve 没有选项 --port'],
    [['serve', 'now'], 'serve 不认识「now」'],
    [['sandbox', '--prot', '1'], 'sandbox 没有选项 --prot'],
    [['sandbox', '--port', 'x'], '--port 要是数字'],
    [['sandbox', '--port', '70000'], '--port 要是 0 到 65535 的数字'],
    [['menu', '--pubish'], 'menu 没有选项 --pubish'],
    [['doctor', '-j'], 'doctor 没有选项 -j'],
    [['journal', '--limit', 'many'], '--limit 要是正整数'],
    [['journal', '--since', 'soon'], '--since 要是时间'],
    [['journal', '--state', 'x'], '--state 要是 intended'],
    [['journal', '--memebr', 'x'], 'journal 没有选项 --memebr'],
    [['journal', '--member'], '--member 的写法不对'],
    [['backup'], 'backup 后面要写文件'],
    [['backup', 'a', 'b'], 'backup 不认识「b」'],
    [['store', 'export'], 'store export 后面要写文件'],
    [['store', 'import', 'a', 'b'], 'store import 不认识「b」'],
  ] as const)('%j: what it does not know is named on standard error: 64', async (args, told) => {
    const { code, out, err } = await run(args, { env: environment('usage'), cwd: folder });
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err.split('\n')[0]).toContain(told);
    expect(err).toContain(`用法：wecom-tag-bot ${args[0]}`);
  });
});

describe('where it runs', () => {
  const { engines, scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    engines: { node: string };
    scripts: Record<string, string>;
  };
  const on = (version: string) => [
    process.execPath,
    '--import',
    `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`,
    ENTRY,
  ];

  test.each(['14.21.3', '18.20.5', '20.18.3'])(
    'Node %s is told to be too old, whatever the command: 78',
    async (version) => {
      for (const args of [['--version'], ['serve']]) {
        const { code, out, err } = await run(args, { command: on(version) as [string, ...string[]], cwd: folder });
        expect({ code, out }).toEqual({ code: 78, out: '' });
        expect(err).toContain(`这是 Node.js ${version}，太旧了：机器人要 ${engines.node.replace('>=', '')} 以上`);
        expect(err).not.toMatch(/\n.*\n|SyntaxError|at /);
      }
    },
  );

  test.each(['20.19.0', '22.0.0', '24.1.0'])('Node %s is not', async (version) => {
    const { code, err } = await run(['--version'], { command: on(version) as [string, ...string[]] });
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  test('nothing of the program is loaded by the file that looks', () => {
    expect(readFileSync(ENTRY, 'utf8')).not.toMatch(/^import |^export .*from|\bawait\b|\?\?/m);
  });

  test('a build without the packages for it (NODE_ENV=production npm ci): a sentence and what to do', async () => {
    const [, script = ''] = /^node (\S+)$/.exec(scripts.prebuild ?? '') ?? [];
    const copy = join(folder, 'bare', script);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(new URL(`../${script}`, import.meta.url), copy);
    const bare = await run([], { command: [process.execPath, copy] });
    expect(bare).toMatchObject({ code: 78, out: '', err: expect.stringContaining('npm ci --include=dev') });
    mkdirSync(join(folder, 'bare/node_modules/typescript'), { recursive: true });
    expect(await run([], { command: [process.execPath, copy] })).toMatchObject({ code: 0, err: '' });
  });
});

describe('documents', () => {
  test('are named where they lie, seen from where the program is called', async () => {
    const connect = fileURLToPath(new URL('../docs/connect.md', import.meta.url));
    const { out } = await run(['--help'], { cwd: folder });
    const [, named = ''] = /见 (\S+connect\.md)/.exec(out) ?? [];
    expect(join(folder, named)).toBe(connect);
    const { err } = await run(['serve'], { cwd: folder });
    expect(err).toMatch(/\n写法见 \S+configuration\.md；还没有配置过，就先运行 \S.* init。\n$/);
  });
});

describe('configuration', () => {
  test.each(['serve', 'menu'])('%s without any: 78, every problem at once', async (command) => {
    const { code, out, err } = await run([command], { cwd: folder });
    expect({ code, out }).toEqual({ code: 78, out: '' });
    for (const name of Object.keys(CREDENTIALS)) expect(err).toContain(name);
  });

  test('a wrong value is named, no secret is shown', async () => {
    const secrets = {
      WECOM_SECRET: 'secret with blanks',
      WECOM_TOKEN: 'token-with-dashes',
      WECOM_ENCODING_AES_KEY: 'short',
    };
    const { code, out, err } = await run(['serve'], {
      cwd: folder,
      env: environment('wrong', {
        ...secrets,
        PORT: '99999',
        READ_ACCESS: 'nobody',
        DATABASE_URL: 'mysql://u:hunter2@h/d',
      }),
    });
    expect(code).toBe(78);
    for (const name of [...Object.keys(secrets), 'PORT', 'READ_ACCESS', 'DATABASE_URL']) expect(err).toContain(name);
    for (const value of [...Object.values(secrets), 'hunter2']) expect(out + err).not.toContain(value);
  });

  test('secrets from mounted files, the rest from a config file', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, `${CREDENTIALS.WECOM_SECRET}\n`);
    const file = join(folder, 'bot.yaml');
    writeFileSync(file, 'server:\n  callbackPath: /from-the-file\naccess:\n  botAdmins: [zhangsan]\n');
    const { WECOM_SECRET: _, ...rest } = environment('mounted');
    const program = start(['serve'], { env: { ...rest, WECOM_SECRET_FILE: secret, CONFIG_FILE: file }, cwd: folder });
    children.push(program);
    expect(await program.logs('listening')).toMatchObject({ path: '/from-the-file' });
    program.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });
});

describe('serve', () => {
  test('without a reachable platform it is up, verifies, is not ready, and ends on SIGTERM', async () => {
    const { program, url, operatorUrl } = await serve('alone');
    for (const face of [url, operatorUrl]) expect((await fetch(`${face}/healthz`)).status).toBe(200);
    for (const path of ['/readyz', '/metrics']) expect((await fetch(url + path)).status).toBe(404);
    const ready = await fetch(`${operatorUrl}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      checks: { store: 'ok', token: 'api.unreachable', library: 'api.unreachable' },
    });
    expect(await (await fetch(`${operatorUrl}/metrics`)).text()).toContain('wecom_bot_');

    const envelope = createEnvelope({
      token: CREDENTIALS.WECOM_TOKEN,
      encodingAesKey: CREDENTIALS.WECOM_ENCODING_AES_KEY,
      receiveId: CREDENTIALS.WECOM_CORP_ID,
    });
    const { encrypt, signature, timestamp, nonce } = envelope.seal('4711+/=', Math.floor(Date.now() / 1000), '12345');
    const query = new URLSearchParams({ msg_signature: signature, timestamp, nonce, echostr: encrypt });
    const verified = await fetch(`${url}/wecom/callback?${query}`);
    expect({ status: verified.status, body: await verified.text() }).toEqual({ status: 200, body: '4711+/=' });
    query.set('msg_signature', '0'.repeat(40));
    const forged = await fetch(`${url}/wecom/callback?${query}`);
    expect({ status: forged.status, body: await forged.text() }).toEqual({ status: 400, body: '' });

    const asked = Date.now();
    program.kill('SIGTERM');
    const { code, signal, out, err } = await program.ended;
    expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: '' });
    expect(Date.now() - asked).toBeLessThan(10_000);
    expect(statSync(join(folder, 'alone.db')).mode & 0o777).toBe(0o600);
    for (const line of out.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) });
    for (const value of Object.values(CREDENTIALS).slice(2)) expect(out).not.toContain(value);
  });

  test('SIGINT ends it too', async () => {
    const { program } = await serve('interrupted');
    program.kill('SIGINT');
    expect((await program.ended).code).toBe(0);
  });

  test('a port that is taken: 1, and it says so', async () => {
    const { program, url } = await serve('first');
    const { code, err } = await run(['serve'], {
      env: environment('second', { PORT: new URL(url).port }),
      cwd: folder,
    });
    expect(code).toBe(1);
    expect(err).toMatch(/端口 \d+ 已经有程序在用了（EADDRINUSE）。.*PORT 换一个/);
    program.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });

  test('an address that is not of this machine: 78, and the setting', async () => {
    const { code, err } = await run(['serve'], { env: environment('far', { HOST: '192.0.2.1' }), cwd: folder });
    expect(code).toBe(78);
    expect(err).toContain('HOST=192.0.2.1（EADDRNOTAVAIL）');
  });

  test.each([
    ['not a database', 'store.corrupt', (path: string) => writeFileSync(path, 'a page of somebody')],
    ['a directory in its place', 'store.unreachable', (path: string) => mkdirSync(path)],
  ])('a database that cannot be one: 78, so that no supervisor tries again: %s', async (_, code, make) => {
    make(join(folder, `${code}.db`));
    const ended = await run(['serve'], { env: environment(code), cwd: folder });
    expect(ended.code).toBe(78);
    expect(ended.err).toContain(`（${code}）`);
    expect(ended.err).not.toMatch(/^\s+at /m);
  });

  test('its database file is taken away: /readyz says so', async () => {
    const { program, operatorUrl } = await serve('robbed');
    rmSync(join(folder, 'robbed.db'));
    const ready = await fetch(`${operatorUrl}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { store: 'store.replaced' } });
    program.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });

  test('a second process on the same database file: 1, the first goes on', async () => {
    const { program, url } = await serve('shared');
    const { code, err } = await run(['serve'], { env: environment('shared'), cwd: folder });
    expect(code).toBe(1);
    expect(err).toContain('store.locked');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    program.kill('SIGTERM');
    await program.ended;
  });
});

describe('journal', () => {
  test('of a database that does not exist: 78 and what to look at, no file made, no stack', async () => {
    const { code, out, err } = await run(['journal'], { env: environment('missing'), cwd: folder });
    expect({ code, out }).toEqual({ code: 78, out: '' });
    expect(err).toContain('DATABASE_URL');
    expect(err).not.toMatch(/^\s+at /m);
    expect(existsSync(join(folder, 'missing.db'))).toBe(false);
  });

  test('what steers a terminal is spelt out, as JSON and as CSV', async () => {
    const env = environment('steering');
    const store = await openStore(env.DATABASE_URL ?? '', CREDENTIALS.WECOM_CORP_ID, { now: Date.now });
    const names = '红\x1b[31m\x9b2J\u202e标签';
    const libraries = [{ libraryId: 1, names }];
    const facts = { member: 'm', messageKey: 'm:1', at: 0, libraries, plan: '{"steps":[]}', undoes: undefined };
    await store.intend({ ...facts, names }, undefined);
    await store.close();
    for (const form of [[], ['--csv']]) {
      const { code, out } = await run(['journal', ...form], { env, cwd: folder });
      expect(code).toBe(0);
      expect(out).toContain('标签');
      expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e/u);
    }
    const { err } = await run(['journal', '--since', '\x1b[31m'], { env, cwd: folder });
    expect(err.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  test('of an empty database: nothing, 0', async () => {
    const env = environment('empty');
    await (await openStore(env.DATABASE_URL ?? '', CREDENTIALS.WECOM_CORP_ID, { now: Date.now })).close();
    expect(await run(['journal'], { env, cwd: folder })).toMatchObject({ code: 0, out: '', err: '' });
  });

  test('beside a running bot: lines of JSON, or CSV, newest first', async () => {
    const env = environment('journal');
    const store = await openStore(env.DATABASE_URL ?? '', CREDENTIALS.WECOM_CORP_ID, { now: Date.now });
    for (const [i, names] of ['VIP\n客户分级', '=SUM(1)'].entries()) {
      const id = await store.intend(
        {
          member: `member${i}`,
          messageKey: `m:${i}`,
          at: i * 1000,
          libraries: [{ libraryId: 1, names }],
          names,
          plan: '{"steps":[]}',
          undoes: undefined,
        },
        undefined,
      );
      await store.conclude(id, { state: 'done', outcome: '[]', at: i * 1000 + 1 });
    }
    await store.close();
    const { program } = await serve('journal');

    const all = await run(['journal'], { env, cwd: folder });
    expect({ code: all.code, err: all.err }).toEqual({ code: 0, err: '' });
    expect(
      all.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { member: 'member1', state: 'done', names: ['=SUM(1)'], at: '1970-01-01T00:00:01.000Z' },
      { member: 'member0', names: ['VIP', '客户分级'], plan: { steps: [] } },
    ]);
    const csv = await run(['journal', '--csv', '--member', 'member1'], { env, cwd: folder });
    expect(csv.out).toMatch(/^\ufeffid,at,member,state/);
    // An auditor has no credentials: the database is all that is needed.
    const { DATABASE_URL = '' } = env;
    expect((await run(['journal'], { env: { DATABASE_URL }, cwd: folder })).out).toBe(all.out);
    expect(csv.out).toContain("'=SUM(1)");
    expect(csv.out).not.toContain('member0');
    program.kill('SIGTERM');
    await program.ended;
  });

  test('a date is a day of TIME_ZONE, from its midnight to the next', async () => {
    const env = environment('days');
    const store = await openStore(env.DATABASE_URL ?? '', CREDENTIALS.WECOM_CORP_ID, { now: Date.now });
    const moments = ['2026-11-27T15:59:59Z', '2026-11-27T16:00:00Z', '2026-11-28T15:59:59Z', '2026-11-28T16:00:00Z'];
    for (const iso of moments) {
      const change = { member: 'm', messageKey: iso, at: Date.parse(iso), names: 'a', plan: '{}' };
      const libraries = [{ libraryId: 1, names: 'a' }];
      await store.intend({ ...change, libraries, undoes: undefined }, undefined);
    }
    await store.close();
    const shown = async (more: Record<string, string>, ...args: string[]) => {
      const { out } = await run(['journal', ...args], { env: { ...env, ...more }, cwd: folder });
      return [...out.matchAll(/"at":"([^"]*)"/g)].map(([, at = '']) => at.replace('.000', '')).reverse();
    };
    expect(await shown({}, '--since', '2026-11-28', '--until', '2026-11-28')).toEqual(moments.slice(1, 3));
    expect(await shown({}, '--since', '2026-11-28T23:59')).toEqual(moments.slice(2));
    const west = { TIME_ZONE: 'America/Los_Angeles' };
    expect(await shown(west, '--since', '2026-11-28')).toEqual(moments.slice(2));
    expect(await shown(west, '--since', '2026-11-27T07:59:59-08:00', '--until', '2026-11-28T08:00')).toEqual(
      moments.slice(0, 3),
    );
  });
});

describe('doctor and menu', () => {
  test('doctor without a reachable platform: 1, says which check failed, no secret, makes no database', async () => {
    const { code, out, err } = await run(['doctor'], { env: environment('doctor'), cwd: folder });
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toMatch(/^✓ 记录库：.*还没有建/m);
    expect(out).toMatch(/^✗ 网络：.*拒绝连接（ECONNREFUSED）/m);
    expect(out).toMatch(/^✗ 应用凭证：没有查：先要解决「网络」$/m);
    expect(out).toMatch(/^✗ 管理员：BOT_ADMINS 是空的/m);
    for (const value of Object.values(CREDENTIALS).slice(2)) expect(out + err).not.toContain(value);
    expect(existsSync(join(folder, 'doctor.db'))).toBe(false);
  });

  test('doctor whose reader goes away says nothing of it, and ends as ever', async () => {
    const { err } = await run(['doctor'], {
      command: ['sh', '-c', `{ ${process.execPath} ${ENTRY} "$@"; echo $? >&2; } | true`, 'sh'],
      env: environment('doctor-unread'),
      cwd: folder,
    });
    expect(err).toBe('1\n');
  });

  test('doctor without any configuration: 78, in words and as JSON', async () => {
    const shown = await run(['doctor'], { cwd: folder });
    expect({ code: shown.code, err: shown.err }).toEqual({ code: 78, err: '' });
    for (const name of Object.keys(CREDENTIALS)) expect(shown.out).toContain(name);
    const { code, out } = await run(['doctor', '--json'], { cwd: folder });
    expect(code).toBe(78);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      version: expect.stringMatching(/^\d/),
      checks: expect.arrayContaining([
        expect.objectContaining({ id: 'config', ok: false, message: expect.stringContaining('WECOM_SECRET') }),
        expect.objectContaining({ id: 'token', ok: false, code: 'blocked.config' }),
      ]),
    });
  });

  test('doctor beside a running bot does not take its database for broken', async () => {
    const { program } = await serve('both');
    const { out } = await run(['doctor'], { env: environment('both'), cwd: folder });
    expect(out).toMatch(/^✓ 记录库：SQLite，第 \d+ 版/m);
    program.kill('SIGTERM');
    await program.ended;
  });

  test('menu shows what would change and publishes nothing by itself', async () => {
    const paths: string[] = [];
    const { server, url } = await startServer((path) => {
      paths.push(path);
      return path.endsWith('gettoken')
        ? { errcode: 0, errmsg: 'ok', access_token: 't', expires_in: 7200 }
        : { errcode: 0, errmsg: 'ok', button: [] };
    });
    const { code, out } = await run(['menu'], { env: environment('menu', { WECOM_API_BASE_URL: url }), cwd: folder });
    server.close();
    expect(code).toBe(0);
    expect(out).toContain('--publish');
    expect(paths).toEqual(['/cgi-bin/gettoken', '/cgi-bin/menu/get']);
  });
});

describe('init', () => {
  test('writes a config that is refused only for what must be filled in, and says what goes where', async () => {
    const file = join(folder, 'new', 'bot.yaml');
    const { code, out } = await run(['init', file, '--url', 'https://bot.example.com'], { cwd: folder });
    expect(code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    const [, token = ''] = /token: (\S+)/.exec(text) ?? [];
    const [, key = ''] = /encodingAesKey: (\S+)/.exec(text) ?? [];
    expect(token).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(Buffer.from(`${key}=`, 'base64').toString('base64')).toBe(`${key}=`);
    const order = [
      'AgentId',
      'serve',
      'https://bot.example.com/wecom/callback',
      token,
      key,
      '可信 IP',
      '可调用接口',
      'doctor',
      'botAdmins',
    ];
    expect(out).toMatch(/node \S*dist\/cli\.js serve/);
    const places = order.map((part) => out.lastIndexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const refused = await run(['serve'], { env: { CONFIG_FILE: file }, cwd: folder });
    expect(refused.code).toBe(78);
    expect(refused.err.match(/占位文字/g)).toHaveLength(3);
    expect(refused.err).not.toContain(token);
    const again = await run(['init', file], { cwd: folder });
    expect({ code: again.code, out: again.out }).toEqual({ code: 78, out: '' });
    expect(again.err).toContain('已经有了');
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('names the program as it was called', async () => {
    const installed = join(folder, 'node_modules', '.bin', 'wecom-tag-bot');
    mkdirSync(dirname(installed), { recursive: true });
    symlinkSync(ENTRY, installed);
    const { out } = await run(['init', join(folder, 'installed.yaml')], {
      cwd: folder,
      command: [process.execPath, installed],
    });
    expect(out).toContain('启动机器人：npx wecom-tag-bot serve');
    expect(out).toContain('检查：npx wecom-tag-bot doctor');
  });

  test('never the same secrets twice', async () => {
    for (const name of ['one', 'two']) await run(['init', join(folder, `${name}.yaml`)], { cwd: folder });
    expect(readFileSync(join(folder, 'one.yaml'), 'utf8')).not.toBe(readFileSync(join(folder, 'two.yaml'), 'utf8'));
  });
});

describe('backup', () => {
  test('copies a database that is in use, whole, for its owner alone', async () => {
    const env = environment('copied');
    const { program } = await serve('copied');
    const target = join(folder, 'copy.db');
    const { code, out } = await run(['backup', target], { env: { DATABASE_URL: env.DATABASE_URL ?? '' }, cwd: folder });
    expect(code).toBe(0);
    expect(out).toContain(target);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect([`${target}.part`, `${target}-wal`].map(existsSync)).toEqual([false, false]);
    const again = await run(['backup', target], { env, cwd: folder });
    expect({ code: again.code, out: again.out }).toEqual({ code: 78, out: '' });
    program.kill('SIGTERM');
    await program.ended;
    const restored = { ...env, DATABASE_URL: `file:${target}` };
    expect(await run(['journal'], { env: restored, cwd: folder })).toMatchObject({ code: 0, err: '' });
  });

  test.each([
    ['nothing there', 'file:./nowhere.db', 78, '没有这个数据库文件'],
    ['a PostgreSQL that is not there', 'postgres://u:hunter2@127.0.0.1:9/d', 1, 'ECONNREFUSED'],
  ])('%s: told, and no file', async (_, DATABASE_URL, expected, told) => {
    const { code, err } = await run(['backup', join(folder, 'none.db')], { env: { DATABASE_URL }, cwd: folder });
    expect(code).toBe(expected);
    expect(err).toContain(told);
    expect(err).not.toContain('hunter2');
    expect(existsSync(join(folder, 'none.db'))).toBe(false);
  });
});

describe('store export and import', () => {
  test('beside a running bot, to a file and to a pipe; into another database, not into the one that is served', async () => {
    const env = environment('left');
    const DATABASE_URL = env.DATABASE_URL ?? '';
    const store = await openStore(DATABASE_URL, CREDENTIALS.WECOM_CORP_ID, { now: Date.now });
    await store.keepNote('token', 'sealed');
    await store.close();
    const { program } = await serve('left');
    const file = join(folder, 'left.jsonl');
    const exported = await run(['store', 'export', file], { env: { DATABASE_URL }, cwd: folder });
    expect(exported).toMatchObject({ code: 0, err: '', out: expect.stringContaining(file) });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await run(['store', 'export', file], { env, cwd: folder })).err).toContain('已经有了');
    const piped = await run(['store', 'export', '-'], { env: { DATABASE_URL }, cwd: folder });
    expect(piped).toMatchObject({ code: 0, err: expect.stringContaining('已导出') });
    expect(piped.out).toMatch(/^\{"format":"wecom-tag-bot store".*\n(?:.*\n)*\{"rows":\d+,"sha256":"\w{64}"\}\n$/);

    const served = await run(['store', 'import', file], { env: { DATABASE_URL }, cwd: folder });
    expect(served).toMatchObject({ code: 1, out: '', err: expect.stringContaining('store.locked') });
    const entered = { ...env, DATABASE_URL: `file:${join(folder, 'entered', 'bot.db')}` };
    const imported = await run(['store', 'import', '-'], {
      command: ['sh', '-c', `${process.execPath} ${ENTRY} "$@" < ${file}`, 'sh'],
      env: entered,
      cwd: folder,
    });
    expect(imported).toMatchObject({ code: 0, err: '', out: expect.stringContaining('已导入 1 个企业') });
    program.kill('SIGTERM');
    await program.ended;
    expect(await run(['journal'], { env: entered, cwd: folder })).toMatchObject({ code: 0, err: '' });
    const again = await run(['store', 'import', file], { env: entered, cwd: folder });
    expect(again).toMatchObject({ code: 78, out: '', err: expect.stringContaining('moving.not-empty') });
  });

  test('a file that is not there: 78, and no database made', async () => {
    const env = environment('unmade');
    const { code, err } = await run(['store', 'import', 'nowhere.jsonl'], { env, cwd: folder });
    expect({ code, err }).toMatchObject({ code: 78, err: expect.stringContaining('没有 nowhere.jsonl 这个文件') });
    expect(existsSync(join(folder, 'unmade.db'))).toBe(false);
  });

  test('a directory: 78 and a sentence, nothing of the system', async () => {
    const { code, err } = await run(['store', 'import', folder], { env: environment('unmade'), cwd: folder });
    expect({ code, err }).toEqual({
      code: 78,
      err: `${folder} 是一个目录，不是文件。请核对文件名。（moving.absent）\n`,
    });
  });

  test('a reader that goes away: 1 and a sentence', async () => {
    const env = environment('unread');
    await (await openStore(env.DATABASE_URL ?? '', CREDENTIALS.WECOM_CORP_ID, { now: Date.now })).close();
    const { out, err } = await run(['store', 'export', '-'], {
      command: ['sh', '-c', `{ ${process.execPath} ${ENTRY} "$@"; echo $? >&2; } | true`, 'sh'],
      env,
      cwd: folder,
    });
    expect(out).toBe('');
    expect(err).toMatch(/EPIPE\n1\n$/);
  });
});

describe('a stop', () => {
  test('leaves one file, and a copy of it is all of it', async () => {
    const env = environment('still');
    const { program } = await serve('still');
    const path = join(folder, 'still.db');
    expect(existsSync(`${path}-wal`)).toBe(true);
    program.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
    expect(['-wal', '-shm', '-journal'].map((end) => existsSync(path + end))).toEqual([false, false, false]);
    copyFileSync(path, join(folder, 'still-copy.db'));
    const copy = { ...env, DATABASE_URL: `file:${join(folder, 'still-copy.db')}` };
    expect(await run(['journal'], { env: copy, cwd: folder })).toMatchObject({ code: 0, err: '' });
  });

  test.each([
    ['npm start', ['npm', 'start', '--silent'], 0],
    // The shell between npx and the program ends at once, and npx with it.
    ['npx', ['npm', 'exec', '--silent', '--', ENTRY, 'serve'], null],
  ] as const)(
    'of %s reaches the program within 10 s, and nothing is left running',
    async (name, [npm, ...args], exit) => {
      const cwd = fileURLToPath(new URL('..', import.meta.url));
      const program = start(args, { command: [npm], cwd, env: environment(name.replace(' ', '-')) });
      children.push(program);
      const { port } = await program.logs('listening');
      const told = performance.now();
      program.kill('SIGTERM');
      // The end of the output is the end of everybody who could write to it.
      const { code, out } = await program.ended;
      expect(performance.now() - told).toBeLessThan(10_000);
      expect(code).toBe(exit);
      expect(out).toContain('"msg":"stopped"');
      await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
    },
  );
});

describe('sandbox', () => {
  test('on a port that is taken: 1, a sentence and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, err } = await run(['sandbox', '--port', String(port)], { cwd: folder });
    taken.close();
    expect({ code, err }).toEqual({
      code: 1,
      err: `端口 ${port} 已经有程序在用了（EADDRINUSE）。请停掉它，或者用 --port 写另一个数字。（listen.in-use）\n`,
    });
  });

  test('with --provider: a corp installs on the page, and its chat is answered', async () => {
    const program = start(['sandbox', '--port', '0', '--provider'], { cwd: folder });
    children.push(program);
    const [url] = await program.shows(/http:\/\/127\.0\.0\.1:\d+/);
    const app = encodeURIComponent('template/远山餐饮');
    const post = (path: string, body: object) =>
      fetch(`${url}/sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
    const state = async () => (await (await fetch(`${url}/sandbox/state?app=${app}`)).json()) as SandboxState;
    await expect.poll(async () => (await state()).provider?.suites.every(({ ticketAt }) => ticketAt)).toBe(true);
    await post('provider', { act: 'install', suite: 'template', company: '远山餐饮' });
    await expect
      .poll(async () => (await state()).provider?.installations.map(({ exchanged }) => exchanged), { timeout: 8_000 })
      .toEqual([true]);
    await post(`say?app=${app}`, { member: 'zhangsan', text: '持卡类型' });
    await expect
      .poll(async () => JSON.stringify((await state()).chats.zhangsan?.filter(({ from }) => from === 'bot')), {
        timeout: 8_000,
      })
      .toContain('金卡');
    program.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0, err: '' });
  });

  test('has nothing to do with the configuration of a company', async () => {
    const cwd = mkdtempSync(join(folder, 'with-config-'));
    mkdirSync(join(cwd, 'config'));
    writeFileSync(
      join(cwd, 'config/local.yaml'),
      'access:\n  botAdmins: [nobody]\nserver:\n  callbackPath: /elsewhere\nx: 1\n',
    );
    const program = start(['sandbox', '--port', '0'], { cwd });
    children.push(program);
    const [url] = await program.shows(/http:\/\/127\.0\.0\.1:\d+/);
    await fetch(`${url}/sandbox/say`, { method: 'POST', body: JSON.stringify({ member: 'wangzong', text: '我' }) });
    const chat = async () => (await (await fetch(`${url}/sandbox/state`)).text()).includes('机器人管理员');
    await expect.poll(chat, { timeout: 8_000 }).toBe(true);
    program.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0, err: '' });
  });

  test('prints where the chat page is, serves it, and needs no configuration', async () => {
    const program = start(['sandbox', '--port', '0'], { cwd: folder });
    children.push(program);
    const [url] = await program.shows(/http:\/\/127\.0\.0\.1:\d+/);
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    const html = await page.text();
    const parts = [...html.matchAll(/(?:src|href)="(?!https?:|#)([^"]+)"/g)].map(([, part = '']) => part);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect((await fetch(new URL(part, url))).status, part).toBe(200);
    expect(html).not.toMatch(/(?:src|href)="https?:/);

    const said = await fetch(`${url}/sandbox/say`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ member: 'wangzong', text: '标签 列表' }),
    });
    expect(said.status).toBe(200);
    program.kill('SIGTERM');
    const { code, err } = await program.ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});
