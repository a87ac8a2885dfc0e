/**
 * The switchable trouble of the sandbox (faults) and its choices where the documentation is silent (variants).
 * A fault hits API calls only, never the control paths.
 */
import type { Faults, Variants } from './protocol.ts';

export const NO_FAULTS: Faults = {
  busy: { on: false },
  slow: { on: false, ms: 3000 },
  rateLimited: { on: false },
  errcode: { on: false, code: 45033 },
  expiredToken: { on: false },
  wrongSecret: { on: false },
  brokenBefore: { on: false },
  brokenAfter: { on: false },
  landsLate: { on: false, ms: 3000 },
  untrustedIp: { on: false },
  badGateway: { on: false },
  wrongShape: { on: false },
};

export const DEFAULT_VARIANTS: Variants = {
  addExisting: 'all',
  foreignStrategy: 60030,
  unknownIds: 'error',
  optionIds: 'OptionIds',
  eventStrategyId: false,
  foreignTag: 40068,
  addToForeign: 'allow',
  deletedFlags: 'shown',
  emptyLists: 'sent',
};

export class Trouble {
  #faults: Faults = NO_FAULTS;
  #variants: Variants = DEFAULT_VARIANTS;
  readonly #changed: () => void;

  /** `changed` is called whenever a fault switches, also when it has used up its `times`. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get faults(): Faults {
    return this.#faults;
  }

  get variants(): Variants {
    return this.#variants;
  }

  setFaults(faults: Partial<Faults>): Faults {
    this.#faults = { ...this.#faults, ...faults };
    this.#changed();
    return this.#faults;
  }

  setVariants(variants: Partial<Variants>): Variants {
    this.#variants = { ...this.#variants, ...variants };
    this.#changed();
    return this.#variants;
  }

  clear(): void {
    this.#faults = NO_FAULTS;
    this.#variants = DEFAULT_VARIANTS;
    this.#changed();
  }

  /** Whether this call to `path` is hit by the fault; counts `times` down and switches the fault off at zero. */
  hits(name: keyof Faults, path: string): boolean {
    const fault: { on: boolean; times?: number; path?: string } = this.#faults[name];
    if (!fault.on) return false;
    if (fault.path !== undefined && !path.endsWith(fault.path)) return false;
    if (fault.times === undefined) return true;
    const left = fault.times - 1;
    const rest = left > 0 ? { ...fault, times: left } : withoutTimes(fault);
    this.setFaults({ [name]: rest });
    return left >= 0;
  }
}

function withoutTimes(fault: { on: boolean; times?: number }): object {
  const { times: _, ...rest } = fault;
  return { ...rest, on: false };
}
