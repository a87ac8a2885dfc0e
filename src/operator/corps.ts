/** `corps`: which corps the configuration and the database know, what became of their callbacks, and stopping one. */

import type { Config } from '../config.ts';
import { callbacksSeen } from '../diagnosis/callback-notes.ts';
import { BotError } from '../errors.ts';
import type { Clock } from '../message.ts';
import { inspectStore } from '../store/inspect.ts';
import { openDatabase } from '../store/open.ts';
import type { NoteName } from '../store/store.ts';
import type { Print } from './connect.ts';
import { labelOf, named, whichCorp } from './which-corp.ts';

/** One line for each, those of the configuration first. Reads only. */
export async function listCorps(config: Config, print: Print): Promise<void> {
  for (const corp of config.corps) {
    const { corpId } = corp.wecom;
    const { notes } = await inspectStore(config.databaseUrl, corpId);
    print(`${labelOf(named(corp))}　${corpId}　${corp.server.callbackPath}　${stateOf(notes)}`);
  }
  const configured = new Set(config.corps.map(({ wecom }) => wecom.corpId));
  const { corps } = await inspectStore(config.databaseUrl, '');
  for (const corpId of corps.filter((each) => !configured.has(each)))
    print(`${corpId}　不在配置里，数据库里还有它的记录`);
}

/** Throws UsageError. Reads only. */
export async function showCorp(config: Config, wanted: string, print: Print): Promise<void> {
  const corp = whichCorp(config.corps, named, wanted);
  const { wecom, server, access, defaultStrategyId } = corp;
  const { notes } = await inspectStore(config.databaseUrl, wecom.corpId);
  const { verified, taken, refused } = callbacksSeen(notes);
  const facts: readonly (readonly [what: string, fact: string])[] = [
    ['名字', labelOf(named(corp))],
    ['企业 ID', wecom.corpId],
    ['AgentId', String(wecom.agentId)],
    ['回调路径', server.callbackPath],
    ['管理员', access.botAdmins.join('、') || '没有写'],
    ['谁可以查', access.readAccess],
    ['角色', `${access.roles.length} 条`],
    ['默认的标签库', defaultStrategyId === 'corp' ? '企业标签' : String(defaultStrategyId ?? '没有写')],
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
  const corp = whichCorp(config.corps, named, wanted);
  const { version, known } = await inspectStore(config.databaseUrl, corp.wecom.corpId);
  if (version === 0) throw new BotError('store.absent', 'setup');
  if (version < known) throw new BotError('store.older', 'setup', { facts: { found: version, known } });
  const database = await openDatabase(config.databaseUrl, { now });
  try {
    await database.keepNote(corp.wecom.corpId, 'paused', on ? String(now()) : '');
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
