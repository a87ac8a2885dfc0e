/**
 * The sessions that a process knows by heart of a corp that it alone works for, and those of them that are not in the
 * database yet: every lookup leaves what it was about, so of each member the latest is written, once a second.
 */

import type { KeptSession } from './store.ts';

const MOST_SESSIONS = 2_000;
/** As JSON, in characters; those that hold a long answer for 更多 are read from the file. */
const LONGEST_SESSION = 2_000;
const WRITE_BEHIND_MS = 1_000;

/** Writes these sessions, as JSON, all or none; `take` is called when it is about to, and may be called again. */
type WriteSessions = (take: () => readonly { readonly member: string; readonly written: string }[]) => Promise<void>;

export class SessionMemory {
  readonly #write: WriteSessions;
  readonly #remembers: boolean;
  /** By member, null for none. */
  readonly #known = new Map<string, KeptSession | null>();
  /** Newer than their rows. */
  readonly #unwritten = new Map<string, KeptSession>();
  #writing: NodeJS.Timeout | undefined;

  /** `remembers`: nobody else writes this corp's rows. */
  constructor(remembers: boolean, write: WriteSessions) {
    this.#remembers = remembers;
    this.#write = write;
  }

  /** null when there is none, undefined when it must be read. */
  latest(member: string): KeptSession | null | undefined {
    return this.#unwritten.get(member) ?? this.#known.get(member);
  }

  /** What the row holds, as it is `written` there. */
  remember(member: string, session: KeptSession | null, written = ''): void {
    if (!this.#remembers) return;
    if (this.#known.size >= MOST_SESSIONS) this.#known.clear();
    if (written.length <= LONGEST_SESSION) this.#known.set(member, session);
    else this.#known.delete(member);
  }

  /** The row is another by now. */
  forget(member: string): void {
    this.#known.delete(member);
  }

  /** In a second, unless something newer comes by then. */
  writeBehind(member: string, session: KeptSession): void {
    this.#unwritten.set(member, session);
    this.#writing ??= setTimeout(() => void this.flush(), WRITE_BEHIND_MS).unref();
  }

  /** A newer one is being written by other means. */
  overtake(member: string): void {
    this.#unwritten.delete(member);
  }

  /** Writes now what waits. Never throws: only where somebody stopped reading is lost, and the next write says why. */
  async flush(): Promise<void> {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    if (this.#unwritten.size === 0) return;
    let due: { readonly member: string; readonly session: KeptSession; readonly written: string }[] = [];
    try {
      await this.#write(() => {
        due = [...this.#unwritten].map(([member, session]) => ({ member, session, written: JSON.stringify(session) }));
        return due;
      });
    } catch {
      // As said above.
    }
    for (const { member, session, written } of due) {
      if (this.#unwritten.get(member) !== session) continue;
      this.#unwritten.delete(member);
      this.remember(member, session, written);
    }
  }
}
