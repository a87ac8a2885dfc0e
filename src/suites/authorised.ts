/**
 * The companies that have authorised a suite, as this process knows them, and the corps kept in step with that: there as
 * soon as it is known which app they have, otherwise configured with a new permanent code, gone when the authorisation is.
 */

import type { Config, CorpConfig } from '../config.ts';
import type { Corps } from '../corps/corps.ts';
import type { Log } from '../log.ts';
import type { KeyRing } from '../sealing.ts';
import type { Authorisation, SuiteStore } from '../store/suite-store.ts';
import { corpConfigOf } from './corp-config.ts';
import { keyOf, place, type Suite } from './suite.ts';

export interface AuthorisedDeps {
  readonly config: Config;
  readonly suites: ReadonlyMap<string, Suite>;
  readonly store: SuiteStore;
  readonly ring: KeyRing;
  readonly corps: Pick<Corps, 'put' | 'remove' | 'has'>;
  readonly log: Log;
}

export interface Authorised {
  /** One that is served; one that is not known yet is looked for in the store, where another replica may have put it. */
  find(suite: Suite, corpId: string): Promise<CorpConfig | undefined>;
  /** The authorisation as it is now, and the corp in step with it. */
  look(suiteId: string, corpId: string): Promise<Authorisation | undefined>;
  /** The permanent code in clear; undefined after it was cancelled, and for what no key opens, which is told in the log. */
  codeOf(authorisation: Authorisation): string | undefined;
  /** Brings all corps in step with the store. */
  sync(): Promise<void>;
}

export function createAuthorised({ config, suites, store, ring, corps, log }: AuthorisedDeps): Authorised {
  /** By key. `as`: what it was made of. */
  const served = new Map<string, { readonly as: string; readonly config: CorpConfig }>();
  /** By key: of which look the corp is. */
  const lookedAt = new Map<string, number>();
  let looks = 0;
  /** Told once each. */
  const unopened = new Set<string>();

  function codeOf({ suiteId, corpId, permanentCode, version }: Authorisation): string | undefined {
    if (permanentCode === undefined) return undefined;
    const code = ring.open(permanentCode, place('permanentCode', suiteId, corpId));
    const name = `${keyOf(suiteId, corpId)} ${version}`;
    if (code === undefined && !unopened.has(name)) {
      unopened.add(name);
      log.error(
        { corp: keyOf(suiteId, corpId), code: 'suite.key' },
        'a permanent code is sealed with a key that is not here; the company is not served',
      );
    }
    return code;
  }

  /** What was read before another look began may be older than what that one has found. */
  function heed(authorisation: Authorisation, look: number): void {
    const { suiteId, corpId, agentId, version, corpName, admins } = authorisation;
    const suite = suites.get(suiteId);
    const key = keyOf(suiteId, corpId);
    if (look < (lookedAt.get(key) ?? 0)) return;
    lookedAt.set(key, look);
    const as = JSON.stringify([version, agentId, corpName, admins]);
    if (suite === undefined || (served.get(key)?.as === as && authorisation.state === 'active')) return;
    const permanentCode = codeOf(authorisation);
    if (permanentCode === undefined || agentId === undefined) {
      drop(key);
      return;
    }
    const corp = corpConfigOf(config, suite.config, { corpId, agentId, permanentCode, corpName, admins });
    served.set(key, { as, config: corp });
    const asked = suite.config.kind === 'third-party' ? suite.api.askCorpToken({ corpId, permanentCode }) : undefined;
    corps.put(corp, asked);
  }

  function drop(key: string): void {
    served.delete(key);
    if (corps.has(key)) void corps.remove(key);
  }

  async function look(suiteId: string, corpId: string): Promise<Authorisation | undefined> {
    const at = ++looks;
    const authorisation = await store.authorisation(suiteId, corpId);
    if (authorisation) heed(authorisation, at);
    return authorisation;
  }

  return {
    async find(suite, corpId) {
      const { suiteId } = suite.config;
      const known = served.get(keyOf(suiteId, corpId));
      if (known) return known.config;
      await look(suiteId, corpId);
      return served.get(keyOf(suiteId, corpId))?.config;
    },
    look,
    codeOf,
    async sync() {
      const at = ++looks;
      const all = await store.authorisations();
      for (const authorisation of all) heed(authorisation, at);
      const left = new Set(all.map(({ suiteId, corpId }) => keyOf(suiteId, corpId)));
      for (const [key, lookedLast] of lookedAt) {
        if (left.has(key) || lookedLast > at) continue;
        drop(key);
        lookedAt.delete(key);
      }
    },
  };
}
