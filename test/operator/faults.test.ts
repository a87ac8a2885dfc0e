/**
 * docs/faults.md: each fault is turned on, and what `doctor`, the log, a member and an admin then hear is written down.
 * `npx vitest run test/operator/faults.test.ts -u` renews the page.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import type { Finding } from '../../src/diagnosis.ts';
import { doctor } from '../../src/operator/doctor.ts';
import type { Faults } from '../../src/sandbox/protocol.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { openStore } from '../../src/store/open.ts';
import { CREDENTIALS, openChat } from '../chat.ts';
import { makeCertificate } from '../wecom/certificate.ts';
import { raw, startPlatform } from '../wecom/platform.ts';
import { startProxy } from '../wecom/proxy.ts';

const KEY = CREDENTIALS.encodingAesKey;
const folder = mkdtempSync(join(tmpdir(), 'wecom-faults-'));
const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

const ENV = {
  WECOM_CORP_ID: CREDENTIALS.corpId,
  WECOM_AGENT_ID: String(CREDENTIALS.agentId),
  WECOM_SECRET: CREDENTIALS.secret,
  WECOM_TOKEN: CREDENTIALS.token,
  WECOM_ENCODING_AES_KEY: KEY,
  DATABASE_URL: 'file::memory:',
  BOT_ADMINS: 'wangzong',
};

interface Ask {
  readonly env?: Record<string, string | undefined>;
  readonly file?: string | (() => never);
  readonly files?: Record<string, string>;
  readonly ahead?: number;
}

/** The first thing that doctor finds wrong. */
async function found({ env = {}, file, files = {}, ahead = 0 }: Ask): Promise<Finding> {
  const lines: string[] = [];
  const readFile = (path: string): string => {
    const mounted = files[path];
    if (mounted !== undefined) return mounted;
    if (path === 'config/local.yaml' && file !== undefined) return typeof file === 'string' ? file : file();
    throw Object.assign(new Error(path), { code: 'ENOENT' });
  };
  await doctor(() => loadConfig({ ...ENV, ...env }, readFile), {
    json: true,
    version: '0',
    nodeVersion: '0',
    now: () => Date.now() + ahead,
    print: (line) => lines.push(line),
  });
  const { checks } = JSON.parse(lines[0] ?? '') as { checks: Finding[] };
  const wrong = checks.find(({ ok, code, id }) => !ok && !code?.startsWith('blocked.') && id !== 'callback');
  if (wrong === undefined) throw new Error(`nothing is wrong: ${lines[0]}`);
  return wrong;
}

function shown(text: string): string {
  return text
    .replaceAll(folder, '/数据')
    .replace(/(127\.0\.0\.1|localhost):\d+/g, '$1:端口')
    .replace(/有效到 [^。]+。/, '有效到 某日。')
    .replace('EAI_AGAIN', 'ENOTFOUND')
    .replace('请逐条改好再运行一次，写法见 docs/configuration.md。（config）', '')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');
}

const inDoctor = ({ title, message, advice = '', code }: Finding): string =>
  shown(`${title}：${message}${advice}（${code}）`);

const unreadable = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code });
};

