/** What is said when a sentence comes to no order: a question, the nearest names, a refusal, or how to say it. */

import { line, name, type Reply } from '../../reply/reply.ts';
import type { Understanding } from '../../resolve/order.ts';
import { noRuleGroup } from '../change/unreadable.ts';
import type { Context } from '../context.ts';
import { askLibrary, askSlot, notThere, offer } from '../dialog/ask.ts';
import { nothingUnderstood, refusedToGuess } from './guide.ts';

/** Asks in the member's session where an answer can help; else tells. */
export function askOrTell(ctx: Context, understanding: Exclude<Understanding, { kind: 'one' | 'batch' }>): Reply {
  switch (understanding.kind) {
    case 'choice':
      return offer(ctx, { tone: 'ask', title: understanding.asked, lines: [] }, understanding.options);
    case 'slot':
      return askSlot(ctx, understanding);
    case 'chooseLibrary':
      return askLibrary(ctx, understanding);
    case 'noRuleGroup':
      return noRuleGroup(ctx);
    case 'absent':
      return notThere(ctx, understanding);
    case 'suggestion':
      return offer(
        ctx,
        {
          tone: 'ask',
          title: line`${name(understanding.wrote)}是不是${name(understanding.meant)}?`,
          lines: [line`还没有执行。回复 1 或「好」就按这个来。`],
        },
        [{ label: understanding.meant, order: understanding.order }],
      );
    case 'invalid':
      return {
        tone: 'warn',
        title: understanding.title,
        lines: understanding.lines,
        ...(understanding.hint ? { hint: understanding.hint } : {}),
      };
    case 'refused':
      return refusedToGuess(ctx, understanding);
    case 'unclear':
      return {
        tone: 'warn',
        title: line`第 ${understanding.number} 行没看懂：${name(understanding.text)}`,
        lines: [],
        hint: line`整批都没有执行。改好这一行再发，或去掉它。`,
      };
    case 'nothing':
      return nothingUnderstood(ctx, understanding.nearest);
  }
}
