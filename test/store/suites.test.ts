/** What is kept for a provider's suites, on both engines. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/store/database.ts';
import { openDatabase } from '../../src/store/open.ts';
import type { NewCode, SuiteEvent, SuiteStore } from '../../src/store/suite-store.ts';
import { skipWithout, startEngines } from './engines.ts';
import { change, failure, message, NOON } from './rows.ts';

const { engines } = await startEngines();

describe.each(engines)('$name', (engine) => {
  const { name, url } = engine;
  const open: Database[] = [];
  let count = 0;
  let suiteId = '';
  let database: Database;
  let suites: SuiteStore;

  async function opened(options = {}): Promise<Database> {
    const another = await openDatabase(url, { now: () => NOON, ...options });
    open.push(another);
    return another;
  }

  beforeEach(async (context) => {
    skipWithout(engine, context);
    suiteId = `dk${count++}`;
    database = await opened();
    suites = await database.suites([suiteId]);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });

  const event = (key: string, more: Partial<SuiteEvent> = {}): SuiteEvent => ({
    ...{ suiteId, key, infoType: 'create_auth', corpId: undefined, code: 'sealed code', stamp: 100, receivedAt: NOON },
    ...more,
  });
  const code = (stamp: number, more: Partial<NewCode> = {}): NewCode => ({
    ...{ suiteId, corpId: 'wpA', permanentCode: `sealed ${stamp}`, eventKey: `e${stamp}`, stamp },
    ...{ receivedAt: NOON, at: NOON },
    ...more,
  });
  const ofCorp = (corpId = 'wpA') => suites.authorisation(suiteId, corpId);

  it('of two tickets the newer one stays, by the platform’s clock, and each suite has its own', async () => {
    expect(await suites.ticket(suiteId)).toBeUndefined();
    expect(await suites.keepTicket(suiteId, { sealed: 'b', stamp: 20, at: 1 })).toBe(true);
    expect(await suites.keepTicket(suiteId, { sealed: 'a', stamp: 10, at: 2 })).toBe(false);
    expect(await suites.ticket(suiteId)).toEqual({ sealed: 'b', stamp: 20, at: 1 });
    expect(await suites.keepTicket(suiteId, { sealed: 'c', stamp: 30, at: 3 })).toBe(true);
    expect(await suites.ticket(suiteId)).toMatchObject({ sealed: 'c' });
    expect(await suites.ticket('dk-other')).toBeUndefined();
  });

  it('an event is kept once, stays open until it is finished, and its code goes with that', async () => {
    expect(await suites.keepEvent(event('k1'))).toBe(true);
    expect(await suites.keepEvent(event('k1', { stamp: 200 }))).toBe(false);
    expect(await suites.keepEvent(event('k2', { infoType: 'cancel_auth', corpId: 'wpA', code: undefined }))).toBe(true);
    const ours = async () => (await suites.openEvents()).filter((each) => each.suiteId === suiteId);
    expect(await ours()).toEqual([
      event('k1'),
      event('k2', { infoType: 'cancel_auth', corpId: 'wpA', code: undefined }),
    ]);
    await suites.spendCode(event('k1'));
    expect(await suites.openEvent(event('k1'))).toMatchObject({ key: 'k1', code: undefined });
    await suites.finishEvent(event('k1'), 'authorised');
    expect((await ours()).map(({ key }) => key)).toEqual(['k2']);
    expect(await suites.openEvent(event('k1'))).toBeUndefined();
    expect(await suites.openEvent(event('k2'))).toMatchObject({ key: 'k2', corpId: 'wpA' });
    expect((await suites.sealedValues()).filter((each) => each.suiteId === suiteId)).toEqual([]);
    // Also of what is finished a repeat is known.
    expect(await suites.keepEvent(event('k1'))).toBe(false);
    await suites.forgetEvents(NOON + 1);
    expect(await suites.keepEvent(event('k1'))).toBe(true);
    expect((await ours()).map(({ key }) => key).sort()).toEqual(['k1', 'k2']);
  });

  it('an authorisation, what is learnt of it, a new code, its end', async () => {
    expect(await suites.authorise(code(100))).toBe(true);
    expect(await ofCorp()).toEqual({
      ...{ suiteId, corpId: 'wpA', state: 'active', permanentCode: 'sealed 100', version: 1 },
      ...{ agentId: undefined, corpName: '', admins: [], changedAt: NOON },
    });
    await suites.describe({ suiteId, corpId: 'wpA' }, { agentId: 1000007, corpName: '华南', admins: ['woA', 'woB'] });
    await suites.describe({ suiteId, corpId: 'wpA' }, { corpName: '华南公司' });
    expect(await ofCorp()).toMatchObject({ agentId: 1000007, corpName: '华南公司', admins: ['woA', 'woB'] });
    expect(await suites.authorisedBy(event('e100'))).toMatchObject({ corpId: 'wpA' });
    expect(await suites.renew(code(200))).toBe(true);
    expect(await ofCorp()).toMatchObject({ permanentCode: 'sealed 200', version: 2, agentId: 1000007 });
    expect(await suites.cancel({ suiteId, corpId: 'wpA' }, { stamp: 300, receivedAt: NOON }, NOON + 1)).toBe(true);
    expect(await ofCorp()).toMatchObject({ state: 'cancelled', permanentCode: undefined, changedAt: NOON + 1 });
    await suites.forget({ suiteId, corpId: 'wpA' });
    expect(await ofCorp()).toBeUndefined();
  });

  it('upper and lower case are two companies', async () => {
    await suites.authorise(code(100));
    expect(await suites.authorise(code(90, { corpId: 'wpa', permanentCode: 'other' }))).toBe(true);
    expect(await ofCorp('wpA')).toMatchObject({ permanentCode: 'sealed 100' });
    expect(await ofCorp('wpa')).toMatchObject({ permanentCode: 'other' });
  });

  it.each([
    [
      'a cancel that came before its create',
      async () => {
        expect(await suites.cancel({ suiteId, corpId: 'wpA' }, { stamp: 150, receivedAt: NOON }, NOON)).toBe(true);
        expect(await suites.authorise(code(100))).toBe(false);
        return { state: 'cancelled', permanentCode: undefined };
      },
    ],
    [
      'a cancel of an earlier authorisation',
      async () => {
        await suites.authorise(code(200));
        expect(await suites.cancel({ suiteId, corpId: 'wpA' }, { stamp: 150, receivedAt: NOON }, NOON)).toBe(false);
        return { state: 'active', permanentCode: 'sealed 200' };
      },
    ],
    [
      'two installations, the earlier one exchanged last',
      async () => {
        await suites.authorise(code(200));
        expect(await suites.authorise(code(100))).toBe(true);
        // The platform's newest; but for an end, the later of the two events counts.
        expect(await suites.cancel({ suiteId, corpId: 'wpA' }, { stamp: 150, receivedAt: NOON }, NOON)).toBe(false);
        return { permanentCode: 'sealed 100', version: 2 };
      },
    ],
    [
      'installed again after its end',
      async () => {
        await suites.authorise(code(100));
        await suites.cancel({ suiteId, corpId: 'wpA' }, { stamp: 150, receivedAt: NOON }, NOON);
        expect(await suites.authorise(code(200))).toBe(true);
        return { state: 'active', permanentCode: 'sealed 200', version: 2 };
      },
    ],
    [
      'in one second, what came later',
      async () => {
        await suites.authorise(code(100, { receivedAt: NOON }));
        expect(await suites.cancel({ suiteId, corpId: 'wpA' }, { stamp: 100, receivedAt: NOON + 5 }, NOON)).toBe(true);
        return { state: 'cancelled' };
      },
    ],
    [
      'a new code for one that has ended',
      async () => {
        await suites.cancel({ suiteId, corpId: 'wpA' }, { stamp: 100, receivedAt: NOON }, NOON);
        expect(await suites.renew(code(200))).toBe(false);
        return { state: 'cancelled' };
      },
    ],
    [
      'an older new code, exchanged last',
      async () => {
        await suites.authorise(code(200));
        expect(await suites.renew(code(100))).toBe(true);
        expect(await suites.cancel({ suiteId, corpId: 'wpA' }, { stamp: 150, receivedAt: NOON }, NOON)).toBe(false);
        return { permanentCode: 'sealed 100', version: 2 };
      },
    ],
  ])('%s: what is later by the platform’s clock stands', async (_, happens) => {
    const stands = await happens();
    expect(await ofCorp()).toMatchObject(stands);
  });

  it('a new code for a company that is not there makes none', async () => {
    expect(await suites.renew(code(100))).toBe(false);
    expect(await ofCorp()).toBeUndefined();
  });

  it('every sealed value can be sealed anew, unless it has changed meanwhile', async () => {
    await suites.keepTicket(suiteId, { sealed: 'ticket', stamp: 1, at: 1 });
    await suites.authorise(code(100));
    await suites.keepEvent(event('k1'));
    const ours = async () => (await suites.sealedValues()).filter((each) => each.suiteId === suiteId);
    const before = await ours();
    expect(before.map(({ of, key, sealed }) => [of, key, sealed])).toEqual([
      ['ticket', '', 'ticket'],
      ['permanentCode', 'wpA', 'sealed 100'],
      ['code', 'k1', 'sealed code'],
    ]);
    for (const each of before) await suites.reseal(each, `new ${each.sealed}`);
    for (const each of before) await suites.reseal(each, 'too late');
    expect((await ours()).map(({ sealed }) => sealed)).toEqual(['new ticket', 'new sealed 100', 'new sealed code']);
  });

  it('a company is deleted as a whole, and no other', async () => {
    for (const corpId of [`${suiteId}/wpA`, `${suiteId}/wpB`]) {
      const store = await database.storeOf(corpId);
      await store.keepMessage(message('m:1'));
      await store.conclude(await store.intend(change('m:1'), undefined), { state: 'done', outcome: '[]', at: NOON });
      await store.saveSession('zhangsan', { a: 1 }, undefined);
      await store.keepNote('callback.taken', '1');
      await store.close();
    }
    await database.purge(`${suiteId}/wpA`);
    const [a, b] = [await database.storeOf(`${suiteId}/wpA`), await database.storeOf(`${suiteId}/wpB`)];
    expect(await a.changes({ limit: 9 })).toEqual([]);
    expect(await a.findMessage('m:1')).toBeUndefined();
    expect(await a.session('zhangsan')).toBeUndefined();
    expect(await a.note('callback.taken')).toBeUndefined();
    expect(await b.changes({ limit: 9 })).toHaveLength(1);
    expect(await b.session('zhangsan')).toEqual({ a: 1 });
    // What is written from now on is append-only again.
    await a.intend(change('m:2'), message('m:2'));
    expect(await a.changes({ limit: 9 })).toHaveLength(1);
  });

  it.skipIf(name === 'PostgreSQL')('a company, or a suite, that somebody serves is left alone', async () => {
    await database.storeOf(`${suiteId}/wpA`);
    await expect(database.purge(`${suiteId}/wpA`)).rejects.toMatchObject(failure('store.locked'));
    await expect((await opened()).suites([suiteId])).rejects.toMatchObject(failure('store.locked'));
    const looking = await (await opened({ readOnly: true })).suites([]);
    expect(await looking.authorisation(suiteId, 'wpA')).toBeUndefined();
  });

  it('work under a key has what it holds', async () => {
    expect(await suites.alone(suiteId, 'code:k1', 1_000, async (hold) => hold.still().then(() => 7))).toBe(7);
  });
});
