/** The corps that a command may mean: those of the configuration, and those that have authorised a suite. */

import type { Config, CorpConfig, SuiteConfig } from '../config.ts';
import type { Clock } from '../message.ts';
import { createKeyRing } from '../sealing.ts';
import { inspectStore } from '../store/inspect.ts';
import { openDatabase } from '../store/open.ts';
import type { Authorisation, SuiteStore } from '../store/suite-store.ts';
import { corpConfigOf } from '../suites/corp-config.ts';
import { keyOf, place } from '../suites/suite.ts';

/** A company that has authorised a suite of the configuration, or had. */
export interface AuthorisedCorp {
  readonly suite: SuiteConfig;
  readonly authorisation: Authorisation;
  /** As the bot serves it; undefined while it does not. */
  readonly config: CorpConfig | undefined;
}

/** Runs `look` with what is kept of suites; undefined where there is no database of this version yet. Reads only. */
export async function lookAtSuites<T>(
  databaseUrl: string,
  now: Clock,
  look: (store: SuiteStore) => Promise<T>,
): Promise<T | undefined> {
  const { version, known } = await inspectStore(databaseUrl, '');
  if (version < known) return undefined;
  const database = await openDatabase(databaseUrl, { now, readOnly: true });
  try {
    return await look(await database.suites([]));
  } finally {
    await database.close();
  }
}

/** In the order of the suites. Throws BotError `store.*`. */
export async function authorisedCorps(config: Config, now: Clock): Promise<AuthorisedCorp[]> {
  if (config.suites.length === 0) return [];
  const all = await lookAtSuites(config.databaseUrl, now, (store) => store.authorisations());
  return config.suites.flatMap((suite) =>
    (all ?? [])
      .filter(({ suiteId }) => suiteId === suite.suiteId)
      .map((authorisation) => ({ suite, authorisation, config: served(config, suite, authorisation) })),
  );
}

function served(config: Config, suite: SuiteConfig, authorisation: Authorisation): CorpConfig | undefined {
  const { suiteId, corpId, agentId, permanentCode: sealed } = authorisation;
  if (sealed === undefined || agentId === undefined || config.credentialKeys === undefined) return undefined;
  const permanentCode = createKeyRing(config.credentialKeys).open(sealed, place('permanentCode', suiteId, corpId));
  return permanentCode === undefined
    ? undefined
    : corpConfigOf(config, suite, { ...authorisation, agentId, permanentCode });
}

/** Authorisations of suites that the configuration has no longer. Throws BotError `store.*`. */
export async function strayAuthorisations(config: Config, now: Clock): Promise<Authorisation[]> {
  const all = await lookAtSuites(config.databaseUrl, now, (store) => store.authorisations());
  return (all ?? []).filter((each) => config.suites.every(({ suiteId }) => suiteId !== each.suiteId));
}

/** Those of the configuration first, then those that are served because they have authorised. */
export async function corpsKnown(config: Config, now: Clock): Promise<CorpConfig[]> {
  const authorised = await authorisedCorps(config, now);
  return [...config.corps, ...authorised.flatMap((each) => (each.config === undefined ? [] : [each.config]))];
}

/** What everything of it is kept under. */
export function keyOfAuthorised({ authorisation: { suiteId, corpId } }: AuthorisedCorp): string {
  return keyOf(suiteId, corpId);
}
