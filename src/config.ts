/**
 * Environment and config file → one frozen, typed Config. Everything is checked at once: all problems come in one error.
 *
 * SETTINGS is the one list of all settings, and the only place to add one: its place in the tree is its place in the file
 * and in Config; its name in the environment, what it must look like, its default and its line of docs/configuration.md
 * stand beside it. The environment wins over the file. The checks are written by hand: a schema library would take longer
 * to load than the whole program.
 */
import {
  apiUrl,
  callbackPath,
  flag,
  host,
  hosts,
  integer,
  isOpenOnTheWay,
  library,
  matching,
  oneOf,
  proxyUrl,
  roles,
  timeZone,
  USUAL_ZONE,
  userids,
  webUrl,
} from './config/checks.ts';
import { type CorpEntry, corpsInFile, readCorps } from './config/corps.ts';
import { corpId, credentialKeys, credentialText, encodingAesKey, secret, token } from './config/credentials.ts';
import { meantFor } from './config/misspelt.ts';
import {
  credential,
  listInFile,
  mapTree,
  optional,
  type Placed,
  Problem,
  placed,
  type Setting,
  setting,
  type Values,
} from './config/setting.ts';
import {
  type Environment,
  type FileContent,
  type ReadFile,
  readConfigFile,
  readMounted,
  readText,
} from './config/source.ts';
import { readSuites, SUITE_PATH, type SuiteConfig, type SuiteKind } from './config/suites.ts';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import type { ReplyFormat } from './message.ts';

export type { Role, RoleGrant } from './config/checks.ts';
export type { Environment } from './config/source.ts';
export type { SuiteConfig, SuiteKind } from './config/suites.ts';
export type ReadAccess = 'everyone' | 'admins';

