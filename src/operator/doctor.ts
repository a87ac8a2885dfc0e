/** `doctor`: whether the bot has what it needs. Reads only: creates no database, migrates nothing, sends nothing. */

import { publishMenu } from '../bot/commands/menu.ts';
import { type Config, ConfigError, type CorpConfig } from '../config.ts';
import { allBlockedBy } from '../diagnosis/check.ts';
import { CHECKS, diagnose, type Finding, type StoreView } from '../diagnosis.ts';
import type { Clock } from '../message.ts';
import { inspectStore } from '../store/inspect.ts';
import type { StoreFacts } from '../store/store.ts';
import type { TokenNotes } from '../wecom/shared-token.ts';
import type { AskToken } from '../wecom/token.ts';
import { connect, type Print } from './connect.ts';
import { corpsKnown } from './corps-known.ts';
import { examineSuite } from './suite-checks.ts';
import { askingOf } from './suite-open.ts';
import { labelOf, named, whichCorp } from './which-corp.ts';

export interface DoctorOptions {
  /** One JSON object at the end instead of a line per check. */
  readonly json: boolean;
  /** Name or id; without it all of them, one after the other. */
  readonly corp?: string | undefined;
  readonly version: string;
  readonly nodeVersion: string;
  readonly now: Clock;
  readonly print: Print;
}

/** `config` is the loader's: that it fails is the first thing to be told. Whether all is well, and what the config said. */
export async function doctor(
  config: () => Promise<Config>,
  options: DoctorOptions,
): Promise<{ readonly ok: boolean; readonly configured: boolean }> {
  const { json, version, print } = options;
  const findings: (Finding & { readonly corp?: string })[] = [];
  const tell = (finding: Finding, corp?: string): void => {
    findings.push({ ...finding, ...(corp === undefined ? {} : { corp }) });
    if (!json) print(shown(finding));
  };
  let loaded: Config | undefined;
  try {
    loaded = await config();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const finding of allBlockedBy(CHECKS, misconfigured(error))) tell(finding);
  }
  if (loaded !== undefined) await examineAll(loaded, options, tell);
  const ok = findings.every((finding) => finding.ok);
  if (json) print(JSON.stringify({ ok, version, checks: findings }));
  return { ok, configured: loaded !== undefined };
}

type Tell = (finding: Finding, of?: string) => void;

/** Each suite, and each corp: those of the configuration and those that have authorised. */
async function examineAll(config: Config, options: DoctorOptions, tell: Tell): Promise<void> {
  const { json, corp: wanted, now, print } = options;
  const head = (label: string, id: string): void => {
    if (!json) print(`— ${label}（${id}）`);
  };
  for (const suite of wanted === undefined ? config.suites : []) {
    head(suite.name, suite.suiteId);
    for await (const finding of examineSuite(config, suite, now)) tell(finding, suite.name);
  }
  const corps = await known(config, now);
  for (const corp of wanted === undefined ? corps : [whichCorp(corps, named, wanted)]) {
    const label = corps.length === 1 && config.suites.length === 0 ? undefined : labelOf(named(corp));
    if (label !== undefined) head(label, corp.wecom.corpId);
    const { asking, done } = await askingOf(config, corp, now);
    await examine(corp, options, asking, (finding) => tell(finding, label)).finally(done);
  }
}

/** What is wrong with the database is each corp's to tell. */
async function known(config: Config, now: Clock): Promise<readonly CorpConfig[]> {
  return corpsKnown(config, now).catch(() => config.corps);
}

function misconfigured({ problems }: ConfigError): Finding {
  const advice = '请逐条改好再运行一次，写法见 docs/configuration.md。';
  return {
    id: 'config',
    ok: false,
    title: '配置',
    message: `${problems.join('；')}。`.replace(/([。？！])。$/, '$1'),
    advice,
    code: 'config',
  };
}

async function examine(
  config: CorpConfig,
  options: DoctorOptions,
  asking: AskToken | undefined,
  tell: (finding: Finding) => void,
): Promise<void> {
  const { now, version, nodeVersion } = options;
  let facts: StoreFacts | undefined;
  // A pause that the bot has made after a wrong secret is kept here as well: another call would not help. The token is
  // fetched anew all the same: whether that works is what is asked here.
  const notes: TokenNotes = {
    recall: async (name) => (name === 'token.hold' ? facts?.notes.get(name) : undefined),
    keep: async () => {},
    alone: (work) => work(),
  };
  const wecom = connect(config, now, notes, asking);
  try {
    const surroundings = {
      config,
      wecom,
      now,
      versions: `版本 ${version}，Node ${nodeVersion}`,
      store: async () => {
        facts = await inspectStore(config.databaseUrl, config.key);
        return view(facts);
      },
      menu: async () => publishMenu(wecom.menu, true),
    };
    for await (const finding of diagnose(surroundings, { admin: true })) tell(finding);
  } finally {
    wecom.close();
  }
}

function view({ kind, version, known, freeBytes, notes }: StoreFacts): StoreView {
  const name = kind === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  const state =
    version === 0
      ? '还没有建，第一次启动时会建'
      : version < known
        ? `第 ${version} 版，下次启动时会升级到第 ${known} 版，请先备份`
        : `第 ${version} 版`;
  return { about: `${name}，${state}`, freeBytes, notes };
}

function shown({ ok, title, message, advice = '', code }: Finding): string {
  const number = ok || code === undefined || code.startsWith('blocked.') ? '' : `（${code}）`;
  return `${ok ? '✓' : '✗'} ${title}：${message}${advice}${number}`;
}
