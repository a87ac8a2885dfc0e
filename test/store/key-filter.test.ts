import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyFilter } from '../../src/store/key-filter.ts';

describe('the key filter', () => {
  it('never denies a key that was added', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary' })), (keys) => {
        const filter = new KeyFilter();
        for (const key of keys) filter.add(key);
        return keys.every((key) => filter.mayHold(key));
      }),
    );
  });

  it.each([30, 3_000, 30_000, 300_000])('of %i keys denies nearly all others: MsgIds in a row, and hashes', (count) => {
    const filter = new KeyFilter();
    for (let i = 0; i < count; i++) filter.add(`m:${7_000_000_000_000_000_000n + BigInt(i) * 3n}`);
    const strange = Array.from({ length: 10_000 }, (_, i) => [
      `m:${7_000_000_000_000_000_001n + BigInt(i) * 3n}`,
      `e:${(i * 2_654_435_761).toString(16).padStart(64, '0')}`,
    ]).flat();
    const taken = strange.filter((key) => filter.mayHold(key)).length;
    expect(taken / strange.length).toBeLessThan(0.05);
  });
});
