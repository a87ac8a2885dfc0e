/**
 * What replicas tell each other through the database (NOTIFY): that a message is answered, that a library was changed, that
 * an authorisation was.
 * A hint only: what is missed while the connection is lost is found in the tables.
 */

type Announcement =
  | readonly ['answered', corpId: string, key: string]
  | readonly ['raised', corpId: string, library: string, version: number, by: number | null]
  | readonly ['authorised', suiteId: string, corpId: string];

export class Announcements {
  /** By corp and message key. */
  readonly #waiting = new Map<string, Set<() => void>>();
  /** By corp. */
  readonly #listeners = new Map<string, ((library: string, version: number) => void)[]>();

  readonly #onAuthorised = new Set<() => void>();

  static written(announcement: Announcement): string {
    return JSON.stringify(announcement);
  }

  /**
   * Takes in what a replica has told; of its own changes a replica knows already. Others may use the channel, too: what is
   * no announcement is passed over.
   */
  hear(payload: string, ownNumber: number): void {
    const [what, corpId, name, version, by] = parsed(payload);
    if (typeof corpId !== 'string' || typeof name !== 'string') return;
    if (what === 'answered') for (const wake of this.#waiting.get(ofCorp(corpId, name)) ?? []) wake();
    if (what === 'authorised') for (const listen of this.#onAuthorised) listen();
    if (what === 'raised' && typeof version === 'number' && by !== ownNumber)
      for (const listen of this.#listeners.get(corpId) ?? []) listen(name, version);
  }

  onRaised(corpId: string, listener: (library: string, version: number) => void): void {
    this.#listeners.set(corpId, [...(this.#listeners.get(corpId) ?? []), listener]);
  }

  /** Whenever an authorisation has become another, by whomever. */
  onAuthorised(listener: () => void): void {
    this.#onAuthorised.add(listener);
  }

  /** Nobody listens for this corp any more. */
  forget(corpId: string): void {
    this.#listeners.delete(corpId);
  }

  /** Resolves when the message is said to be answered, or after `ms`. `ready` is waited for: nothing is missed after it. */
  async answered(corpId: string, messageKey: string, ms: number, ready: () => Promise<boolean>): Promise<void> {
    const key = ofCorp(corpId, messageKey);
    let wake = (): void => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(wake));
    const timer = setTimeout(wake, ms);
    try {
      if (!(await ready())) await woken;
    } finally {
      clearTimeout(timer);
      waiting.delete(wake);
      if (waiting.size === 0) this.#waiting.delete(key);
    }
  }
}

function ofCorp(corpId: string, key: string): string {
  return `${corpId}\n${key}`;
}

function parsed(payload: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(payload);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
