import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { soak } from '../bench/soak.ts';

/** The whole of it is `npm run soak`; its figures stand in docs/performance.md. Too short for memory to say anything. */
test.runIf(existsSync('/proc/self/status'))(
  'twelve seconds of everything at once: no answer is wrong, no line without a reason',
  async () => {
    const { kinds, wrong, unexplained, trouble, junk, exitCode } = await soak(0.2);
    expect({ wrong, unexplained, exitCode }).toEqual({ wrong: [], unexplained: [], exitCode: 0 });
    expect([...kinds.keys()].sort()).toEqual(['cards', 'console edits', 'exports', 'lookups', 'repeats', 'writes']);
    expect(trouble.size).toBeGreaterThan(0);
    expect(junk).toBeGreaterThan(0);
  },
  90_000,
);
