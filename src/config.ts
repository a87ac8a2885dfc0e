/**
 * Environment and config file → one frozen, typed Config. Everything is checked at once: all problems come in one error.
 * What can be set stands in config/settings.ts; the environment wins over the file.
 */

import { isOpenOnTheWay } from './config/checks.ts';
import { type CorpEntry, namedInFile, readCorps } from './config/corps.ts';
import { isGiven, misheard, readSetting, type Sources } from './config/read-setting.ts';
import { mapTree, type Placed, placed, type Values } from './config/setting.ts';
import { type Given, SETTINGS, settings } from './config/settings.ts';
import { type Environment, type ReadFile, readConfigFile, readText } from './config/source.ts';
import { readSuites, SUITE_PATH, type SuiteConfig, type SuiteKind } from './config/suites.ts';

export type { Environment } from './config/source.ts';
export type { SuiteConfig, SuiteKind } from './config/suites.ts';

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
  const sources: Sources = { env, file, readFile, problems };
  const listedCorps = file.values.get('corps') ?? '';
  const listedSuites = file.values.get('suites') ?? '';
  const nothingListed = listedCorps.length === 0 && listedSuites.length === 0;
  /** Without a list there is nobody else, and what is missing of it is told. */
  const byCredentials = nothingListed || CREDENTIALS.some((each) => isGiven(each, sources));
  const wanted = byCredentials ? SETTINGS : { ...SETTINGS, wecom: withoutNeed(SETTINGS.wecom) };
  const given = mapTree(wanted, (each) => readSetting(each, sources)) as Given;
  const { wecom, access, defaultStrategyId, corps: _, suites: __, credentialKeys, ...shared } = given;
  problems.push(...misheard(env, byCredentials ? settings : settings.map(withoutItsNeed)));
  const app = 'self-built';
  const first: CorpConfig = { ...shared, name: undefined, key: wecom.corpId, app, wecom, access, defaultStrategyId };
  if (!byCredentials) problems.push(...meantForNobody(sources));
  const entries = readCorps(listedCorps, CORP_CHECKS, { readFile, where: `${file.name} 的 corps`, problems });
  const corps = [...(byCredentials ? [first] : []), ...entries.map((entry) => corpOf(entry, first))];
  problems.push(...twice(corps));
  const suites = readSuites(listedSuites, { readFile, where: `${file.name} 的 suites`, problems });
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

function withoutNeed(tree: typeof SETTINGS.wecom): typeof SETTINGS.wecom {
  const entries = Object.entries(tree).map(([name, each]) => [name, { ...each, required: false }] as const);
  return Object.fromEntries(entries) as typeof SETTINGS.wecom;
}

function withoutItsNeed({ path, setting }: Placed): Placed {
  return { path, setting: { ...setting, required: false } };
}

/** A restriction that is heard by nobody must not become a wider right. */
function meantForNobody(sources: Sources): string[] {
  return OF_ONE.filter((each) => isGiven(each, sources)).map(
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
  /** As far as they are said. */
  readonly suites: readonly { readonly name: string; readonly suiteId: string }[];
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
  const found = mapTree(needed, (each) => readSetting(each, { env, file, readFile, problems })) as Values<
    typeof needed
  >;
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
  const inFile = <Key extends string>(list: string, key: Key) =>
    namedInFile(file.values.get(list) ?? '', key, readFile);
  return {
    databaseUrl,
    timeZone,
    corps: [...short, ...inFile('corps', 'corpId')],
    suites: inFile('suites', 'suiteId'),
  };
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