const SETTINGS = {
  wecom: {
    corpId: credential('WECOM_CORP_ID', '企业 ID，「我的企业」最下面', credentialText(corpId)),
    agentId: credential('WECOM_AGENT_ID', '应用详情页上的 AgentId，是个数字', credentialText(integer(1, 2 ** 31 - 1))),
    secret: credential('WECOM_SECRET', '应用详情页上的 Secret', credentialText(secret)),
    token: credential('WECOM_TOKEN', '「接收消息」里的 Token，1 到 32 个字母或数字', credentialText(token)),
    encodingAesKey: credential(
      'WECOM_ENCODING_AES_KEY',
      '「接收消息」里的 EncodingAESKey，正好 43 个字母或数字',
      credentialText(encodingAesKey),
    ),
    apiBaseUrl: setting(
      'WECOM_API_BASE_URL',
      '企业微信的接口地址；经过出口代理时才改，不带结尾的 `/`',
      apiUrl,
      'https://qyapi.weixin.qq.com',
    ),
    apiAllowHttp: setting(
      'WECOM_API_ALLOW_HTTP',
      '`http://` 的接口地址只能是本机；要不加密地连内网里的代理，写 `true`（Secret 会明文经过网络）',
      flag,
      'false',
    ),
  },
  server: {
    host: setting('HOST', '监听的地址；前面有反向代理时写 `127.0.0.1`', host, '0.0.0.0'),
    port: setting('PORT', '监听的端口；`0` 是任意空闲端口', integer(0, 65_535), '3000'),
    callbackPath: setting(
      'CALLBACK_PATH',
      '回调的路径，要和管理后台填的 URL 一致；大小写、结尾都要一样',
      callbackPath,
      '/wecom/callback',
    ),
    publicUrl: optional('PUBLIC_URL', '手机能打开的本服务网址，不带结尾的 `/`；有它才会发带链接的卡片', webUrl),
  },
  network: {
    proxy: {
      ...optional(
        'HTTPS_PROXY',
        '出公网的代理，`http://主机:端口` 或 `http://用户:密码@主机:端口`；只用于 `https://` 的接口。也认 `https_proxy`',
        proxyUrl,
      ),
      aliases: ['https_proxy'],
    },
    noProxy: {
      ...setting('NO_PROXY', '不经过代理的主机，用逗号分开，`.域名` 包括下级，`*` 是全部。也认 `no_proxy`', hosts, ''),
      aliases: ['no_proxy'],
    },
  },
  operator: {
    host: setting(
      'OPERATOR_HOST',
      '运维端口监听的地址；监控在别的机器上时写内网的地址，不要对公网开放',
      host,
      '127.0.0.1',
    ),
    port: setting(
      'OPERATOR_PORT',
      '运维端口：`/metrics`、`/readyz`、`/healthz`；`0` 是任意空闲端口。同一台机器上有几个机器人时各写各的',
      integer(0, 65_535),
      '9464',
    ),
  },
  databaseUrl: setting(
    'DATABASE_URL',
    '记录存在哪里：`file:路径`（一个进程）或 `postgres://…`（可以几个副本）',
    matching(/^(file:.+|postgres(ql)?:\/\/.+)$/, '要写成 file:路径 或 postgres://…'),
    'file:./data/bot.db',
    true,
  ),
  access: {
    botAdmins: {
      ...setting('BOT_ADMINS', '什么都能做的人，写 userid，用逗号分开；文件里写成列表', userids, ''),
      entries: (list: readonly unknown[]) => userids(list.join(',')),
    },
    readAccess: setting(
      'READ_ACCESS',
      '谁可以查：`everyone` 是应用可见范围里的所有人；`admins` 是只有管理员、规则组负责人和有角色的人',
      oneOf<ReadAccess>('everyone', 'admins'),
      'everyone',
    ),
    roles: listInFile('谁在哪个规则组里能做什么，见「谁能做什么」', roles),
  },
  corps: listInFile(
    '几个企业用一个进程：除了上面五项的那个，再有哪些企业，见「几个企业」',
    (list: readonly unknown[]) => list,
  ),
  suites: listInFile('服务商的代开发模板和第三方应用，见 [服务商](provider.md)', (list: readonly unknown[]) => list),
  credentialKeys: {
    ...optional(
      'CREDENTIAL_KEY',
      '服务商才要：把企业的永久授权码和 suite_ticket 加密存放的密钥，32 字节的 base64；换密钥时第二行写旧的。要放在文件里（`CREDENTIAL_KEY_FILE`）',
      credentialKeys,
    ),
    mounted: true,
  },
  defaultStrategyId: {
    ...optional(
      'DEFAULT_STRATEGY_ID',
      '成员没有切换过时在哪里工作：规则组的编号，或者 `corp`（企业标签）；不写就用唯一的规则组，一个也没有就用企业标签，有几个就问。也认 `DEFAULT_LIBRARY`',
      library,
    ),
    aliases: ['DEFAULT_LIBRARY'],
    once: true,
  },
  replyFormat: setting('REPLY_FORMAT', '回答的样子，见下', oneOf<ReplyFormat>('markdown', 'text', 'plain'), 'markdown'),
  timeZone: setting('TIME_ZONE', '所有日期用的时区', timeZone, USUAL_ZONE),
  retentionDays: setting('JOURNAL_RETENTION_DAYS', '消息原文保留多少天；改动的记录一直留着', integer(1, 36_500), '365'),
  logLevel: setting(
    'LOG_LEVEL',
    '`debug`、`info`、`warn`、`error`、`silent`。`info` 给每条消息记一行（谁、听成了什么命令、结果、怎么回答的、用了多少毫秒，不含内容），还有每一次改动和每一个问题；`debug` 另外记重复的消息',
    oneOf<LogLevel>(...LOG_LEVELS),
    'info',
  ),
} as const;

type Given = Values<typeof SETTINGS>;

/** 自建, or made by a provider. */
export type AppKind = 'self-built' | SuiteKind;

/** What one corp is configured with, and what it needs to know of the process. */
export interface CorpConfig extends Omit<Given, 'corps' | 'suites' | 'credentialKeys' | 'access'> {
  readonly access: Given['access'] & {
    /** Where the admins are written; undefined: in BOT_ADMINS. */
    readonly adminsIn?: string;
  };
  /** In the file's list; undefined for the one of the five credentials. */
  readonly name: string | undefined;
  /**
   * What everything of it is kept under, in the database, the log and the metrics: the corp id, or behind the suite's, since
   * one corp may use several apps that know nothing of each other.
   */
  readonly key: string;
  readonly app: AppKind;
}

