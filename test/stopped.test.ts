/** What was stopped is gone: the next one in the same process pays nothing for it. */

import { expect, test } from 'vitest';
import { openChat } from './chat.ts';
import { collectGarbage } from './garbage.ts';

test('nothing holds a bot that was stopped, nor the sandbox before which it stood', async () => {
  const held = await usedAndStopped();
  await expect
    .poll(() => {
      collectGarbage();
      return held.filter((each) => each.deref() !== undefined).length;
    })
    .toBe(0);
});

/** In a function of its own, so that no variable of the test holds them. */
async function usedAndStopped(): Promise<readonly WeakRef<object>[]> {
  const chat = await openChat();
  await chat.say('wangzong', '标签 添加 钻石 到 客户分级');
  const held = [new WeakRef(chat.app), new WeakRef(chat.sandbox)];
  await chat.stop();
  return held;
}
