/** Pushing a message to one member (doc 90236) and changing a card that was sent (doc 94888). */
import { BotError } from '../errors.ts';
import type { CardUpdate, PushMessage } from '../message.ts';
import type { Client } from './client.ts';
import { refused } from './errcodes.ts';
import { text } from './shape.ts';

/** Codes of refusals that the platform reports beside errcode 0 when only some receivers are wrong. */
const NO_RECEIVER = 81013;
const NO_LICENCE = 701008;

/**
 * More than 30 messages a minute or 1,000 an hour to one member are dropped by the platform without an error (doc 90236),
 * so the bot counts itself and stays below.
 */
export const PUSH_LIMITS = { perMinute: 25, perHour: 900 } as const;

export interface Messages {
  /**
   * Pushes to one member. Throws BotError when the platform refuses, also when it says 0 but names the member as invalid.
   * Repeated when no proper answer came: seen twice beats never seen.
   */
  send(member: string, message: PushMessage): Promise<void>;
  /** Greys out a card's buttons or replaces the card, for these members only. The code works once, for 72 hours. */
  updateCard(request: {
    readonly responseCode: string;
    readonly userids: readonly string[];
    readonly update: CardUpdate;
  }): Promise<void>;
}

export function createMessages(
  client: Client,
  options: {
    readonly agentId: number;
    readonly now: () => number;
    /** The platform puts names in the place of `$userName=…$` (doc 91958). */
    readonly translatesIds?: boolean;
  },
): Messages {
  const { agentId, now } = options;
  const translating = options.translatesIds === true ? { enable_id_trans: 1 } : {};
  return {
    async send(member, message) {
      // `|` joins receivers and @all is everyone: an answer goes to the one who asked.
      if (member === '' || member.includes('|') || member === '@all') throw new BotError('bug.receiver', 'bug');
      const body = { touser: member, agentid: agentId, ...translating, ...message };
      const sent = await client.call('message/send', body, {
        idempotent: true,
        read: (answer) => ({
          invalid: text(answer.invaliduser),
          unlicensed: text(answer.unlicenseduser),
        }),
      });
      const refusal = { path: 'message/send', errmsg: '', now: now() };
      if (names(sent.invalid, member)) throw refused(NO_RECEIVER, refusal);
      if (names(sent.unlicensed, member)) throw refused(NO_LICENCE, refusal);
    },

    async updateCard({ responseCode, userids, update }) {
      const change =
        update.kind === 'button' ? { button: { replace_name: update.replaceName } } : { template_card: update.card };
      const body = { userids, agentid: agentId, response_code: responseCode, ...translating, ...change };
      await client.call('message/update_template_card', body, { read: () => undefined });
    },
  };
}

/** Userids come back in lower case, joined by `|`. */
function names(joined: string, member: string): boolean {
  return joined.toLowerCase().split('|').includes(member.toLowerCase());
}
