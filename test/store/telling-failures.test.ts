/** A failure of the store is counted by its code where it happens, and rejects all the same. */
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { tellingFailures } from '../../src/store/telling-failures.ts';
import { change } from './rows.ts';

test('counts failures, not answers, and changes nothing else', async () => {
  const failed: string[] = [];
  const plain = await openStore('file::memory:', 'ww1', { now: Date.now });
  const store = tellingFailures(plain, (code) => failed.push(code));
  await store.keepNote('token', 'x');
  expect(await store.note('token')).toBe('x');
  await store.intend(change('m:1'), undefined);
  await expect(store.intend(change('m:1'), undefined)).rejects.toMatchObject({ code: 'store.taken' });
  expect(failed).toEqual([]);
  await store.close();
  await expect(store.ping()).rejects.toMatchObject({ code: 'store.closed' });
  await new Promise(setImmediate);
  expect(failed).toEqual(['store.closed']);
});
