import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, type CorpConfig, type Environment, loadConfig } from '../src/config.ts';
import { newFolder } from './folder.ts';

const KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const CREDENTIALS = {
  WECOM_CORP_ID: 'ww1234567890abcdef',
  WECOM_AGENT_ID: '1000002',
  WECOM_SECRET: 'a-Secret_of-the-app',
  WECOM_TOKEN: 'Token123',
  WECOM_ENCODING_AES_KEY: KEY,
};

function files(content: Record<string, string>): (path: string) => string {
  return (path) => {
    const text = content[path];
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return text;
  };
}

async function problemsOf(env: Environment, content: Record<string, string> = {}): Promise<readonly string[]> {
  const error = await loadConfig(env, files(content)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) throw new Error('no ConfigError', { cause: error });
  return error.problems;
}

/** The one corp of a configuration, with what it knows of the process. */
async function loadCorp(env: Environment, readFile: (path: string) => string): Promise<CorpConfig> {
  const { corps } = await loadConfig(env, readFile);
  const [corp] = corps;
  if (corp === undefined || corps.length > 1) throw new Error(`${corps.length} corps`);
  return corp;
}

describe('defaults and environment', () => {
  test('the five credentials are enough', async () => {
    expect(await loadCorp(CREDENTIALS, files({}))).toEqual({
      name: undefined,
      key: 'ww1234567890abcdef',
      app: 'self-built',
      wecom: {
        corpId: 'ww1234567890abcdef',
        agentId: 1000002,
        secret: 'a-Secret_of-the-app',
        token: 'Token123',
        encodingAesKey: KEY,
        apiBaseUrl: 'https://qyapi.weixin.qq.com',
        apiAllowHttp: false,
      },
      server: { host: '0.0.0.0', port: 3000, callbackPath: '/wecom/callback', publicUrl: undefined },
      network: { proxy: undefined, noProxy: [] },
      operator: { host: '127.0.0.1', port: 9464 },
      databaseUrl: 'file:./data/bot.db',
      access: { botAdmins: [], readAccess: 'everyone', roles: [] },
      defaultStrategyId: undefined,
      replyFormat: 'markdown',
      timeZone: 'Asia/Shanghai',
      retentionDays: 365,
      logLevel: 'info',
    });
  });

  test('every variable is understood', async () => {
    const config = await loadCorp(
      {
        ...CREDENTIALS,
        WECOM_API_BASE_URL: 'http://127.0.0.1:9000/',
        WECOM_API_ALLOW_HTTP: 'true',
        OPERATOR_HOST: '::1',
        OPERATOR_PORT: '0',
        HOST: '::1',
        PORT: '0',
        CALLBACK_PATH: '/cb',
        PUBLIC_URL: 'https://bot.example.com/',
        DATABASE_URL: 'postgres://bot:pw@db/bot',
        BOT_ADMINS: 'zhangsan, lisi，wangwu zhangsan',
        READ_ACCESS: 'admins',
        DEFAULT_STRATEGY_ID: '7',
        REPLY_FORMAT: 'plain',
        TIME_ZONE: 'Asia/Hong_Kong',
        JOURNAL_RETENTION_DAYS: '30',
        LOG_LEVEL: 'debug',
      },
      files({}),
    );
    expect(config).toMatchObject({
      wecom: { apiBaseUrl: 'http://127.0.0.1:9000', apiAllowHttp: true },
      operator: { host: '::1', port: 0 },
      server: { host: '::1', port: 0, callbackPath: '/cb', publicUrl: 'https://bot.example.com' },
      databaseUrl: 'postgres://bot:pw@db/bot',
      access: { botAdmins: ['zhangsan', 'lisi', 'wangwu'], readAccess: 'admins' },
      defaultStrategyId: 7,
      replyFormat: 'plain',
      timeZone: 'Asia/Hong_Kong',
      retentionDays: 30,
      logLevel: 'debug',
    });
  });

  test('the result cannot be changed, at any depth', async () => {
    const config = await loadCorp({ ...CREDENTIALS, BOT_ADMINS: 'a' }, files({}));
    for (const part of [config, config.wecom, config.server, config.access, config.access.botAdmins]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test('an optional variable that is set but empty counts as not set', async () => {
    const config = await loadCorp({ ...CREDENTIALS, BOT_ADMINS: '', PORT: ' ', DEFAULT_STRATEGY_ID: '' }, files({}));
    expect([config.access.botAdmins, config.server.port, config.defaultStrategyId]).toEqual([[], 3000, undefined]);
  });

  test.each([
    ['DEFAULT_STRATEGY_ID', 'corp', 'corp'],
    ['DEFAULT_STRATEGY_ID', '企业标签', 'corp'],
    ['DEFAULT_STRATEGY_ID', ' 7 ', 7],
    ['DEFAULT_LIBRARY', 'CORP', 'corp'],
    ['DEFAULT_LIBRARY', '7', 7],
  ])('%s=%s: where members work', async (name, value, library) => {
    expect((await loadCorp({ ...CREDENTIALS, [name]: value }, files({}))).defaultStrategyId).toBe(library);
  });

  test('where members work is said once', async () => {
    const both = { ...CREDENTIALS, DEFAULT_STRATEGY_ID: '1', DEFAULT_LIBRARY: 'corp' };
    expect(await problemsOf(both)).toEqual(['DEFAULT_STRATEGY_ID 和 DEFAULT_LIBRARY 只能写一个']);
    expect((await loadCorp({ ...both, DEFAULT_LIBRARY: '' }, files({}))).defaultStrategyId).toBe(1);
  });
});

describe('what would let others listen in is refused', () => {
  const told = (env: Record<string, string>) => problemsOf({ ...CREDENTIALS, ...env });

  test('certificates that are not checked', async () => {
    expect(await told({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([
      expect.stringMatching(/^NODE_TLS_REJECT_UNAUTHORIZED：.*NODE_EXTRA_CA_CERTS$/),
    ]);
    await loadConfig({ ...CREDENTIALS, NODE_TLS_REJECT_UNAUTHORIZED: '1' }, files({}));
  });

  test.each(['http://relay.example.com', 'http://10.0.0.7:8080', 'http://localhost.example.com', 'http://[::2]'])(
    'an unencrypted API beyond this machine, unless it is asked for: %s',
    async (url) => {
      expect(await told({ WECOM_API_BASE_URL: url })).toEqual([
        expect.stringMatching(/^WECOM_API_BASE_URL：.*WECOM_API_ALLOW_HTTP=true$/),
      ]);
      const asked = { ...CREDENTIALS, WECOM_API_BASE_URL: url, WECOM_API_ALLOW_HTTP: 'true' };
      expect((await loadCorp(asked, files({}))).wecom.apiBaseUrl).toBe(url);
    },
  );

  test.each(['http://localhost:1', 'http://127.0.0.1:9000', 'http://[::1]:9000'])('%s is this machine', async (url) => {
    expect((await loadCorp({ ...CREDENTIALS, WECOM_API_BASE_URL: url }, files({}))).wecom.apiBaseUrl).toBe(url);
  });
});

describe('problems', () => {
  test('all are told at once, each naming its setting', async () => {
    const problems = await problemsOf({
      WECOM_CORPID: 'ww1',
      WECOM_AGENT_ID: 'app',
      WECOM_SECRET: '',
      WECOM_TOKEN: 'has space',
      WECOM_ENCODING_AES_KEY: 'short',
      PORT: '70000',
      TIME_ZONE: 'Mars/Olympus',
    });
    expect(problems).toHaveLength(7);
    expect(problems.join('\n')).toMatch(/WECOM_CORP_ID.*没有设置.*WECOM_CORPID/);
    for (const name of ['WECOM_AGENT_ID', 'WECOM_TOKEN', 'WECOM_ENCODING_AES_KEY', 'PORT', 'TIME_ZONE']) {
      expect(problems.some((problem) => problem.startsWith(`${name}：`))).toBe(true);
    }
    expect(problems.some((problem) => problem.startsWith('WECOM_SECRET') && problem.includes('不能为空'))).toBe(true);
  });

  test.each([
    ['WECOM_AGENT_ID', '0'],
    ['WECOM_AGENT_ID', '1e3'],
    ['WECOM_SECRET', 'two words'],
    ['WECOM_TOKEN', 'x'.repeat(33)],
    ['WECOM_TOKEN', 'with-dash'],
    ['WECOM_ENCODING_AES_KEY', `${KEY}=`],
    ['WECOM_API_BASE_URL', 'qyapi.weixin.qq.com'],
    ['WECOM_API_BASE_URL', 'http://qyapi.weixin.qq.com'],
    ['WECOM_API_BASE_URL', 'https://x/?debug=1'],
    ['PORT', '-1'],
    ['CALLBACK_PATH', 'wecom'],
    ['CALLBACK_PATH', '/metrics'],
    ['OPERATOR_PORT', '70000'],
    ['OPERATOR_HOST', 'a b'],
    ['WECOM_API_ALLOW_HTTP', 'yes'],
    ['DATABASE_URL', 'mysql://x'],
    ['BOT_ADMINS', '张三'],
    ['READ_ACCESS', 'all'],
    ['DEFAULT_STRATEGY_ID', 'x'],
    ['REPLY_FORMAT', 'html'],
    ['JOURNAL_RETENTION_DAYS', '0'],
    ['LOG_LEVEL', 'verbose'],
    ['PUBLIC_URL', 'ftp://x'],
  ])('%s=%s is refused', async (name, value) => {
    const problems = await problemsOf({ ...CREDENTIALS, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
  });

  test('no problem quotes a secret', async () => {
    const leaky = { WECOM_SECRET: 's3cret value', WECOM_TOKEN: 't0ken-value', WECOM_ENCODING_AES_KEY: 'k3yvalue' };
    const text = (await problemsOf({ ...CREDENTIALS, ...leaky })).join('\n');
    for (const secret of Object.values(leaky)) expect(text).not.toContain(secret);
    const broken = await problemsOf(CREDENTIALS, { 'config/local.yaml': 'wecom:\n  secret: "s3cret\n  x: [' });
    expect(broken.join('\n')).toContain('不是合格的 YAML，毛病在第 3 行第');
    expect(broken.join('\n')).not.toContain('s3cret');
  });
});

describe('a file that cannot be read', () => {
  test('is to blame alone: what stands in it cannot be said to be missing', async () => {
    const unreadable = (code: string) => () => {
      throw Object.assign(new Error(code), { code });
    };
    for (const [env, readFile] of [
      [{}, unreadable('EACCES')],
      [{ CONFIG_FILE: '/nowhere.yaml' }, unreadable('ENOENT')],
      [{}, () => 'wecom:\n  x: ['],
    ] as const) {
      const failed = await loadConfig(env, readFile).catch((error: unknown) => error);
      expect((failed as ConfigError).problems).toHaveLength(1);
    }
  });
});

describe('mounted secrets', () => {
  test('are read and lose their last line break', async () => {
    const { WECOM_SECRET, ...rest } = CREDENTIALS;
    const config = await loadCorp({ ...rest, WECOM_SECRET_FILE: '/run/s' }, files({ '/run/s': `${WECOM_SECRET}\n` }));
    expect(config.wecom.secret).toBe(WECOM_SECRET);
  });

  test('missing, empty, and given twice are problems', async () => {
    const { WECOM_SECRET, ...rest } = CREDENTIALS;
    expect((await problemsOf({ ...rest, WECOM_SECRET_FILE: '/nowhere' })).join()).toContain('没有这个文件（ENOENT）');
    expect((await problemsOf({ ...rest, WECOM_SECRET_FILE: '/e' }, { '/e': '\n' })).join()).toContain('不能为空');
    const both = await problemsOf({ ...rest, WECOM_SECRET, WECOM_SECRET_FILE: '/s' }, { '/s': 'x' });
    expect(both.join()).toContain('只能写一个');
  });
});

describe('config file', () => {
  const YAML = `
wecom:
  corpId: ww1234567890abcdef
  agentId: 1000002
  secret: 0123
  token: 1e5
  encodingAesKey: ${KEY}
access:
  botAdmins: [zhangsan, 'no']
  roles:
    - { member: lisi, ruleGroup: 华南大区, role: editor }
    - { member: wangwu, ruleGroup: '*', role: reader }
    - { member: zhaoliu, ruleGroup: 12, role: admin }
replyFormat: text
`;

  test('gives every value as it is written, numbers and yes/no too', async () => {
    const config = await loadCorp({}, files({ 'config/local.yaml': YAML }));
    expect(config.wecom).toMatchObject({ agentId: 1000002, secret: '0123', token: '1e5' });
    expect(config.access.botAdmins).toEqual(['zhangsan', 'no']);
    expect(config.access.roles).toEqual([
      { member: 'lisi', ruleGroup: '华南大区', role: 'editor' },
      { member: 'wangwu', ruleGroup: '*', role: 'reader' },
      { member: 'zhaoliu', ruleGroup: '12', role: 'admin' },
    ]);
    expect(config.replyFormat).toBe('text');
  });

  test('the environment wins; CONFIG_FILE names another place', async () => {
    const env = { CONFIG_FILE: '/etc/bot.yaml', WECOM_TOKEN: 'FromEnv', REPLY_FORMAT: 'plain' };
    const config = await loadCorp(env, files({ '/etc/bot.yaml': YAML }));
    expect([config.wecom.token, config.wecom.secret, config.replyFormat]).toEqual(['FromEnv', '0123', 'plain']);
  });

  test('a named file that is not there is a problem, the default one is not', async () => {
    expect(await problemsOf({ ...CREDENTIALS, CONFIG_FILE: '/nowhere.yaml' })).toEqual([
      'CONFIG_FILE：读不到文件 /nowhere.yaml：没有这个文件（ENOENT）',
    ]);
    await expect(loadConfig(CREDENTIALS, files({}))).resolves.toBeDefined();
  });

  test('unknown keys, wrong forms and wrong roles are told with a suggestion', async () => {
    const content = `
wecom: { corpid: x }
sever: 1
server: { port: [1] }
timeZone: { a: b }
access:
  roles:
    - { member: 张三, ruleGroup: '', role: boss, extra: 1 }
    - lisi
`;
    const problems = (await problemsOf(CREDENTIALS, { 'config/local.yaml': content })).join('\n');
    expect(problems).toContain('不认识 wecom.corpid，是不是想写 wecom.corpId？');
    expect(problems).toContain('不认识 sever，是不是想写 server？');
    expect(problems).toContain('server.port：写法不对');
    expect(problems).toContain('timeZone');
    for (const part of ['member 要是', 'ruleGroup 要是', 'role 要是', '不认识 extra', '第 2 条']) {
      expect(problems).toContain(part);
    }
  });

  test('an empty secret in the file is a problem', async () => {
    const { WECOM_SECRET: _, ...rest } = CREDENTIALS;
    const problems = await problemsOf(rest, { 'config/local.yaml': 'wecom:\n  secret:\n' });
    expect(problems).toEqual(['config/local.yaml 的 wecom.secret（WECOM_SECRET）：不能为空']);
  });

  test.each(['', '# nothing\n', 'wecom:\n', 'access: {}\n'])(
    'a file without content is no problem: %j',
    async (content) => {
      await expect(loadConfig(CREDENTIALS, files({ 'config/local.yaml': content }))).resolves.toBeDefined();
    },
  );

  test.each(['- a\n- b\n', 'just text'])('a file of another form is one: %j', async (content) => {
    expect(await problemsOf(CREDENTIALS, { 'config/local.yaml': content })).toHaveLength(1);
  });

  test('the documented example is accepted, with and without its comments taken as settings', async () => {
    const example = readFileSync(new URL('../config/example.yaml', import.meta.url), 'utf8');
    const config = await loadCorp(CREDENTIALS, files({ 'config/local.yaml': example }));
    expect(config.wecom.agentId).toBe(1000002);
    // Every commented setting of the example, switched on.
    const on = example
      .replace(/^( *)# ([a-zA-Z]+: \S+)$/gm, '$1$2')
      .replace('databaseUrl: postgres://bot:password@db/bot\n', '');
    const full = await loadCorp(CREDENTIALS, files({ 'config/local.yaml': on }));
    expect(full.server.publicUrl).toBe('https://bot.example.com');
    expect(full.defaultStrategyId).toBe(1);
  });

  test('is read from the disk by default', async () => {
    const path = join(newFolder('config'), 'bot.yaml');
    writeFileSync(path, YAML);
    expect((await loadConfig({ CONFIG_FILE: path })).replyFormat).toBe('text');
  });
});

describe('nothing fails open', () => {
  const refuses = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };

  test.each(['EISDIR', 'EACCES', 'ENOTDIR', 'EIO'])(
    'the default file that is there and cannot be read: %s',
    async (code) => {
      await expect(loadConfig(CREDENTIALS, refuses(code))).rejects.toThrow(code);
      await expect(loadConfig(CREDENTIALS, refuses('ENOENT'))).resolves.toBeDefined();
    },
  );

  test.each([
    ['a directory', (path: string) => mkdirSync(path), 'EISDIR'],
    ['a link to nowhere', (path: string) => symlinkSync('/nowhere/at/all', path), 'ELOOP'],
  ])('on the disk: %s', async (_, make, code) => {
    const folder = newFolder('config');
    const path = join(folder, 'local.yaml');
    make(path);
    await expect(loadConfig({ ...CREDENTIALS, CONFIG_FILE: path })).rejects.toThrow(code);
  });

  test.skipIf(process.getuid?.() === 0)('on the disk: not readable', async () => {
    const path = join(newFolder('config'), 'local.yaml');
    writeFileSync(path, 'access: { readAccess: admins }');
    chmodSync(path, 0o000);
    await expect(loadConfig({ ...CREDENTIALS, CONFIG_FILE: path })).rejects.toThrow('EACCES');
  });

  test.each([
    ['READ_ACCES', 'READ_ACCESS'],
    ['READ_ACESS', 'READ_ACCESS'],
    ['read_access', 'READ_ACCESS'],
    ['WECOM_READ_ACCESS', 'READ_ACCESS'],
    ['BOT_READ_ACCESS', 'READ_ACCESS'],
    ['BOT_ADMIN', 'BOT_ADMINS'],
    ['WECOM_BOT_ADMINS', 'BOT_ADMINS'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DEFAULT_STRATEGYID', 'DEFAULT_STRATEGY_ID'],
    ['WECOM_DEFAULT_STRATEGY_ID', 'DEFAULT_STRATEGY_ID'],
    ['TIMEZONE', 'TIME_ZONE'],
    ['WECOM_API_BASEURL', 'WECOM_API_BASE_URL'],
  ])('%s is found to be meant for %s', async (written, meant) => {
    expect(await problemsOf({ ...CREDENTIALS, [written]: 'x' })).toEqual([
      `${written}：没有这个设置；是不是想写 ${meant}？`,
    ]);
  });

  test('the setting itself beside it, an empty one, and names of others are left alone', async () => {
    const others = {
      READ_ACCES: '',
      READ_ACCESS: 'admins',
      WECOM_READ_ACCESS: 'everyone',
      HOSTNAME: 'box',
      WECOM_PORT: 'tcp://10.0.0.1:3000',
      BOT_SERVICE_HOST: '10.0.0.1',
      LANG: 'C',
      TZ: 'UTC',
    };
    expect((await loadCorp({ ...CREDENTIALS, ...others }, files({}))).access.readAccess).toBe('admins');
  });

  test('a _FILE of what cannot be mounted', async () => {
    const problems = await problemsOf({ ...CREDENTIALS, READ_ACCESS_FILE: '/run/access' });
    expect(problems).toEqual(['READ_ACCESS_FILE：READ_ACCESS 不能放在文件里，请直接写 READ_ACCESS']);
  });

  test('a secret written where its path belongs is not shown', async () => {
    const { WECOM_SECRET, ...rest } = CREDENTIALS;
    const problems = await problemsOf({ ...rest, WECOM_SECRET_FILE: WECOM_SECRET });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^WECOM_SECRET_FILE：.*ENOENT.*路径/);
    expect(problems[0]).not.toContain(WECOM_SECRET);
  });
});

describe('the way out and the place to listen', () => {
  test('a proxy, by the usual names in either case', async () => {
    for (const [name, none] of [
      ['HTTPS_PROXY', 'NO_PROXY'],
      ['https_proxy', 'no_proxy'],
    ] as const) {
      const env = { ...CREDENTIALS, [name]: 'http://bot:pw@proxy:3128', [none]: '.example.com, 10.0.0.5' };
      expect((await loadConfig(env, files({}))).network).toEqual({
        proxy: 'http://bot:pw@proxy:3128',
        noProxy: ['.example.com', '10.0.0.5'],
      });
    }
  });

  test.each([
    ['HTTPS_PROXY', 'socks5://bot:hunter2@proxy:1080', 'socks'],
    ['HTTPS_PROXY', 'bot:hunter2@proxy:3128', 'http://'],
    ['HTTPS_PROXY', 'http://bot:hunter2%@proxy:3128', '%25'],
    ['HTTPS_PROXY', 'http://:hunter2@proxy:3128', '没有用户'],
    ['WECOM_API_BASE_URL', 'https://bot:hunter2%zz@relay', '%25'],
    ['WECOM_API_BASE_URL', 'https://:hunter2@relay', '没有用户'],
    ['NO_PROXY', '10.0.0.0/8', '网段'],
    ['HOST', 'x86_64-conda-linux-gnu', 'conda'],
    ['HOST', 'aarch64-conda-linux-gnu', 'conda'],
    ['HOST', 'a_b', '主机名'],
  ])('%s=%s is refused, without the password', async (name, value, words) => {
    const problems = await problemsOf({ ...CREDENTIALS, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}：.*${words}`));
    expect(problems[0]).not.toContain('hunter2');
  });
});

describe('credentials that cannot be right are told by what is wrong with them', () => {
  const ZERO_WIDTH = String.fromCodePoint(0x200b);
  const AS_UTF16 = Buffer.from('\ufeffsecretOfTheApp', 'utf16le').toString('utf8');

  test.each([
    ['WECOM_SECRET', '"a-Secret_of-the-app"', '引号'],
    ['WECOM_TOKEN', "'Token123'", '引号'],
    ['WECOM_AGENT_ID', '"1000002"', '引号'],
    ['WECOM_SECRET', `a-Secret${ZERO_WIDTH}_of`, 'U+200B'],
    ['WECOM_CORP_ID', `${ZERO_WIDTH}ww1234567890abcdef`, 'U+200B'],
    ['WECOM_SECRET', 'WECOM_SECRET=abcdefg', '名字='],
    ['WECOM_SECRET', 'export SECRET=abcdefg', '名字='],
    ['WECOM_SECRET', 'first\nsecond', '一行'],
    ['WECOM_SECRET', 'Ｓecret', '全角'],
    ['WECOM_SECRET', AS_UTF16, 'UTF-16'],
    ['WECOM_ENCODING_AES_KEY', `${KEY}=`, '多了一个 ='],
    ['WECOM_ENCODING_AES_KEY', KEY.slice(1), '现在是 42 个字符'],
    ['WECOM_TOKEN', KEY, '填反'],
    ['WECOM_CORP_ID', '1000002', 'AgentId'],
    ['WECOM_CORP_ID', 'ww0000000000000000', '占位'],
    ['WECOM_SECRET', 'put-the-secret-here', '占位'],
    ['WECOM_SECRET', '<secret>', '占位'],
    ['WECOM_SECRET', 'xxxxxxxx', '占位'],
    ['WECOM_TOKEN', 'putTheTokenHere', '占位'],
    ['WECOM_ENCODING_AES_KEY', 'putTheKeyHere000000000000000000000000000000', '占位'],
  ])('%s %j: %s', async (name, value, told) => {
    for (const [env, content] of [
      [{ ...CREDENTIALS, [name]: value }, {}],
      [{ ...CREDENTIALS, [name]: undefined, [`${name}_FILE`]: '/run/it' }, { '/run/it': `${value}\n` }],
    ] as const) {
      const problems = await problemsOf(env, content);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(told);
      expect(problems[0]).toMatch(new RegExp(`^${name}(_FILE)?：`));
      expect(problems[0]?.slice(name.length + 6)).not.toContain(value);
    }
  });

  test('what is unusual and right passes', async () => {
    const secrets = ['a=b', 'A-_.~', 'Xx'];
    for (const WECOM_SECRET of secrets)
      expect((await loadCorp({ ...CREDENTIALS, WECOM_SECRET }, files({}))).wecom.secret).toBe(WECOM_SECRET);
  });
});

describe('several corps', () => {
  const one = (name: string, more = '') =>
    `  - { name: ${name}, corpId: wwcorp-${name}, agentId: 1000007, secret: S-${name}, token: Token${name}, encodingAesKey: ${KEY}${more} }\n`;
  const file = (...entries: string[]) => ({ 'config/local.yaml': `corps:\n${entries.join('')}` });
  const load = (env: Environment, content: Record<string, string>) => loadConfig(env, files(content));

  test('each has what is its own, and the process is for all', async () => {
    const content = file(
      one('hua', ', botAdmins: [zhangsan, lisi], readAccess: admins, defaultLibrary: 7'),
      one('dong', ', defaultLibrary: 企业标签, roles: [{ member: lisi, ruleGroup: 2, role: editor }]'),
    );
    const { corps } = await load({ CALLBACK_PATH: '/cb', REPLY_FORMAT: 'text' }, content);
    expect(corps).toMatchObject([
      {
        name: 'hua',
        wecom: { corpId: 'wwcorp-hua', agentId: 1000007, secret: 'S-hua', token: 'Tokenhua', encodingAesKey: KEY },
        server: { callbackPath: '/cb/hua' },
        access: { botAdmins: ['zhangsan', 'lisi'], readAccess: 'admins', roles: [] },
        defaultStrategyId: 7,
        replyFormat: 'text',
      },
      {
        name: 'dong',
        server: { callbackPath: '/cb/dong' },
        access: { botAdmins: [], readAccess: 'everyone', roles: [{ member: 'lisi', ruleGroup: '2', role: 'editor' }] },
        defaultStrategyId: 'corp',
      },
    ]);
  });

  test('beside the one of the environment, whose admins and rights are its own', async () => {
    const { corps } = await load({ ...CREDENTIALS, BOT_ADMINS: 'boss', READ_ACCESS: 'admins' }, file(one('hua')));
    expect(corps.map(({ name, server, access }) => [name, server.callbackPath, access])).toEqual([
      [undefined, '/wecom/callback', { botAdmins: ['boss'], readAccess: 'admins', roles: [] }],
      ['hua', '/wecom/callback/hua', { botAdmins: [], readAccess: 'everyone', roles: [] }],
    ]);
  });

  test('secrets from mounted files', async () => {
    const entry = `  - { name: hua, corpId: wwcorp-hua, agentIdFile: /a, secretFile: /s, token: T, encodingAesKeyFile: /k }\n`;
    const { corps } = await load({}, { ...file(entry), '/a': '5\n', '/s': 'hidden\n', '/k': `${KEY}\n` });
    expect(corps[0]?.wecom).toMatchObject({ agentId: 5, secret: 'hidden', encodingAesKey: KEY });
  });

  test('everything that is wrong is told at once, naming the corp, and no value of a secret', async () => {
    const content = file(
      '  - { name: 华南, corpId: 12, agentId: x, secret: "S ECRET", token: T, encodingAesKey: short, admins: [a] }\n',
      '  - { name: dong, corpId: ww1, agentId: 1, secretFile: /nowhere, token: T, tokenFile: /s }\n',
      '  - just text\n',
      '  - { name: xi, corpId: ww2, agentId: 1, secret: "", token: T, encodingAesKey: ' +
        `${KEY}, readAccess: nobody, defaultLibrary: [1], roles: [x], botAdmins: 张三 }\n`,
    );
    const problems = (await problemsOf({}, { ...content, '/s': 'T' })).join('\n');
    for (const told of [
      'corps 第 1 条（华南）：name 要是',
      'corps 第 1 条（华南）：corpId 像是 AgentId',
      'corps 第 1 条（华南）：agentId 要是',
      'corps 第 1 条（华南）：secret 不能有空格',
      'corps 第 1 条（华南）：encodingAesKey 要正好是',
      'corps 第 1 条（华南）：不认识 admins，是不是想写',
      'corps 第 2 条（dong）：secretFile 读不到它指的文件：没有这个文件（ENOENT）',
      'corps 第 2 条（dong）：token 和 tokenFile 只能写一个',
      'corps 第 2 条（dong）：encodingAesKey 没有写',
      'corps 第 3 条：要分行写',
      'corps 第 4 条（xi）：secret 不能为空',
      'corps 第 4 条（xi）：readAccess 要是',
      'corps 第 4 条（xi）：defaultLibrary 写法不对',
      'corps 第 4 条（xi）：roles 第 1 条',
      'corps 第 4 条（xi）：botAdmins 「张三」',
    ])
      expect(problems).toContain(told);
    expect(problems).not.toContain('S ECRET');
    expect(problems).not.toContain('/nowhere');
  });

  test('two that could not be told apart are refused', async () => {
    const same = one('hua').replace('name: hua', 'name: dong');
    expect(await problemsOf({}, file(one('hua'), same))).toEqual([expect.stringContaining('「dong」：corpId')]);
    expect(await problemsOf({}, file(one('hua'), one('hua').replace('wwcorp-hua', 'wwother')))).toEqual([
      expect.stringContaining('「hua」：name'),
    ]);
    const asEnvironment = one('hua').replace('wwcorp-hua', CREDENTIALS.WECOM_CORP_ID);
    expect(await problemsOf(CREDENTIALS, file(asEnvironment))).toEqual([expect.stringContaining('「hua」：corpId')]);
  });

  test('admins and restrictions that belong to no corp are told, not passed over', async () => {
    const env = { BOT_ADMINS: 'boss', READ_ACCESS: 'admins', DEFAULT_STRATEGY_ID: '1' };
    const problems = await problemsOf(env, file(one('hua')));
    expect(problems).toHaveLength(3);
    for (const name of Object.keys(env)) expect(problems.join()).toContain(`${name}（`);
    expect(await problemsOf({}, file(one('hua'), 'access:\n  botAdmins: [boss]\n'))).toHaveLength(1);
  });

  test('one of the five credentials asks for the other four', async () => {
    expect(await problemsOf({ WECOM_SECRET: 'x' }, file(one('hua')))).toHaveLength(4);
    expect((await problemsOf({ WECOM_CORPID: 'ww1' }, file(one('hua')))).join()).toContain('是不是想写 WECOM_CORP_ID');
  });

  test('an empty list is no corp', async () => {
    expect(await problemsOf({}, { 'config/local.yaml': 'corps: []\n' })).toHaveLength(5);
  });
});

describe('suites of a provider', () => {
  const CREDENTIAL_KEY = Buffer.alloc(32, 'key one').toString('base64');
  const FORMER_KEY = Buffer.alloc(32, 'key two').toString('base64');
  const template = (more = '') =>
    `  - { name: tpl, kind: customized, suiteId: dk01, suiteSecret: S, token: T, encodingAesKey: ${KEY}, ` +
    `providerCorpId: wwprov, app: { token: A, encodingAesKey: ${KEY} }${more} }\n`;
  const market = (more = '') =>
    `  - { name: market, kind: third-party, suiteId: ww02, suiteSecret: S2, token: T2, encodingAesKey: ${KEY}, ` +
    `providerCorpId: wwprov${more} }\n`;
  const file = (...entries: string[]) => ({ 'config/local.yaml': `suites:\n${entries.join('')}` });
  const load = (env: Environment, content: Record<string, string>) => loadConfig(env, files(content));

  test('stand alone, with what is not written filled in', async () => {
    const content = file(
      template(', acceptIds: [wwodd], keepDays: 30'),
      market(
        ', installerIsAdmin: false, readAccess: admins, corps: [{ corpId: wpA, botAdmins: [woZ], defaultLibrary: 3 }]',
      ),
    );
    const { corps, suites, credentialKeys } = await load({ CREDENTIAL_KEY }, content);
    expect(corps).toEqual([]);
    expect(credentialKeys).toEqual([CREDENTIAL_KEY]);
    expect(suites).toMatchObject([
      {
        name: 'tpl',
        kind: 'customized',
        suiteId: 'dk01',
        suiteSecret: 'S',
        providerCorpId: 'wwprov',
        acceptIds: ['wwodd'],
        app: { token: 'A', encodingAesKey: KEY },
        readAccess: 'everyone',
        installerIsAdmin: true,
        keepDays: 30,
        corps: [],
      },
      {
        name: 'market',
        app: undefined,
        readAccess: 'admins',
        installerIsAdmin: false,
        keepDays: 7,
        corps: [{ corpId: 'wpA', botAdmins: ['woZ'], roles: [], readAccess: undefined, defaultLibrary: 3 }],
      },
    ]);
  });

  test('beside corps they need no key; alone they do', async () => {
    const { suites, credentialKeys } = await load(CREDENTIALS, file(template()));
    expect([suites.length, credentialKeys]).toEqual([1, undefined]);
    expect(await problemsOf({}, file(template()))).toEqual([expect.stringContaining('CREDENTIAL_KEY_FILE：没有设置')]);
  });

  test('their addresses are not to be those of a corp', async () => {
    for (const CALLBACK_PATH of ['/wecom/suite', '/wecom/suite/tpl'])
      expect(await problemsOf({ ...CREDENTIALS, CALLBACK_PATH }, file(template()))).toEqual([
        expect.stringContaining('CALLBACK_PATH'),
      ]);
    expect((await load({ ...CREDENTIALS, CALLBACK_PATH: '/wecom/suites' }, file(template()))).suites).toHaveLength(1);
  });

  test('the key comes from a file, the former one on its second line', async () => {
    const content = { ...file(template()), '/key': `${CREDENTIAL_KEY}\n${FORMER_KEY}\n` };
    expect((await load({ CREDENTIAL_KEY_FILE: '/key' }, content)).credentialKeys).toEqual([CREDENTIAL_KEY, FORMER_KEY]);
  });

  test.each([
    ['too short', 'c2hvcnQ='],
    ['not base64', 'x'.repeat(43)],
    ['a place holder', Buffer.alloc(32).toString('base64')],
    ['the same twice', `${CREDENTIAL_KEY}\n${CREDENTIAL_KEY}`],
    ['three', `${CREDENTIAL_KEY}\n${FORMER_KEY}\n${Buffer.alloc(32, 'key 3').toString('base64')}`],
    ['nothing', ''],
  ])('a key file that cannot be one is a problem, without its content: %s', async (_, key) => {
    const problems = await problemsOf({ CREDENTIAL_KEY_FILE: '/key' }, { ...file(template()), '/key': key });
    expect(problems).toEqual([expect.stringContaining('CREDENTIAL_KEY_FILE：')]);
    if (key !== '') expect(problems.join()).not.toContain(key.slice(0, 10));
  });

  test('everything that is wrong is told at once, naming the suite, and no value of a secret', async () => {
    const content = file(
      '  - { name: 模板, kind: customised, suiteId: xx1, suiteSecret: "S ECRET", token: T, encodingAesKey: k }\n',
      template().replace(/, app: \{[^}]*\}/, ''),
      market(', app: { token: A }, corps: [{ corp: x }], acceptIds: wwodd, keepDays: -1, installerIsAdmin: 是'),
      template(),
      template().replace('name: tpl', 'name: other'),
    );
    const problems = (await problemsOf({ CREDENTIAL_KEY }, content)).join('\n');
    for (const told of [
      'suites 第 1 条（模板）：name 要是',
      'suites 第 1 条（模板）：kind 要是 customized、third-party',
      'suites 第 1 条（模板）：suiteId 要是服务商后台',
      'suites 第 1 条（模板）：suiteSecret 不能有空格',
      'suites 第 1 条（模板）：encodingAesKey 要正好是',
      'suites 第 1 条（模板）：providerCorpId 没有写',
      'suites 第 2 条（tpl）：app 没有写',
      'suites 第 3 条（market）：app 只有代开发才写',
      'suites 第 3 条（market） 的 corps 第 1 条：不认识 corp',
      'suites 第 3 条（market） 的 corps 第 1 条：corpId 没有写',
      'suites 第 3 条（market）：acceptIds 要是一个列表',
      'suites 第 3 条（market）：keepDays 要是',
      'suites 第 3 条（market）：installerIsAdmin 要是',
      'suites 的「tpl」：name 和前面的一条一样',
      'suites 的「other」：suiteId 和前面的一条一样',
    ])
      expect(problems).toContain(told);
    expect(problems).not.toContain('S ECRET');
  });

  test.each([
    ['an id of nobody', [template(", acceptIds: ['']")], 'acceptIds 里的「」不是 ID'],
    ['that of another suite', [template(', acceptIds: [ww02]'), market()], 'acceptIds 里的 ww02 是「market」的'],
    [
      'two entries of one company',
      [template(', corps: [{ corpId: wpA }, { corpId: wpB }, { corpId: wpA, readAccess: admins }]')],
      'corps 里 wpA 有两条',
    ],
    ['a template as 第三方', [market().replace('ww02', 'dk02')], '代开发的 kind 是 customized'],
  ])('refused: %s', async (_, entries, told) => {
    expect(await problemsOf({ CREDENTIAL_KEY }, file(...entries))).toEqual([expect.stringContaining(told)]);
  });
});
