import { expect, test } from 'vitest';
import { IDENTITY, startBox } from './box.ts';

const LIST = 'externalcontact/get_strategy_tag_list';

test.each([
  ['nothing', {}, 41004],
  ['no secret', { corpid: IDENTITY.corpId }, 41004],
  ['no corp', { corpsecret: IDENTITY.secret }, 41002],
  ['another corp', { corpid: 'ww0', corpsecret: IDENTITY.secret }, 40013],
  ['a wrong secret', { corpid: IDENTITY.corpId, corpsecret: 'x' }, 40001],
])('gettoken with %s', async (_, query, errcode) => {
  const box = await startBox();
  const answer = await box.getToken(query);
  expect(answer.errcode).toBe(errcode);
  expect(answer.errmsg).toMatch(/, hint: \[\d+\], from ip: 127\.0\.0\.1, more info at /);
  expect(JSON.stringify(answer)).not.toContain(IDENTITY.secret);
});

test('a token stays the same while it is valid, is not prolonged, and expires', async () => {
  let now = Date.now();
  const box = await startBox({ now: () => now });
  const first = await box.getToken();
  expect(first).toMatchObject({ errcode: 0, expires_in: 7200 });
  now += 3_600_000;
  expect(await box.getToken()).toMatchObject({ access_token: first.access_token, expires_in: 3600 });
  now += 3_600_000;
  const late = await fetch(`${box.url}/cgi-bin/${LIST}?access_token=${first.access_token}`, {
    method: 'POST',
    body: '{}',
  });
  expect(await late.json()).toMatchObject({ errcode: 42001, tag_group: [] });
  expect(late.headers.get('error-code')).toBe('42001');
  expect((await box.getToken()).access_token).not.toBe(first.access_token);
});

