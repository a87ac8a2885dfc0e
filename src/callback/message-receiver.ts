/** Takes the messages of one company's app: decoded, handed to the inbox, the answer sealed as the request was. */

import { randomInt } from 'node:crypto';
import { BotError } from '../errors.ts';
import type { Complaints, Source } from '../log.ts';
import type { Clock, IncomingMessage, PassiveReply } from '../message.ts';
import type { Metrics } from '../metrics.ts';
import { decodeMessage } from './decode.ts';
import type { Seal } from './envelope.ts';
import { writeReply, writeSealed } from './passive.ts';
import type { Admitted, Answer, Receiver } from './route.ts';

/** Where admitted messages go. */
export interface Inbox {
  /** Whether this message has come before: its repeat is welcome however old it is. */
  knows(key: string): Promise<boolean>;
  /**
   * Resolves with what to answer inside the callback; undefined: nothing, only that it has arrived. `sent` is to resolve
   * once the response has left (true) or the connection was cut before (false).
   */
  receive(message: IncomingMessage, sent: Promise<boolean>): Promise<PassiveReply | undefined>;
}

export interface MessageReceiverOptions {
  readonly seal: Pick<Seal, 'seal'>;
  readonly corpId: string;
  /** Undefined while it is not known which number the app has in this company. */
  readonly agentId: number | undefined;
  /** A provider's app is told apart by the seal alone: what stands beside it is spelt in several ways. */
  readonly bySealAlone?: boolean;
  readonly inbox: Inbox;
  readonly now: Clock;
  readonly complaints: Pick<Complaints, 'about'>;
  readonly metrics: Pick<Metrics, 'callback' | 'otherApp'>;
}

export function messageReceiver(options: MessageReceiverOptions): Receiver {
  const { seal, corpId, bySealAlone = false, inbox, now, metrics, complaints } = options;

  async function take(admitted: Admitted, source: Source): Promise<Answer | undefined> {
    const { plaintext, receivedAt, stale, format, sent } = admitted;
    const { message, agentId } = decodeMessage(plaintext, { receivedAt });
    if (!bySealAlone && message.corpId !== '' && message.corpId !== corpId)
      throw new BotError('callback.to-user', 'callback');
    if (stale !== undefined && !(await inbox.knows(message.key))) throw stale;
    if (isOtherApps(message, agentId)) {
      metrics.otherApp();
      complaints.about('message of another app', source, {
        fields: { ours: options.agentId, agentId: agentId.slice(0, 20) },
      });
      return undefined;
    }
    metrics.callback(message.kind);
    const reply = message.kind === 'other' ? undefined : await inbox.receive(message, sent);
    if (reply === undefined) return undefined;
    const seconds = Math.floor(now() / 1000);
    const written = writeReply(reply, { member: message.member, corpId, createTime: seconds }, format);
    const body = writeSealed(seal.seal(written, corpId, seconds, nextNonce()), format);
    return { type: `application/${format}`, body };
  }

  /**
   * The console lets several apps share one address, token and key. A change of the library is the corp's, not an app's,
   * and no more than a hint to read again.
   */
  function isOtherApps(message: IncomingMessage, agentId: string): boolean {
    if (options.agentId === undefined || message.kind === 'tagChange') return false;
    return agentId !== '' && agentId !== String(options.agentId);
  }

  return { take };
}

const nextNonce = nonces();

/** Nonces of replies: digits, never the same twice in a process. */
function nonces(): () => string {
  let next = randomInt(1_000_000_000, 2_000_000_000);
  return () => String(next++);
}
