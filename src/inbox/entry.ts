/** A message at work, and what stays of it in memory for its repeats. */

import type { IncomingMessage, PassiveReply } from '../message.ts';
import type { Callbacks } from './callbacks.ts';
import type { Receiver } from './delivery.ts';
import type { MessageRecord } from './message-record.ts';

/** A message at work. */
export interface Entry extends Receiver {
  message: IncomingMessage;
  /** When the callback that is held arrived, in ticks. */
  since: number;
  /** While the callback is held: answers it before the work is done. */
  early: ((reply: PassiveReply | undefined) => void) | undefined;
  /** What a message that only the store remembers is answered with. */
  replayed: PassiveReply | undefined;
  /** Its callback was answered before its work was done: nothing more can be told by it. */
  isOver: boolean;
  /** What is owed and went back inside the callback is being noted; until then the member's next message waits. */
  settling: Promise<unknown>;
  readonly remembered: Remembered;
}

/** What is kept of a message for its repeats: a thousand whole entries would keep the garbage collector busy. */
export interface Remembered {
  /** What every delivery of this message is answered with. */
  response: Promise<PassiveReply | undefined>;
  /** After a restart or a cut connection: WeCom's repeat has come; its callback can take the answer. */
  repeat: ((message: IncomingMessage) => Promise<PassiveReply | undefined>) | undefined;
  readonly callbacks: Callbacks;
}

export const NOTHING = Promise.resolve(undefined);

/** `since`: when its callback arrived, in ticks. */
export function newEntry(message: IncomingMessage, since: number, record: MessageRecord, callbacks: Callbacks): Entry {
  return {
    message,
    since,
    record,
    early: undefined,
    replayed: undefined,
    isOver: false,
    settling: NOTHING,
    remembered: { response: NOTHING, repeat: undefined, callbacks },
  };
}
