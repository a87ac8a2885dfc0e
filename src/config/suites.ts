/**
 * The list `suites` of the file: what a provider (服务商) has in its console, a template of 代开发 apps or a 第三方 app each,
 * which companies authorise while the bot runs. See docs/provider.md.
 */

import { flag, integer, library, matching, oneOf } from './checks.ts';
import { corpId, credentialText, encodingAesKey, secret, token } from './credentials.ts';
import { ACCESS_KEYS, type AccessEntry, Entry, type EntrySource, withFiles } from './entry.ts';

/** Where the addresses of all suites begin; the console of the provider knows them. */
export const SUITE_PATH = '/wecom/suite';

/** 代开发 or 第三方. */
export type SuiteKind = 'customized' | 'third-party';

/** What opens the seal of a callback address. */
export interface CallbackKeys {
  readonly token: string;
  readonly encodingAesKey: string;
}

/** What one of the companies has otherwise than the others. */
export interface AuthorisedCorpEntry extends AccessEntry {
  readonly corpId: string;
  readonly readAccess: 'everyone' | 'admins' | undefined;
  readonly defaultLibrary: 'corp' | number | undefined;
}

export interface SuiteConfig extends CallbackKeys {
  readonly name: string;
  readonly kind: SuiteKind;
  /** `dk…` of a template, `ww…`, `wx…` or `tj…` of a 第三方 app. */
  readonly suiteId: string;
  readonly suiteSecret: string;
  /** For which the console seals when it verifies an address. */
  readonly providerCorpId: string;
  /** Further ids that a verification, and an event, may be sealed for. */
  readonly acceptIds: readonly string[];
  /** Of the address of a template's apps; a 第三方 app has one pair for both addresses. */
  readonly app: CallbackKeys | undefined;
  readonly readAccess: 'everyone' | 'admins';
  /** Whoever has installed the app, or may manage it, is its first admin; else nobody is before `corps` names somebody. */
  readonly installerIsAdmin: boolean;
  /** Days from the end of an authorisation until what is kept of the company is deleted. */
  readonly keepDays: number;
  readonly corps: readonly AuthorisedCorpEntry[];
}

const SECRETS = ['suiteId', 'suiteSecret', 'token', 'encodingAesKey', 'providerCorpId'] as const;
const KEYS = [
  'name',
  'kind',
  ...withFiles(SECRETS),
  'acceptIds',
  'app',
  'readAccess',
  'installerIsAdmin',
  'keepDays',
  'corps',
];
const APP_KEYS = withFiles(['token', 'encodingAesKey']);
const CORP_KEYS = ['corpId', ...ACCESS_KEYS, 'readAccess', 'defaultLibrary'];
const USUAL_KEEP_DAYS = 7;

const suiteId = matching(
  /^(dk|ww|wx|tj)[\w-]{1,62}$/,
  '要是服务商后台里的模板 ID（dk 开头）或 SuiteID（ww、wx、tj 开头）',
);
const readAccess = oneOf<'everyone' | 'admins'>('everyone', 'admins');

/** Every entry of the list. One with problems is there as well, without the values concerned: the caller throws then. */
export function readSuites(list: string | readonly unknown[], source: EntrySource): SuiteConfig[] {
  if (typeof list === 'string') return [];
  const suites = list.map((each, at) => readSuite(each, { ...source, where: `${source.where} 第 ${at + 1} 条` }));
  for (const [at, { name, suiteId: id }] of suites.entries()) {
    const before = suites.slice(0, at);
    if (name !== '' && before.some((each) => each.name === name))
      source.problems.push(`${source.where} 的「${name}」：name 和前面的一条一样`);
    if (id !== undefined && before.some((each) => each.suiteId === id))
      source.problems.push(`${source.where} 的「${name}」：suiteId 和前面的一条一样`);
  }
  for (const { name, acceptIds } of suites)
    for (const other of suites.filter((each) => each.name !== name && acceptIds.includes(each.suiteId)))
      source.problems.push(`${source.where} 的「${name}」：acceptIds 里的 ${other.suiteId} 是「${other.name}」的`);
  return suites;
}

function readSuite(written: unknown, source: EntrySource): SuiteConfig {
  const entry = new Entry(written, source, KEYS, `name、kind、${SECRETS.join('、')}`);
  const name = entry.name('回调路径的一段');
  const kind = entry.needed('kind', oneOf<SuiteKind>('customized', 'third-party'));
  const app = entry.below('app', APP_KEYS, 'token、encodingAesKey');
  if (kind === 'customized' && app === undefined) entry.tell('app 没有写：代开发应用自己的 Token 和 EncodingAESKey');
  if (kind === 'third-party' && app !== undefined) entry.tell('app 只有代开发才写：第三方应用的两个网址共用一对');
  const id = entry.needed('suiteId', credentialText(suiteId));
  if (kind === 'third-party' && id?.startsWith('dk'))
    entry.tell('suiteId 是模板 ID（dk 开头）：代开发的 kind 是 customized');
  const corps = entry.entries('corps', CORP_KEYS, 'corpId、botAdmins').map(readAuthorised);
  const twice = corps.find(
    (corp, at) => corp.corpId !== '' && corps.findIndex((each) => each.corpId === corp.corpId) < at,
  );
  if (twice) entry.tell(`corps 里 ${twice.corpId} 有两条，请合成一条`);
  const suite: Readonly<Record<keyof SuiteConfig, unknown>> = {
    name,
    kind,
    suiteId: id,
    suiteSecret: entry.needed('suiteSecret', credentialText(secret)),
    providerCorpId: entry.needed('providerCorpId', credentialText(corpId)),
    ...readKeys(entry),
    acceptIds: readIds(entry),
    app: app && readKeys(app),
    readAccess: entry.optional('readAccess', readAccess) ?? 'everyone',
    installerIsAdmin: entry.optional('installerIsAdmin', flag) ?? true,
    keepDays: entry.optional('keepDays', integer(0, 3_650)) ?? USUAL_KEEP_DAYS,
    corps,
  };
  return suite as unknown as SuiteConfig;
}

/** An empty one would be that of a seal for nobody. */
function readIds(entry: Entry): string[] {
  const ids = entry.list('acceptIds').map((each) => String(each).trim());
  const wrong = ids.find((each) => !/^[\w-]{1,64}$/.test(each));
  if (wrong !== undefined) entry.tell(`acceptIds 里的「${wrong}」不是 ID`);
  return ids;
}

function readKeys(entry: Entry): Readonly<Record<keyof CallbackKeys, unknown>> {
  return {
    token: entry.needed('token', credentialText(token)),
    encodingAesKey: entry.needed('encodingAesKey', credentialText(encodingAesKey)),
  };
}

function readAuthorised(entry: Entry): AuthorisedCorpEntry {
  return {
    corpId: entry.needed('corpId', corpId) ?? '',
    ...entry.access(),
    readAccess: entry.optional('readAccess', readAccess),
    defaultLibrary: entry.optional('defaultLibrary', library),
  };
}
