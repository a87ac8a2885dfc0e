/** How much is measured; numbers of messages unless said otherwise. */
export interface Extent {
  /** What is measured unless one part is asked for. */
  readonly parts: readonly string[];
  readonly tags: number;
  /** So many of them have tags too, and the library is 企业标签; 0: it is rule group 1. */
  readonly ruleGroups: number;
  /** In the process that serves several. */
  readonly corps: number;
  readonly rounds: number;
  /** Per round and contestant; few, so that what disturbs the machine disturbs all of a round. */
  readonly count: number;
  readonly warmUp: number;
  /** At 200 a second. */
  readonly paced: number;
  /** Writes of each of 64 members; even, so that names are in the end what they were. */
  readonly writes: number;
  /** Before the first round, until the code is compiled; even as well. */
  readonly warmWrites: number;
  /** Until memory is looked at. */
  readonly memory: number;
}

export const FULL: Extent = {
  parts: ['lookups', 'corps', 'writes', 'search', 'rebuild'],
  tags: 10_000,
  ruleGroups: 0,
  corps: 200,
  rounds: 9,
  count: 1_500,
  warmUp: 6_000,
  paced: 400,
  writes: 10,
  warmWrites: 60,
  memory: 100_000,
};

export const QUICK: Extent = {
  parts: ['lookups', 'writes', 'search', 'rebuild'],
  tags: 10_000,
  ruleGroups: 0,
  corps: 200,
  rounds: 5,
  count: 800,
  warmUp: 3_000,
  paced: 100,
  writes: 2,
  warmWrites: 10,
  memory: 10_000,
};

/** Everything that reads the library, with both kinds of it. */
export const BOTH = { parts: ['lookups', 'search', 'rebuild'], ruleGroups: 20 } as const;
