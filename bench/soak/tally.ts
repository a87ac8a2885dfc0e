/** What was asked and answered, by kind, and what was wrong. */

export interface Kind {
  asked: number;
  /** Told why it could not be done, while there was trouble. */
  refused: number;
  /** Nothing came in time, in trouble: it is given with the member's next message. */
  owed: number;
  wrong: number;
}

export class Tally {
  readonly kinds = new Map<string, Kind>();
  /** The first few, in words. */
  readonly wrong: string[] = [];

  right(kind: string): void {
    this.#of(kind).asked++;
  }

  refused(kind: string): void {
    this.#of(kind).asked++;
    this.#of(kind).refused++;
  }

  owed(kind: string): void {
    this.#of(kind).asked++;
    this.#of(kind).owed++;
  }

  wrongly(kind: string, how: string): void {
    this.#of(kind).asked++;
    this.#of(kind).wrong++;
    if (this.wrong.length < 20) this.wrong.push(`${new Date().toISOString()} ${kind}: ${how.slice(0, 300)}`);
  }

  #of(kind: string): Kind {
    const found = this.kinds.get(kind) ?? { asked: 0, refused: 0, owed: 0, wrong: 0 };
    this.kinds.set(kind, found);
    return found;
  }
}
