/** One suite of a provider: what is configured, its ticket, and what is asked of the platform in its name. */

import type { SuiteConfig } from '../config.ts';
import { BotError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../message.ts';
import type { KeyRing } from '../sealing.ts';
import type { SealedValue, SuiteStore } from '../store/suite-store.ts';
import type { SendOptions } from '../wecom/client.ts';
import { createSuiteApi, noTicket, type SuiteApi } from '../wecom/suite.ts';

export interface Suite {
  readonly config: SuiteConfig;
  readonly api: SuiteApi;
}

/** Of a ticket (doc 97162). */
export const TICKET_LIFE_MS = 30 * 60_000;

export interface SuiteDeps extends Omit<SendOptions, 'refusal'> {
  readonly store: SuiteStore;
  readonly ring: KeyRing;
  readonly log: Log;
  readonly now: Clock;
}

/** Calls nothing. */
export function createSuite(config: SuiteConfig, deps: SuiteDeps): Suite {
  const { store, ring, now } = deps;
  const { suiteId, name } = config;

  async function ticket(): Promise<string> {
    const kept = await store.ticket(suiteId);
    if (kept === undefined || now() - kept.at >= TICKET_LIFE_MS) throw noTicket(name);
    const opened = ring.open(kept.sealed, place('ticket', suiteId));
    if (opened === undefined) throw unopened({ suite: name });
    return opened;
  }

  return { config, api: createSuiteApi(config, ticket, { ...deps, log: deps.log.child({ suite: name }) }) };
}

/** What a seal is bound to, so that it opens nowhere else. */
export function place(of: SealedValue['of'], suiteId: string, key = ''): string {
  return `${of} ${suiteId} ${key}`;
}

/** Under which everything of a company that uses this suite is kept. */
export function keyOf(suiteId: string, corpId: string): string {
  return `${suiteId}/${corpId}`;
}

/** Of what was sealed with a key that is not here. */
export function unopened(facts: Record<string, string>): BotError {
  return new BotError('suite.key', 'setup', {
    facts,
    operator: {
      cause: '数据库里存的授权打不开：不是用现在的 CREDENTIAL_KEY_FILE 加密的。',
      step: '请换回原来的密钥；换过密钥的话，把旧的写在第二行。',
    },
  });
}