/** Before the bot is up: it does not start, and says so with 78. */
const SETUP: readonly (readonly [what: string, ask: Ask])[] = [
  ['Secret 没有写', { env: { WECOM_SECRET: undefined } }],
  ['变量写错一个字母：WECOM_SECRT', { env: { WECOM_SECRET: undefined, WECOM_SECRT: 'x' } }],
  ['变量写错一个字母：READ_ACCES', { env: { READ_ACCES: 'admins' } }],
  ['多写了前缀：WECOM_READ_ACCESS', { env: { WECOM_READ_ACCESS: 'admins' } }],
  ['--env-file 里的引号', { env: { WECOM_TOKEN: `"${CREDENTIALS.token}"` } }],
  ['复制来的零宽字符', { env: { WECOM_SECRET: `abc${String.fromCodePoint(0x200b)}def` } }],
  [
    '文件里写了「名字=值」',
    { env: { WECOM_SECRET: undefined, WECOM_SECRET_FILE: '/s' }, files: { '/s': 'WECOM_SECRET=abc' } },
  ],
  [
    '密钥文件存成了 UTF-16',
    {
      env: { WECOM_SECRET: undefined, WECOM_SECRET_FILE: '/s' },
      files: { '/s': Buffer.from('\ufeffabc', 'utf16le').toString('utf8') },
    },
  ],
  ['密钥文件不存在', { env: { WECOM_SECRET: undefined, WECOM_SECRET_FILE: '/s' } }],
  ['密钥写在了 _FILE 里', { env: { WECOM_SECRET: undefined, WECOM_SECRET_FILE: CREDENTIALS.secret } }],
  ['不能挂载的设置写了 _FILE', { env: { READ_ACCESS_FILE: '/x' } }],
  ['EncodingAESKey 多了结尾的 =', { env: { WECOM_ENCODING_AES_KEY: `${KEY}=` } }],
  ['EncodingAESKey 少了一个字符', { env: { WECOM_ENCODING_AES_KEY: KEY.slice(1) } }],
  ['Token 和 EncodingAESKey 填反了', { env: { WECOM_TOKEN: KEY } }],
  ['企业 ID 里填了 AgentId', { env: { WECOM_CORP_ID: '1000002' } }],
  ['样例里的占位文字', { env: { WECOM_SECRET: 'put-the-secret-here' } }],
  ['config/local.yaml 是一个目录', { file: unreadable('EISDIR') }],
  ['config/local.yaml 没有权限读', { file: unreadable('EACCES') }],
  ['CONFIG_FILE 指的文件不存在', { env: { CONFIG_FILE: '/nowhere.yaml' } }],
  ['YAML 写坏了', { file: 'wecom:\n  secret: "abc\n  x: [' }],
  ['YAML 里的名字写错了', { file: 'wecom: { corpid: ww1 }' }],
  ['角色写错了', { file: 'access: { roles: [{ member: lisi, ruleGroup: 1, role: boss }] }' }],
  ['HOST 是 conda 设的', { env: { HOST: 'x86_64-conda-linux-gnu' } }],
  ['代理是 socks', { env: { HTTPS_PROXY: 'socks5://u:p@proxy:1080' } }],
  ['接口地址是别的机器的 http', { env: { WECOM_API_BASE_URL: 'http://10.0.0.5' } }],
  ['关掉了证书检查', { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }],
];

test('docs/faults.md', async () => {
  const page = [
    HEAD,
    '## 启动之前',
    '',
    '机器人不启动，退出码 78；`doctor` 说的和启动时说的一样，后面再加一句去哪里看写法。',
    '',
  ];
  page.push(
    ...table(
      ['故障', '`doctor` 说'],
      await Promise.all(SETUP.map(async ([what, ask]) => [what, inDoctor(await found(ask))])),
    ),
  );
  page.push('', '## 记录库', '', ...table(['故障', '`doctor` 说'], await stores()));
  page.push('', '## 网络和时钟', '', ...table(['故障', '`doctor` 说'], await networks()));
  page.push(
    '',
    '## 企业微信',
    '',
    '机器人在运行，成员发 `标签 列表`。',
    '',
    ...table(['故障', '`doctor` 说', '日志的 `code`', '成员听到', '管理员听到'], await refusals()),
  );
  const rows = page.filter((line) => line.startsWith('| ')).length - 8;
  expect(rows).toBeGreaterThanOrEqual(40);
  const text = `${page.join('\n')}\n`;
  for (const secret of [CREDENTIALS.secret, CREDENTIALS.token, KEY]) expect(text).not.toContain(secret);
  await expect(text).toMatchFileSnapshot('../../docs/faults.md');
}, 120_000);

const HEAD = `# 故障和说法

这一页由测试生成：每一种故障都真的打开过，写下 \`doctor\`、日志、成员和管理员当时看到的话。怎么处理见 [排错](troubleshooting.md)。
`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

async function stores(): Promise<string[][]> {
  let number = 0;
  const prepare: readonly (readonly [what: string, make: (path: string) => unknown])[] = [
    ['指到了一个别的文件', (path) => writeFileSync(path, 'a page of somebody')],
    ['指到了别的程序的数据库', (path) => new DatabaseSync(path).exec('CREATE TABLE places (url)')],
    ['指到了一个目录', (path) => mkdirSync(path)],
    [
      '是更新的版本写的',
      async (path) => {
        await (await openStore(`file:${path}`, CREDENTIALS.corpId, { now: Date.now })).close();
        new DatabaseSync(path).exec('INSERT INTO migrations VALUES (999, 0)');
      },
    ],
  ];
  const rows = [];
  for (const [what, make] of prepare) {
    const path = join(folder, `${++number}.db`);
    await make(path);
    rows.push([
      what,
      inDoctor(await found({ env: { DATABASE_URL: `file:${path}` } })).replaceAll(
        /第 \d+ 版，这个程序认识到第 \d+ 版/g,
        '第 N 版，这个程序认识到第 M 版',
      ),
    ]);
  }
  const away = 'postgres://bot:pw@127.0.0.1:1/bot';
  rows.push(['PostgreSQL 没有在运行', inDoctor(await found({ env: { DATABASE_URL: away } }))]);
  return rows;
}

