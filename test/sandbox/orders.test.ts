/** What the page asks over HTTP where there are several apps and a provider. */
import { expect, test } from 'vitest';
import type { ProviderOrder, SandboxState } from '../../src/sandbox/protocol.ts';
import { type Box, startBox } from './box.ts';
import { type Providing, startProviding } from './providing.ts';

const post = async (box: Box, path: string, body: unknown, app?: string) => {
  const search = app === undefined ? '' : `?${new URLSearchParams({ app })}`;
  const response = await fetch(`${box.url}/sandbox/${path}${search}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
};
const state = async (box: Box, app = '') =>
  (await (await fetch(`${box.url}/sandbox/state?${new URLSearchParams({ app })}`)).json()) as SandboxState;

const COMPANY = '远山餐饮';
const order = async ({ box }: Providing, asked: ProviderOrder): Promise<number> =>
  (await post(box, 'provider', asked)).status;

test('without a provider there is nothing to order', async () => {
  const box = await startBox();
  expect((await post(box, 'provider', { act: 'hold' })).status).toBe(404);
  expect(await state(box)).not.toHaveProperty('provider');
  expect((await state(box)).apps).toEqual([{ key: 'app', corpName: '未来零售', agentName: '标签助手', kind: 'own' }]);
});

test('every act can be ordered, and the state tells what came of it', async () => {
  const providing = await startProviding();
  const { box, heard } = providing;
  const of = { suite: 'template', company: COMPANY };
  expect(await order(providing, { act: 'ticket', suite: 'template' })).toBe(200);
  expect(await order(providing, { act: 'install', ...of, state: 'shop7' })).toBe(200);
  expect(await order(providing, { act: 'change', ...of, rights: ['corpTags'], departments: [3], enabled: false })).toBe(
    200,
  );
  await box.idle();
  const { provider, apps } = await state(box);
  expect(apps.map(({ key }) => key)).toEqual(['app', `template/${COMPANY}`]);
  expect(provider?.suites.map(({ ticketAt }) => typeof ticketAt)).toEqual(['number', 'undefined']);
  expect(provider?.installations).toMatchObject([
    { key: `template/${COMPANY}`, rights: ['corpTags'], departments: [3], enabled: false, exchanged: false },
  ]);
  for (const act of ['reset', 'admin', 'cancel'] as const) expect(await order(providing, { act, ...of })).toBe(200);
  expect(await order(providing, { act: 'again', suite: 'template' })).toBe(200);
  expect(await order(providing, { act: 'expire', suite: 'template' })).toBe(200);
  await box.idle();
  expect(await order(providing, { act: 'verify', suite: 'template' })).toBe(200);
  await expect
    .poll(async () => (await state(box)).provider?.events.slice(-2).map(({ what }) => what))
    .toEqual(['校验模板回调', '校验应用回调']);
  expect(heard.map((told) => told.field('InfoType') ?? told.field('Event'))).toEqual([
    'suite_ticket',
    'create_auth',
    'change_auth',
    'reset_permanent_code',
    'change_app_admin',
    'cancel_auth',
    'cancel_auth',
  ]);
  const after = await state(box);
  expect(after.apps).toHaveLength(1);
  expect(after.provider?.installations).toEqual([]);
  expect(after.provider?.suites[0]).not.toHaveProperty('ticketAt');
  expect(after.provider?.events.map(({ delivery }) => delivery?.state)).toEqual(Array(9).fill('delivered'));
});

test('an install from the own site answers with the code that the browser would carry', async () => {
  const { box, heard } = await startProviding();
  const { json } = await post(box, 'provider', { act: 'install', suite: 'market', company: COMPANY, fromSite: true });
  expect(json).toMatchObject({ authCode: expect.stringMatching(/^.{64}/) });
  expect(heard).toEqual([]);
});

test.each<[string, unknown]>([
  ['an unknown act', { act: 'fly' }],
  ['an unknown suite', { act: 'ticket', suite: 'x' }],
  ['an unknown corp', { act: 'install', suite: 'template', company: 'x' }],
  ['a corp that has not installed', { act: 'cancel', suite: 'template', company: COMPANY }],
  ['a state that no link can carry', { act: 'install', suite: 'template', company: COMPANY, state: 'a-b' }],
  ['an unknown right', { act: 'change', suite: 'template', company: COMPANY, rights: ['all'] }],
  ['too much', { act: 'hold', more: 1 }],
  ['no object', 7],
])('%s is 400 and changes nothing', async (_, body) => {
  const { box, heard } = await startProviding();
  expect((await post(box, 'provider', body)).status).toBe(400);
  expect((await state(box)).provider?.installations).toEqual([]);
  expect(heard).toEqual([]);
});

test('what a member does goes to the app that is named, and to none that is not there', async () => {
  const providing = await startProviding();
  const { box } = providing;
  const { app } = await box.provider.install('template', COMPANY);
  providing.answer = () => '';
  const said = { member: 'zhangsan', text: '标签' };
  expect((await post(box, 'say', said, `template/${COMPANY}`)).status).toBe(200);
  expect((await post(box, 'say', said, 'template/nobody')).status).toBe(400);
  expect([app.chat('zhangsan').length, box.chat('zhangsan').length]).toEqual([1, 0]);
  expect(await state(box, `template/${COMPANY}`)).toMatchObject({ app: `template/${COMPANY}`, corpName: COMPANY });
  expect(await state(box, 'gone')).toMatchObject({ app: 'app', corpName: '未来零售' });
});

test('a page that is open hears at once who sees the app now, and by which ids it knows them', async () => {
  const { box } = await startProviding();
  const { app } = await box.provider.install('template', COMPANY);
  const known = () => app.corp.state().members.map(({ userid, id }) => [userid, id]);
  expect(known()).toContainEqual(['zhangsan', box.provider.userId('template', COMPANY, 'zhangsan')]);
  const changes: string[] = [];
  app.corp.listen(({ type }) => changes.push(type));
  await box.provider.change('template', COMPANY, { departments: [3] });
  expect(changes).toEqual(['reset']);
  expect(known().map(([userid]) => userid)).toEqual(['chenjie']);
  expect(box.corp.state().members[0]).not.toHaveProperty('id');
});

test('the wire shows what the suites hear and ask, without what opens a door', async () => {
  const providing = await startProviding();
  await providing.box.provider.pushTicket('template');
  const { authCode } = await providing.box.provider.install('template', COMPANY);
  const exchanged = await providing.ofSuite(
    { suiteId: 'dk0123456789abcdef', secret: 'secret-of-the-template' },
    'v2/get_permanent_code',
    { auth_code: authCode },
  );
  const { wire } = await state(providing.box, `template/${COMPANY}`);
  expect(wire.map(({ line }) => line.split('?')[0])).toEqual([
    'POST /template',
    'POST /template',
    'POST /cgi-bin/service/get_suite_token',
    'POST /cgi-bin/service/v2/get_permanent_code',
  ]);
  const shown = JSON.stringify(wire.filter(({ direction }) => direction === 'api'));
  expect(shown).not.toContain('secret-of-the-template');
  expect(shown).not.toContain(String(exchanged.permanent_code));
});
