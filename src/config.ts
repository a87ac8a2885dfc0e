/**
 * Environment and config file → one frozen, typed Config. Everything is checked at once: all problems come in one error.
 *
 * One table (SETTINGS) says of every setting how it is called in the environment and in the file, and what it must look
 * like. The environment wins over the file. The checks are written by hand: a schema library would take longer to load
 * than the whole program.
 */
import { readFileSync } from 'node:fs';
import { closest, distance } from 'fastest-levenshtein';
import { LOG_LEVELS, type LogLevel } from './log.ts';

export type ReplyFormat = 'markdown' | 'text' | 'plain';
export type ReadAccess = 'everyone' | 'admins';
export type Role = 'reader' | 'editor' | 'admin';

/** A right given in the config file, beside those of the rule group's own admins. */
export interface RoleGrant {
  readonly member: string;
  /** Name or id of a rule group, or `*` for all. */
  readonly ruleGroup: string;
  readonly role: Role;
}

export interface Config {
  readonly wecom: {
    readonly corpId: string;
    readonly agentId: number;
    readonly secret: string;
    readonly token: string;
    readonly encodingAesKey: string;
    /** Without a trailing slash. */
    readonly apiBaseUrl: string;
    /** Whether the API may be reached unencrypted beyond this machine. */
    readonly apiAllowHttp: boolean;
  };
  readonly server: {
    readonly host: string;
    /** 0 takes any free port. */
    readonly port: number;
    readonly callbackPath: string;
    /** Where members' phones reach this server; only cards with a link need it. */
    readonly publicUrl: string | undefined;
  };
  /** Where /metrics and /readyz are; never the callback's port. */
  readonly operator: {
    readonly host: string;
    /** 0 takes any free port. */
    readonly port: number;
  };
  /** `file:…` or `postgres://…` */
  readonly databaseUrl: string;
  readonly access: {
    readonly botAdmins: readonly string[];
    readonly readAccess: ReadAccess;
    readonly roles: readonly RoleGrant[];
  };
  readonly defaultStrategyId: number | undefined;
  readonly replyFormat: ReplyFormat;
  /** IANA name, for every date shown or understood. */
  readonly timeZone: string;
  /** Message texts are dropped after this many days; the facts of changes stay. */
  readonly retentionDays: number;
  readonly logLevel: LogLevel;
}

