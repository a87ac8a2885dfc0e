/** What every store promises, shown on SQLite and on a real PostgreSQL. */

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inParallel } from '../../src/queue.ts';
import { openStore } from '../../src/store/open.ts';
import type { ChangeFilter, KeptSession, Store } from '../../src/store/store.ts';
import { skipWithout, startEngines } from './engines.ts';
import { change, failure, message, NOON } from './rows.ts';

const { engines } = await startEngines();
let corps = 0;
/** More would wait for a connection longer than one is waited for. */
const AT_A_TIME = 8;

describe.each(engines)('$name', (engine) => {
  const { url } = engine;
  const open: Store[] = [];
  /** Every test is a corp of its own in one database. */
  let corp: string;
  let clock = NOON;
  let store: Store;

  async function openFor(corpId: string): Promise<Store> {
    const opened = await openStore(url, corpId, { now: () => clock });
    open.push(opened);
    return opened;
  }

  beforeEach(async (context) => {
    skipWithout(engine, context);
    clock = NOON;
    corp = `ww${corps++}`;
    store = await openFor(corp);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((opened) => opened.close()));
  });

  describe('among replicas', () => {
    it('a message is claimed before it is handled, or there is nobody to claim it from', async () => {
      const { whose, behind } = await store.claim(message('m:1'));
      expect(whose).toBe(url.startsWith('file:') ? 'alone' : 'ours');
      expect(behind).toBeUndefined();
      expect((await store.findMessage('m:1')) !== undefined).toBe(whose === 'ours');
    });

    it('an answered message is not waited for, nor one that is not there', async () => {
      await store.keepMessage(message('m:1'));
      await store.answer('m:1', '{"text":"好"}', 'delivered');
      expect(await store.settled('m:1', 10_000)).toMatchObject({ state: 'delivered', answer: '{"text":"好"}' });
      expect(await store.settled('m:0', 10_000)).toBeUndefined();
      await store.keepMessage(message('m:2'));
      expect(await store.settled('m:2', 1)).toMatchObject({ state: 'open' });
    });

    it('work under a key has what it holds, and its failure is its own', async () => {
      expect(await store.alone(['library:1', 'library:2'], 1_000, async (hold) => hold.still().then(() => 7))).toBe(7);
      await expect(store.alone(['library:1'], 1_000, () => Promise.reject(new Error('of the work')))).rejects.toThrow(
        'of the work',
      );
      expect(await store.alone(['library:1'], 1_000, async () => 8)).toBe(8);
      expect(await store.alone([], 1_000, async () => 9)).toBe(9);
    });

    it('pushes stay within the limit of a minute and of an hour', async () => {
      const limits = { perMinute: 3, perHour: 5 };
      const pushes = async (times: number) =>
        (await Promise.all(Array.from({ length: times }, () => store.takePush('lisi', limits)))).filter(Boolean).length;
      expect(await pushes(5)).toBe(3);
      expect(await store.takePush('wangwu', limits)).toBe(true);
      clock += 60_001;
      expect(await pushes(5)).toBe(2);
      clock += 60_001;
      expect(await pushes(1)).toBe(0);
      clock += 3_600_000;
      expect(await pushes(1)).toBe(1);
    });
  });

  describe('messages', () => {
    it('are kept once, and read back as they were', async () => {
      expect(await store.findMessage('m:1')).toBeUndefined();
      expect(
        await store.keepMessage(message('m:1', { member: "O'Neil", content: '{"text":"\\u0000 😀 客户%_\\\\"}' })),
      ).toBe(true);
      expect(await store.keepMessage(message('m:1', { content: 'another' }))).toBe(false);
      expect(await store.findMessage('m:1')).toEqual({
        key: 'm:1',
        member: "O'Neil",
        content: '{"text":"\\u0000 😀 客户%_\\\\"}',
        receivedAt: NOON,
        state: 'open',
        acknowledged: false,
        answer: undefined,
      });
    });

    it('go from open through acknowledged and answered to delivered', async () => {
      await store.keepMessage(message('m:1'));
      expect(await store.acknowledge('m:1')).toBe(true);
      expect(await store.findMessage('m:1')).toMatchObject({ state: 'open', acknowledged: true, answer: undefined });
      expect(await store.answer('m:1', '{"text":"好"}', 'answered')).toBe(true);
      expect(await store.findMessage('m:1')).toMatchObject({
        state: 'answered',
        acknowledged: true,
        answer: '{"text":"好"}',
      });
      await store.settle('m:1', 'delivered');
      expect(await store.findMessage('m:1')).toMatchObject({ state: 'delivered', answer: '{"text":"好"}' });
    });

    it('take an answer that nobody waits for', async () => {
      await store.keepMessage(message('m:1'));
      const noted = store.answer('m:1', '{"text":"好"}', 'delivered', true);
      await store.keepMessage(message('m:2'));
      await noted;
      expect(await store.findMessage('m:1')).toMatchObject({ state: 'delivered', answer: '{"text":"好"}' });
      await expect(store.answer('m:0', 'a', 'delivered', true)).rejects.toMatchObject(failure('store.missing'));
    });

    it('that are not there cannot be touched silently', async () => {
      await expect(store.acknowledge('m:0')).rejects.toMatchObject(failure('store.missing', 'bug'));
      await expect(store.answer('m:0', 'a', 'answered')).rejects.toMatchObject(failure('store.missing'));
      await expect(store.settle('m:0', 'owed')).rejects.toMatchObject(failure('store.missing'));
      await expect(store.settle('m:0', 'delivered')).rejects.toMatchObject(failure('store.missing'));
    });

    it('unfinished: open and answered ones, oldest first, equals in the order of their coming', async () => {
      await store.keepMessage(message('m:late', { receivedAt: NOON + 2 }));
      await store.keepMessage(message('m:b', { receivedAt: NOON + 1 }));
      await store.keepMessage(message('m:a', { receivedAt: NOON + 1 }));
      await store.keepMessage(message('m:given', { receivedAt: NOON }));
      await store.keepMessage(message('m:owed', { receivedAt: NOON }));
      await store.answer('m:b', 'x', 'answered');
      await store.answer('m:given', 'x', 'delivered');
      await store.answer('m:owed', 'x', 'owed');
      expect((await store.unfinished()).map((row) => row.key)).toEqual(['m:b', 'm:a', 'm:late']);
    });

    it('owed: per member, oldest first, until they are given', async () => {
      for (const [key, member, receivedAt] of [
        ['m:2', 'lisi', NOON + 2],
        ['m:1', 'lisi', NOON + 1],
        ['m:3', 'wangwu', NOON],
      ] as const) {
        await store.keepMessage(message(key, { member, receivedAt }));
        await store.answer(key, `answer ${key}`, 'answered');
        await store.settle(key, 'owed');
      }
      expect(await Promise.all(['lisi', 'wangwu', 'zhangsan'].map((member) => store.owes(member)))).toEqual([
        true,
        true,
        false,
      ]);
      expect(await store.countOwed()).toBe(2);
      expect((await store.owed('lisi')).map((row) => row.answer)).toEqual(['answer m:1', 'answer m:2']);
      expect(await store.owed('zhangsan')).toEqual([]);
      await store.settle('m:3', 'delivered');
      expect(await Promise.all(['lisi', 'wangwu'].map((member) => store.owes(member)))).toEqual([true, false]);
    });
  });

  describe('journal', () => {
    it('numbers changes upwards from 1 and remembers intent and conclusion', async () => {
      expect(await store.intend(change('m:1'), message('m:1'))).toBe(1);
      expect(await store.intend(change('m:2', { libraries: [], undoes: 1, at: NOON + 1 }), undefined)).toBe(2);
      await store.conclude(1, { state: 'done', outcome: '["ok"]', at: NOON + 5 });
      const { libraries: _, ...first } = change('m:1');
      expect(await store.changesOf('m:1')).toEqual([
        { ...first, id: 1, libraryIds: [1], state: 'done', outcome: '["ok"]', concludedAt: NOON + 5 },
      ]);
      const { libraries: __, ...second } = change('m:2', { undoes: 1, at: NOON + 1 });
      expect(await store.changesOf('m:2')).toEqual([
        {
          ...second,
          id: 2,
          libraryIds: [],
          state: 'intended',
          outcome: undefined,
          concludedAt: undefined,
        },
      ]);
    });

    it('refuses a change of a message that is kept already, and writes nothing of it', async () => {
      await store.keepMessage(message('m:1'));
      await expect(store.intend(change('m:1'), message('m:1'))).rejects.toMatchObject(failure('store.taken', 'busy'));
      expect(await store.changes({ limit: 10 })).toEqual([]);
      expect(await store.intend(change('m:1'), undefined)).toBe(1);
    });

    it('refuses a second change of one message, kept before or not, and writes nothing of it', async () => {
      const taken = failure('store.taken', 'busy');
      await store.keepMessage(message('m:kept'));
      await store.intend(change('m:kept'), undefined);
      await store.saveSession('zhangsan', {}, 'q:1');
      await expect(store.intend(change('m:kept'), undefined, 'q:1')).rejects.toMatchObject(taken);
      expect(await store.takeQuestion('zhangsan', 'q:1')).toBe(true);

      await store.intend(change('m:unkept'), undefined);
      await expect(store.intend(change('m:unkept'), message('m:unkept'))).rejects.toMatchObject(taken);
      expect(await store.findMessage('m:unkept')).toBeUndefined();

      await store.conclude(1, { state: 'failed', outcome: '[]', at: NOON });
      await expect(store.intend(change('m:kept'), undefined)).rejects.toMatchObject(taken);
      expect(await store.changes({ limit: 9 })).toMatchObject([{ messageKey: 'm:unkept' }, { messageKey: 'm:kept' }]);
      expect(await store.intend(change('m:next'), message('m:next'))).toBe(3);
    });

    it('lets one of many intents of a message that is kept already win', async () => {
      await store.keepMessage(message('m:1'));
      const attempts = await Promise.allSettled(
        Array.from({ length: 8 }, () => store.intend(change('m:1'), undefined)),
      );
      expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
      expect(await store.changesOf('m:1')).toHaveLength(1);
    });

    it('lets one of many intents of the same message win', async () => {
      const attempts = await Promise.allSettled(
        Array.from({ length: 8 }, () => store.intend(change('m:1'), message('m:1'))),
      );
      expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
      expect(await store.changesOf('m:1')).toHaveLength(1);
    });

    it('takes one conclusion per change', async () => {
      const id = await store.intend(change('m:1'), message('m:1'));
      const conclusion = { state: 'failed', outcome: 'first', at: NOON } as const;
      await store.conclude(id, conclusion);
      await expect(store.conclude(id, { ...conclusion, state: 'done' })).rejects.toMatchObject(
        failure('store.concluded', 'bug'),
      );
      expect(await store.changesOf('m:1')).toMatchObject([{ state: 'failed', outcome: 'first' }]);
      await expect(store.conclude(99, conclusion)).rejects.toMatchObject(failure('store.missing', 'bug'));
    });

    it('gives every one of many concurrent changes a number of its own', async () => {
      const ids = await Promise.all(
        Array.from({ length: 40 }, (_, i) => store.intend(change(`m:${i}`), message(`m:${i}`))),
      );
      expect(new Set(ids).size).toBe(40);
      expect(Math.min(...ids)).toBe(1);
      expect((await store.changes({ limit: 40 })).map((row) => row.id)).toEqual([...ids].sort((a, b) => b - a));
    });
  });

  describe('changes', () => {
    beforeEach(async () => {
      const rows = [
        { member: 'zhangsan', in: [1], names: 'VIP\n客户分级', at: NOON },
        { member: 'lisi', in: [2], names: '50%_折', at: NOON + 10 },
        { member: 'lisi', in: [], names: '华东大区', at: NOON + 20 },
        { member: 'zhangsan', in: [1], names: 'Ünïcode\\Path', at: NOON + 30 },
        { member: 'wangwu', in: [3], names: '50x折', at: NOON + 40 },
      ];
      for (const [index, { in: ids, ...row }] of rows.entries()) {
        const libraries = ids.map((libraryId) => ({ libraryId, names: row.names }));
        await store.intend(change(`m:${index + 1}`, { ...row, libraries }), message(`m:${index + 1}`));
      }
      await store.conclude(1, { state: 'done', outcome: '[]', at: NOON + 1 });
      await store.conclude(2, { state: 'unknown', outcome: '[]', at: NOON + 11 });
    });

    it.each<[string, Omit<ChangeFilter, 'limit'>, number[]]>([
      ['everything, newest first', {}, [5, 4, 3, 2, 1]],
      ['by id', { id: 3 }, [3]],
      ['by member', { member: 'zhangsan' }, [4, 1]],
      ['by part of a name', { name: '客户' }, [1]],
      ['by a name in another case', { name: 'vip' }, [1]],
      ['by a name in another case beyond ASCII', { name: 'üNÏ' }, [4]],
      ['with % and _ meaning themselves', { name: '0%_' }, [2]],
      ['with \\ meaning itself', { name: 'e\\p' }, [4]],
      ['with a name nobody touched', { name: '%' }, [2]],
      ['by libraries, without changes that have none', { libraryIds: [1, 2] }, [4, 2, 1]],
      ['by no library at all', { libraryIds: [] }, []],
      ['since, inclusive', { since: NOON + 20 }, [5, 4, 3]],
      ['until, exclusive', { until: NOON + 20 }, [2, 1]],
      ['by the latest state', { state: 'intended' }, [5, 4, 3]],
      ['by a concluded state', { state: 'unknown' }, [2]],
      ['by several at once', { member: 'lisi', since: NOON + 5, libraryIds: [2], name: '折' }, [2]],
      ['from an offset', { offset: 3 }, [2, 1]],
    ])('%s', async (_, filter, ids) => {
      expect((await store.changes({ limit: 10, ...filter })).map((row) => row.id)).toEqual(ids);
    });

    it('finds a change over several rule groups under each, by the names it touched there', async () => {
      const libraries = [
        { libraryId: 7, names: '大客户' },
        { libraryId: 8, names: '并购意向' },
      ];
      const id = await store.intend(change('m:both', { names: '大客户\n并购意向', libraries }), message('m:both'));
      const found = async (filter: Omit<ChangeFilter, 'limit'>) =>
        (await store.changes({ ...filter, limit: 9 })).map((row) => [row.id, ...row.libraryIds]);
      const whole = [[id, 7, 8]];
      expect(await found({ libraryIds: [7] })).toEqual(whole);
      expect(await found({ libraryIds: [8, 9] })).toEqual(whole);
      expect(await found({ libraryIds: [7, 8], name: '并购' })).toEqual(whole);
      expect(await found({ libraryIds: [8], name: '并购' })).toEqual(whole);
      expect(await found({ libraryIds: [7], name: '并购' })).toEqual([]);
      expect(await found({ name: '并购' })).toEqual(whole);
    });

    it('keeps whose a corp tag is until that is forgotten', async () => {
      await store.learnOwners(
        new Map([
          ['etA', 'ours'],
          ['etB', 'foreign'],
          ['etC', 'foreign'],
        ]),
      );
      await store.learnOwners(
        new Map([
          ['etB', 'ours'],
          ['etC', undefined],
          ['etD', undefined],
        ]),
      );
      expect(await store.owners(['etA', 'etB', 'etC', 'etD'])).toEqual(
        new Map([
          ['etA', 'ours'],
          ['etB', 'ours'],
        ]),
      );
      expect(await store.owners([])).toEqual(new Map());
    });

    it('keeps 企业标签 beside rule groups', async () => {
      const libraries = [{ libraryId: 'corp', names: 'VIP' } as const, { libraryId: 7, names: '大客户' }];
      const id = await store.intend(change('m:corp', { names: 'VIP\n大客户', libraries }), message('m:corp'));
      const found = async (filter: Omit<ChangeFilter, 'limit'>) =>
        (await store.changes({ ...filter, limit: 9 })).map((row) => row.id);
      expect(await found({ libraryIds: ['corp'] })).toEqual([id]);
      expect(await found({ libraryIds: ['corp'], name: '大客户' })).toEqual([]);
      const [row] = await store.changes({ id, limit: 1 });
      expect(new Set(row?.libraryIds)).toEqual(new Set(['corp', 7]));
    });

    it('finds those of a quiet rule group behind any number of a busy one', async () => {
      for (let i = 0; i < 30; i++) await store.intend(change(`m:busy${i}`), undefined);
      expect((await store.changes({ libraryIds: [2, 3], limit: 2 })).map((row) => row.id)).toEqual([5, 2]);
    });

    it('limits', async () => {
      expect((await store.changes({ limit: 2, offset: 1 })).map((row) => row.id)).toEqual([4, 3]);
      expect(await store.changes({ limit: 0 })).toEqual([]);
      expect(await store.changes({ limit: Number.POSITIVE_INFINITY })).toHaveLength(5);
    });

    it('finds any part of any name, whatever it is made of', async () => {
      const part = fc.string({
        unit: fc.constantFrom('%', '_', '\\', 'a', '客', "'", '?', '$1', '😀'),
        minLength: 1,
        maxLength: 6,
      });
      let key = 0;
      await fc.assert(
        fc.asyncProperty(part, part, part, async (before, sought, after) => {
          const id = await store.intend(change(`m:p${key++}`, { names: before + sought + after }), undefined);
          expect((await store.changes({ name: sought, limit: 1 }))[0]?.id).toBe(id);
          expect(await store.changes({ name: `${before}${sought}${after}!`, limit: 1 })).toEqual([]);
        }),
        { numRuns: 30 },
      );
    });
  });

  describe('sessions', () => {
    it('are saved, replaced and kept apart by member', async () => {
      expect(await store.session('zhangsan')).toBeUndefined();
      await store.saveSession('zhangsan', { a: 1 }, undefined);
      await store.saveSession('lisi', { b: 1 }, 'q:1');
      await store.saveSession('zhangsan', { a: 2 }, 'q:2');
      expect(await store.session('zhangsan')).toEqual({ a: 2 });
      expect(await store.session('lisi')).toEqual({ b: 1 });
    });

    it('lose the open question together with the change that carries it out, once', async () => {
      await store.saveSession('zhangsan', {}, 'q:9');
      await expect(store.intend(change('m:q1'), message('m:q1'), 'q:8')).rejects.toMatchObject(
        failure('store.question-taken', 'busy'),
      );
      expect(await store.findMessage('m:q1')).toBeUndefined();
      const outcomes = await Promise.allSettled(
        ['m:q2', 'm:q3', 'm:q4'].map((key) => store.intend(change(key), message(key), 'q:9')),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.takeQuestion('zhangsan', 'q:9')).toBe(false);
    });

    it('give an open question away exactly once, to its member, by its id', async () => {
      await store.saveSession('zhangsan', {}, 'q:1');
      expect(await store.takeQuestion('lisi', 'q:1')).toBe(false);
      expect(await store.takeQuestion('zhangsan', 'q:0')).toBe(false);
      const takers = await Promise.all(Array.from({ length: 6 }, () => store.takeQuestion('zhangsan', 'q:1')));
      expect(takers.filter(Boolean)).toHaveLength(1);
      expect(await store.session('zhangsan')).toEqual({});
      await store.saveSession('zhangsan', {}, 'q:2');
      await store.saveSession('zhangsan', {}, undefined);
      expect(await store.takeQuestion('zhangsan', 'q:2')).toBe(false);
    });
  });

  describe('tries', () => {
    it('are counted from the first, for each message, across restarts', async () => {
      await store.keepMessage(message('m:1'));
      await store.keepMessage(message('m:2'));
      expect(await store.tryAgain('m:1')).toBe(2);
      expect(await store.tryAgain('m:1')).toBe(3);
      await store.close();
      const again = await openFor(corp);
      expect(await again.tryAgain('m:1')).toBe(4);
      expect(await again.tryAgain('m:2')).toBe(2);
      await expect(again.tryAgain('m:3')).rejects.toMatchObject(failure('store.missing', 'bug'));
    });
  });

  describe('forgetting sessions', () => {
    const lasting = ({ asked: _, ...session }: KeptSession) => session;

    it('leaves of an old one what lasts, once, and takes its question', async () => {
      await store.saveSession('zhangsan', { a: 1, asked: 'VIP' }, 'q:1');
      await store.saveSession('lisi', { b: 1 }, undefined, true);
      expect(await store.forgetSessions(NOON, lasting)).toBe(0);
      expect(await store.session('zhangsan')).toEqual({ a: 1, asked: 'VIP' });
      expect(await store.forgetSessions(NOON + 1, lasting)).toBe(2);
      expect(await store.session('zhangsan')).toEqual({ a: 1 });
      expect(await store.session('lisi')).toEqual({ b: 1 });
      expect(await store.takeQuestion('zhangsan', 'q:1')).toBe(false);
      expect(await store.forgetSessions(NOON + 1, lasting)).toBe(0);
      await store.saveSession('zhangsan', { a: 1, asked: 'SVIP' }, undefined);
      expect(await store.forgetSessions(NOON + 1, lasting)).toBe(1);
    });

    it('takes more than one portion', async () => {
      const members = Array.from({ length: 1_203 }, (_, i) => `u${i}`);
      await inParallel(AT_A_TIME, members, (member) => store.saveSession(member, { asked: 1 }, undefined));
      expect(await store.forgetSessions(NOON + 1, lasting)).toBe(1_203);
      expect(await store.session('u1202')).toEqual({});
    });
  });

  describe('forget', () => {
    it('drops the texts of what is over, and nothing that is still to be given', async () => {
      for (const state of ['open', 'answered', 'delivered', 'owed', 'recent'] as const) {
        await store.keepMessage(message(`m:${state}`, { receivedAt: state === 'recent' ? NOON : NOON - 1 }));
        if (state === 'delivered') await store.intend(change('m:delivered', { at: NOON - 1 }), undefined);
        if (state !== 'open') await store.answer(`m:${state}`, 'answer', state === 'recent' ? 'delivered' : state);
      }
      expect(await store.forget(NOON)).toBe(3);

      const texts = async (key: string) => {
        const row = await store.findMessage(key);
        return [row?.content === undefined ? 'dropped' : 'kept', row?.answer ?? 'dropped'];
      };
      expect(await texts('m:open')).toEqual(['kept', 'dropped']);
      expect(await texts('m:answered')).toEqual(['dropped', 'answer']);
      expect(await texts('m:owed')).toEqual(['dropped', 'answer']);
      expect(await texts('m:delivered')).toEqual(['dropped', 'dropped']);
      expect(await texts('m:recent')).toEqual(['kept', 'answer']);
      expect(await store.changes({ limit: 9 })).toHaveLength(1);

      expect(await store.forget(NOON)).toBe(0);
      await store.settle('m:owed', 'delivered');
      expect(await store.forget(NOON)).toBe(1);
      expect(await texts('m:owed')).toEqual(['dropped', 'dropped']);
      expect(await store.keepMessage(message('m:delivered'))).toBe(false);
    });

    it('takes more than one portion', async () => {
      const keys = Array.from({ length: 1_203 }, (_, i) => `m:${i}`);
      await inParallel(AT_A_TIME, keys, async (key) => {
        await store.keepMessage(message(key, { receivedAt: NOON - 1 }));
        await store.answer(key, 'x', 'delivered');
      });
      expect(await store.forget(NOON)).toBe(1_203);
    });
  });

  it('keeps corps apart', async () => {
    const other = await openFor(`${corp}-other`);
    await store.intend(change('m:1'), message('m:1'));
    await store.saveSession('zhangsan', { mine: 1 }, 'q');
    await store.answer('m:1', 'x', 'owed');

    expect(await other.findMessage('m:1')).toBeUndefined();
    expect(await other.owes('zhangsan')).toBe(false);
    expect(await other.session('zhangsan')).toBeUndefined();
    expect(await other.takeQuestion('zhangsan', 'q')).toBe(false);
    expect(await other.changes({ limit: 9 })).toEqual([]);
    expect(await other.changesOf('m:1')).toEqual([]);
    await expect(other.settle('m:1', 'delivered')).rejects.toMatchObject(failure('store.missing'));
    await expect(other.conclude(1, { state: 'done', outcome: '', at: NOON })).rejects.toMatchObject(
      failure('store.missing'),
    );
    expect(await other.intend(change('m:1'), message('m:1'))).toBe(1);
    expect(await other.unfinished()).toHaveLength(1);
    await other.answer('m:1', 'y', 'delivered');
    expect(await other.forget(NOON + 1)).toBe(1);
    expect(await store.findMessage('m:1')).toMatchObject({
      state: 'owed',
      answer: 'x',
      content: message('m:1').content,
    });
  });

  it('has everything after it was closed and opened again, and goes on numbering', async () => {
    await store.intend(change('m:1'), message('m:1'));
    await store.saveSession('zhangsan', { a: 1 }, 'q:1');
    await store.close();
    const again = await openFor(corp);
    expect(await again.changesOf('m:1')).toHaveLength(1);
    expect(await again.session('zhangsan')).toEqual({ a: 1 });
    expect(await again.takeQuestion('zhangsan', 'q:1')).toBe(true);
    expect(await again.intend(change('m:2'), message('m:2'))).toBe(2);
  });

  it('keeps the last note of each name, for its corp alone', async () => {
    const other = await openFor(`${corp}-other`);
    await store.keepNote('token.hold', '1');
    await store.keepNote('token.hold', '2');
    await store.keepNote('callback.taken', '3');
    await other.keepNote('token.hold', '4');
    expect([await store.note('token.hold'), await store.note('callback.taken')]).toEqual(['2', '3']);
    expect(await store.note('callback.refused')).toBeUndefined();
    expect(await other.note('token.hold')).toBe('4');
  });

  it('answers a ping, and refuses everything once closed', async () => {
    await store.ping();
    await store.ping();
    await store.close();
    await store.close();
    for (const verb of [
      () => store.ping(),
      () => store.findMessage('m:1'),
      () => store.keepMessage(message('m:1')),
      () => store.intend(change('m:1'), undefined),
    ]) {
      await expect(verb()).rejects.toMatchObject(failure('store.closed', 'bug'));
    }
  });

  it('opened for reading only, reads and refuses to write', async () => {
    await store.intend(change('m:1'), message('m:1'));
    const reader = await openStore(url, corp, { now: () => NOON, readOnly: true });
    open.push(reader);
    expect(await reader.changes({ limit: 9 })).toHaveLength(1);
    await expect(reader.keepMessage(message('m:2'))).rejects.toMatchObject(failure('store.readonly', 'setup'));
    await store.keepMessage(message('m:2'));
    expect(await reader.findMessage('m:2')).toBeDefined();
  });
});
