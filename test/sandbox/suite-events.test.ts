import { expect, test } from 'vitest';
import { sealedReply, textReply } from './box.ts';
import { MARKET, PROVIDER, type Providing, startProviding, TEMPLATE } from './providing.ts';

const COMPANY = '远山餐饮';
const tags = (xml: string): string[] => [...xml.matchAll(/<(\w+)>/g)].map(([, name = '']) => name).slice(1);

test.each([TEMPLATE, MARKET])('what the suite $name hears: fields, order, and for whom it is sealed', async (suite) => {
  const { box, heard } = await startProviding();
  const { provider } = box;
  await provider.pushTicket(suite.name);
  const { corpId } = await provider.install(suite.name, COMPANY);
  await provider.change(suite.name, COMPANY, { rights: ['corpTags'] });
  await provider.cancel(suite.name, COMPANY);
  expect(heard.map(({ path, receiveId, toUserName }) => [path, receiveId, toUserName])).toEqual(
    Array(4).fill([`/${suite.name}`, suite.suiteId, suite.suiteId]),
  );
  expect(heard.map((told) => [told.field('InfoType'), told.field('SuiteId'), told.field('AuthCorpId')])).toEqual([
    ['suite_ticket', suite.suiteId, undefined],
    ['create_auth', suite.suiteId, undefined],
    ['change_auth', suite.suiteId, corpId],
    ['cancel_auth', suite.suiteId, corpId],
  ]);
  expect(heard.map(({ xml }) => tags(xml))).toEqual([
    ['SuiteId', 'InfoType', 'TimeStamp', 'SuiteTicket'],
    ['SuiteId', 'AuthCode', 'InfoType', 'TimeStamp', 'State', 'ExtraInfo'],
    ['SuiteId', 'AuthCorpId', 'InfoType', 'TimeStamp'],
    ['SuiteId', 'AuthCorpId', 'InfoType', 'TimeStamp'],
  ]);
});

test('a reset tells suite and code, nothing else', async () => {
  const { box, heard } = await startProviding();
  await box.provider.install('template', COMPANY);
  await box.provider.resetSecret('template', COMPANY);
  expect(tags(heard.at(-1)?.xml ?? '')).toEqual(['SuiteId', 'AuthCode', 'InfoType', 'TimeStamp']);
  await box.provider.install('market', COMPANY);
  await expect(box.provider.resetSecret('market', COMPANY)).rejects.toThrow();
});

test.each([
  ['provider', PROVIDER.corpId, PROVIDER.corpId],
  ['suite', TEMPLATE.suiteId, TEMPLATE.suiteId],
  ['corp', PROVIDER.corpId, 'the corp'],
  ['other', 'wwffffffffffffffff', 'wwffffffffffffffff'],
] as const)('the echo of a check is sealed for: %s', async (checkSealedFor, ofSuite, ofApp) => {
  const { box, checks: heard } = await startProviding();
  const { corpId } = await box.provider.install('template', COMPANY);
  box.provider.setVariants({ checkSealedFor });
  const checks = await box.provider.verifyUrls('template');
  expect([checks.suite.ok, checks.app.ok]).toEqual([true, true]);
  expect(heard.map(({ receiveId }) => receiveId)).toEqual([ofSuite, ofApp === 'the corp' ? corpId : ofApp]);
});

test('outside the seal of create_auth may stand the provider', async () => {
  const { box, heard } = await startProviding();
  box.provider.setVariants({ createAuthTo: 'provider' });
  await box.provider.install('market', COMPANY);
  expect([heard[0]?.receiveId, heard[0]?.toUserName]).toEqual([MARKET.suiteId, PROVIDER.corpId]);
});

test.each([
  ['another body', 'ok'],
  ['nothing', ''],
  ['an error', 500],
])('%s is no success: the event comes three times more', async (_, answer) => {
  const providing = await startProviding();
  providing.answer = () => answer;
  const delivery = await providing.box.provider.pushTicket('template');
  expect(delivery).toMatchObject({ state: 'failed', attempt: 4 });
  expect(new Set(providing.heard.map(({ xml }) => xml)).size).toBe(1);
  expect(providing.heard).toHaveLength(4);
});

