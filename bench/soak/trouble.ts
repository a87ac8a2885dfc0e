/** Trouble on the platform's side, a stretch now and then, and what it explains afterwards. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Faults } from '../../src/sandbox/protocol.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';

/** ms since 1970; what happens later, but because of it, belongs to it as well. */
export interface Stretch {
  readonly what: string;
  readonly from: number;
  until: number;
}

/** The bot waits 10 s for an answer; what it asks again, and what it answers then, comes after that. */
const AFTERMATH_MS = 15_000;
/** Much longer than what comes after: in between nothing excuses anything. */
const QUIET_MS = { first: 5_000, least: 30_000, most: 60_000 };

/** Each by name with what is switched on, and for how long; those with `times` switch themselves off. */
const KINDS: readonly (readonly [what: string, faults: Partial<Faults>, ms: number])[] = [
  ['busy', { busy: { on: true, times: 2 } }, 1_000],
  ['45033', { errcode: { on: true, code: 45033, times: 2 } }, 1_000],
  ['rate limit', { rateLimited: { on: true, times: 1 } }, 1_000],
  ['gateway', { badGateway: { on: true, times: 2 } }, 1_000],
  ['broken before', { brokenBefore: { on: true, times: 1 } }, 1_000],
  ['broken after a write', { brokenAfter: { on: true, times: 1, path: '_strategy_tag' } }, 1_000],
  ['expired token', { expiredToken: { on: true } }, 300],
  ['untrusted address', { untrustedIp: { on: true } }, 1_500],
  ['not what was asked for', { wrongShape: { on: true, times: 1, path: 'get_strategy_tag_list' } }, 1_000],
  ['slow', { slow: { on: true, ms: 1_500 } }, 2_000],
  ['timeout', { slow: { on: true, ms: 10_500, path: 'add_strategy_tag' } }, 1_500],
];

export class Trouble {
  readonly #sandbox: Sandbox;
  readonly #random: () => number;
  readonly stretches: Stretch[] = [];

  constructor(sandbox: Sandbox, random: () => number) {
    this.#sandbox = sandbox;
    this.#random = random;
  }

  /** One kind after the other, until then. */
  async go(until: () => boolean): Promise<void> {
    for (let at = 0; ; at++) {
      const quietMs = QUIET_MS.least + this.#random() * (QUIET_MS.most - QUIET_MS.least);
      await this.#quiet(at === 0 ? QUIET_MS.first : quietMs, until);
      if (until()) return;
      const [what, faults, ms] = KINDS[at % KINDS.length] as (typeof KINDS)[number];
      const stretch: Stretch = { what, from: Date.now(), until: Number.POSITIVE_INFINITY };
      this.stretches.push(stretch);
      this.#sandbox.setFaults(faults);
      await pause(ms);
      for (const name of Object.keys(faults) as (keyof Faults)[]) this.#off(name);
      stretch.until = Date.now();
    }
  }

  /** Whether trouble can be the reason of what happened from `from` to `to`, ms since 1970. */
  explains(from: number, to: number): boolean {
    return this.stretches.some((stretch) => from <= stretch.until + AFTERMATH_MS && to >= stretch.from);
  }

  #off(name: keyof Faults): void {
    this.#sandbox.setFaults({ [name]: { ...this.#sandbox.corp.trouble.faults[name], on: false } });
  }

  async #quiet(ms: number, until: () => boolean): Promise<void> {
    const end = Date.now() + ms;
    while (Date.now() < end && !until()) await pause(200);
  }
}
