/** One database for several corps: what is asked of it as a whole, on both engines. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/store/database.ts';
import { openDatabase } from '../../src/store/open.ts';
import { skipWithout, startEngines } from './engines.ts';
import { message, NOON } from './rows.ts';

const { engines, server } = await startEngines();

describe.each(engines)('$name', (engine) => {
  const { name, url } = engine;
  let count = 0;
  let a = '';
  let b = '';
  const open: Database[] = [];

  async function opened(): Promise<Database> {
    const database = await openDatabase(url, { now: () => NOON });
    open.push(database);
    return database;
  }

  beforeEach((context) => {
    skipWithout(engine, context);
    count++;
    a = `wwa${count}`;
    b = `wwb${count}`;
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((database) => database.close()));
  });

  const ofThese = (corps: readonly string[]) => corps.filter((corp) => corp === a || corp === b).sort();

  it('equal keys in two stores are two messages', async () => {
    const database = await opened();
    const [inA, inB] = [await database.storeOf(a), await database.storeOf(b)];
    expect(await inA.keepMessage(message('m:1'))).toBe(true);
    expect(await inB.keepMessage(message('m:1'))).toBe(true);
    await inA.answer('m:1', '{"text":"甲"}', 'delivered');
    expect((await inB.findMessage('m:1'))?.answer).toBeUndefined();
  });

  it('knows who has work left, and whose texts are old', async () => {
    const database = await opened();
    const [inA, inB] = [await database.storeOf(a), await database.storeOf(b)];
    await inA.keepMessage(message('m:1'));
    await inB.keepMessage(message('m:1'));
    await inB.answer('m:1', '{"text":"好"}', 'delivered');
    expect(ofThese(await database.corpsWithWork())).toEqual([a]);
    await inA.answer('m:1', '{"text":"好"}', 'owed');
    expect(ofThese(await database.corpsWithWork())).toEqual([a]);
    await inA.settle('m:1', 'delivered');
    expect(ofThese(await database.corpsWithWork())).toEqual([]);

    expect(ofThese(await database.corpsToForget(NOON + 1))).toEqual([a, b]);
    await inB.forget(NOON + 1);
    expect(ofThese(await database.corpsToForget(NOON + 1))).toEqual([a]);
    expect(ofThese(await database.corpsToForget(NOON - 1))).toEqual([]);
  });

  it('a note beside the store is heard as a pause', async () => {
    const database = await opened();
    await database.storeOf(a);
    const aside = await opened();
    await aside.keepNote(a, 'paused', '1');
    expect(ofThese(await database.pausedCorps())).toEqual([a]);
    await aside.keepNote(a, 'paused', '');
    expect(ofThese(await database.pausedCorps())).toEqual([]);
  });

  it('a store that was closed takes nothing more, and its corp can be entered again', async () => {
    const database = await opened();
    const first = await database.storeOf(a);
    const other = await database.storeOf(b);
    await first.keepMessage(message('m:1'));
    await first.close();
    await expect(first.keepMessage(message('m:2'))).rejects.toMatchObject({ code: 'store.closed' });
    await other.keepMessage(message('m:1'));
    const second = await database.storeOf(a);
    expect((await second.findMessage('m:1'))?.state).toBe('open');
  });

  it.runIf(name === 'PostgreSQL')(
    'what a replica left behind is found, whatever the corp, and not what one has in hand',
    async () => {
      await server?.longUp();
      const [gone, stays, finder] = [await opened(), await opened(), await opened()];
      await (await gone.storeOf(a)).keepMessage(message('m:1'));
      await (await stays.storeOf(b)).keepMessage(message('m:1'));
      expect(ofThese(await finder.corpsLeftBehind())).toEqual([]);
      await gone.close();
      expect(ofThese(await finder.corpsLeftBehind())).toEqual([a]);
      const left = await (await finder.storeOf(a)).leftBehind();
      expect(left.map(({ key }) => key)).toEqual(['m:1']);
      expect(ofThese(await finder.corpsLeftBehind())).toEqual([]);
    },
  );
});