test('the token counts in the query only', async () => {
  const box = await startBox();
  const { access_token } = await box.getToken();
  const headers = { authorization: `Bearer ${access_token}` };
  const inHeader = await fetch(`${box.url}/cgi-bin/${LIST}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ access_token }),
  });
  expect(((await inHeader.json()) as { errcode: number }).errcode).toBe(41001);
  const wrong = await fetch(`${box.url}/cgi-bin/${LIST}?access_token=nonsense`, { method: 'POST', body: '{}' });
  expect(((await wrong.json()) as { errcode: number }).errcode).toBe(40014);
});

test('twenty wrong secrets block the address for an hour, the right secret included', async () => {
  let now = Date.now();
  const box = await startBox({ now: () => now });
  for (let i = 0; i < 20; i++) await box.getToken({ corpid: IDENTITY.corpId, corpsecret: `guess${i}` });
  expect((await box.getToken()).errcode).toBe(45009);
  now += 3_600_000;
  expect((await box.getToken()).errcode).toBe(0);
});

test('unknown paths are 404 with an empty body', async () => {
  const box = await startBox();
  const answer = await fetch(`${box.url}/cgi-bin/externalcontact/no_such_call`, { method: 'POST', body: '{}' });
  expect([answer.status, await answer.text()]).toEqual([404, '']);
});

test('a body that is not a JSON object counts as empty and is warned about', async () => {
  const box = await startBox();
  const list = await box.call(LIST, '{"strategy_id":1,}');
  expect(list).toMatchObject({ errcode: 0, errmsg: 'Warning: wrong json format. ok' });
  expect(list.tag_group).toHaveLength(6);
  const del = await box.call('externalcontact/del_strategy_tag', '[]');
  expect(del.errcode).toBe(40058);
  expect(del.errmsg).toMatch(/^Warning: wrong json format\. /);
});

test.each([
  ['busy', { busy: { on: true, times: 1 } }, -1],
  ['rate limited', { rateLimited: { on: true, times: 1 } }, 45009],
  ['any code', { errcode: { on: true, code: 48002, times: 1 } }, 48002],
])('fault %s hits the named call as often as said', async (_, faults, errcode) => {
  const box = await startBox();
  const [fault] = Object.values(faults);
  const [name] = Object.keys(faults);
  box.setFaults({ [String(name)]: { ...fault, path: 'get_strategy_tag_list' } });
  expect(await box.errcode('agent/get', undefined, { agentid: String(IDENTITY.agentId) })).toBe(0);
  expect(await box.errcode(LIST, {})).toBe(errcode);
  expect(await box.errcode(LIST, {})).toBe(0);
});

test('expired tokens die at once and until a new one is fetched', async () => {
  const box = await startBox();
  const { access_token } = await box.getToken();
  const withOld = () =>
    fetch(`${box.url}/cgi-bin/${LIST}?access_token=${access_token}`, { method: 'POST', body: '{}' });
  box.setFaults({ expiredToken: { on: true } });
  expect(((await (await withOld()).json()) as { errcode: number }).errcode).toBe(42001);
  expect(await box.errcode(LIST, {})).toBe(0);
  expect(box.corp.trouble.faults.expiredToken.on).toBe(false);
});

test('the untrusted address is named, and still gets its token', async () => {
  const box = await startBox();
  box.setFaults({ untrustedIp: { on: true } });
  expect((await box.getToken()).errcode).toBe(0);
  expect(await box.call(LIST, {})).toMatchObject({
    errcode: 60020,
    errmsg: expect.stringContaining('from ip: 127.0.0.1,'),
  });
});

test('lines break before or after the call is carried out', async () => {
  const box = await startBox();
  const add = (name: string) =>
    box.call('externalcontact/add_strategy_tag', { strategy_id: 1, group_name: '客户分级', tag: [{ name }] });
  const names = async () =>
    JSON.stringify((await box.call(LIST, {})).tag_group)
      .match(/"name":"[^"]*"/g)
      ?.join();
  box.setFaults({ brokenBefore: { on: true, times: 1, path: 'add_strategy_tag' } });
  await expect(add('VIP')).rejects.toThrow();
  expect(await names()).not.toContain('VIP');
  box.setFaults({ brokenAfter: { on: true, times: 1, path: 'add_strategy_tag' } });
  await expect(add('SVIP')).rejects.toThrow();
  expect(await names()).toContain('SVIP');
  expect(box.calls.filter((call) => call.path.endsWith('add_strategy_tag')).map((call) => call.errcode)).toEqual([
    undefined,
    undefined,
  ]);
});

test('a line breaks, and the call is carried out afterwards', async () => {
  const box = await startBox();
  box.setFaults({ landsLate: { on: true, ms: 30, times: 1, path: 'add_strategy_tag' } });
  const add = box.call('externalcontact/add_strategy_tag', {
    strategy_id: 1,
    group_name: '客户分级',
    tag: [{ name: 'VIP' }],
  });
  await expect(add).rejects.toThrow();
  const names = () => JSON.stringify(box.corp.library.shown(1));
  expect(names()).not.toContain('VIP');
  await expect.poll(names).toContain('VIP');
  expect(box.calls.at(-1)).toMatchObject({ errcode: undefined, body: { tag: [{ name: 'VIP' }] } });
});

test('a bad gateway speaks HTML, a wrong shape lacks its array, a late answer was carried out', async () => {
  const box = await startBox();
  box.setFaults({ badGateway: { on: true, times: 1, path: 'get_strategy_tag_list' } });
  await expect(box.call(LIST, {})).rejects.toThrow(SyntaxError);
  box.setFaults({ wrongShape: { on: true } });
  expect(await box.call(LIST, {})).toEqual({ errcode: 0, errmsg: 'ok', tag_group: {} });
  const [group] = box.corp.library.shown(1);
  expect(await box.call('externalcontact/edit_strategy_tag', { id: group?.group_id, order: 9 })).toEqual({});
  box.setFaults({ wrongShape: { on: false }, slow: { on: true, ms: 60, path: 'edit_strategy_tag' } });
  const started = performance.now();
  await box.call('externalcontact/edit_strategy_tag', { id: group?.group_id, order: 10 });
  expect(performance.now() - started).toBeGreaterThan(55);
});