test('an answer must come within a second', async () => {
  const providing = await startProviding();
  providing.answer = () => (providing.heard.length === 1 ? 'hang' : 'success');
  const started = performance.now();
  expect(await providing.box.provider.pushTicket('market')).toMatchObject({ state: 'delivered', attempt: 2 });
  expect(performance.now() - started).toBeGreaterThan(950);
});

test('tickets come to every suite by themselves, until they are stopped', async () => {
  const { box, heard } = await startProviding();
  await box.provider.startTickets(30);
  await expect.poll(() => heard.length).toBeGreaterThanOrEqual(6);
  box.provider.stopTickets();
  await box.idle();
  const ticketsOf = (suiteId: string) =>
    heard.filter(({ receiveId }) => receiveId === suiteId).map((told) => told.field('SuiteTicket'));
  for (const { suiteId } of [TEMPLATE, MARKET]) {
    expect(ticketsOf(suiteId).length).toBeGreaterThanOrEqual(3);
    expect(new Set(ticketsOf(suiteId)).size).toBe(ticketsOf(suiteId).length);
  }
});

test.each([
  ['ticket', MARKET.suiteId],
  ['url', TEMPLATE.suiteId],
] as const)("another suite's ticket arrives, sealed for the suite of the %s", async (sealedFor, receiveId) => {
  const { box, heard, service } = await startProviding();
  await box.provider.pushTicket('market');
  const own = heard.shift()?.field('SuiteTicket');
  await box.provider.pushTicket('template', { of: 'market', sealedFor });
  const asked = { suite_id: MARKET.suiteId, suite_secret: MARKET.secret, suite_ticket: own };
  expect((await service('get_suite_token', asked)).errcode).toBe(0);
  expect(heard.map((told) => [told.path, told.receiveId, told.field('SuiteId')])).toEqual([
    ['/template', receiveId, MARKET.suiteId],
  ]);
});

test('events are held back, released the other way round, and repeated', async () => {
  const { box, heard } = await startProviding();
  const { provider } = box;
  provider.hold();
  const installed = provider.install('template', COMPANY);
  const cancelled = provider.cancel('template', COMPANY);
  expect(heard).toEqual([]);
  expect(await provider.release('reversed')).toHaveLength(2);
  await Promise.all([installed, cancelled]);
  expect(heard.map((told) => told.field('InfoType'))).toEqual(['cancel_auth', 'create_auth']);
  await provider.again('template', 2);
  expect(heard.slice(2).map(({ xml }) => xml)).toEqual(heard.slice(0, 2).map(({ xml }) => xml));
});

test('what is still held back when the sandbox stops has failed', async () => {
  const { box } = await startProviding();
  box.provider.hold();
  const pushed = box.provider.pushTicket('template');
  await box.stop();
  expect(await pushed).toMatchObject({ state: 'failed' });
});

test('any event can be made up, for whomever it is sealed', async () => {
  const { box, heard } = await startProviding();
  const plaintext = `<xml><SuiteId>${TEMPLATE.suiteId}</SuiteId><InfoType>never_heard_of</InfoType></xml>`;
  await box.provider.push('template', plaintext, { sealedFor: 'ww1', to: 'ww2' });
  expect(heard[0]).toMatchObject({ xml: plaintext, receiveId: 'ww1', toUserName: 'ww2' });
});

test('who looks after the app is told to the suite in the form of an app, sealed for the corp', async () => {
  const providing = await startProviding();
  const { corpId } = await providing.box.provider.install('market', COMPANY);
  providing.answer = () => '';
  expect(await providing.box.provider.changeAdmin('market', COMPANY)).toMatchObject({ state: 'delivered' });
  const told = providing.heard.at(-1);
  expect([told?.path, told?.receiveId, told?.field('Event')]).toEqual(['/market', corpId, 'change_app_admin']);
});

async function written(providing: Providing, suite: string) {
  const { app, corpId } = await providing.box.provider.install(suite, COMPANY);
  providing.answer = () => '';
  await app.say('zhangsan', '标签');
  return { told: providing.heard.at(-1), corpId };
}

