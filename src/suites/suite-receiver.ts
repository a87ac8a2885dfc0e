/** Takes what a suite is told: kept first, answered `success`, worked off afterwards. */

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Receiver } from '../callback/route.ts';
import { decodeSuiteMessage, type SuiteMessage } from '../callback/suite-event.ts';
import { BotError, codeOf } from '../errors.ts';
import { type Complaints, complaintsOf, type Log } from '../log.ts';
import type { Clock, IncomingMessage } from '../message.ts';
import type { KeyRing } from '../sealing.ts';
import type { SuiteEvent, SuiteStore } from '../store/suite-store.ts';
import { place, type Suite } from './suite.ts';
import { SUCCESS } from './suite-route.ts';

export interface SuiteReceiverDeps {
  readonly store: SuiteStore;
  readonly ring: KeyRing;
  readonly now: Clock;
  readonly log: Log;
  readonly complaints: Complaints;
  /** Aborted when the program stops. */
  readonly signal: AbortSignal;
  /** There is something to work off. */
  readonly kept: () => void;
  readonly ticketCame: (suiteId: string) => void;
  /** For a company's own app; whether it is served. */
  readonly hint: (suite: Suite, corpId: string, message: IncomingMessage) => Promise<boolean>;
}

/** As long as a code lives: what could not be kept while the database was away is tried again so long. */
const CODE_LIFE_MS = 10 * 60_000;
const AGAIN_MS = 500;
const MOST_UNKEPT = 1_000;

export function suiteReceiver(suite: Suite, deps: SuiteReceiverDeps): Receiver {
  const { store, ring, now, log, signal } = deps;
  const { name, suiteId } = suite.config;
  const complaints = complaintsOf(name, deps.complaints, 'suite');
  let unkept = 0;

  /** The platform comes again for a few seconds; a code lives longer, and is the only one there is. */
  async function keepLater(event: SuiteEvent): Promise<void> {
    if (unkept >= MOST_UNKEPT) return;
    unkept++;
    try {
      while (now() - event.receivedAt < CODE_LIFE_MS) {
        await sleep(AGAIN_MS, undefined, { signal });
        try {
          await store.keepEvent(event);
          return deps.kept();
        } catch {
          // Told by whoever answers the platform.
        }
      }
      log.error({ suite: name, infoType: event.infoType }, 'an event was never kept: the database was away too long');
    } catch {
      // The program stops.
    } finally {
      unkept--;
    }
  }

  async function keep(event: SuiteEvent): Promise<void> {
    try {
      const isNew = await store.keepEvent(event);
      log.info({ suite: name, infoType: event.infoType, repeat: !isNew }, 'event of a suite');
    } catch (error) {
      log.error({ suite: name, infoType: event.infoType, code: codeOf(error) }, 'an event could not be kept yet');
      void keepLater(event);
      throw error;
    }
    deps.kept();
  }

  function eventOf(message: SuiteMessage & { readonly kind: 'code' | 'authorisation' }): SuiteEvent {
    const { infoType, stamp, receivedAt } = message;
    const code = message.kind === 'code' ? message.code : undefined;
    const corpId = message.kind === 'authorisation' ? message.corpId : undefined;
    // A code is one event however often it is told of, and so is an end; what was changed is read anew each time, since two
    // changes may come within the second that the platform counts.
    const moment = infoType === 'change_auth' ? receivedAt : stamp;
    const same = code === undefined ? [infoType, corpId, moment] : [infoType, code];
    const key = createHash('sha256').update(JSON.stringify(same)).digest('base64url');
    const sealed = code === undefined ? undefined : ring.seal(code, place('code', suiteId, key));
    return { suiteId, key, infoType, corpId, code: sealed, stamp, receivedAt };
  }

  async function keepTicket({ ticket, stamp, receivedAt }: SuiteMessage & { readonly kind: 'ticket' }): Promise<void> {
    const sealed = ring.seal(ticket, place('ticket', suiteId));
    const isNewest = await store.keepTicket(suiteId, { sealed, stamp, at: receivedAt });
    if (!isNewest) log.info({ suite: name }, 'an older suite_ticket, passed over');
    else deps.ticketCame(suiteId);
  }

  return {
    async take({ plaintext, receivedAt, stale }, source) {
      const message = decodeSuiteMessage(plaintext, { receivedAt });
      if (message.suiteId !== '' && message.suiteId !== suiteId)
        throw new BotError('callback.suite', 'callback', { facts: { suiteId: message.suiteId.slice(0, 64) } });
      if (stale !== undefined) throw stale;
      const { infoType } = message;
      switch (message.kind) {
        case 'ticket':
          await keepTicket(message);
          break;
        case 'code':
        case 'authorisation':
          await keep(eventOf(message));
          break;
        case 'hint':
          if (!(await deps.hint(suite, message.corpId, message.message)))
            complaints.about('an event of a company that is not served', source, {
              level: 'info',
              fields: { infoType },
            });
          break;
        case 'other':
          complaints.about('an event that means nothing here, acknowledged', source, {
            level: 'info',
            reason: `other ${infoType}`,
            fields: { infoType },
          });
      }
      return SUCCESS;
    },
  };
}
