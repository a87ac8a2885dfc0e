/** The answering window and every way an answer can travel: none is lost, none is untrue. */

import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, type TestContext, test } from 'vitest';
import type { Chat } from '../chat.ts';
import { until } from '../until.ts';
import { letter } from './courier.ts';
import { MEMBER, startChat, writes } from './talk.ts';

const PLAIN = { REPLY_FORMAT: 'plain' };
const ADD = '标签 添加 钻石 到 客户分级';

const bubbles = (chat: Chat, member = MEMBER) => chat.sandbox.chat(member).filter((message) => message.from === 'bot');
const ways = (chat: Chat) => bubbles(chat).map((message) => message.via);
const sends = (chat: Chat) => chat.sandbox.calls.filter(({ path }) => path.endsWith('/message/send')).length;

describe('when the work takes longer than the window', () => {
  test('200 without a word, then the answer by push', async () => {
    const chat = await startChat({ env: PLAIN, app: { windowMs: 150 } });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ slow: { on: true, ms: 400, path: 'add_strategy_tag' } });
    const sent = await chat.sandbox.say(MEMBER, ADD);
    expect(sent.delivered).toMatchObject({ state: 'delivered', attempt: 1 });
    expect(sent.reply).toBeUndefined();
    await expect
      .poll(() => bubbles(chat).at(-1)?.body)
      .toMatchObject({ text: { content: expect.stringContaining('钻石') } });
    expect(bubbles(chat).at(-1)?.via).toBe('push');
  });

  test('a repeat of the acknowledged message gets a bare 200 and no second answer', async () => {
    const chat = await startChat({ env: PLAIN, app: { windowMs: 150 } });
    await chat.say(MEMBER, '标签 列表');
    // On a busy machine that was pushed, too.
    chat.sandbox.clearCalls();
    chat.sandbox.setFaults({ slow: { on: true, ms: 400, path: 'add_strategy_tag' } });
    const parcel = letter(MEMBER, ADD);
    expect(await parcel.deliver(chat)).toEqual({ status: 200, reply: '' });
    expect(await parcel.deliver(chat)).toEqual({ status: 200, reply: '' });
    await expect.poll(() => sends(chat)).toBe(1);
    expect(await parcel.deliver(chat)).toEqual({ status: 200, reply: '' });
    expect(writes(chat)).toHaveLength(1);
    expect(sends(chat)).toBe(1);
  });

  test('the card that was pressed shows its outcome all the same', async () => {
    const chat = await startChat({ app: { windowMs: 150 } });
    await chat.say(MEMBER, '标签 删除 老客');
    chat.sandbox.setFaults({ slow: { on: true, ms: 400, path: 'del_strategy_tag' } });
    await chat.press(MEMBER, 'confirm');
    await expect.poll(() => chat.card(MEMBER).disabledText).toBe('已删除');
    await expect.poll(() => JSON.stringify(bubbles(chat).at(-1))).toContain('已从');
  });

  test('a push that hangs does not hold the callback beyond the window', async () => {
    const chat = await startChat({ app: { windowMs: 300 } });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ slow: { on: true, ms: 900, path: 'message/send' } });
    const began = Date.now();
    const sent = await chat.sandbox.say(MEMBER, ADD);
    expect(sent.delivered).toMatchObject({ state: 'delivered', attempt: 1 });
    expect(Date.now() - began).toBeLessThan(850);
    await expect.poll(() => JSON.stringify(bubbles(chat)), { timeout: 3_000 }).toContain('钻石');
    expect(bubbles(chat).filter((each) => JSON.stringify(each).includes('钻石'))).toHaveLength(1);
  });
});

describe('a message that waits in line beyond its window', () => {
  test('is carried out when its turn comes, and answered by push', async () => {
    const chat = await startChat({ env: PLAIN, app: { windowMs: 60 } });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ slow: { on: true, ms: 200, path: 'add_strategy_tag' } });
    const names = ['甲号', '乙号', '丙号', '丁号'];
    await Promise.all(names.map((name) => chat.sandbox.say(MEMBER, `标签 添加 ${name} 到 客户分级`)));
    for (const name of names) {
      await expect
        .poll(() => JSON.stringify(bubbles(chat)), { timeout: 5_000 })
        .toMatch(`已添加到「客户分级」：${name}`);
    }
    expect(writes(chat)).toHaveLength(4);
  });
});

