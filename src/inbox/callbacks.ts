/**
 * The callbacks that wait for one answer: WeCom's first and its repeats. What goes back inside a callback counts as given
 * only when it has left: a connection may be cut at any moment, and the record must not say that the member has it.
 */

export class Callbacks {
  #sent: Promise<boolean>[];
  #isCarried = false;

  constructor(...sent: Promise<boolean>[]) {
    this.#sent = sent;
  }

  /** `sent`: true once the response has left, false when the connection was cut before. */
  add(sent: Promise<boolean>): void {
    if (!this.#isCarried) this.#sent.push(sent);
  }

  /** Whether one of them has carried the answer away; false when all were cut off, those included that came meanwhile. */
  async carried(): Promise<boolean> {
    for (const sent of this.#sent) this.#isCarried ||= await sent;
    if (this.#isCarried) this.#sent = [];
    return this.#isCarried;
  }
}
