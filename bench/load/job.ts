/** What the load generator is told to do, and what it reports: messages between two processes, so plain data. */

/** One thing a member says, and what the decrypted answer must contain. */
export interface Line {
  readonly text: string;
  readonly expect: string;
}

export interface Job {
  readonly port: number;
  /** Said one after the other, whichever connection is next. */
  readonly lines: readonly Line[];
  /** The line to begin with; default the first. */
  readonly from?: number;
  /** Every connection is a member of its own, who says all lines in order. */
  readonly perConnection?: boolean;
  readonly connections: number;
  /** Messages in all. */
  readonly count: number;
  /** Members m0, m1, …; message i of connection c comes from member (c + i × connections) mod members. */
  readonly members: number;
  /** So many corps, which take turns message by message; default the one of the environment. */
  readonly corps?: number;
  /** Messages per second at a fixed pace; without it every connection sends when it has its answer. */
  readonly rate?: number;
  /** Before anything else, tell the server that this library, 企业标签 or a rule group's, was changed by hand. */
  readonly changedFirst?: 'corp' | number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface JobResult {
  readonly count: number;
  readonly perSecond: number;
  /** ms, from the request to the last byte of its answer. */
  readonly latency: Percentiles;
  /** Answers that were not what they had to be. */
  readonly wrong: number;
  /** What the first wrong one was like. */
  readonly firstWrong?: string;
}

export function percentiles(values: Float64Array): Percentiles {
  const sorted = values.toSorted();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
