/** How many pushes a member may still get: any sixty seconds, any sixty minutes. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withOnePush } from '../../src/store/pushes.ts';
import { PUSH_LIMITS } from '../../src/wecom/messages.ts';

test('any minute holds at most 25, any hour at most 900', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 2_500 }), (pauses) => {
      let time = 1_700_000_000_000;
      let kept = '';
      const taken: number[] = [];
      for (const pause of pauses) {
        time += pause;
        const lately = (ms: number) => taken.filter((at) => at > time - ms).length;
        const room = lately(60_000) < 25 && lately(3_600_000) < 900;
        const after = withOnePush(kept, time, PUSH_LIMITS);
        expect(after !== undefined).toBe(room);
        if (after === undefined) continue;
        kept = after;
        taken.push(time);
      }
    }),
    { numRuns: 15 },
  );
});
