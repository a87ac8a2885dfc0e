/** `corps remove`: everything of one corp is deleted from the database, once it is served no more. */

import type { Config } from '../config.ts';
import type { Clock } from '../message.ts';
import { inspectStore } from '../store/inspect.ts';
import { openDatabase } from '../store/open.ts';
import { keyOf } from '../suites/suite.ts';
import { UsageError } from './command-line.ts';
import type { Print } from './connect.ts';
import { authorisedCorps, keyOfAuthorised, strayAuthorisations } from './corps-known.ts';
import { type Named, whichCorp } from './which-corp.ts';

export interface RemoveOptions {
  /** Without it nothing is done but to say what would be. */
  readonly yes: boolean;
  readonly now: Clock;
  readonly print: Print;
}

interface Removable extends Named {
  readonly key: string;
  /** Why it may not be removed yet. */
  readonly not?: string;
  /** What goes as well. */
  readonly authorisation?: { readonly suiteId: string; readonly corpId: string };
}

/** Whether it was done. Throws UsageError, and BotError `store.*`: `store.locked` while somebody serves it. */
export async function removeCorp(config: Config, wanted: string, { yes, now, print }: RemoveOptions): Promise<boolean> {
  const { key, not, authorisation } = whichCorp(await removable(config, now), (each) => each, wanted);
  if (not !== undefined) throw new UsageError(not);
  if (!yes) {
    print(`会删掉「${wanted}」（${key}）的一切：改动记录、消息、设置，删了就找不回来。`);
    print(`要留底就先运行 journal --corp ${key}；确定要删，加上 --yes。`);
    return false;
  }
  const database = await openDatabase(config.databaseUrl, { now });
  try {
    await database.purge(key);
    if (authorisation) {
      const store = await database.suites([]);
      // Of a suite that is configured no longer nobody has ended it.
      await store.cancel(authorisation, { stamp: Math.floor(now() / 1000), receivedAt: now() }, now());
      await store.forget(authorisation);
    }
  } finally {
    await database.close();
  }
  print(`「${wanted}」（${key}）的记录都删掉了。`);
  return true;
}

async function removable(config: Config, now: Clock): Promise<Removable[]> {
  const authorised = await authorisedCorps(config, now);
  const listed: Removable[] = [
    ...config.corps.map(({ name, key, wecom }) => ({
      name,
      corpId: wecom.corpId,
      key,
      not: `「${name ?? key}」还在配置里：先从配置里去掉它，重启机器人，再删。`,
    })),
    ...authorised.map((each): Removable => {
      const { suite, authorisation } = each;
      const { suiteId, corpId, corpName, state } = authorisation;
      const name = `${suite.name}:${corpName || corpId}`;
      const not = `「${name}」还授权着：企业取消授权以后才能删，过了 ${suite.keepDays} 天也会自己删。`;
      const rest = state === 'active' ? { not } : { authorisation: { suiteId, corpId } };
      return { name, corpId, key: keyOfAuthorised(each), ...rest };
    }),
  ];
  for (const { suiteId, corpId } of await strayAuthorisations(config, now))
    listed.push({ name: undefined, corpId, key: keyOf(suiteId, corpId), authorisation: { suiteId, corpId } });
  const known = new Set(listed.map(({ key }) => key));
  const { corps } = await inspectStore(config.databaseUrl, '');
  return [
    ...listed,
    ...corps.filter((key) => !known.has(key)).map((key): Removable => ({ name: undefined, corpId: key, key })),
  ];
}
