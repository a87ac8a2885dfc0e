/** What is at hand is answered without line, window and record; everything else has its turn. On a real SQLite file. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Inbox } from '../../src/inbox/inbox.ts';
import { createLog } from '../../src/log.ts';
import type { IncomingMessage, Outgoing } from '../../src/message.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { newFolder } from '../folder.ts';
import { CORP, message } from '../store/rows.ts';
import { clock, inboxOn, SENT, said } from './inbox-on.ts';

const text = (content: string) => ({ kind: 'text', content });

describe('an answer at hand', () => {
  let folder: string;
  let store: Store;
  let inbox: Inbox;
  let handled: string[];
  let lines: Record<string, unknown>[];
  let finish: () => void;
  const receive = (incoming: IncomingMessage, sent = SENT) => inbox.receive(incoming, sent);

  beforeEach(async () => {
    folder = newFolder('at-once');
    store = await openStore(`file:${join(folder, 'bot.db')}`, CORP, clock);
    handled = [];
    lines = [];
    finish = () => {};
    inbox = inboxOn(store, {
      async handle(incoming): Promise<Outgoing> {
        handled.push(incoming.key);
        if (incoming.kind === 'text' && incoming.text === 'slow')
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
        return { text: 'handled' };
      },
      atOnce: (incoming) => (incoming.kind === 'text' && incoming.text === 'VIP' ? { text: 'at once' } : undefined),
      log: createLog('info', { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) }),
    });
    // Until the first message that was handled it is not known who is owed something.
    await receive(said('m:1', 'other'));
    await expect.poll(() => inbox.underWay()).toBe(0);
    handled = [];
  });

  afterEach(async () => {
    await inbox.drain();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it('is given without handling the message, told in the log, and given to a repeat', async () => {
    expect(await receive(said('m:2', 'VIP'))).toEqual(text('at once'));
    expect(lines.at(-1)).toMatchObject({ msg: 'answered', key: 'm:2', member: 'zhangsan', way: 'passive' });
    expect(await receive(said('m:2', 'anything'))).toEqual(text('at once'));
    expect(handled).toEqual([]);
    expect(inbox.underWay()).toBe(0);
  });

  it('waits for its turn behind what the member has said before', async () => {
    const first = receive(said('m:2', 'slow'));
    const second = receive(said('m:3', 'VIP'));
    await expect.poll(() => handled).toEqual(['m:2']);
    finish();
    expect([await first, await second]).toEqual([text('handled'), text('handled')]);
    expect(handled).toEqual(['m:2', 'm:3']);
  });

  it('is not given to a message that was kept by a former run', async () => {
    await store.keepMessage(message('m:2'));
    await store.answer('m:2', JSON.stringify({ text: 'former' }), 'answered');
    expect(await receive(said('m:2', 'VIP'))).toEqual(text('former'));
  });

  it('that a cut connection has lost is given to the repeat', async () => {
    expect(await receive(said('m:2', 'VIP'), Promise.resolve(false))).toEqual(text('at once'));
    await expect.poll(() => lines.at(-1)).toMatchObject({ msg: 'callback cut off before its answer', key: 'm:2' });
    expect(await receive(said('m:2', 'VIP'))).toEqual(text('at once'));
    expect(handled).toEqual([]);
  });

  it('does not go before what the member is owed', async () => {
    await store.keepMessage(message('m:0'));
    await store.answer('m:0', JSON.stringify({ text: 'owed' }), 'owed');
    expect(await receive(said('m:2', 'VIP'))).toMatchObject({
      content: expect.stringMatching(/owed[\s\S]*handled/),
    });
    await expect.poll(() => inbox.underWay()).toBe(0);
    expect(await receive(said('m:3', 'VIP'))).toEqual(text('at once'));
  });
});
