/** Who may open which address of a provider: decided by what is inside the seal, and by nothing beside it. */

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { IDENTITY } from '../sandbox/box.ts';
import { PROVIDER } from '../sandbox/providing.ts';
import { checked, ECHO, info, posted, type SealedWith, written } from './posted.ts';
import { CATERING, installed, MARKET, openProviderSite, type ProviderSite, TEMPLATE } from './provider-site.ts';

const T = '/wecom/suite/template';
const M = '/wecom/suite/market';
const HOUR_MS = 3_600_000;

let site: ProviderSite;
/** Ids of one company as each suite knows it, and of nobody. */
let ids: Readonly<Record<'template' | 'market' | 'own' | 'provider' | 'T' | 'M' | 'nobody', string>>;
let member: (suite: string) => string;

beforeAll(async () => {
  const { corpId, agentId, secret, token, encodingAesKey } = IDENTITY;
  const own = { name: 'own', corpId, agentId: String(agentId), secret, token, encodingAesKey };
  site = await openProviderSite({ file: { corps: [{ ...own, botAdmins: ['wangzong'] }] } });
  const { provider } = site.sandbox;
  const template = (await installed(site, 'template', CATERING)).corpId;
  await installed(site, 'market', CATERING);
  // Of a company of its own, so that the two are not the same.
  const market = (await installed(site, 'market')).corpId;
  ids = {
    ...{ template, market, own: corpId, provider: PROVIDER.corpId },
    ...{ T: TEMPLATE.suiteId, M: MARKET.suiteId, nobody: 'wpnobody' },
  };
  member = (suite) => provider.userId(suite, suite === 'template' ? CATERING : '未来零售', 'wangzong');
}, 30_000);
beforeEach(() => site.sandbox.clearCalls());
afterAll(() => site.stop());

type Id = keyof typeof ids | ((known: typeof ids) => string);
const idOf = (id: Id) => (typeof id === 'function' ? id(ids) : ids[id]);
const OWN = { token: IDENTITY.token, encodingAesKey: IDENTITY.encodingAesKey };

it.each<[what: string, path: string, keys: SealedWith, id: Id, status: number]>([
  ['the provider, template', T, TEMPLATE, 'provider', 200],
  ['the provider, app', `${T}/app`, TEMPLATE.app, 'provider', 200],
  ['a company that has authorised, app', `${T}/app`, TEMPLATE.app, 'template', 200],
  ['the provider, commands', M, MARKET, 'provider', 200],
  ['the provider, data', `${M}/data`, MARKET, 'provider', 200],
  ['the provider, data of a company', `${M}/data/wpX`, MARKET, 'provider', 200],
  ['the suite, template', T, TEMPLATE, 'T', 400],
  ['a company, template', T, TEMPLATE, 'template', 400],
  ['another suite’s company, app', `${T}/app`, TEMPLATE.app, 'market', 400],
  ['nobody, app', `${T}/app`, TEMPLATE.app, 'nobody', 400],
  ['a company, data', `${M}/data`, MARKET, 'market', 400],
  ['the provider, with the keys of the app', T, TEMPLATE.app, 'provider', 400],
  ['the provider, one’s own corp', '/wecom/callback/own', OWN, 'provider', 400],
])('checked for %s: %i', async (_, path, keys, id, status) => {
  expect(await checked(site, path, keys, idOf(id))).toEqual([status, status === 200 ? ECHO : '']);
});

it.each<[what: string, path: string, keys: SealedWith, id: Id, status: number]>([
  ['its company', `${T}/app`, TEMPLATE.app, 'template', 200],
  ['its company, data', `${M}/data`, MARKET, 'market', 200],
  ['its company, data of it', `${M}/data/wpX`, MARKET, 'market', 200],
  ['its company, data with nothing behind', `${M}/data/`, MARKET, 'market', 200],
  ['its company, commands', M, MARKET, 'market', 200],
  ['one’s own corp, app', `${T}/app`, TEMPLATE.app, 'own', 400],
  ['a company, one’s own corp', '/wecom/callback/own', OWN, 'template', 400],
  ['in capitals', `${T}/app`, TEMPLATE.app, (known) => known.template.toUpperCase(), 400],
  ['in small letters', `${T}/app`, TEMPLATE.app, (known) => known.template.toLowerCase(), 400],
  ['with a blank', `${T}/app`, TEMPLATE.app, (known) => `${known.template} `, 400],
  ['nobody at all', `${T}/app`, TEMPLATE.app, () => '', 400],
  ['with the keys of the template', `${T}/app`, TEMPLATE, 'template', 400],
  ['the suite, app', `${T}/app`, TEMPLATE.app, 'T', 400],
  ['too deep below data', `${M}/data/a/b`, MARKET, 'market', 404],
  ['below app', `${T}/app/a`, TEMPLATE.app, 'template', 404],
  ['data of a template', `${T}/data`, TEMPLATE, 'template', 404],
  ['app of a 第三方', `${M}/app`, MARKET, 'market', 404],
  ['a suite that is not there', '/wecom/suite/other', TEMPLATE, 'template', 404],
])('what a member writes, sealed for %s', async (_, path, keys, id, status) => {
  const suite = path.startsWith(M) ? 'market' : 'template';
  const xml = written(idOf(id), member(suite), '列表');
  const [answered, body] = await posted(site, path, keys, { receiveId: idOf(id), xml });
  expect(answered).toBe(status);
  if (status !== 200) expect([body, site.sandbox.calls]).toEqual(['', []]);
});

