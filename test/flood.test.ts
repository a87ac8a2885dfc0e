import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { flood } from '../bench/flood.ts';

/** The whole measure is `npm run bench:flood`; its figures stand in docs/security.md. */
test.runIf(existsSync('/proc/self/status'))(
  'three thousand pieces of junk: every message is answered in time, memory and log stay small',
  async () => {
    const figures = await flood(3_000);
    const { answers, unanswered, flooded, rssFlooded, rssQuiet, logLines, logBytes, exitCode } = figures;
    expect({ unanswered, exitCode }).toEqual({ unanswered: 0, exitCode: 0 });
    expect(flooded.most).toBeLessThan(5_000);
    expect(rssFlooded - rssQuiet).toBeLessThan(100);
    expect(logLines).toBeLessThan(200);
    expect(logBytes).toBeLessThan(200_000);
    const statuses = Object.keys(answers).filter((status) => /^\d/.test(status));
    expect(statuses.sort()).toEqual(['400', '404', '405', '413']);
  },
  120_000,
);
