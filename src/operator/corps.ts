/** `corps list|show|pause`: which corps the configuration and the database know, what became of their callbacks, stopping one. */

import type { AppKind, Config } from '../config.ts';
import { callbacksSeen } from '../diagnosis/callback-notes.ts';
import { BotError } from '../errors.ts';
import type { Clock } from '../message.ts';
import { inspectStore } from '../store/inspect.ts';
import { openDatabase } from '../store/open.ts';
import type { NoteName } from '../store/store.ts';
import { appPathOf } from '../suites/corp-config.ts';
import { keyOf } from '../suites/suite.ts';
import type { Print } from './connect.ts';
import {
  type AuthorisedCorp,
  authorisedCorps,
  corpsKnown,
  keyOfAuthorised,
  strayAuthorisations,
} from './corps-known.ts';
import { labelOf, named, whichCorp } from './which-corp.ts';

const KINDS: Readonly<Record<AppKind, string>> = {
  'self-built': '自建',
  customized: '代开发',
  'third-party': '第三方',
};
const DAY_MS = 24 * 60 * 60_000;

/** One line for each, those of the configuration first. Reads only. */
export async function listCorps(config: Config, { now, print }: { now: Clock; print: Print }): Promise<void> {
  const line = (...parts: readonly string[]): void => print(parts.join('　'));
  for (const corp of config.corps) {
    const { notes } = await inspectStore(config.databaseUrl, corp.key);
    line(labelOf(named(corp)), corp.wecom.corpId, corp.server.callbackPath, KINDS[corp.app], stateOf(notes));
  }
  const authorised = await authorisedCorps(config, now);
  for (const each of authorised) {
    const { suite, authorisation } = each;
    const { notes } = await inspectStore(config.databaseUrl, keyOfAuthorised(each));
    const label = each.config?.name ?? `${suite.name}:${authorisation.corpName || authorisation.corpId}`;
    line(label, authorisation.corpId, appPathOf(suite), KINDS[suite.kind], standing(each) ?? stateOf(notes));
  }
  const strays = await strayAuthorisations(config, now);
  for (const { suiteId, corpId, corpName } of strays)
    line(keyOf(suiteId, corpId), corpName, '授权的应用不在配置里，没有服务它');
  const known = new Set([
    ...config.corps.map(({ key }) => key),
    ...authorised.map(keyOfAuthorised),
    ...strays.map(({ suiteId, corpId }) => keyOf(suiteId, corpId)),
  ]);
  const { corps } = await inspectStore(config.databaseUrl, '');
  for (const key of corps.filter((each) => !known.has(each))) line(key, '不在配置里，数据库里还有它的记录');
}

/** Why a company that has authorised, or had, is not served; undefined when it is. */
function standing({ suite, authorisation, config }: AuthorisedCorp): string | undefined {
  const { state, changedAt, agentId } = authorisation;
  if (state === 'cancelled')
    return `${moment(changedAt)} 取消了授权，${moment(changedAt + suite.keepDays * DAY_MS)} 之后删除它的记录`;
  if (agentId === undefined) return '已授权，还没有应用';
  return config === undefined ? '已授权，用现在的密钥打不开' : undefined;
}

/** Throws UsageError. Reads only. */
export async function showCorp(
  config: Config,
  wanted: string,
  { now, print }: { now: Clock; print: Print },
): Promise<void> {
  const corp = whichCorp(await corpsKnown(config, now), named, wanted);
  const { wecom, server, access, defaultStrategyId, key, app } = corp;
  const { notes } = await inspectStore(config.databaseUrl, key);
  const { verified, taken, refused } = callbacksSeen(notes);
  const facts: readonly (readonly [what: string, fact: string])[] = [
    ['名字', labelOf(named(corp))],
    ['应用', KINDS[app]],
    ['企业 ID', wecom.corpId],
    ['AgentId', String(wecom.agentId)],
    ['回调路径', server.callbackPath],
    ['管理员', access.botAdmins.join('、') || '没有写'],
    ['谁可以查', access.readAccess],
    ['角色', `${access.roles.length} 条`],
    ['默认规则组', String(defaultStrategyId ?? '没有写')],
    ['状态', stateOf(notes)],
    ['网址验证', verified === undefined ? NONE : moment(verified)],
    ['最近一条消息', taken === undefined ? NONE : moment(taken)],
    ['最近一次拒绝', refused === undefined ? NONE : `${moment(refused.at)}（${refused.reason}）`],
  ];
  for (const [what, fact] of facts) print(`${what}：${fact}`);
}

/**
 * The running bot hears of it within seconds, by the database. Throws UsageError, and BotError `store.*`: where the bot has
 * never run there is nothing to stop.
 */
export async function pauseCorp(
  config: Config,
  wanted: string,
  { on, now, print }: { readonly on: boolean; readonly now: Clock; readonly print: Print },
): Promise<void> {
  const corp = whichCorp(await corpsKnown(config, now), named, wanted);
  const { version, known } = await inspectStore(config.databaseUrl, corp.key);
  if (version === 0) throw new BotError('store.absent', 'setup');
  if (version < known) throw new BotError('store.older', 'setup', { facts: { found: version, known } });
  const database = await openDatabase(config.databaseUrl, { now });
  try {
    await database.keepNote(corp.key, 'paused', on ? String(now()) : '');
  } finally {
    await database.close();
  }
  const label = labelOf(named(corp));
  print(
    on
      ? `「${label}」已暂停：几秒之内生效，成员会听到暂停服务，什么都不执行。恢复：corps pause ${label} --off`
      : `「${label}」已恢复，几秒之内生效。`,
  );
}

function stateOf(notes: ReadonlyMap<NoteName, string>): string {
  const since = notes.get('paused') ?? '';
  if (since !== '') return `暂停（${moment(Number(since))}起）`;
  return notes.has('callback.taken') ? '正常' : '还没有收到过消息';
}

const NONE = '没有';

function moment(ms: number): string {
  return new Date(ms).toISOString();
}
