/**
 * kill -9 at every known point of a write: what is true afterwards, and what the member is told. Nearly all of the time is
 * waiting, for repeats, looks and windows of the real program: each test has a program of its own, and two wait at once.
 */
import { beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { until } from '../until.ts';
import { openSite, type Site, type SiteOptions, timeOfStart } from './site.ts';

const ADD = '/add_strategy_tag';
const LIST = '/get_strategy_tag_list';
const SEND = '/message/send';

const callsTo = ({ sandbox }: Site, path: string) => sandbox.calls.filter((call) => call.path.endsWith(path));
const tagsOf = ({ sandbox }: Site, group: string) =>
  sandbox.corp
    .ruleGroups()
    .flatMap(({ groups }) => groups)
    .find((each) => each.group_name === group)
    ?.tag.map((tag) => tag.name) ?? [];

let retryDelayMs: number;
beforeAll(async () => {
  // So that the platform's three repeats outlast the start of two at once, however busy this machine is.
  retryDelayMs = Math.max(1_500, 3 * (await timeOfStart()));
});

/** A site that runs and ends with the test. */
async function running({ onTestFinished }: TestContext, options: SiteOptions = {}): Promise<Site> {
  const site = await openSite({ ...options, sandbox: { retryDelayMs, ...options.sandbox } });
  onTestFinished(() => site.close());
  await site.up();
  return site;
}

/** An add is concluded in the journal; while the library is read anew the program dies, and nobody has been told. */
async function killedUntold(site: Site, where: 'before' | 'after', state: string, meanwhile: () => void = () => {}) {
  await site.sandbox.say('wangzong', '标签 列表');
  const written = site.gate.hold(ADD, where);
  const sent = site.sandbox.say('wangzong', '标签 添加 钻石 到 客户分级');
  const add = await written;
  meanwhile();
  const held = site.gate.hold(LIST, 'before');
  add.release();
  await held;
  await until(async () => expect(await site.journal()).toMatchObject([{ state }]));
  await site.kill();
  // In an object: a promise would be waited for.
  return { sent };
}

describe.concurrent('kill -9 during an add', { timeout: 90_000 }, () => {
  test('(a) before the journal row: nothing has happened, and the repeat carries it out once', async (context) => {
    const site = await running(context);
    await site.sandbox.say('wangzong', '标签 列表');
    const held = site.gate.hold(LIST, 'before');
    const sent = site.sandbox.say('wangzong', '标签 添加 钻石 到 客户分级');
    await held;
    expect(await site.journal()).toEqual([]);
    await site.kill();
    await site.up();

    const { delivered, reply } = await sent;
    expect(delivered).toMatchObject({ state: 'delivered' });
    expect(reply?.body).toMatchObject({ text: { content: expect.stringContaining('钻石') } });
    expect(tagsOf(site, '客户分级')).toContain('钻石');
    expect(callsTo(site, ADD)).toHaveLength(1);
    expect(await site.journal()).toMatchObject([{ state: 'done' }]);
  });

  test('(b) between row and call: not done, told so to the repeat, and never run again', async (context) => {
    const site = await running(context);
    const held = site.gate.hold(ADD, 'before');
    const sent = site.sandbox.say('wangzong', '标签 添加 钻石 到 客户分级');
    await held;
    expect(await site.journal()).toMatchObject([{ state: 'intended' }]);
    await site.kill();
    await site.up();

    await sent;
    expect(await site.hears('wangzong', /没有做成|没有生效/)).toContain('钻石');
    expect(tagsOf(site, '客户分级')).not.toContain('钻石');
    expect(callsTo(site, ADD)).toHaveLength(0);
    expect(site.heard('wangzong')).toHaveLength(1);
    expect(await site.journal()).toMatchObject([{ state: 'failed' }]);
  });

  test('(c) between call and answer: done once, found by a re-read, told as done', async (context) => {
    const site = await running(context);
    const held = site.gate.hold(ADD, 'after');
    const sent = site.sandbox.say('wangzong', '标签 添加 钻石 到 客户分级');
    await held;
    await site.kill();
    await site.up();

    await sent;
    const told = site.heard('wangzong').join('\n');
    expect(told).toMatch(/已添加到.*钻石/);
    expect(told).not.toMatch(/没有做成|没有生效/);
    expect(tagsOf(site, '客户分级')).toContain('钻石');
    expect(callsTo(site, ADD)).toHaveLength(1);
    expect(site.heard('wangzong')).toHaveLength(1);
    expect(await site.journal()).toMatchObject([{ state: 'done' }]);
  });

  test('(d) concluded before the answer: told as the journal has it, whatever another hand did since', async (context) => {
    const site = await running(context);
    const { sent } = await killedUntold(site, 'after', 'done');
    const made = site.sandbox.corp.library.groupsOf(1).flatMap((group) => group.tags);
    const { id } = made.find((tag) => tag.name === '钻石') ?? { id: '' };
    site.sandbox.corp.console({ action: 'delete', id });
    await site.up();

    await sent;
    const told = site.heard('wangzong').join('\n');
    expect(told).toMatch(/已添加到.*钻石/);
    expect(told).not.toMatch(/没有做成|没有生效|不确定/);
    expect(callsTo(site, ADD)).toHaveLength(1);
  });

  test('(d) an answer that still waits for its repeat closes no question that was asked since', async (context) => {
    const site = await running(context, { sandbox: { retryDelayMs: Math.max(8_000, retryDelayMs) } });
    const { sent } = await killedUntold(site, 'after', 'done');
    await site.up();
    await site.sandbox.say('wangzong', '删除标签 老客');
    await site.kill();
    await site.up();

    await site.sandbox.say('wangzong', '确认');
    expect(site.heard('wangzong').at(-1)).toMatch(/已从.*删除：老客/);
    await sent;
    expect(site.heard('wangzong').filter((text) => /已添加到.*钻石/.test(text))).toHaveLength(1);
  });

  test('(d) concluded as refused: the reason outlives the crash', async (context) => {
    const site = await running(context);
    const { sent } = await killedUntold(site, 'before', 'failed', () => {
      site.sandbox.setFaults({ errcode: { on: true, times: 1, code: 40126, path: ADD } });
    });
    await site.up();

    await sent;
    const told = site.heard('wangzong').join('\n');
    expect(told).toMatch(/没有做成.*钻石.*上限/);
    expect(told).not.toMatch(/已添加|没收到回执/);
  });

  test('(d) concluded, while the answer is on its way: told once more, no second effect', async (context) => {
    const site = await running(context, { env: { REPLY_FORMAT: 'markdown' } });
    const held = site.gate.hold(SEND, 'before');
    const sent = site.sandbox.say('wangzong', '标签 添加 钻石 到 客户分级');
    await held;
    expect(await site.journal()).toMatchObject([{ state: 'done' }]);
    await site.kill();
    await site.up();

    await sent;
    expect(await site.hears('wangzong', /已添加到.*钻石/)).toContain('客户分级');
    expect(callsTo(site, ADD)).toHaveLength(1);
    expect(site.heard('wangzong')).toHaveLength(1);
  });

  test('(b) after the acknowledgement: nobody repeats, the truth is pushed by itself', async (context) => {
    const site = await running(context);
    const held = site.gate.hold(ADD, 'before');
    const sent = await site.sandbox.say('wangzong', '标签 添加 钻石 到 客户分级');
    await held;
    expect(sent).toMatchObject({ delivered: { state: 'delivered', attempt: 1 } });
    expect(sent.reply).toBeUndefined();
    await site.kill();
    await site.up();

    expect(await site.hears('wangzong', /钻石/)).toMatch(/没有做成|没有生效/);
    expect(callsTo(site, ADD)).toHaveLength(0);
  });

  test('(c) after the acknowledgement: told as done by push', async (context) => {
    const site = await running(context);
    const held = site.gate.hold(ADD, 'after');
    await site.sandbox.say('wangzong', '标签 添加 钻石 到 客户分级');
    await held;
    await site.kill();
    await site.up();

    expect(await site.hears('wangzong', /钻石/)).toMatch(/已添加到/);
    expect(callsTo(site, ADD)).toHaveLength(1);
  });
});

describe.concurrent('kill -9 during a confirmed delete', { timeout: 90_000 }, () => {
  test.for([
    ['before', /没有做成|没有生效/, 0, true],
    ['after', /已从.*删除/, 1, false],
  ] as const)(
    '%s the call: the plan is carried out at most once',
    async ([where, told, calls, stillThere], context) => {
      const site = await running(context);
      await site.sandbox.say('wangzong', '删除标签 老客');
      const held = site.gate.hold('/del_strategy_tag', where);
      const sent = site.sandbox.say('wangzong', '确认');
      await held;
      await site.kill();
      await site.up();

      await sent;
      // What is not there may be on its way: it is looked for again before anything is said.
      await site.hears('wangzong', told);
      expect(tagsOf(site, '客户分级').includes('老客')).toBe(stillThere);
      expect(callsTo(site, '/del_strategy_tag')).toHaveLength(calls);

      await site.sandbox.say('wangzong', '确认');
      expect(callsTo(site, '/del_strategy_tag')).toHaveLength(calls);
    },
  );
});

describe.concurrent('the platform is gone when the bot comes back', { timeout: 90_000 }, () => {
  test('a begun write is told as uncertain, never as done or not done', async (context) => {
    const site = await running(context);
    const held = site.gate.hold(ADD, 'after');
    const sent = site.sandbox.say('wangzong', '标签 添加 钻石 到 客户分级');
    await held;
    await site.kill();
    site.sandbox.setFaults({ untrustedIp: { on: true } });
    await site.up();

    await sent;
    const told = site.heard('wangzong').join('\n');
    expect(told).toContain('不确定');
    expect(told).not.toMatch(/没有做成|没有生效|已添加/);
    expect(await site.journal()).toMatchObject([{ state: 'unknown' }]);
  });
});

describe.concurrent('SIGTERM', { timeout: 90_000 }, () => {
  test('finishes what is under way, answers, and exits with 0', async (context) => {
    const site = await running(context);
    const held = await Promise.race([
      site.gate.hold(ADD, 'after'),
      site.sandbox.say('wangzong', '标签 添加 钻石 到 客户分级').then(() => undefined),
    ]);
    const ending = site.terminate();
    setTimeout(() => held?.release(), 500);
    const { code } = await ending;
    expect(code).toBe(0);
    expect(site.heard('wangzong').join('\n')).toMatch(/已添加到.*钻石/);
  });

  test('ends within ten seconds although the platform never answers, and tells the truth afterwards', async (context) => {
    const site = await running(context);
    const held = site.gate.hold(ADD, 'after');
    const sent = site.sandbox.say('wangzong', '标签 添加 钻石 到 客户分级');
    await held;
    const began = Date.now();
    const { code } = await site.terminate();
    expect(code).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
    await sent;

    await site.up();
    await site.sandbox.say('wangzong', '我');
    const told = site.heard('wangzong').join('\n');
    expect(told).toContain('钻石');
    expect(told).not.toMatch(/没有做成|没有生效/);
    expect(callsTo(site, ADD)).toHaveLength(1);
  });
});
