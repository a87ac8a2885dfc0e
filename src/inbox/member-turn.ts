/** The turn of a member among all replicas: the messages of one member are handled one after the other. */

import { BotError, codeOf, explain } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Clock, type IncomingMessage, type Outgoing, wordsIn } from '../message.ts';
import type { Store } from '../store/store.ts';

export interface MemberTurnDeps {
  readonly store: Store;
  readonly log: Log;
  readonly now: Clock;
  /** How long a message waits for those of the same member that other replicas have in hand, in ms. */
  readonly turnMs?: number | undefined;
}

type Handling = () => Promise<Outgoing | undefined>;

export interface MemberTurns {
  /**
   * Runs `handling` in the turn of the message's member, which lasts until `answered`. Without the store there is no turn
   * to wait for; `without` is what happens instead when others keep it for too long.
   */
  inTurn(
    message: IncomingMessage,
    handling: Handling,
    answered: Promise<unknown>,
    without?: Handling,
  ): Promise<Outgoing | undefined>;
  /** Tells that the message has not had its turn, and that nothing was done. */
  noTurn(message: IncomingMessage): Outgoing;
}

const TURN_MS = 30_000;

export function createMemberTurns({ store, log, now, turnMs = TURN_MS }: MemberTurnDeps): MemberTurns {
  function inTurn(
    message: IncomingMessage,
    handling: Handling,
    answered: Promise<unknown>,
    without: Handling = async () => noTurn(message),
  ): Promise<Outgoing | undefined> {
    const { member, key } = message;
    return new Promise((resolve) => {
      const holding = store.alone([`member:${member}`], turnMs, async () => {
        const work = handling();
        resolve(work);
        await Promise.allSettled([work, answered]);
      });
      holding.catch((error: unknown) => {
        log.warn({ member, key, code: codeOf(error) }, 'no turn among the replicas');
        resolve(codeOf(error) === 'store.turn' ? without() : handling());
      });
    });
  }

  function noTurn(message: IncomingMessage): Outgoing {
    const { sentence, advice } = explain(new BotError('store.turn', 'busy'), { admin: false, now: now() });
    const words = wordsIn(message);
    return { text: `${words === undefined ? '' : `「${words}」没有执行：`}${sentence}\n${advice}` };
  }

  return { inTurn, noTurn };
}
