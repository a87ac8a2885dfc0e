/** Reads of what companies have authorised overtake each other: the one that was begun last says how it is. */

import { EventEmitter, once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { type CorpConfig, loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { createKeyRing } from '../../src/sealing.ts';
import { openDatabase } from '../../src/store/open.ts';
import { createAuthorised } from '../../src/suites/authorised.ts';
import { createSuite, keyOf, place } from '../../src/suites/suite.ts';
import { CREDENTIAL_KEY, suitesOf, TEMPLATE } from './provider-site.ts';

const { suiteId } = TEMPLATE;
const corpId = 'wpOne';

async function openAuthorised() {
  const config = await loadConfig({ CREDENTIAL_KEY, CONFIG_FILE: 'config.yaml' }, () =>
    JSON.stringify({ suites: suitesOf() }),
  );
  const database = await openDatabase('file::memory:', { now: Date.now });
  const store = await database.suites([]);
  const log = createLog('error', { write: () => {} });
  const ring = createKeyRing([CREDENTIAL_KEY]);
  const shared = { store, ring, log, now: Date.now, baseUrl: 'http://127.0.0.1:9', metrics: { apiCall: () => {} } };
  const suites = new Map(config.suites.map((each) => [each.suiteId, createSuite(each, shared)]));
  onTestFinished(async () => {
    for (const { api } of suites.values()) api.close();
    await database.close();
  });

  /** As the next read finds it; what is read comes when it is let go. */
  let letGo: Promise<unknown> | undefined;
  const slow = {
    ...store,
    async authorisations() {
      const found = await store.authorisations();
      await letGo;
      return found;
    },
  };
  const served = new Map<string, CorpConfig>();
  const corps = {
    put: (corp: CorpConfig) => void served.set(corp.key, corp),
    remove: async (key: string) => void served.delete(key),
    has: (key: string) => served.has(key),
  };
  const authorised = createAuthorised({ config, suites, store: slow, ring, corps, log });
  const authorise = async (code: string, stamp: number) => {
    const permanentCode = ring.seal(code, place('permanentCode', suiteId, corpId));
    await store.authorise({ suiteId, corpId, permanentCode, eventKey: code, stamp, receivedAt: stamp, at: stamp });
    await store.describe({ suiteId, corpId }, { agentId: 7 });
  };
  return {
    store,
    authorised,
    authorise,
    secret: () => served.get(keyOf(suiteId, corpId))?.wecom.secret,
    holdReads() {
      const gate = new EventEmitter();
      letGo = once(gate, 'open');
      return () => void gate.emit('open');
    },
  };
}

it('an end is not undone by what was read before it', async () => {
  const { store, authorised, authorise, secret, holdReads } = await openAuthorised();
  await authorise('first', 1);
  await authorised.sync();
  expect(secret()).toBe('first');
  const release = holdReads();
  const syncing = authorised.sync();
  await store.cancel({ suiteId, corpId }, { stamp: 2, receivedAt: 2 }, 2);
  await authorised.look(suiteId, corpId);
  expect(secret()).toBeUndefined();
  release();
  await syncing;
  expect(secret()).toBeUndefined();
});

it('nor a new secret by the former', async () => {
  const { authorised, authorise, secret, holdReads } = await openAuthorised();
  await authorise('first', 1);
  const release = holdReads();
  const syncing = authorised.sync();
  await authorise('second', 2);
  await authorised.look(suiteId, corpId);
  release();
  await syncing;
  expect(secret()).toBe('second');
});

it('one that was forgotten and comes again is served', async () => {
  const { store, authorised, authorise, secret } = await openAuthorised();
  await authorise('first', 1);
  await authorised.sync();
  await store.cancel({ suiteId, corpId }, { stamp: 2, receivedAt: 2 }, 2);
  await store.forget({ suiteId, corpId });
  await authorised.sync();
  expect(secret()).toBeUndefined();
  await authorise('again', 3);
  await authorised.sync();
  expect(secret()).toBe('again');
});
