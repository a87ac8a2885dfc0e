/**
 * What the replicas of a bot, and its later runs, share of one app's access token: the token itself and the pause after
 * wrong credentials. The token is kept sealed, since a database is backed up and read by more people than the secret: the
 * key comes of the secret, which nobody needs who could not fetch a token anyway.
 */

import { createHash, hkdfSync } from 'node:crypto';
import { codeOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { open, seal } from '../sealing.ts';

/** Where it is kept. */
export interface TokenNotes {
  /** What was kept last under this name; undefined for nothing. */
  recall(name: 'token' | 'token.hold'): Promise<string | undefined>;
  keep(name: 'token' | 'token.hold', note: string): Promise<void>;
  /** Runs `work` while no other replica fetches a token. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export interface Held {
  readonly token: string;
  /** ms, both. */
  readonly renewAt: number;
  readonly endsAt: number;
}

export interface Hold {
  /** ms. */
  readonly until: number;
  readonly errcode: number;
}

export interface SharedToken {
  token(): Promise<Held | undefined>;
  keepToken(held: Held): Promise<void>;
  hold(): Promise<Hold | undefined>;
  keepHold(hold: Hold): Promise<void>;
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** A store that cannot be read or written holds nobody up: then this process fetches for itself. Nothing here throws. */
export function shareToken(
  { corpId, secret }: { readonly corpId: string; readonly secret: string },
  notes: TokenNotes | undefined,
  log: Log,
): SharedToken {
  /** Those of another secret are not ours. */
  const credentials = createHash('sha256').update(`${corpId}\n${secret}`).digest('hex').slice(0, 16);
  const key = Buffer.from(hkdfSync('sha256', secret, corpId, 'access token', 32));

  async function recall(name: 'token' | 'token.hold'): Promise<string | undefined> {
    return notes?.recall(name).catch(() => undefined);
  }

  async function keep(name: 'token' | 'token.hold', note: string): Promise<void> {
    await notes?.keep(name, note).catch((error: unknown) => log.warn({ code: codeOf(error), name }, 'note not kept'));
  }

  return {
    async token() {
      const note = await recall('token');
      if (note === undefined) return undefined;
      try {
        return JSON.parse(open(key, note)) as Held;
      } catch {
        // Sealed with another secret, or not by us.
        return undefined;
      }
    },
    keepToken: (held) => keep('token', seal(key, JSON.stringify(held))),
    async hold() {
      const note = await recall('token.hold');
      const kept = note === undefined ? undefined : (JSON.parse(note) as Hold & { readonly credentials: string });
      return kept?.credentials === credentials ? kept : undefined;
    },
    keepHold: (hold) => keep('token.hold', JSON.stringify({ ...hold, credentials })),
    async alone(work) {
      if (!notes) return work();
      let begun = false;
      try {
        return await notes.alone(() => {
          begun = true;
          return work();
        });
      } catch (error) {
        if (begun) throw error;
        return work();
      }
    },
  };
}
