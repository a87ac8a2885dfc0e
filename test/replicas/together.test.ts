/**
 * Two whole bots on one database behave like one: real callbacks to either or to both, a real PostgreSQL between them.
 */

import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { asks, CREDENTIALS, environment, noFile, shownBy, words } from '../chat.ts';
import { startPostgres } from '../store/server.ts';
import { until } from '../until.ts';
import { Spreader, said, type Target } from './spreader.ts';
import { openWire } from './wire.ts';

const server = await startPostgres();
afterAll(() => server?.stop());

const ADMIN = 'wangzong';

describe.skipIf(server === undefined)('two replicas', () => {
  let sandbox: Sandbox;
  let spreader: Spreader;
  let apps: App[];
  let log: Record<string, unknown>[];
  /** Hears every line at the moment it is written. */
  let onLog: (entry: Record<string, unknown>) => void;
  let databaseUrl: string;

  /** By replica, how far its clock is ahead, ms. */
  let ahead: number[];
  /** Of the first replica. */
  let wire: Awaited<ReturnType<typeof openWire>>;

  async function startApp(env: Record<string, string>, at = 2): Promise<{ app: App; url: string }> {
    const config = await loadConfig(env, noFile);
    const write = (line: string) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      log.push(entry);
      onLog(entry);
    };
    const app = createApp(config, {
      log: createLog('info', { write }),
      now: () => Date.now() + (ahead[at] ?? 0),
      ticks: () => performance.now(),
      lookAgainMs: [20, 40],
      takeOverEveryMs: 100,
      repeatWaitMs: 500,
    });
    const { port } = await app.start();
    return { app, url: `http://127.0.0.1:${port}` };
  }

  beforeEach(async () => {
    sandbox = await startSandbox({ ...CREDENTIALS });
    spreader = await Spreader.open();
    sandbox.setCallbackUrl(`${spreader.url}/wecom/callback`);
    log = [];
    onLog = () => {};
    ahead = [];
    databaseUrl = (await server?.createDatabase()) ?? '';
    wire = await openWire(new URL(databaseUrl));
    const started = await Promise.all(
      [wire.url, databaseUrl].map((url, at) =>
        startApp({ ...environment(sandbox.url, url), REPLY_FORMAT: 'plain', BOT_ADMINS: 'wangzong,zhangsan' }, at),
      ),
    );
    apps = started.map(({ app }) => app);
    spreader.targets = started.map(({ url }) => url);
  });

  afterEach(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await spreader.close();
    await sandbox.stop();
    wire.close();
  });

  /** What the bot shows the member after this message, which goes to that replica, or to both. */
  function say(to: Target, member: string, text: string): Promise<string> {
    spreader.next = to;
    return shownBy(sandbox, member, () => sandbox.say(member, text));
  }

  const tagsOf = (group: string) =>
    sandbox.corp
      .ruleGroups()
      .flatMap(({ groups }) => groups)
      .find((each) => each.group_name === group)
      ?.tag.map((tag) => tag.name);

  it('give the same answer to a message that reaches both at once, and carry it out once', async () => {
    for (const text of ['我', '标签 添加 金卡 到 客户分级', '抖音']) {
      await say('all', ADMIN, text);
      const texts = spreader.answers.map(said);
      expect(texts).toHaveLength(2);
      expect(texts[0]).toBeDefined();
      expect(texts[0]).toBe(texts[1]);
    }
    expect(tagsOf('客户分级')?.filter((name) => name === '金卡')).toHaveLength(1);
  });

  it('see in the next message what the other has changed', async () => {
    for (const [i, name] of ['试一', '试二', '试三', '试四'].entries()) {
      await say(i % 2, ADMIN, `标签 添加 ${name} 到 客户分级`);
      expect(await say((i + 1) % 2, ADMIN, name)).toContain(`「${name}」在标签组「客户分级」`);
    }
  });

  it('know in the next message what the other calls a rule group now', async () => {
    expect(await say(1, ADMIN, '规则组 列表')).toContain('华东大区');
    expect(await say(0, ADMIN, '规则组 改名 华东大区 为 东部')).toContain('东部');
    expect(await say(1, ADMIN, '规则组 改名 东部 为 华南大区')).toContain('已经有');
  });

  it('create one rule group after the other', async () => {
    const members = [ADMIN, 'zhangsan'];
    for (const [i, member] of members.entries())
      await say(i, member, `规则组 新建 ${['东北大区', '西北大区'][i]} 负责人 张三 范围 销售部`);
    sandbox.setFaults({ slow: { on: true, ms: 600, path: 'customer_strategy/create' } });
    const admin = new Client(databaseUrl);
    await admin.connect();
    const sent: Promise<unknown>[] = [];
    for (const [i, member] of members.entries()) {
      spreader.next = i;
      sent.push(sandbox.say(member, '确认'));
      await until(async () => expect((await admin.query('SELECT 1 FROM messages')).rowCount).toBe(i + 3));
    }
    await Promise.all(sent);
    await admin.end();
    const names = () => sandbox.corp.ruleGroups().map((each) => each.strategy_name);
    await until(() => expect(names()).toEqual(expect.arrayContaining(['东北大区', '西北大区'])));
    expect(sandbox.calls.filter(({ errcode }) => errcode === 45035)).toEqual([]);
  });

  it('ask here and take the answer there, once', async () => {
    expect(asks(await say(0, ADMIN, '标签 删除 抖音'))).toBe('confirm');
    await say('all', ADMIN, '确认');
    expect(tagsOf('渠道来源')).not.toContain('抖音');
    expect(await say(0, ADMIN, '确认')).not.toContain('已删除');
    expect(await say(1, ADMIN, '撤销')).toContain('抖音');
    expect(tagsOf('渠道来源')).toContain('抖音');
  });

  it('take the answer to what was asked by a clock ten minutes away from theirs', async () => {
    for (const [asking, tag] of [
      [0, '抖音'],
      [1, '老客'],
      [0, '重点'],
    ] as const) {
      ahead = [-300_000, 300_000];
      expect(asks(await say(asking, ADMIN, `标签 删除 ${tag}`))).toBe('confirm');
      expect(await say(1 - asking, ADMIN, '确认')).toContain(`删除：${tag}`);
      expect(await say(asking, ADMIN, '确认')).toContain('已经处理过了');
    }
  });

  it('rename one tag for one of two who want it at the same moment, and tell the other its new name', async () => {
    sandbox.setFaults({ slow: { on: true, ms: 150, path: 'edit_strategy_tag' } });
    spreader.next = 0;
    const first = sandbox.say(ADMIN, '标签 改名 老客 为 老朋友');
    spreader.next = 1;
    const second = sandbox.say('zhangsan', '标签 改名 老客 为 回头客');
    await Promise.all([first, second]);
    const heard = [ADMIN, 'zhangsan'].map((member) =>
      sandbox
        .chat(member)
        .filter((each) => each.from === 'bot')
        .map(words)
        .join(),
    );
    expect(heard.filter((text) => text.includes('✅'))).toHaveLength(1);
    expect(tagsOf('客户分级')?.filter((name) => ['老朋友', '回头客'].includes(name))).toHaveLength(1);
  });

  it('handle the messages of a member one after the other, whichever replica has them', async () => {
    sandbox.setFaults({ slow: { on: true, ms: 100, path: 'add_strategy_tag' } });
    for (let i = 0; i < 6; i++) {
      spreader.next = i % 2;
      const added = sandbox.say(ADMIN, `标签 添加 名${i} 到 客户分级`);
      await until(() =>
        expect(
          sandbox.calls.some(
            ({ path, body }) => path.includes('add_strategy_tag') && JSON.stringify(body).includes(`名${i}`),
          ),
        ).toBe(true),
      );
      expect(await say((i + 1) % 2, ADMIN, `名${i}`)).toContain(`名${i}`);
      await added;
    }
  });

  it('handle three messages of a member in their order, though the second waits behind the first on one of them', async () => {
    sandbox.setFaults({ slow: { on: true, ms: 700, path: 'add_strategy_tag' } });
    const sent: Promise<unknown>[] = [];
    const admin = new Client(databaseUrl);
    await admin.connect();
    for (const [i, to] of [0, 0, 1].entries()) {
      spreader.next = to;
      sent.push(sandbox.say(ADMIN, `标签 添加 名${i} 到 客户分级`));
      await until(async () => expect((await admin.query('SELECT 1 FROM messages')).rowCount).toBe(i + 1));
    }
    await Promise.all(sent);
    await admin.end();
    const added = () =>
      sandbox.calls.flatMap(({ path, body }) =>
        path.endsWith('/add_strategy_tag') ? [/名\d/.exec(JSON.stringify(body))?.[0]] : [],
      );
    await until(() => expect(added()).toEqual(['名0', '名1', '名2']));
  });

  it('see what the console has changed while the one that heard of it had no database, once that is back', async () => {
    for (const to of [0, 1]) expect(await say(to, ADMIN, '老客')).toContain('在标签组「客户分级」');
    const entry = sandbox.corp
      .ruleGroups()
      .flatMap(({ groups }) => groups)
      .flatMap(({ tag }) => tag);
    const id = entry.find(({ name }) => name === '老客')?.id ?? '';
    wire.set('cut');
    spreader.next = 0;
    await sandbox.consoleEdit({ action: 'rename', id, name: '老朋友' });
    await until(() => expect(log.some(({ msg }) => msg === 'other replicas not told of a change')).toBe(true));
    wire.set('open');
    await until(async () => expect(await say(1, ADMIN, '老客')).not.toContain('「老客」在标签组'));
    expect(await say(1, ADMIN, '老朋友')).toContain('在标签组「客户分级」');
  });

  /** While the first replica makes a change, its database is gone: from the moment the change is in the journal. */
  async function cutWhileWriting(text: string): Promise<string> {
    sandbox.setFaults({ slow: { on: true, ms: 600, path: 'edit_strategy_tag' } });
    const admin = new Client(databaseUrl);
    await admin.connect();
    const told = say(0, ADMIN, text);
    await until(async () => expect((await admin.query('SELECT 1 FROM journal')).rowCount).toBe(1));
    await admin.end();
    wire.set('cut');
    return told;
  }

  it('conclude what was made while the database was away: the other knows of it, and can take it back', async () => {
    expect(await say(1, 'zhangsan', '老客')).toContain('在标签组「客户分级」');
    expect(await cutWhileWriting('标签 改名 老客 为 老朋友')).toContain('已改名为「老朋友」');
    wire.set('open');
    await until(async () => expect(await say(1, 'zhangsan', '老客')).not.toContain('在标签组「客户分级」'));
    await until(async () => expect(await say(1, ADMIN, '历史')).not.toContain('进行中'));
    expect(await say(1, ADMIN, '撤销')).toContain('已撤销 1');
    expect(tagsOf('客户分级')).toContain('老客');
    const { rows } = await asked(`SELECT state, acknowledged FROM messages WHERE content LIKE '%改名%'`);
    expect(rows).toEqual([{ state: 'delivered', acknowledged: 0 }]);
  });

  it('make no further step of a plan once another may write: what that one has changed stays', async () => {
    sandbox.setFaults({ slow: { on: true, ms: 300, path: 'edit_strategy_tag' } });
    const plan = ['普通', '重点', '老客'].map((name) => `标签 改名 ${name} 为 ${name}新`).join('\n');
    const told = say(0, ADMIN, plan);
    await until(async () => expect((await asked('SELECT 1 FROM journal')).rowCount).toBe(1));
    wire.set('cut');
    expect(await say(1, 'zhangsan', '标签 改名 老客 为 老朋友')).toContain('已改名为「老朋友」');
    expect(await told).toMatch(/1 步成功，2 步没有做成[\s\S]*后面的没有做/);
    expect(tagsOf('客户分级')).toEqual(['普通新', '重点', '老朋友']);
    wire.set('open');
    await until(async () => expect(await say(1, ADMIN, '历史')).not.toContain('进行中'));
  });

  it('tell all others what a replica that has gone had changed', async () => {
    const third = await startApp({ ...environment(sandbox.url, databaseUrl), REPLY_FORMAT: 'plain' });
    apps.push(third.app);
    spreader.targets = [...spreader.targets, third.url];
    await server?.longUp();
    for (const to of [1, 2]) expect(await say(to, ADMIN, '老客')).toContain('在标签组「客户分级」');
    await cutWhileWriting('标签 改名 老客 为 老朋友');
    await until(() => expect(log.some(({ msg }) => msg === 'resuming a message')).toBe(true));
    await until(async () =>
      expect((await asked(`SELECT 1 FROM journal WHERE state <> 'intended'`)).rows).toHaveLength(1),
    );
    for (const to of [1, 2]) expect(await say(to, ADMIN, '老客')).not.toContain('在标签组「客户分级」');
  });

  it('look after what was left behind, though the database goes away at that moment', async () => {
    await say(0, ADMIN, '抖音');
    await server?.longUp();
    await (apps.pop() as App).stop();
    onLog = ({ msg }) => msg === 'resuming a message' && wire.set('cut');
    await asked(`INSERT INTO messages (corp_id, key, member, content, received_at, owner, state, acknowledged)
      SELECT corp_id, 'm:left', member, replace(content, key, 'm:left'), received_at, 1, 'open', 1 FROM messages`);
    await until(() => expect(log.some(({ msg }) => msg === 'message not resumed yet')).toBe(true));
    wire.set('open');
    await until(() => expect(log).toContainEqual(expect.objectContaining({ key: 'm:left', way: 'push' })));
  });

  async function asked(sql: string) {
    const admin = new Client(databaseUrl);
    await admin.connect();
    try {
      return await admin.query(sql);
    } finally {
      await admin.end();
    }
  }

  it('take over what the other had acknowledged and could not answer any more', async () => {
    await say(0, ADMIN, '我');
    const gone = apps[0] as App;
    await gone.stop();
    apps = apps.slice(1);
    expect(await say(1, ADMIN, '抖音')).toContain('渠道来源');
  });
});