export interface Config extends Omit<Given, 'wecom' | 'access' | 'defaultStrategyId' | 'corps' | 'suites'> {
  readonly wecom: Pick<Given['wecom'], 'apiBaseUrl' | 'apiAllowHttp'>;
  /** Each with a corp id and a callback path of its own; none where all come by `suites`. */
  readonly corps: readonly CorpConfig[];
  readonly suites: readonly SuiteConfig[];
}

/** Every setting with its place in the file, in the order of the documents. */
export const settings: readonly Placed[] = placed(SETTINGS);

/** Everything that is wrong with the configuration, in Chinese, each naming its setting; never a value of a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`配置有 ${problems.length} 处问题：\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads and checks the whole configuration.
 * @param env the process's environment
 * @param readFile used for the config file and for mounted secrets; for a file that is not there it throws an error with
 *   the code ENOENT, and for nothing else
 * @throws ConfigError naming every problem; the program exits with 78
 */
export async function loadConfig(env: Environment, readFile: ReadFile = readText): Promise<Config> {
  const problems: string[] = [];
  const file = await readConfigFile(env, readFile, settings, problems);
  const listed = file.values.get('corps') ?? '';
  const alone =
    (listed.length === 0 && (file.values.get('suites') ?? '').length === 0) || isAnyGiven(CREDENTIALS, env, file);
  const wanted = alone ? SETTINGS : { ...SETTINGS, wecom: withoutNeed(SETTINGS.wecom) };
  const given = mapTree(wanted, (each) => read(each, env, file, readFile, problems)) as Given;
  const { wecom, access, defaultStrategyId, corps: _, suites: __, credentialKeys, ...shared } = given;
  problems.push(...misheard(env, alone ? settings : settings.map(withoutItsNeed)));
  const app = 'self-built';
  const short: CorpConfig = { ...shared, name: undefined, key: wecom.corpId, app, wecom, access, defaultStrategyId };
  if (!alone) problems.push(...meantForNobody(env, file));
  const entries = readCorps(listed, CORP_CHECKS, {
    readFile,
    where: `${file.name} 的 corps`,
    problems,
  });
  const corps = [...(alone ? [short] : []), ...entries.map((entry) => corpOf(entry, short))];
  problems.push(...twice(corps));
  const suites = readSuites(file.values.get('suites') ?? '', { readFile, where: `${file.name} 的 suites`, problems });
  if (suites.length > 0 && corps.some(({ server }) => `${server.callbackPath}/`.startsWith(`${SUITE_PATH}/`)))
    problems.push(`CALLBACK_PATH（server.callbackPath）：${SUITE_PATH} 是 suites 用的，请换一个`);
  if (corps.length === 0 && credentialKeys === undefined && problems.length === 0)
    problems.push('CREDENTIAL_KEY_FILE：没有设置；只有 suites 的时候一定要有它，见 docs/provider.md');
  if (problems.length === 0) problems.push(...unguarded(given, env));
  if (problems.length > 0) throw new ConfigError(problems);
  const { apiBaseUrl, apiAllowHttp } = wecom;
  return deepFreeze({ ...shared, wecom: { apiBaseUrl, apiAllowHttp }, corps, suites, credentialKeys });
}

const CORP_CHECKS = {
  corpId: SETTINGS.wecom.corpId.check,
  agentId: SETTINGS.wecom.agentId.check,
  secret: SETTINGS.wecom.secret.check,
  token: SETTINGS.wecom.token.check,
  encodingAesKey: SETTINGS.wecom.encodingAesKey.check,
  readAccess: SETTINGS.access.readAccess.check,
  defaultLibrary: SETTINGS.defaultStrategyId.check,
};

function corpOf(entry: CorpEntry<typeof CORP_CHECKS>, shared: Omit<CorpConfig, 'access'>): CorpConfig {
  const { name, botAdmins, roles, values } = entry;
  const { corpId, agentId, secret, token, encodingAesKey, readAccess = 'everyone', defaultLibrary } = values;
  return {
    ...shared,
    name,
    key: corpId,
    wecom: { ...shared.wecom, corpId, agentId, secret, token, encodingAesKey },
    server: { ...shared.server, callbackPath: `${shared.server.callbackPath}/${name}` },
    access: { botAdmins, roles, readAccess },
    defaultStrategyId: defaultLibrary,
  };
}