const cancelOf = (suiteId: Id, corp: Id) =>
  info(idOf(suiteId), 'cancel_auth', `<AuthCorpId><![CDATA[${idOf(corp)}]]></AuthCorpId>`);

it.each<[what: string, path: string, keys: SealedWith, id: Id, xml: () => string, status: number, at?: number]>([
  ['of no kind that is known', T, TEMPLATE, 'T', () => info(ids.T, 'something_new', ''), 200],
  ['of no kind at all', T, TEMPLATE, 'T', () => '<xml><Any>1</Any></xml>', 200],
  ['that is none', T, TEMPLATE, 'T', () => 'hello', 400],
  ['of a company without an id', T, TEMPLATE, 'T', () => cancelOf('T', () => ''), 200],
  ['of a company with an id that is none', T, TEMPLATE, 'T', () => cancelOf('T', () => 'wp/../x'), 200],
  ['of a company with an id too long', M, MARKET, 'M', () => cancelOf('M', () => 'x'.repeat(5_000)), 200],
  ['of an hour ago', T, TEMPLATE, 'T', () => cancelOf('T', 'template'), 400, -HOUR_MS],
  ['of the hour to come', T, TEMPLATE, 'T', () => cancelOf('T', 'template'), 400, HOUR_MS],
  ['sealed for the provider', T, TEMPLATE, 'provider', () => cancelOf('T', 'template'), 400],
  ['sealed for nobody', T, TEMPLATE, () => '', () => cancelOf('T', 'template'), 400],
  ['sealed with the keys of the app', T, TEMPLATE.app, 'T', () => cancelOf('T', 'template'), 400],
  ['sealed for another suite', M, MARKET, 'T', () => cancelOf('T', 'market'), 400],
  ['that names another suite', M, MARKET, 'M', () => cancelOf('T', 'market'), 400],
  ['sealed for the company, template', T, TEMPLATE, 'template', () => cancelOf('T', 'template'), 200],
  ['sealed for the company, commands', M, MARKET, 'market', () => cancelOf('M', 'market'), 200],
  ['sealed for the company, data', `${M}/data`, MARKET, 'market', () => cancelOf('M', 'market'), 200],
  ['sealed for the company, app', `${T}/app`, TEMPLATE.app, 'template', () => cancelOf('T', 'template'), 200],
])('an event %s ends nothing', async (_, path, keys, id, xml, status, at = 0) => {
  const sent = { receiveId: idOf(id), xml: xml(), at: Date.now() + at };
  const [answered, body] = await posted(site, path, keys, sent);
  expect(answered).toBe(status);
  if (status !== 200) expect(body).toBe('');
  expect(await site.openEvents()).toEqual([]);
  expect(new Set((await site.authorisations()).map(({ state }) => state))).toEqual(new Set(['active']));
});

it.each([T, `${T}/app`, M, `${M}/data`, `${M}/data/wpX`])(
  '%s: other methods, and too much, are refused bare',
  async (path) => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const response = await fetch(`${site.url}${path}`, { method });
      expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([405, 'GET, POST', '']);
    }
    const response = await fetch(`${site.url}${path}`, { method: 'POST', body: 'x'.repeat(200_000) });
    expect([response.status, await response.text()]).toEqual([413, '']);
  },
);

it('strangers cause a line or two, however often they knock', async () => {
  const before = site.log.length;
  for (let at = 0; at < 100; at++)
    await posted(site, T, { ...TEMPLATE, token: `t${at}` }, { receiveId: ids.T, xml: 'x' });
  expect(site.log.length - before).toBeLessThanOrEqual(2);
});
