/** Faults with which the bot does not start: `serve` ends and says the same as `doctor`. */
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { CREDENTIALS } from '../chat.ts';
import { run } from '../program.ts';
import { ENV, fewAtATime, inDoctor, wrongIn } from './asking-doctor.ts';

const KEY = CREDENTIALS.encodingAesKey;
const NOBODY = 65534;

interface Set {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Content of config/local.yaml, or what is the matter with it. */
  readonly file?: string | { readonly is: 'a directory' | 'not to be read' };
  /** Content of the file that /s in `env` stands for. */
  readonly mounted?: string;
}

const SETUP: readonly (readonly [what: string, set: Set])[] = [
  ['Secret 没有写', { env: { WECOM_SECRET: undefined } }],
  ['变量写错一个字母：WECOM_SECRT', { env: { WECOM_SECRET: undefined, WECOM_SECRT: 'x' } }],
  ['变量写错一个字母：READ_ACCES', { env: { READ_ACCES: 'admins' } }],
  ['多写了前缀：WECOM_READ_ACCESS', { env: { WECOM_READ_ACCESS: 'admins' } }],
  ['--env-file 里的引号', { env: { WECOM_TOKEN: `"${CREDENTIALS.token}"` } }],
  ['复制来的零宽字符', { env: { WECOM_SECRET: `abc${String.fromCodePoint(0x200b)}def` } }],
  ['文件里写了「名字=值」', { env: { WECOM_SECRET: undefined, WECOM_SECRET_FILE: '/s' }, mounted: 'WECOM_SECRET=abc' }],
  [
    '密钥文件存成了 UTF-16',
    {
      env: { WECOM_SECRET: undefined, WECOM_SECRET_FILE: '/s' },
      mounted: Buffer.from('\ufeffabc', 'utf16le').toString('utf8'),
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
  ['config/local.yaml 是一个目录', { file: { is: 'a directory' } }],
  ['config/local.yaml 没有权限读', { file: { is: 'not to be read' } }],
  ['CONFIG_FILE 指的文件不存在', { env: { CONFIG_FILE: '/nowhere.yaml' } }],
  ['YAML 写坏了', { file: 'wecom:\n  secret: "abc\n  x: [' }],
  ['YAML 里的名字写错了', { file: 'wecom: { corpid: ww1 }' }],
  ['角色写错了', { file: 'access: { roles: [{ member: lisi, ruleGroup: 1, role: boss }] }' }],
  ['HOST 是 conda 设的', { env: { HOST: 'x86_64-conda-linux-gnu' } }],
  ['代理是 socks', { env: { HTTPS_PROXY: 'socks5://u:p@proxy:1080' } }],
  ['接口地址是别的机器的 http', { env: { WECOM_API_BASE_URL: 'http://10.0.0.5' } }],
  ['关掉了证书检查', { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }],
];

/** By what lies where DATABASE_URL leads to. */
const STORES: readonly (readonly [what: string, make: (path: string) => unknown])[] = [
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

/** What is wrong; what doctor said; how `serve` ended. `folder` is for files. */
export async function misconfigured(folder: string): Promise<string[][]> {
  return fewAtATime(SETUP, 3, ([what, set]) => row(folder, what, set));
}

export async function unusableStores(folder: string): Promise<string[][]> {
  const rows = await fewAtATime(STORES, 2, async ([what, make]) => {
    const path = join(mkdtempSync(join(folder, 'store-')), 'bot.db');
    await make(path);
    return row(folder, what, { env: { DATABASE_URL: `file:${path}` } });
  });
  const away = 'postgres://bot:pw@127.0.0.1:1/bot';
  return [...rows, await row(folder, 'PostgreSQL 没有在运行', { env: { DATABASE_URL: away } })];
}

async function row(folder: string, what: string, { env = {}, file, mounted }: Set): Promise<string[]> {
  const cwd = mkdtempSync(join(folder, 'start-'));
  chmodSync(cwd, 0o777);
  mkdirSync(join(cwd, 'config'));
  const local = join(cwd, 'config/local.yaml');
  if (typeof file === 'string') writeFileSync(local, file);
  if (typeof file === 'object' && file.is === 'a directory') mkdirSync(local);
  const unreadable = typeof file === 'object' && file.is === 'not to be read';
  if (unreadable) writeFileSync(local, '', { mode: 0o000 });
  if (mounted !== undefined) writeFileSync(join(cwd, 's'), mounted);
  const given = Object.entries({ ...ENV, ...env }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value === '/s' ? join(cwd, 's') : value] as const],
  );
  const options = {
    cwd,
    env: { PORT: '0', OPERATOR_PORT: '0', ...Object.fromEntries(given) },
    // Nothing is unreadable to root.
    ...(unreadable && process.getuid?.() === 0 ? { uid: NOBODY } : {}),
  };
  const [{ out }, started] = await Promise.all([run(['doctor', '--json'], options), run(['serve'], options)]);
  const finding = wrongIn(out);
  const said = finding?.id === 'config' ? finding.message : `${finding?.message}${finding?.advice}`;
  expect(spoken(started.err), what).toBe(spoken(said));
  return [what, inDoctor(finding), `退出码 ${started.code}，同样的话`];
}

/** The sentences alone, without what stands before, between and behind them. */
function spoken(text: string): string {
  return text.replace(/^配置有 \d+ 处问题：$|^写法见 .*$|^- |（store\.[\w-]+）$/gm, '').replaceAll(/[；。\n]/g, '');
}