/** The five that make up the corp of the environment. */
const CREDENTIALS = settings.filter(({ setting }) => setting.required);
/** What belongs to that corp and to none of the list. */
const OF_ONE = settings.filter(({ path }) => path.startsWith('access.') || path === 'defaultStrategyId');

function isAnyGiven(among: readonly Placed[], env: Environment, file: FileContent): boolean {
  return among.some((each) => isGiven(each, env, file));
}

function isGiven({ path, setting }: Placed, env: Environment, file: FileContent): boolean {
  const variable = setting.env;
  const inEnvironment =
    variable !== undefined && [given(setting, env), env[`${variable}_FILE`]].some((each) => (each ?? '').trim() !== '');
  return inEnvironment || (file.values.get(path) ?? '').length > 0;
}

function withoutNeed(tree: typeof SETTINGS.wecom): typeof SETTINGS.wecom {
  const entries = Object.entries(tree).map(([name, each]) => [name, { ...each, required: false }] as const);
  return Object.fromEntries(entries) as typeof SETTINGS.wecom;
}

function withoutItsNeed({ path, setting }: Placed): Placed {
  return { path, setting: { ...setting, required: false } };
}

/** A restriction that is heard by nobody must not become a wider right. */
function meantForNobody(env: Environment, file: FileContent): string[] {
  return OF_ONE.filter((each) => isGiven(each, env, file)).map(
    ({ path, setting }) =>
      `${setting.env ?? path}（${path}）：只管用五项凭证写的那个企业，现在没有它；请写进 corps 里每个企业自己的那一条`,
  );
}

/** Two that could not be told apart: by corp id, or by path. */
function twice(corps: readonly CorpConfig[]): string[] {
  return corps.flatMap(({ name, wecom }, at) => {
    const before = corps.slice(0, at);
    const label = `corps 的「${name ?? ''}」`;
    return [
      ...(before.some((each) => each.wecom.corpId !== undefined && each.wecom.corpId === wecom.corpId)
        ? [`${label}：corpId 和前面的一个企业一样`]
        : []),
      ...(name !== '' && before.some((each) => each.name === name) ? [`${label}：name 和前面的一个企业一样`] : []),
    ];
  });
}

/** What a command needs that looks into the database alone. */
export interface StoreConfig {
  readonly databaseUrl: string;
  readonly timeZone: string;
  /** Whose database it is, as far as that is said. */
  readonly corps: readonly { readonly name: string | undefined; readonly corpId: string }[];
}