/** Everything that is wrong with the configuration, in Chinese, each naming its setting; never a value of a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`配置有 ${problems.length} 处问题：\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a value must look like: the value, or a problem in Chinese that completes 「WECOM_TOKEN：…」. */
type Check<T> = (raw: string) => T | Problem;
class Problem {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

interface Setting<T> {
  readonly env: string;
  /** Place in the config file, e.g. wecom.corpId. */
  readonly path: string;
  readonly check: Check<T>;
  /** Default as it would be written; `required` settings have none. */
  readonly fallback?: string;
  readonly required?: true;
  /** Can also be read from the file named by `<env>_FILE`. */
  readonly mounted?: true;
}

const setting = <T>(
  env: string,
  path: string,
  check: Check<T>,
  more: Omit<Setting<T>, 'env' | 'path' | 'check'> = {},
) => ({
  env,
  path,
  check,
  ...more,
});
const USUAL_ZONE = 'Asia/Shanghai';
const CREDENTIAL = { required: true, mounted: true } as const;

const SETTINGS = {
  corpId: setting(
    'WECOM_CORP_ID',
    'wecom.corpId',
    matching(/^[\w-]{1,64}$/, '要是管理后台「我的企业」里的企业 ID'),
    CREDENTIAL,
  ),
  agentId: setting('WECOM_AGENT_ID', 'wecom.agentId', integer(1, 2 ** 31 - 1), CREDENTIAL),
  secret: setting('WECOM_SECRET', 'wecom.secret', matching(/^\S+$/, '不能有空格或换行'), CREDENTIAL),
  token: setting(
    'WECOM_TOKEN',
    'wecom.token',
    matching(/^[A-Za-z0-9]{1,32}$/, '要是 1 到 32 个字母或数字'),
    CREDENTIAL,
  ),
  encodingAesKey: setting(
    'WECOM_ENCODING_AES_KEY',
    'wecom.encodingAesKey',
    matching(/^[A-Za-z0-9]{43}$/, '要正好是 43 个字母或数字'),
    CREDENTIAL,
  ),
  apiBaseUrl: setting('WECOM_API_BASE_URL', 'wecom.apiBaseUrl', apiUrl, { fallback: 'https://qyapi.weixin.qq.com' }),
  apiAllowHttp: setting('WECOM_API_ALLOW_HTTP', 'wecom.apiAllowHttp', flag, { fallback: 'false' }),
  host: setting('HOST', 'server.host', matching(/^[\w.:-]+$/, '要是主机名或 IP'), { fallback: '0.0.0.0' }),
  port: setting('PORT', 'server.port', integer(0, 65_535), { fallback: '3000' }),
  callbackPath: setting('CALLBACK_PATH', 'server.callbackPath', callbackPath, { fallback: '/wecom/callback' }),
  publicUrl: setting('PUBLIC_URL', 'server.publicUrl', webUrl),
  operatorHost: setting('OPERATOR_HOST', 'operator.host', matching(/^[\w.:-]+$/, '要是主机名或 IP'), {
    fallback: '127.0.0.1',
  }),
  operatorPort: setting('OPERATOR_PORT', 'operator.port', integer(0, 65_535), { fallback: '9464' }),
  databaseUrl: setting(
    'DATABASE_URL',
    'databaseUrl',
    matching(/^(file:.+|postgres(ql)?:\/\/.+)$/, '要写成 file:路径 或 postgres://…'),
    { fallback: 'file:./data/bot.db', mounted: true },
  ),
  botAdmins: setting('BOT_ADMINS', 'access.botAdmins', userids, { fallback: '' }),
  readAccess: setting('READ_ACCESS', 'access.readAccess', oneOf<ReadAccess>('everyone', 'admins'), {
    fallback: 'everyone',
  }),
  defaultStrategyId: setting('DEFAULT_STRATEGY_ID', 'defaultStrategyId', integer(1, 2 ** 32 - 1)),
  replyFormat: setting('REPLY_FORMAT', 'replyFormat', oneOf<ReplyFormat>('markdown', 'text', 'plain'), {
    fallback: 'markdown',
  }),
  timeZone: setting('TIME_ZONE', 'timeZone', timeZone, { fallback: USUAL_ZONE }),
  retentionDays: setting('JOURNAL_RETENTION_DAYS', 'retentionDays', integer(1, 36_500), { fallback: '365' }),
  logLevel: setting('LOG_LEVEL', 'logLevel', oneOf<LogLevel>(...LOG_LEVELS), { fallback: 'info' }),
} as const;

const ROLES_PATH = 'access.roles';
const DEFAULT_FILE = 'config/local.yaml';
const ROLES: readonly Role[] = ['reader', 'editor', 'admin'];
const USERID = /^[\w.@-]{1,64}$/;

/**
 * Reads and checks the whole configuration.
 * @param env the process's environment
 * @param readFile throws for a file that is not there; used for the config file and for mounted secrets
 * @throws ConfigError naming every problem; the program exits with 78
 */
export async function loadConfig(
  env: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Promise<Config> {
  const problems: string[] = [];
  const file = await readConfigFile(env, readFile, problems);

  function read<T>(entry: Setting<T>): T | undefined {
    const { name, raw } = rawValue(entry, env, file, readFile, problems);
    if (raw === undefined || raw === '') {
      if (entry.required) problems.push(missing(entry, raw, env));
      if (raw !== undefined || entry.required || entry.fallback === undefined) return undefined;
    }
    const value = entry.check(raw ?? entry.fallback ?? '');
    if (!(value instanceof Problem)) return value;
    problems.push(`${name}：${value.text}`);
    return undefined;
  }

  const found = {
    corpId: read(SETTINGS.corpId),
    agentId: read(SETTINGS.agentId),
    secret: read(SETTINGS.secret),
    token: read(SETTINGS.token),
    encodingAesKey: read(SETTINGS.encodingAesKey),
    apiBaseUrl: read(SETTINGS.apiBaseUrl),
    apiAllowHttp: read(SETTINGS.apiAllowHttp),
    host: read(SETTINGS.host),
    port: read(SETTINGS.port),
    callbackPath: read(SETTINGS.callbackPath),
    operatorHost: read(SETTINGS.operatorHost),
    operatorPort: read(SETTINGS.operatorPort),
    databaseUrl: read(SETTINGS.databaseUrl),
    botAdmins: read(SETTINGS.botAdmins),
    readAccess: read(SETTINGS.readAccess),
    replyFormat: read(SETTINGS.replyFormat),
    timeZone: read(SETTINGS.timeZone),
    retentionDays: read(SETTINGS.retentionDays),
    logLevel: read(SETTINGS.logLevel),
  };
  const publicUrl = read(SETTINGS.publicUrl);
  const defaultStrategyId = read(SETTINGS.defaultStrategyId);
  const roles = readRoles(file.lists.get(ROLES_PATH), problems);
  problems.push(...unguarded(env, found));

  if (problems.length > 0 || !isComplete(found)) throw new ConfigError(problems);
  const { corpId, agentId, secret, token, encodingAesKey, apiBaseUrl, apiAllowHttp, host, port, callbackPath } = found;
  return deepFreeze({
    wecom: { corpId, agentId, secret, token, encodingAesKey, apiBaseUrl, apiAllowHttp },
    server: { host, port, callbackPath, publicUrl },
    operator: { host: found.operatorHost, port: found.operatorPort },
    databaseUrl: found.databaseUrl,
    access: { botAdmins: found.botAdmins, readAccess: found.readAccess, roles },
    defaultStrategyId,
    replyFormat: found.replyFormat,
    timeZone: found.timeZone,
    retentionDays: found.retentionDays,
    logLevel: found.logLevel,
  });
}

// -- where a value comes from -----------------------------------------------------------------------------------------

interface FileContent {
  readonly name: string;
  /** Settings by path, as text. */
  readonly values: ReadonlyMap<string, string>;
  /** Lists by path, as they stand in the file. */
  readonly lists: ReadonlyMap<string, readonly unknown[]>;
}

function rawValue(
  entry: Setting<unknown>,
  env: Environment,
  file: FileContent,
  readFile: (path: string) => string,
  problems: string[],
): { name: string; raw: string | undefined } {
  const direct = env[entry.env];
  const mountedName = `${entry.env}_FILE`;
  const mounted = entry.mounted ? env[mountedName] : undefined;
  if (mounted !== undefined && mounted !== '') {
    if (direct !== undefined && direct !== '') problems.push(`${entry.env} 和 ${mountedName} 只能写一个`);
    try {
      return { name: mountedName, raw: readFile(mounted).trim() };
    } catch {
      problems.push(`${mountedName}：读不到文件 ${mounted}`);
      return { name: mountedName, raw: undefined };
    }
  }
  // A variable that is set but empty (BOT_ADMINS=) counts as not set, except for what must not be empty.
  if (direct !== undefined && (direct.trim() !== '' || entry.required)) return { name: entry.env, raw: direct.trim() };
  const raw = file.values.get(entry.path);
  return {
    name: `${file.name} 的 ${entry.path}（${entry.env}）`,
    raw: raw === '' && !entry.required ? undefined : raw,
  };
}

async function readConfigFile(
  env: Environment,
  readFile: (path: string) => string,
  problems: string[],
): Promise<FileContent> {
  const named = env.CONFIG_FILE?.trim() ?? '';
  const name = named === '' ? DEFAULT_FILE : named;
  const values = new Map<string, string>();
  const lists = new Map<string, readonly unknown[]>();
  let content: string | undefined;
  try {
    content = readFile(name);
  } catch {
    if (named !== '') problems.push(`CONFIG_FILE：读不到文件 ${name}`);
  }
  if (content !== undefined) {
    // In the failsafe schema every value stays the text it was written as: ids keep their zeros, "no" stays "no".
    const { parse } = await import('yaml');
    try {
      const tree: unknown = parse(content, { schema: 'failsafe' });
      if (tree !== null && tree !== undefined && tree !== '') collect(tree, '', name, values, lists, problems);
    } catch (error) {
      // The parser's message quotes the line, which may hold a secret; its first line has the position only.
      const position = /at line \d+, column \d+/.exec(String(error))?.[0] ?? '';
      problems.push(`${name}：不是合格的 YAML ${position}`.trim());
    }
  }
  return { name, values, lists };
}

const PATHS: readonly string[] = [...Object.values(SETTINGS).map(({ path }) => path), ROLES_PATH];
/** What a mistyped key may have been meant for. */
const NAMES: readonly string[] = [...PATHS, 'wecom', 'server', 'operator', 'access'];
const LIST_PATHS: ReadonlySet<string> = new Set([ROLES_PATH, SETTINGS.botAdmins.path]);

/** Walks the file's tree; every key that is not in the table is a problem. */
function collect(
  node: unknown,
  path: string,
  file: string,
  values: Map<string, string>,
  lists: Map<string, readonly unknown[]>,
  problems: string[],
): void {
  const known = PATHS.includes(path);
  if (Array.isArray(node) && LIST_PATHS.has(path)) {
    if (path === ROLES_PATH) lists.set(path, node);
    else values.set(path, node.join(','));
  } else if (known && path !== ROLES_PATH && (typeof node === 'string' || node === null)) values.set(path, node ?? '');
  else if (known) problems.push(`${file} 的 ${path}：写法不对，请看 config/example.yaml`);
  else if (isTree(node) && (path === '' || PATHS.some((setting) => setting.startsWith(`${path}.`)))) {
    for (const [key, value] of Object.entries(node)) {
      collect(value, path === '' ? key : `${path}.${key}`, file, values, lists, problems);
    }
  } else if (path === '') problems.push(`${file}：最外层要是「名字: 值」的形式`);
  else if (PATHS.some((setting) => setting.startsWith(`${path}.`))) {
    if (node !== null && node !== '') problems.push(`${file} 的 ${path}：下面要分行写各项，请看 config/example.yaml`);
  } else problems.push(`${file}：不认识 ${path}，是不是想写 ${closest(path, NAMES)}？`);
}

function isTree(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

function readRoles(raw: readonly unknown[] | undefined, problems: string[]): RoleGrant[] {
  return (raw ?? []).flatMap((entry, index) => {
    const where = `${ROLES_PATH} 第 ${index + 1} 条`;
    if (!isTree(entry)) {
      problems.push(`${where}：要写 member、ruleGroup、role 三项`);
      return [];
    }
    const { member, ruleGroup, role, ...unknown } = entry;
    const found = ROLES.find((known) => known === role);
    const before = problems.length;
    if (typeof member !== 'string' || !USERID.test(member)) problems.push(`${where}：member 要是成员的账号（userid）`);
    if (typeof ruleGroup !== 'string' || ruleGroup.trim() === '')
      problems.push(`${where}：ruleGroup 要是规则组的名字、编号或 '*'`);
    if (found === undefined) problems.push(`${where}：role 要是 ${ROLES.join('、')} 之一`);
    for (const key of Object.keys(unknown)) problems.push(`${where}：不认识 ${key}`);
    if (problems.length > before || found === undefined) return [];
    return [{ member: String(member), ruleGroup: String(ruleGroup).trim(), role: found }];
  });
}

/** What is missing, and which variable was perhaps meant for it. */
function missing(entry: Setting<unknown>, raw: string | undefined, env: Environment): string {
  if (raw === '') return `${entry.env}（${entry.path}）：不能为空`;
  const known: ReadonlySet<string> = new Set(Object.values(SETTINGS).flatMap((s) => [s.env, `${s.env}_FILE`]));
  const similar = Object.keys(env).find((name) => !known.has(name) && distance(name, entry.env) <= 2);
  return `${entry.env}（${entry.path}）：没有设置${similar === undefined ? '' : `；环境里有 ${similar}，是不是写错了？`}`;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What would let others on the way read the secret and the members' messages. */
function unguarded(
  env: Environment,
  { apiBaseUrl, apiAllowHttp }: { apiBaseUrl: string | undefined; apiAllowHttp: boolean | undefined },
): string[] {
  const problems: string[] = [];
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    problems.push(
      'NODE_TLS_REJECT_UNAUTHORIZED：是 0，等于不检查证书，谁都能冒充企业微信；请去掉它。用自己的证书时，设 NODE_EXTRA_CA_CERTS',
    );
  }
  const { protocol, hostname } = new URL(apiBaseUrl ?? 'https://unread.invalid');
  if (protocol === 'http:' && !LOOPBACK.test(hostname) && apiAllowHttp === false) {
    problems.push(
      `${SETTINGS.apiBaseUrl.env}：http:// 只能指向本机，Secret 会明文经过网络；请用 https://。` +
        `一定要这样连内网的代理，设 ${SETTINGS.apiAllowHttp.env}=true`,
    );
  }
  return problems;
}

function isComplete<T extends object>(found: T): found is { [K in keyof T]: Exclude<T[K], undefined> } & T {
  return Object.values(found).every((value) => value !== undefined);
}

// -- what a value must look like --------------------------------------------------------------------------------------

function matching(pattern: RegExp, problem: string): Check<string> {
  return (raw) => (pattern.test(raw) ? raw : new Problem(problem));
}

function integer(min: number, max: number): Check<number> {
  return (raw) => {
    const value = /^\d{1,10}$/.test(raw) ? Number(raw) : Number.NaN;
    return value >= min && value <= max ? value : new Problem(`要是 ${min} 到 ${max} 的整数`);
  };
}

function oneOf<T extends string>(...choices: readonly T[]): Check<T> {
  return (raw) => choices.find((choice) => choice === raw) ?? new Problem(`要是 ${choices.join('、')} 之一`);
}

function flag(raw: string): boolean | Problem {
  return raw === 'true' || raw === 'false' ? raw === 'true' : new Problem('要是 true 或 false');
}

function parseUrl(raw: string): URL | undefined {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined;
}

function webUrl(raw: string): string | Problem {
  return parseUrl(raw) === undefined ? new Problem('要是以 http:// 或 https:// 开头的网址') : raw.replace(/\/+$/, '');
}

function apiUrl(raw: string): string | Problem {
  const url = parseUrl(raw);
  if (url === undefined || url.search !== '' || url.hash !== '')
    return new Problem('要是以 https:// 开头的网址，不带参数');
  if (url.protocol === 'http:' && url.hostname.endsWith('.qq.com')) return new Problem('企业微信的接口只能用 https://');
  return raw.replace(/\/+$/, '');
}

function callbackPath(raw: string): string | Problem {
  if (!/^\/[\w./~-]+$/.test(raw) || raw.endsWith('/'))
    return new Problem('要以 / 开头，不以 / 结尾，例如 /wecom/callback');
  return ['/healthz', '/readyz', '/metrics'].includes(raw) ? new Problem(`${raw} 已有别的用途`) : raw;
}

function userids(raw: string): readonly string[] | Problem {
  const ids = raw.split(/[\s,，、;；]+/).filter((userid) => userid !== '');
  const wrong = ids.find((userid) => !USERID.test(userid));
  if (wrong !== undefined) return new Problem(`「${wrong}」不像成员的账号（userid）；多个账号用逗号分开`);
  return [...new Set(ids)];
}

function timeZone(raw: string): string | Problem {
  // The first use of Intl costs 20 ms, which a start with the usual zone need not pay.
  if (raw === USUAL_ZONE) return raw;
  try {
    return new Intl.DateTimeFormat('zh-CN', { timeZone: raw }).resolvedOptions().timeZone === ''
      ? new Problem('')
      : raw;
  } catch {
    return new Problem('要是时区的名字，例如 Asia/Shanghai');
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
