/** A suite as a command sees it: with what the database keeps of it, and the platform asked in its name. */

import type { Config, CorpConfig, SuiteConfig } from '../config.ts';
import type { Clock } from '../message.ts';
import { createKeyRing, type KeyRing } from '../sealing.ts';
import { openDatabase } from '../store/open.ts';
import type { SuiteStore } from '../store/suite-store.ts';
import { createSuite, type Suite } from '../suites/suite.ts';
import type { AskToken } from '../wecom/token.ts';
import { quietly } from './connect.ts';

export interface OpenSuite {
  readonly suite: Suite;
  readonly store: SuiteStore;
  readonly ring: KeyRing;
  close(): Promise<void>;
}

/** Undefined without a key. Reads only. Throws BotError `store.*`. */
export async function openSuite(config: Config, of: SuiteConfig, now: Clock): Promise<OpenSuite | undefined> {
  if (config.credentialKeys === undefined) return undefined;
  const ring = createKeyRing(config.credentialKeys);
  const database = await openDatabase(config.databaseUrl, { now, readOnly: true });
  try {
    const store = await database.suites([]);
    const baseUrl = config.wecom.apiBaseUrl;
    const suite = createSuite(of, { ...quietly(now), store, ring, baseUrl, egress: config.network });
    return {
      suite,
      store,
      ring,
      close: async () => {
        suite.api.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** How the token of a corp is asked for, where that takes its suite; `done` closes what it takes. */
export async function askingOf(
  config: Config,
  { app, key, wecom }: CorpConfig,
  now: Clock,
): Promise<{ readonly asking: AskToken | undefined; done(): Promise<void> }> {
  const of = config.suites.find(({ suiteId }) => key.startsWith(`${suiteId}/`));
  const opened = app === 'third-party' && of !== undefined ? await openSuite(config, of, now) : undefined;
  return {
    asking: opened?.suite.api.askCorpToken({ corpId: wecom.corpId, permanentCode: wecom.secret }),
    done: async () => opened?.close(),
  };
}