async function networks(): Promise<string[][]> {
  const mute = createServer().listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const tls = createHttpsServer(makeCertificate('localhost', { issuer: 'Company Root CA' })).listen(0, '127.0.0.1');
  await once(tls, 'listening');
  closing.push(
    () => mute.close(),
    () => tls.close(),
  );
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  const page = '<html><head><title>请先登录访客网络</title></head></html>';
  const rows: string[][] = [];
  const add = async (what: string, env: Record<string, string>, ahead = 0) => {
    rows.push([what, inDoctor(await found({ env, ahead }))]);
  };
  await add('域名查不到', { WECOM_API_BASE_URL: 'https://wecom.invalid' });
  await add('没有程序在听', { WECOM_API_BASE_URL: 'http://127.0.0.1:9' });
  await add('防火墙把包丢掉', { WECOM_API_BASE_URL: `https://127.0.0.1:${portOf(mute)}` });
  await add('代理拆开了加密的连接', { WECOM_API_BASE_URL: `https://localhost:${portOf(tls)}` });
  for (const [what, status, text] of [
    ['上网认证页', 200, page],
    ['中转服务器要登录', 401, ''],
    ['中转服务器不放行', 403, ''],
    ['接口地址多写了路径', 404, ''],
    ['网关出错', 502, ''],
  ] as const) {
    const platform = await startPlatform();
    closing.push(() => platform.close());
    platform.tokenSays(raw(status, text));
    await add(what, { WECOM_API_BASE_URL: platform.url });
  }
  for (const [what, status] of [
    ['出口代理要登录', 407],
    ['出口代理不放行', 403],
    ['出口代理自己出错', 503],
  ] as const) {
    const proxy = await startProxy(0, { status });
    closing.push(() => proxy.close());
    await add(what, { HTTPS_PROXY: `http://${proxy.host}` });
  }
  await add('出口代理没有在运行', { HTTPS_PROXY: 'http://127.0.0.1:9' });
  const sandbox = await startSandbox({ ...CREDENTIALS });
  closing.push(() => sandbox.stop());
  await add('时钟快了半小时', { WECOM_API_BASE_URL: sandbox.url }, 30 * 60_000);
  await add('时钟慢了七分钟', { WECOM_API_BASE_URL: sandbox.url }, -7 * 60_000);
  await add('BOT_ADMINS 是空的', { WECOM_API_BASE_URL: sandbox.url, BOT_ADMINS: '' });
  await add('BOT_ADMINS 写了不存在的人', { WECOM_API_BASE_URL: sandbox.url, BOT_ADMINS: 'wangzong,nobody1' });
  await add('DEFAULT_STRATEGY_ID 没有这个规则组', { WECOM_API_BASE_URL: sandbox.url, DEFAULT_STRATEGY_ID: '99' });
  return rows;
}

async function refusals(): Promise<string[][]> {
  const cases: readonly (readonly [what: string, faults: Partial<Faults>])[] = [
    ['Secret 不对（40001）', { wrongSecret: { on: true } }],
    ['出口 IP 没有加进可信 IP（60020）', { untrustedIp: { on: true } }],
    ['应用不在「可调用接口的应用」里（48002）', { errcode: { on: true, code: 48002, path: 'list' } }],
    ['接口调用太多（45009）', { rateLimited: { on: true } }],
    ['企业微信忙（−1）', { busy: { on: true } }],
    ['企业微信的网关出错', { badGateway: { on: true } }],
    ['回答缺了内容', { wrongShape: { on: true, path: 'externalcontact/customer_strategy/list' } }],
  ];
  const rows: string[][] = [];
  for (const [what, faults] of cases) {
    const chat = await openChat({ env: { REPLY_FORMAT: 'plain' } });
    try {
      const told = (sandbox: Sandbox) => sandbox.setFaults(faults);
      told(chat.sandbox);
      await chat.restart();
      const before = chat.log.length;
      const member = await chat.say('zhangsan', '标签 列表');
      const admin = await chat.say('wangzong', '标签 列表');
      const codes = new Set(
        chat.log.slice(before).flatMap(({ msg, code }) => (msg === 'message failed' ? [String(code)] : [])),
      );
      const inTheDoctor = inDoctor(await found({ env: { WECOM_API_BASE_URL: chat.sandbox.url } }));
      rows.push([what, inTheDoctor, [...codes].map((code) => `\`${code}\``).join('、'), shown(member), shown(admin)]);
    } finally {
      await chat.stop();
    }
  }
  return rows;
}
