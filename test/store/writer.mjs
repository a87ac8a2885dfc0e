/** Writes as fast as it can and prints what has been promised; meant to be killed. Arguments: URL, corp, round. */

import { openStore } from '../../dist/store/open.js';

const [url, corp, round] = process.argv.slice(2);
const store = await openStore(url, corp, { now: Date.now });
let count = 0;

async function write(member) {
  for (;;) {
    const key = `m:${round}.${count++}`;
    const message = { key, member, content: '{"kind":"text","text":"VIP"}', receivedAt: Date.now() };
    if (count % 2 === 0) {
      await store.keepMessage(message);
      process.stdout.write(`kept ${key}\n`);
      continue;
    }
    const change = {
      member,
      messageKey: key,
      at: Date.now(),
      libraries: [{ libraryId: 1, names: 'VIP' }],
      names: 'VIP',
      plan: '{}',
      undoes: undefined,
    };
    const id = await store.intend(change, message);
    process.stdout.write(`intended ${key} ${id}\n`);
    await store.conclude(id, { state: 'done', outcome: '[]', at: Date.now() });
    process.stdout.write(`concluded ${key} ${id}\n`);
    await store.answer(key, `answer ${key}`, 'answered');
    process.stdout.write(`answered ${key}\n`);
    await store.settle(key, 'delivered');
    process.stdout.write(`delivered ${key}\n`);
  }
}

await Promise.all(['zhangsan', 'lisi', 'wangwu'].map(write));