/** As `loadConfig`, without what only the bot needs: an auditor has no credentials. */
export async function loadStoreConfig(env: Environment, readFile: ReadFile = readText): Promise<StoreConfig> {
  const problems: string[] = [];
  const file = await readConfigFile(env, readFile, settings, problems);
  const needed = {
    databaseUrl: SETTINGS.databaseUrl,
    timeZone: SETTINGS.timeZone,
    wecom: { corpId: { ...SETTINGS.wecom.corpId, required: false } },
  };
  const found = mapTree(needed, (each) => read(each, env, file, readFile, problems)) as Values<typeof needed>;
  const names = new Set(placed(needed).map(({ path }) => path));
  problems.push(
    ...misheard(
      env,
      settings.filter(({ path }) => names.has(path)),
    ),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  const { databaseUrl, timeZone, wecom } = found;
  const short = wecom.corpId === undefined ? [] : [{ name: undefined, corpId: wecom.corpId }];
  const listed = file.values.get('corps') ?? '';
  return { databaseUrl, timeZone, corps: [...short, ...corpsInFile(listed, readFile)] };
}

/** Undefined when it is optional and not given, and after a problem. */
function read(
  { path, setting }: Placed,
  env: Environment,
  file: FileContent,
  readFile: ReadFile,
  problems: string[],
): unknown {
  const { name, raw } = rawValue({ path, setting }, env, file, readFile, problems);
  if (raw === undefined) return undefined;
  if (raw === '' && setting.required) {
    problems.push(`${name}：不能为空`);
    return undefined;
  }
  const value = typeof raw === 'string' ? setting.check(raw) : setting.entries?.(raw, path);
  if (!(value instanceof Problem)) return value;
  problems.push(...value.texts.map((text) => (setting.env === undefined ? text : `${name}：${text}`)));
  return undefined;
}

function rawValue(
  { path, setting }: Placed,
  env: Environment,
  file: FileContent,
  readFile: ReadFile,
  problems: string[],
): { readonly name: string; readonly raw: string | readonly unknown[] | undefined } {
  const variable = setting.env ?? path;
  const direct = setting.env === undefined ? undefined : given(setting, env);
  const twice = setting.once
    ? (setting.aliases ?? []).filter((alias) => isSaid(env[alias]) && isSaid(env[variable]))
    : [];
  problems.push(...twice.map((alias) => `${variable} 和 ${alias} 只能写一个`));
  const mountedName = `${variable}_FILE`;
  const mounted = setting.mounted ? env[mountedName] : undefined;
  if (mounted !== undefined && mounted !== '') {
    if (direct !== undefined && direct !== '') problems.push(`${variable} 和 ${mountedName} 只能写一个`);
    const read = readMounted(mounted, readFile);
    if (!(read instanceof Problem)) return { name: mountedName, raw: read };
    problems.push(...read.texts.map((text) => `${mountedName}：${text}`));
    return { name: mountedName, raw: undefined };
  }
  // A variable that is set but empty (BOT_ADMINS=) counts as not set, except for what must not be empty.
  if (direct !== undefined && (direct.trim() !== '' || setting.required)) return { name: variable, raw: direct.trim() };
  const written = file.values.get(path);
  if (written !== undefined && (written !== '' || setting.required))
    return { name: `${file.name} 的 ${path}（${variable}）`, raw: written };
  if (setting.required && !file.unread) {
    const similar = meantFor(variable, env, KNOWN);
    problems.push(
      `${variable}（${path}）：没有设置${similar === undefined ? '' : `；环境里有 ${similar}，是不是写错了？`}`,
    );
  }
  return { name: variable, raw: setting.fallback };
}

/** A variable that is set but empty counts as not set. */
function given({ env: name = '', aliases = [] }: Setting<unknown>, env: Environment): string | undefined {
  return [name, ...aliases].map((each) => env[each]).find(isSaid) ?? env[name];
}

function isSaid(value: string | undefined): boolean {
  return (value ?? '').trim() !== '';
}

const VARIABLES: readonly string[] = settings.flatMap(({ setting: { env, aliases = [] } }) =>
  env === undefined ? [] : [env, ...aliases],
);
const KNOWN: ReadonlySet<string> = new Set([...VARIABLES, ...VARIABLES.map((name) => `${name}_FILE`), 'CONFIG_FILE']);

/** Variables that would be passed over in silence though a setting was meant. */
function misheard(env: Environment, settings: readonly Placed[]): string[] {
  return settings.flatMap(({ setting }) => {
    const { env: name, required, mounted } = setting;
    if (name === undefined || (given(setting, env) ?? '') !== '') return [];
    if (!mounted && (env[`${name}_FILE`] ?? '') !== '')
      return [`${name}_FILE：${name} 不能放在文件里，请直接写 ${name}`];
    // Those that are required are told where they are missed.
    const similar = required ? undefined : meantFor(name, env, KNOWN);
    return similar === undefined ? [] : [`${similar}：没有这个设置；是不是想写 ${name}？`];
  });
}

/** What would let others on the way read the secret and the members' messages. */
function unguarded({ wecom }: Given, env: Environment): string[] {
  const problems: string[] = [];
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    problems.push(
      'NODE_TLS_REJECT_UNAUTHORIZED：是 0，等于不检查证书，谁都能冒充企业微信；请去掉它。用自己的证书时，设 NODE_EXTRA_CA_CERTS',
    );
  if (isOpenOnTheWay(wecom.apiBaseUrl) && !wecom.apiAllowHttp)
    problems.push(
      'WECOM_API_BASE_URL：http:// 只能指向本机，Secret 会明文经过网络；请用 https://。一定要这样连内网的代理，设 WECOM_API_ALLOW_HTTP=true',
    );
  return problems;
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