test.each([
  ['template', '/template/app'],
  ['market', '/market/data/'],
])('what members of %s write goes to %s, from the ids of the provider', async (suite, path) => {
  const providing = await startProviding();
  const { told, corpId } = await written(providing, suite);
  expect(told?.path).toBe(suite === 'market' ? `${path}${corpId}` : path);
  expect([told?.receiveId, told?.toUserName, told?.field('ToUserName')]).toEqual([corpId, corpId, corpId]);
  expect(told?.field('FromUserName')).toBe(providing.box.provider.userId(suite, COMPANY, 'zhangsan'));
  expect(told?.xml).not.toContain('zhangsan');
});

test('a passive reply goes to the id of the provider', async () => {
  const providing = await startProviding();
  const { app, corpId } = await providing.box.provider.install('market', COMPANY);
  const id = providing.box.provider.userId('market', COMPANY, 'zhangsan');
  const { token, encodingAesKey } = MARKET;
  const keys = { token, encodingAesKey, receiveId: corpId };
  const reply = (to: string) => sealedReply(textReply('好'), { to, from: corpId, keys });
  providing.answer = () => reply('zhangsan');
  expect((await app.say('zhangsan', '标签')).delivered.state).toBe('failed');
  providing.answer = () => reply(id);
  expect((await app.say('zhangsan', '标签')).reply?.body).toEqual({ msgtype: 'text', text: { content: '好' } });
});

test('an edit in the console is told to 代开发 as an event of its app, to 第三方 as InfoType', async () => {
  const providing = await startProviding();
  const { provider } = providing.box;
  const ofTemplate = await provider.install('template', COMPANY);
  const ofMarket = await provider.install('market', COMPANY);
  const before = providing.heard.length;
  const { events, delivered } = await ofTemplate.app.consoleEdit({ action: 'createGroup', name: '新组', tags: ['甲'] });
  expect([events, delivered.every(({ state }) => state === 'delivered')]).toEqual([4, true]);
  const told = providing.heard.slice(before);
  const atApp = told.filter(({ path }) => path === '/template/app');
  expect(atApp.map((each) => [each.receiveId, each.field('Event'), each.field('TagType')])).toEqual([
    [ofTemplate.corpId, 'change_external_tag', 'tag_group'],
    [ofTemplate.corpId, 'change_external_tag', 'tag'],
  ]);
  const atSuite = told.filter(({ path }) => path === '/market');
  expect(atSuite.map((each) => [each.receiveId, each.field('AuthCorpId'), each.field('InfoType')])).toEqual(
    Array(2).fill([MARKET.suiteId, ofMarket.corpId, 'change_external_tag']),
  );
  expect(tags(atSuite[0]?.xml ?? '')).toEqual([
    'SuiteId',
    'AuthCorpId',
    'InfoType',
    'TimeStamp',
    'Id',
    'TagType',
    'ChangeType',
  ]);
  await provider.change('market', COMPANY, { rights: ['ruleGroups'] });
  const then = providing.heard.length;
  await ofTemplate.app.consoleEdit({ action: 'createGroup', name: '新组二', tags: ['甲'] });
  expect(providing.heard.slice(then).map(({ path }) => path)).toEqual(['/template/app', '/template/app']);
});

test('a changed member is told to either in its own form', async () => {
  const providing = await startProviding();
  const { provider } = providing.box;
  await provider.install('template', COMPANY);
  const { corpId } = await provider.install('market', COMPANY);
  const id = provider.userId('market', COMPANY, 'lisi');
  await provider.changeMember('market', COMPANY, 'lisi');
  await provider.changeMember('template', COMPANY, 'lisi');
  const [atSuite, atApp] = providing.heard.slice(-2);
  expect([atSuite?.path, atSuite?.field('InfoType'), atSuite?.field('UserID')]).toEqual([
    '/market',
    'change_contact',
    id,
  ]);
  expect([atApp?.path, atApp?.field('Event'), atApp?.field('UserID'), atApp?.receiveId]).toEqual([
    '/template/app',
    'change_contact',
    id,
    corpId,
  ]);
});
