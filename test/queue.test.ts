/** In line, one after the other, one run for all, a few at a time. */

import { describe, expect, test } from 'vitest';
import { inParallel, Lines, oneByOne, sharedRun } from '../src/queue.ts';

/** Work that ends when it is told to, and a log of what began and ended. */
function workshop() {
  const log: string[] = [];
  const ends = new Map<string, (failure?: Error) => void>();
  const work = (name: string) => () => {
    log.push(`${name}<`);
    return new Promise<string>((resolve, reject) => {
      ends.set(name, (failure) => {
        log.push(`>${name}`);
        if (failure) reject(failure);
        else resolve(name);
      });
    });
  };
  /** Ends this work and lets all who wait for it begin. */
  const end = async (name: string, failure?: Error) => {
    ends.get(name)?.(failure);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { log, work, end };
}

describe('lines', () => {
  test('one key: one at a time, in the order of the calls; other keys do not wait', async () => {
    const { log, work, end } = workshop();
    const lines = new Lines<string>();
    const all = [lines.run(['a'], work('1')), lines.run(['a'], work('2')), lines.run(['b'], work('3'))];
    await end('');
    expect(log).toEqual(['1<', '3<']);
    await end('1');
    expect(log).toEqual(['1<', '3<', '>1', '2<']);
    await end('2');
    await end('3');
    expect(await Promise.all(all)).toEqual(['1', '2', '3']);
  });

  test('several keys: waits for all of them, and whoever comes later waits for it', async () => {
    const { log, work, end } = workshop();
    const lines = new Lines<string>();
    for (const [name, keys] of Object.entries({ a: ['a'], b: ['b'], both: ['b', 'a'], later: ['a', 'b'] }))
      void lines.run(keys, work(name));
    await end('');
    await end('a');
    expect(log).toEqual(['a<', 'b<', '>a']);
    await end('b');
    expect(log.at(-1)).toBe('both<');
    await end('both');
    expect(log.at(-1)).toBe('later<');
  });

  test('a failure is its own, and the next one begins', async () => {
    const { log, work, end } = workshop();
    const lines = new Lines<number>();
    const failed = expect(lines.run([1], work('bad'))).rejects.toThrow('no');
    const next = lines.run([1], work('good'));
    await end('');
    await end('bad', new Error('no'));
    expect(log.at(-1)).toBe('good<');
    await end('good');
    await failed;
    expect(await next).toBe('good');
  });

  test('a place may be kept longer than the work', async () => {
    const lines = new Lines<string>();
    const first = lines.take(['a']);
    const second = lines.take(['a']);
    await first.turn;
    let turn = false;
    void second.turn.then(() => {
      turn = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(turn).toBe(false);
    first.leave();
    await second.turn;
  });
});

test('one by one: in order, past a failure', async () => {
  const { log, work, end } = workshop();
  const run = oneByOne();
  const failed = expect(run(work('1'))).rejects.toThrow('no');
  const next = run(work('2'));
  await end('');
  expect(log).toEqual(['1<']);
  await end('1', new Error('no'));
  await end('2');
  await failed;
  expect(await next).toBe('2');
});

describe('a shared run', () => {
  test('is joined by all who ask while it is under way', async () => {
    let runs = 0;
    const run = sharedRun(async () => ++runs);
    expect(await Promise.all([run.joined(), run.joined()])).toEqual([1, 1]);
    expect(run.isRunning()).toBe(false);
    expect(await run.joined()).toBe(2);
  });

  test('after: one more run for all who ask meanwhile, even when the one under way fails', async () => {
    const { log, work, end } = workshop();
    let runs = 0;
    const run = sharedRun(() => work(String(++runs))());
    const first = expect(run.joined()).rejects.toThrow('no');
    const later = [run.after(), run.after()];
    expect(log).toEqual(['1<']);
    await end('1', new Error('no'));
    await end('2');
    await first;
    expect(await Promise.all(later)).toEqual(['2', '2']);
  });
});

describe('in parallel', () => {
  test('at most so many at a time, results in order', async () => {
    const { log, work, end } = workshop();
    const all = inParallel(2, ['1', '2', '3'], (name) => work(name)());
    expect(log).toEqual(['1<', '2<']);
    await end('2');
    expect(log).toEqual(['1<', '2<', '>2', '3<']);
    await end('3');
    await end('1');
    expect(await all).toEqual(['1', '2', '3']);
  });

  test('nothing to do', async () => {
    expect(await inParallel(5, [], async () => 1)).toEqual([]);
  });

  test('the first failure is thrown', async () => {
    const fails = async (item: number) => {
      if (item === 2) throw new Error('no');
      return item;
    };
    await expect(inParallel(2, [1, 2, 3], fails)).rejects.toThrow('no');
  });
});
