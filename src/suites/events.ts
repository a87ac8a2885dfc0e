/** What each event of a suite comes to: a company authorised, its code renewed, its grant read anew, its authorisation ended. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Corps } from '../corps/corps.ts';
import { codeOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../message.ts';
import { Lines } from '../queue.ts';
import type { KeyRing } from '../sealing.ts';
import type { Authorisation, NewCode, SuiteEvent, SuiteStore } from '../store/suite-store.ts';
import type { Exchanged } from '../wecom/suite.ts';
import type { Authorised } from './authorised.ts';
import type { Grants } from './grants.ts';
import { greet } from './greeting.ts';
import { keyOf, place, type Suite, unopened } from './suite.ts';
import type { Outcome } from './worker.ts';

export interface EventDeps {
  readonly store: SuiteStore;
  readonly ring: KeyRing;
  readonly authorised: Pick<Authorised, 'look'>;
  readonly grants: Pick<Grants, 'read'>;
  readonly corps: Corps;
  readonly now: Clock;
  readonly log: Log;
  /** Aborted when the program stops. */
  readonly signal: AbortSignal;
}

const STORE_AGAIN_MS = 500;
/** For another replica that is exchanging a code. */
const EXCHANGE_TURN_MS = 10_000;

/** Carries out one event; see worker.ts. Throws BotError for what may be tried again. */
export function eventCarrier(deps: EventDeps): (suite: Suite, event: SuiteEvent) => Promise<Outcome> {
  const { store, ring, authorised, grants, corps, now, log, signal } = deps;
  const lines = new Lines<string>();

  /**
   * One after the other: the platform's newest permanent code is the one that counts, so nobody may be between the
   * exchange of one and its keeping.
   */
  async function exchangeOnce(
    suite: Suite,
    event: SuiteEvent,
    keepCode: (code: NewCode) => Promise<boolean>,
  ): Promise<Authorisation | { readonly refused: string }> {
    const { suiteId } = suite.config;
    return lines.run([suiteId], () =>
      store.alone(suiteId, 'exchange:', EXCHANGE_TURN_MS, () => exchange(suite, event, keepCode)),
    );
  }

  /** Where a crash has come between, the code is spent and what it stood for is kept. */
  async function exchange(
    suite: Suite,
    event: SuiteEvent,
    keepCode: (code: NewCode) => Promise<boolean>,
  ): Promise<Authorisation | { readonly refused: string }> {
    const known = await store.authorisedBy(event);
    if (known) return known;
    const { suiteId } = suite.config;
    const code = event.code === undefined ? undefined : ring.open(event.code, place('code', suiteId, event.key));
    if (code === undefined) throw unopened({ suite: suite.config.name });
    const exchanged = await suite.api.exchange(code);
    const { corpId, corpName, installer } = exchanged;
    const kept = await keep(newCode(event, exchanged), keepCode);
    await store.spendCode(event);
    if (!kept) return { refused: corpId };
    await store.describe(
      { suiteId, corpId },
      { corpName, ...(installer === undefined ? {} : { admins: [installer] }) },
    );
    return fresh(suiteId, corpId);
  }

  function newCode({ suiteId, key, stamp, receivedAt }: SuiteEvent, { corpId, permanentCode }: Exchanged): NewCode {
    const sealed = ring.seal(permanentCode, place('permanentCode', suiteId, corpId));
    return { suiteId, corpId, permanentCode: sealed, eventKey: key, stamp, receivedAt, at: now() };
  }

  /** There is no second permanent code to be had for this one: while the database is away it waits here. */
  async function keep(code: NewCode, keepCode: (code: NewCode) => Promise<boolean>): Promise<boolean> {
    for (;;) {
      try {
        return await keepCode(code);
      } catch (error) {
        log.error(
          { corp: keyOf(code.suiteId, code.corpId), code: codeOf(error) },
          'a permanent code could not be kept yet',
        );
        await sleep(STORE_AGAIN_MS, undefined, { signal });
      }
    }
  }

  async function fresh(suiteId: string, corpId: string): Promise<Authorisation> {
    const found = await store.authorisation(suiteId, corpId);
    if (!found) throw new TypeError('an authorisation that was just kept is not there');
    return found;
  }

  async function create(suite: Suite, event: SuiteEvent): Promise<Outcome> {
    const { suiteId } = suite.config;
    const came = await exchangeOnce(suite, event, store.authorise);
    if ('refused' in came) {
      log.warn({ corp: keyOf(suiteId, came.refused) }, 'authorised, and cancelled since; not taken');
      return 'superseded';
    }
    const read = await grants.read(suite, came);
    const key = keyOf(suiteId, came.corpId);
    if (read?.state !== 'active') return 'superseded';
    if (read.agentId === undefined) {
      log.warn(
        { corp: key },
        'authorised, but there is no app of this suite in the company yet; looked for from now on',
      );
      return 'authorised';
    }
    log.info({ corp: key, agentId: read.agentId, admins: read.admins.length }, 'authorised');
    await greet(suite, read, deps);
    return 'authorised';
  }

  async function renew(suite: Suite, event: SuiteEvent): Promise<Outcome> {
    const { suiteId } = suite.config;
    const came = await exchangeOnce(suite, event, store.renew);
    if ('refused' in came) {
      log.warn(
        { corp: keyOf(suiteId, came.refused) },
        'a new permanent code of a company that has not authorised; not taken',
      );
      return 'unknown-corp';
    }
    await grants.read(suite, came);
    return 'renewed';
  }

  async function change(suite: Suite, { corpId = '' }: SuiteEvent): Promise<Outcome> {
    const { suiteId } = suite.config;
    const authorisation = await store.authorisation(suiteId, corpId);
    if (authorisation?.state !== 'active') return 'unknown-corp';
    await grants.read(suite, authorisation);
    const key = keyOf(suiteId, corpId);
    if (!corps.has(key)) return 'changed';
    const ofCorp = log.child({ corp: key });
    const findings = await corps.with(key, ({ corp }) => {
      corp.granted();
      return corp.diagnose();
    });
    const wrong = findings.filter(({ ok }) => !ok);
    for (const { id, code } of wrong) ofCorp.warn({ check: id, code }, 'not right after the authorisation was changed');
    ofCorp.info({ checks: findings.length, wrong: wrong.length }, 'authorisation changed');
    return 'changed';
  }

  async function cancel(suite: Suite, event: SuiteEvent): Promise<Outcome> {
    const { suiteId, keepDays } = suite.config;
    const { corpId = '' } = event;
    const ended = await store.cancel({ suiteId, corpId }, event, now());
    await authorised.look(suiteId, corpId);
    if (!ended) return 'superseded';
    log.warn({ corp: keyOf(suiteId, corpId), keepDays }, 'authorisation cancelled: stopped, its permanent code wiped');
    return 'cancelled';
  }

  return (suite, event) => {
    switch (event.infoType) {
      case 'create_auth':
        return create(suite, event);
      case 'reset_permanent_code':
        return renew(suite, event);
      case 'change_auth':
        return change(suite, event);
      case 'cancel_auth':
        return cancel(suite, event);
      default:
        throw new TypeError(`an event that should not have been kept: ${event.infoType}`);
    }
  };
}
