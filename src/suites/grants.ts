/**
 * What a company has granted, read when it authorises and whenever that may have changed. A provider may make the app in the
 * company only after it has authorised the template (doc 97165): then it is looked for again until it is there.
 */

import type { Corps } from '../corps/corps.ts';
import { codeOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../message.ts';
import type { Authorisation, SuiteStore } from '../store/suite-store.ts';
import type { Authorised } from './authorised.ts';
import { greet } from './greeting.ts';
import { keyOf, type Suite } from './suite.ts';

export interface GrantsDeps {
  readonly suites: ReadonlyMap<string, Suite>;
  readonly store: Pick<
    SuiteStore,
    'authorisation' | 'authorisations' | 'authorisedBy' | 'openEvents' | 'describe' | 'alone'
  >;
  readonly authorised: Pick<Authorised, 'codeOf' | 'look'>;
  readonly corps: Corps;
  readonly now: Clock;
  readonly log: Log;
}

export interface Grants {
  /** Reads it, and serves the company from then on. Undefined without a permanent code. Throws BotError. */
  read(suite: Suite, authorisation: Authorisation): Promise<Authorisation | undefined>;
  /** Serves, and greets, those whose app has come about since; to be called every few seconds. Throws nothing. */
  lookForApps(): Promise<void>;
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** For another replica that looks for the same app. */
const TURN_MS = 1_000;

export function createGrants({ suites, store, authorised, corps, now, log }: GrantsDeps): Grants {
  /** By key: when to look again, and how long to wait then. */
  const looks = new Map<string, { readonly at: number; readonly pauseMs: number }>();

  async function read(suite: Suite, authorisation: Authorisation): Promise<Authorisation | undefined> {
    const { suiteId, corpId } = authorisation;
    const permanentCode = authorised.codeOf(authorisation);
    if (permanentCode === undefined) return undefined;
    const { agentId, corpName } = await suite.api.granted({ corpId, permanentCode });
    const isNew = agentId !== undefined && authorisation.admins.length === 0;
    const admins = isNew ? await adminsOf(suite, corpId, agentId) : [];
    await store.describe(authorisation, {
      ...(agentId === undefined ? {} : { agentId }),
      ...(corpName === '' ? {} : { corpName }),
      ...(admins.length === 0 ? {} : { admins }),
    });
    return authorised.look(suiteId, corpId);
  }

  async function adminsOf(suite: Suite, corpId: string, agentId: number): Promise<readonly string[]> {
    try {
      return await suite.api.admins(corpId, agentId);
    } catch (error) {
      log.warn({ corp: keyOf(suite.config.suiteId, corpId), code: codeOf(error) }, 'admins of the app not read');
      return [];
    }
  }

  async function lookForApp(suite: Suite, { suiteId, corpId }: Authorisation, key: string): Promise<void> {
    await store.alone(suiteId, `app:${corpId}`, TURN_MS, async () => {
      const authorisation = await store.authorisation(suiteId, corpId);
      if (authorisation?.state !== 'active' || authorisation.agentId !== undefined) return;
      if (await isAwaited(authorisation)) return;
      const found = await read(suite, authorisation);
      if (found?.agentId === undefined || !corps.has(key)) return;
      log.info({ corp: key, agentId: found.agentId }, 'the app of a company that had authorised is there');
      await greet(suite, found, { corps, log });
    });
  }

  /** The event that has brought it is not done yet, and will greet. */
  async function isAwaited({ suiteId, corpId }: Authorisation): Promise<boolean> {
    for (const event of await store.openEvents()) {
      const brought = await store.authorisedBy(event);
      if (brought?.suiteId === suiteId && brought.corpId === corpId) return true;
    }
    return false;
  }

  return {
    read,
    async lookForApps() {
      const waiting = (await store.authorisations().catch(() => [])).filter(
        ({ state, agentId }) => state === 'active' && agentId === undefined,
      );
      for (const each of waiting) {
        const key = keyOf(each.suiteId, each.corpId);
        const suite = suites.get(each.suiteId);
        const { at, pauseMs } = looks.get(key) ?? { at: now() + FIRST_PAUSE_MS, pauseMs: FIRST_PAUSE_MS };
        const isDue = now() >= at;
        const next = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
        looks.set(key, isDue ? { at: now() + next, pauseMs: next } : { at, pauseMs });
        if (suite && isDue)
          await lookForApp(suite, each, key).catch((error: unknown) =>
            log.warn({ corp: key, code: codeOf(error) }, 'not known yet whether the company has the app'),
          );
      }
      const keys = new Set(waiting.map(({ suiteId, corpId }) => keyOf(suiteId, corpId)));
      for (const key of looks.keys()) if (!keys.has(key)) looks.delete(key);
    },
  };
}
