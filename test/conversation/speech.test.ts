import { expect, it } from 'vitest';
import { count, run } from './speech.ts';

/** Sentences, each through the whole bot; what is written is judged by the platform's state. */
it('understands how people speak, and writes nothing they did not mean', async () => {
  const judged = await run('speech.txt');
  expect(count(judged, 'wrong-at-once')).toBe(0);
  expect(count(judged, 'wrong-after')).toBe(0);
  expect(count(judged, 'right') / judged.length).toBeGreaterThanOrEqual(0.98);
}, 240_000);
