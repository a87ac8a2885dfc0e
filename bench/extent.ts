/** How much is measured; numbers of messages unless said otherwise. */
export interface Extent {
  readonly tags: number;
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
  tags: 10_000,
  rounds: 9,
  count: 1_500,
  warmUp: 6_000,
  paced: 400,
  writes: 10,
  warmWrites: 60,
  memory: 100_000,
};

export const QUICK: Extent = {
  tags: 10_000,
  rounds: 5,
  count: 800,
  warmUp: 3_000,
  paced: 100,
  writes: 2,
  warmWrites: 10,
  memory: 10_000,
};