describe('a push that fails while the callback is open', () => {
  test.each([
    ['60020', { untrustedIp: { on: true } }],
    ['48002', { errcode: { on: true, code: 48002, path: 'message/send' } }],
    ['a broken connection', { brokenBefore: { on: true, path: 'message/send' } }],
    ['502', { badGateway: { on: true, path: 'message/send' } }],
  ])('%s: the words go back inside it', async (_, faults) => {
    const chat = await startChat();
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults(faults);
    const sent = await chat.sandbox.say(MEMBER, '帮助');
    expect(JSON.stringify(sent.reply?.body)).toContain('标签');
    expect(sent.reply?.via).toBe('passive');
  });

  test('is repeated at most twice when its outcome is unknown', async () => {
    const chat = await startChat();
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.clearCalls();
    chat.sandbox.setFaults({ brokenAfter: { on: true, path: 'message/send' } });
    await chat.say(MEMBER, '帮助');
    expect(sends(chat)).toBeLessThanOrEqual(3);
  });
});

describe.concurrent('a push that fails after the acknowledgement', () => {
  const slow = { on: true, ms: 300, path: 'add_strategy_tag' };
  /** What comes next goes back inside its callback, on a busy machine as well. */
  const slower = { ...slow, ms: 2_500 };

  test('is owed and given with the next message, once', async (context) => {
    const chat = await startChat({ env: PLAIN, app: { windowMs: 1_500, pushPausesMs: [] } }, context);
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ slow: slower, errcode: { on: true, code: 48002, path: 'message/send' } });
    await chat.sandbox.say(MEMBER, ADD);
    await until(() => expect(chat.log.some((line) => String(line.msg).startsWith('answer owed'))).toBe(true));
    const next = await chat.say(MEMBER, '我');
    expect(next).toContain('补发');
    expect(next).toContain('钻石');
    expect(next.indexOf('钻石')).toBeLessThan(next.indexOf('userid'));
    expect(await chat.say(MEMBER, '我')).not.toContain('钻石');
  });

  test('survives a restart', async (context) => {
    const chat = await startChat({ env: PLAIN, app: { windowMs: 1_500, pushPausesMs: [] } }, context);
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ slow: slower, errcode: { on: true, code: 48002, path: 'message/send' } });
    await chat.sandbox.say(MEMBER, ADD);
    await until(() => expect(chat.log.some((line) => String(line.msg).startsWith('answer owed'))).toBe(true));
    await chat.restart();
    expect(await chat.say(MEMBER, '我')).toContain('钻石');
  });

  test('is tried again when the platform wants a pause', async (context) => {
    const chat = await startChat({ env: PLAIN, app: { windowMs: 100, pushPausesMs: [50, 50] } }, context);
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ slow, rateLimited: { on: true, times: 1, path: 'message/send' } });
    await chat.sandbox.say(MEMBER, ADD);
    await until(() => expect(JSON.stringify(bubbles(chat).at(-1))).toContain('钻石'));
    expect(ways(chat).at(-1)).toBe('push');
  });

  test('several owed answers come in their order, and what does not fit comes later', async (context) => {
    const chat = await startChat({ env: PLAIN, app: { windowMs: 1_200, pushPausesMs: [] } }, context);
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ slow: { ...slow, ms: 2_000 }, errcode: { on: true, code: 48002, path: 'message/send' } });
    for (const name of ['一号', '二号', '三号']) await chat.sandbox.say(MEMBER, `标签 添加 ${name} 到 客户分级`);
    await until(() => expect(chat.log.filter((line) => String(line.msg).startsWith('answer owed')).length).toBe(3));
    const next = await chat.say(MEMBER, '我');
    expect(next.match(/[一二三]号/g)).toEqual(['一号', '二号', '三号']);
  });
});

