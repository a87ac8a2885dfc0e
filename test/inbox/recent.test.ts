import { describe, expect, it } from 'vitest';
import type { Remembered } from '../../src/inbox/entry.ts';
import { createRecents } from '../../src/inbox/recent.ts';

const remembered = (): Remembered => ({ response: Promise.resolve(undefined) }) as Remembered;

describe('what is remembered of recent messages', () => {
  it('is never another inbox’s, whatever the keys', () => {
    const recents = createRecents();
    const [one, other] = [recents(), recents()];
    const [ours, theirs] = [remembered(), remembered()];
    one.set('m:1', ours);
    expect(other.has('m:1')).toBe(false);
    other.set('m:1', theirs);
    expect([one.get('m:1'), other.get('m:1')]).toEqual([ours, theirs]);
    other.delete('m:1');
    expect([one.has('m:1'), other.has('m:1')]).toEqual([true, false]);
  });

  it('is bounded for all inboxes together, the oldest going first', () => {
    const recents = createRecents();
    const quiet = recents();
    quiet.set('m:1', remembered());
    const inboxes = Array.from({ length: 200 }, recents);
    for (let i = 0; i < 20; i++) for (const inbox of inboxes) inbox.set(`m:${i}`, remembered());
    const kept = inboxes.flatMap((inbox) => Array.from({ length: 20 }, (_, i) => inbox.has(`m:${i}`))).filter(Boolean);
    expect(kept).toHaveLength(1_000);
    expect(quiet.has('m:1')).toBe(false);
  });
});
