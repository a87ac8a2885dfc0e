import { expect, it } from 'vitest';
import { count, run } from './speech.ts';

/** Conversations of several turns through the whole bot; what is written is judged by the platform's state. */
it('follows a conversation, and writes nothing they did not mean', async () => {
  const judged = await run('dialogues.txt');
  expect(count(judged, 'wrong-at-once')).toBe(0);
  expect(count(judged, 'wrong-after')).toBeLessThanOrEqual(2);
  expect(count(judged, 'right') / judged.length).toBeGreaterThanOrEqual(0.97);
}, 240_000);
