import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { SandboxEvent, SandboxState } from '../../src/sandbox/protocol.ts';
import { type Box, IDENTITY, sealedReply, startBot, startBox, textReply } from './box.ts';

const post = (box: Box, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${box.url}/sandbox/${path}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const state = async (box: Box) => (await (await fetch(`${box.url}/sandbox/state`)).json()) as SandboxState;

test('the state shows the seeded corp', async () => {
  const box = await startBox();
  const { members, corpTags, ruleGroups, tagCount, corpName, departments } = await state(box);
  expect(corpName).toBe('未来零售');
  expect(members.map(({ name, role }) => `${name} ${role}`)).toEqual([
    '王总 超级管理员',
    '张三 规则组负责人',
    '李四 规则组负责人',
    '陈洁 同事',
    '王五 同事',
  ]);
  expect(departments.map(({ name }) => name)).toEqual(['总部', '销售部', '客服部', '财务部']);
  expect(ruleGroups.map(({ strategy_name, parent_id, ownApp }) => [strategy_name, parent_id, ownApp])).toEqual([
    ['华东大区', 0, true],
    ['华南大区', 0, true],
    ['上海一部', 1, true],
    ['手工规则组', 0, false],
  ]);
  expect(ruleGroups[0]?.groups.map(({ group_name, tag }) => [group_name, ...tag.map(({ name }) => name)])).toEqual([
    ['客户分级', '普通', '重点', '老客'],
    ['渠道来源', '抖音', '小红书', '门店', '转介绍'],
    ['地区', '上海', '杭州', '苏州'],
    ['到访记录', '到访一次', '到访两次'],
  ]);
  expect(corpTags.map(({ group_name, ownApp, tag }) => [group_name, ownApp, tag.length])).toEqual([
    ['客户分级', true, 3],
    ['持卡类型', false, 4],
    ['渠道来源', false, 5],
    ['地区', true, 5],
    ['跟进阶段', false, 5],
    ['所属行业', false, 5],
    ['决策角色', false, 3],
  ]);
  expect(tagCount).toBe(49);
});

test('the stream begins with the state and tells messages, wire, tree, menu and faults', async () => {
  const bot = await startBot(() => ({ body: sealedReply(textReply('好')) }));
  const box = await startBox({ callbackUrl: bot.url });
  const response = await fetch(`${box.url}/sandbox/events`);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const seen: SandboxEvent[] = [];
  const until = async (
    type: SandboxEvent['type'],
    reader: ReadableStreamDefaultReader<string>,
    rest = { text: '' },
  ) => {
    while (!seen.some((event) => event.type === type)) {
      rest.text += (await reader.read()).value ?? '';
      const lines = rest.text.split('\n');
      rest.text = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: ')) seen.push(JSON.parse(line.slice(6)) as SandboxEvent);
    }
  };
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  const rest = { text: '' };
  await until('state', reader, rest);
  const { id } = (await (await post(box, 'say', { member: 'zhangsan', text: 'VIP' })).json()) as { id: string };
  await until('wire', reader, rest);
  await box.call('externalcontact/add_strategy_tag', {
    strategy_id: 1,
    group_name: '客户分级',
    tag: [{ name: 'VIP' }],
  });
  await until('tree', reader, rest);
  await box.call(
    'menu/create',
    { button: [{ type: 'click', name: '帮助', key: 'help' }] },
    { agentid: String(IDENTITY.agentId) },
  );
  await until('menu', reader, rest);
  await post(box, 'faults', { busy: { on: true, times: 1, path: 'agent/get' } });
  await until('faults', reader, rest);
  await reader.cancel();
  expect(seen[0]?.type).toBe('state');
  expect(seen).toContainEqual({ type: 'message', message: expect.objectContaining({ answers: id, via: 'passive' }) });
  expect(seen).toContainEqual({
    type: 'tree',
    tagCount: 50,
    corpTags: expect.any(Array),
    ruleGroups: expect.any(Array),
  });
});

test('the wire shows plaintexts, and neither secret nor whole token', async () => {
  const bot = await startBot(() => ({ body: sealedReply(textReply('好')) }));
  const box = await startBox({ callbackUrl: bot.url });
  const token = String((await box.getToken()).access_token);
  await box.call('externalcontact/get_strategy_tag_list', {});
  await box.say('zhangsan', 'VIP');
  const { wire } = await state(box);
  expect(wire.find(({ direction }) => direction === 'callback')).toMatchObject({
    line: 'POST /wecom/callback',
    status: 200,
    plaintext: expect.stringContaining('VIP'),
    responsePlaintext: expect.stringContaining('好'),
  });
  const shown = JSON.stringify(wire);
  expect(shown).toContain(token.slice(0, 6));
  expect(shown).not.toContain(token);
  expect(shown).not.toContain(IDENTITY.secret);
  expect(JSON.stringify(box.calls)).not.toContain(token);
});

test.each([
  ['say', '{'],
  ['say', {}],
  ['say', { member: 'zhangsan', text: 5 }],
  ['say', { member: 'nobody', text: 'x' }],
  ['say', { member: 'zhangsan', text: 'x', more: 1 }],
  ['say', { member: 'zhangsan', text: 'x'.repeat(300_000) }],
  ['press', { member: 'zhangsan', messageId: 'c99', key: 'k' }],
  ['media', { member: 'zhangsan', media: 'file' }],
  ['console', { action: 'explode' }],
  ['console', { action: 'delete', id: 'etNone' }],
  ['console', { action: 'createGroup', strategyId: 3, name: 'x', tags: ['y'] }],
  ['console', { action: 'createGroup', strategyId: 1, name: 'x', tags: ['y', 'y'] }],
  ['console', { action: 'createGroup', strategyId: 1, name: 'x', tags: [] }],
  ['faults', { busy: true }],
  ['faults', { gravity: { on: true } }],
  ['variants', { foreignStrategy: 40001 }],
  ['reset', { tags: 10_001 }],
  ['reset', 'null'],
])('junk at /sandbox/%s is 400 and changes nothing', async (path, body) => {
  const box = await startBox();
  const before = await state(box);
  const answer = await post(box, path, body);
  expect([answer.status, typeof ((await answer.json()) as { error: unknown }).error]).toEqual([400, 'string']);
  expect(await state(box)).toEqual(before);
});

test('faults and variants switch over HTTP and never reach the control paths', async () => {
  const box = await startBox();
  expect(await (await post(box, 'faults', { badGateway: { on: true } })).json()).toMatchObject({
    badGateway: { on: true },
  });
  expect(await (await post(box, 'variants', { addExisting: 'refuse' })).json()).toMatchObject({
    addExisting: 'refuse',
    unknownIds: 'error',
  });
  expect((await post(box, 'reset', {})).status).toBe(200);
  expect(await state(box)).toMatchObject({ faults: { badGateway: { on: false } }, variants: { addExisting: 'all' } });
});

test('a page from elsewhere may not steer', async () => {
  const box = await startBox();
  const say = { member: 'zhangsan', text: 'x' };
  expect((await post(box, 'say', say, { origin: 'https://example.com' })).status).toBe(403);
  expect((await post(box, 'say', say, { origin: 'null' })).status).toBe(403);
  expect((await post(box, 'say', say, { origin: box.url })).status).toBe(200);
  expect(box.chat('zhangsan')).toHaveLength(1);
});

test('the page is served with a strict policy, and nothing beside it', async () => {
  const box = await startBox();
  const page = await fetch(`${box.url}/`);
  expect([page.status, page.headers.get('content-type'), page.headers.get('cache-control')]).toEqual([
    200,
    'text/html; charset=utf-8',
    'no-store',
  ]);
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';/);
  expect(await page.text()).toContain('<html');
  const raw = (path: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const { hostname, port } = new URL(box.url);
      request({ hostname, port, path }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
  for (const path of [
    '/../server.ts',
    '/..%2fserver.ts',
    '/%2e%2e/server.ts',
    '/page/../../server.ts',
    '//etc/passwd',
    '/.env',
    '/index.html/',
    '/server.ts',
  ]) {
    expect([path, await raw(path)]).toEqual([path, 404]);
  }
});

test('a corp may be without tags, or without rule groups', async () => {
  const box = await startBox();
  const reset = async (contents: object) => (await (await post(box, 'reset', contents)).json()) as SandboxState;
  const empty = await reset({ tags: 0 });
  expect([empty.tagCount, empty.ruleGroups.length]).toEqual([0, 4]);
  const corpOnly = await reset({ ruleGroups: false });
  expect([corpOnly.tagCount, corpOnly.ruleGroups.length]).toEqual([30, 0]);
  const full = await reset({ ruleGroups: false, tags: 10_000 });
  expect(full.corpTags.reduce((sum, group) => sum + group.tag.length, 0)).toBe(10_000);
});

test('ten thousand tags are there at once, and the state still comes', async () => {
  const box = await startBox();
  const answer = (await (await post(box, 'reset', { tags: 10_000 })).json()) as SandboxState;
  expect(answer.tagCount).toBe(10_000);
  const names = answer.ruleGroups[0]?.groups.map(({ group_name }) => group_name) ?? [];
  expect(new Set(names).size).toBe(names.length);
  expect(
    await box.errcode('externalcontact/add_strategy_tag', {
      strategy_id: 1,
      group_name: '地区',
      tag: [{ name: '南京' }],
    }),
  ).toBe(40126);
});

/** With a Host of one's own choice, which fetch does not send. */
function ask(box: Box, path: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, box.url), { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
      asked.destroy();
    });
    asked.on('error', reject).end();
  });
}

describe('a page from elsewhere in the same browser', () => {
  const paths = ['/', '/sandbox/state', '/sandbox/events', '/cgi-bin/gettoken'];

  test.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example', '[::2]'])(
    'that made its own name lead here gets nothing: %j',
    async (host) => {
      const box = await startBox();
      for (const path of paths) expect(await ask(box, path, { host }), path).toBe(403);
      expect(await ask(box, '/sandbox/reset', { host, origin: `http://${host}` }, 'POST')).toBe(403);
    },
  );

  test.each(['https://evil.example', 'null', 'http://127.0.0.1:1'])(
    'gets nothing under its own: %s',
    async (origin) => {
      const box = await startBox();
      for (const path of paths) expect(await ask(box, path, { origin }), path).toBe(403);
    },
  );

  test('the names of this machine are welcome, behind another port too', async () => {
    const box = await startBox();
    for (const host of ['127.0.0.1:8080', 'localhost', 'localhost:3100', '[::1]:3100']) {
      for (const path of paths) expect(await ask(box, path, { host, origin: `http://${host}` }), path).toBe(200);
    }
  });
});
