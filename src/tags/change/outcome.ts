/** What became of a step. */

import type { BotError } from '../../errors.ts';
import type { TagPart } from './step.ts';

export type StepOutcome =
  | {
      readonly state: 'done';
      /** Of an add: the group, the tags that now exist because of it. */
      readonly groupId?: string;
      readonly created?: readonly TagPart[];
      /** Of createRule: the new rule group's id. */
      readonly ruleId?: number;
      /** The answer of the call was lost; a re-read showed that it had taken effect. */
      readonly checked?: true;
    }
  /**
   * `checked`: the answer was lost and a re-read showed that nothing had happened. `rangeDone`: of a range that takes
   * several calls so many nodes were taken before one failed; the rule group itself is as wished. `foreign`: ids of corp
   * tags or groups that are there, but were not made by this app, which alone is why it was refused; `deleted`: the others
   * of the same step.
   */
  | {
      readonly state: 'failed';
      readonly error: BotError;
      readonly checked?: true;
      readonly rangeDone?: number;
      readonly foreign?: readonly string[];
      readonly deleted?: readonly TagPart[];
    }
  | { readonly state: 'unknown'; readonly error: BotError }
  /** Not tried: an earlier step failed in a way that concerns all, or what it needed was not made. */
  | { readonly state: 'skipped' };