describe.concurrent('an owed answer that fills a whole message', () => {
  const pushes = { errcode: { on: true, code: 48002, path: 'message/send' } };
  const owed = (chat: Chat) => chat.log.filter((line) => String(line.msg).startsWith('answer owed')).length;
  /** What is said of their addition is 1,900 bytes. */
  const NAMES = Array.from({ length: 20 }, (_, i) => `${'很长的标签名字'.repeat(3)}而且还很长的${100 + i}`);

  async function owing(context: TestContext, env: Record<string, string> = PLAIN) {
    // Wide enough for what comes next to go back inside it, on a busy machine as well.
    const chat = await startChat({ env, app: { windowMs: 1_200, pushPausesMs: [] } }, context);
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ slow: { on: true, ms: 2_000, path: 'add_strategy_tag' }, ...pushes });
    await chat.sandbox.say(MEMBER, `标签 添加 ${NAMES.join('、')} 到 客户分级`);
    await until(() => expect(owed(chat)).toBe(1));
    await chat.sandbox.say(MEMBER, ADD);
    await until(() => expect(owed(chat)).toBe(2));
    chat.sandbox.setFaults({ slow: { on: false, ms: 0 } });
    return chat;
  }

  test.for(['plain', 'text'])(
    'is given in parts, whole, and what waits behind it follows (%s)',
    async (format, context) => {
      const chat = await owing(context, { REPLY_FORMAT: format });
      const heard: string[] = [];
      for (let i = 0; i < 4; i++) heard.push(await chat.say(MEMBER, '我'));
      for (const answer of heard) {
        expect(Buffer.byteLength(answer)).toBeLessThanOrEqual(2048);
        expect(answer).toContain('userid');
      }
      const all = heard.join('\n');
      for (const name of NAMES) expect(all.split(name)).toHaveLength(2);
      expect(all).toContain('钻石');
      expect(heard.at(-1)).not.toContain('补发');
      expect(chat.sandbox.violations).toEqual([]);
    },
  );

  test('what is left of it survives a restart', async (context) => {
    const chat = await owing(context);
    const first = await chat.say(MEMBER, '我');
    expect(first).toContain('补发');
    await chat.restart();
    const rest = await chat.say(MEMBER, '我');
    for (const name of NAMES) expect(`${first}${rest}`.split(name)).toHaveLength(2);
  });

  test('is pushed whole as soon as the platform takes pushes again', async (context) => {
    const chat = await owing(context);
    chat.sandbox.setFaults({ errcode: { on: false, code: 48002 } });
    await chat.say(MEMBER, '我');
    for (const name of [...NAMES, '钻石']) {
      await until(() => expect(JSON.stringify(bubbles(chat))).toContain(name));
    }
  });
});

describe('the platform drops more than thirty pushes a minute without a word', () => {
  test('so forty answers in a row all arrive, part of them inside the callback', async () => {
    const chat = await startChat();
    for (let i = 0; i < 40; i++) expect(await chat.say(MEMBER, '我')).toContain('wangzong');
    expect(chat.sandbox.corp.dropped).toEqual([]);
    expect(new Set(ways(chat))).toEqual(new Set(['push', 'passive']));
    expect(bubbles(chat)).toHaveLength(40);
  });

  test('and late answers beyond it are merged into the next message', async () => {
    const chat = await startChat({ app: { windowMs: 60, pushPausesMs: [] } });
    for (let i = 0; i < 26; i++) await chat.say(MEMBER, '我');
    chat.sandbox.setFaults({ slow: { on: true, ms: 150, path: 'add_strategy_tag' } });
    await chat.sandbox.say(MEMBER, ADD);
    await expect.poll(() => chat.log.some((line) => String(line.msg).startsWith('answer owed'))).toBe(true);
    expect(await chat.say(MEMBER, '我')).toContain('钻石');
    expect(chat.sandbox.corp.dropped).toEqual([]);
  });
});

describe('a write whose connection broke while it was on its way', () => {
  const LATE = { on: true, times: 1, path: 'add_strategy_tag' };

  test('that lands a moment later is told as done', async () => {
    const chat = await startChat({ env: PLAIN, app: { lookAgainMs: [20, 2_000] } });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ landsLate: { ...LATE, ms: 500 } });
    expect(await chat.say(MEMBER, ADD)).toMatch(/已添加[\s\S]*钻石[\s\S]*核对/);
    expect(chat.tags('客户分级')).toContain('钻石');
    expect(writes(chat)).toHaveLength(1);
  });

  test('of which nothing is to be seen when the program stops is called uncertain, not undone', async () => {
    const chat = await startChat({ env: PLAIN, app: { lookAgainMs: [20, 60_000], windowMs: 100 } });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ landsLate: { ...LATE, ms: 60_000 } });
    await chat.sandbox.say(MEMBER, ADD);
    await chat.restart();
    expect(JSON.stringify(bubbles(chat))).toMatch(/不确定.*钻石/);
    expect(JSON.stringify(bubbles(chat))).not.toContain('没有生效');
  });
});

