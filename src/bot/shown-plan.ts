/**
 * A plan that was shown and waits for 确认, as the open question keeps it: plain JSON, with all that is needed to make the
 * plan anew when it is confirmed, and to see whether it is still the same.
 */

import type { Line } from '../reply/reply.ts';
import type { Step, Write } from '../tags/change/step.ts';

/** What is to be altered, from which the plan can be made anew. */
export type Change =
  | { readonly kind: 'writes'; readonly writes: readonly { readonly line?: number; readonly write: Write }[] }
  /** Numbers of the journal, newest first; at least one. */
  | { readonly kind: 'undo'; readonly ids: readonly number[] }
  /** Changes of rule groups; their steps were made from a fresh read of the rule group. */
  | { readonly kind: 'rule'; readonly steps: readonly Step[] };

export interface ShownPlan {
  readonly change: Change;
  /** Of the plan as it was shown; see tags/change/plan.ts. */
  readonly fingerprint: string;
  readonly title: Line;
}