describe('a stop of the program', () => {
  test('waits for work that has outlasted its window, and its answer', async () => {
    const chat = await startChat({ env: PLAIN, app: { windowMs: 60 } });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ slow: { on: true, ms: 700, path: 'add_strategy_tag' } });
    const sent = await chat.sandbox.say(MEMBER, ADD);
    expect(sent.reply).toBeUndefined();
    let told: string | undefined;
    await chat.restart(async () => {
      told = JSON.stringify(bubbles(chat));
    });
    expect(told).toMatch(/已添加.*钻石/);
    expect(ways(chat).at(-1)).toBe('push');
    expect(await chat.say(MEMBER, '历史')).toMatch(/钻石(?!.*(?:进行中|不确定))/);
    expect(writes(chat)).toHaveLength(1);
  });
});

describe('when the record cannot be written', () => {
  test('nothing is changed, and the member is told why; afterwards all is well', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 列表');
    const foreign = new DatabaseSync(String(chat.env.DATABASE_URL).replace('file:', ''));
    foreign.exec('BEGIN IMMEDIATE');
    expect(await chat.say(MEMBER, ADD)).toMatch(/钻石.*没有执行.*记录库.*没有改/);
    expect(writes(chat)).toEqual([]);
    foreign.exec('ROLLBACK');
    foreign.close();
    expect(await chat.say(MEMBER, ADD)).toContain('已添加');
    expect(writes(chat)).toHaveLength(1);
  });
});

describe('a journal that cannot be written once the platform has done it', () => {
  /** The record is taken by somebody else between the call and its conclusion. */
  async function unconcluded() {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.setFaults({ slow: { on: true, ms: 300, path: 'add_strategy_tag' } });
    const foreign = new DatabaseSync(String(chat.env.DATABASE_URL).replace('file:', ''));
    const answered = chat.say(MEMBER, ADD);
    await expect.poll(() => foreign.prepare('SELECT count(*) AS rows FROM journal').get().rows).toBe(1);
    foreign.exec('BEGIN IMMEDIATE');
    expect(await answered).toContain('已添加');
    expect(await chat.say(MEMBER, '历史')).toMatch(/钻石.*进行中/);
    const free = async () => {
      foreign.exec('ROLLBACK');
      foreign.close();
    };
    return { chat, free };
  }

  async function concluded(chat: Chat) {
    await expect.poll(() => chat.say(MEMBER, '历史')).toMatch(/钻石(?!.*进行中)/);
    expect(await chat.say(MEMBER, '撤销')).toContain('删除：钻石');
    expect(writes(chat)).toHaveLength(2);
  }

  test('the member is told the truth now, and it is concluded as soon as it can be written', async () => {
    const { chat, free } = await unconcluded();
    await free();
    await concluded(chat);
  });

  test('or by the next run', async () => {
    const { chat, free } = await unconcluded();
    await chat.restart(free);
    await concluded(chat);
  });
});

describe('the log has a line for every message', () => {
  const told = (chat: Chat) => chat.log.filter(({ msg }) => msg === 'answered' || msg === 'repeat of a message');

  test('who, understood as what, what became of it, which way, how long; none of its words', async () => {
    const chat = await startChat({ env: { LOG_LEVEL: 'debug', REPLY_FORMAT: 'text' } });
    await chat.say(MEMBER, '小红书在哪个组');
    await chat.say(MEMBER, ADD);
    await chat.say(MEMBER, '标签 删除 老客');
    await chat.press(MEMBER, 'cancel');
    const parcel = letter(MEMBER, '抖音');
    await parcel.deliver(chat);
    await parcel.deliver(chat);
    const line = (kind: string, way: string, command: string, outcome: string) => ({
      level: 'info',
      member: MEMBER,
      kind,
      way,
      command,
      outcome,
      key: expect.stringMatching(/^[me]:/),
      ms: expect.any(Number),
      msg: 'answered',
    });
    expect(told(chat)).toMatchObject([
      line('text', 'passive', 'tag.find', 'info'),
      { ...line('text', 'passive', 'tag.add', 'done'), change: 1 },
      line('text', 'push', 'tag.delete', 'asked'),
      line('press', 'push', 'cancel', 'info'),
      line('text', 'passive', 'tag.find', 'info'),
      { level: 'debug', member: MEMBER, msg: 'repeat of a message' },
    ]);
    expect(JSON.stringify(chat.log)).not.toMatch(/小红书|钻石|老客|抖音/);
  });

  test('at the usual level too, but for repeats', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '抖音');
    expect(told(chat)).toHaveLength(1);
  });
});
