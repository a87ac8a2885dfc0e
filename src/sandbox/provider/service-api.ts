/**
 * The calls of a provider (/cgi-bin/service/…): tokens of the suite and the provider, the exchange of codes, what a corp
 * has granted (docs 90600 to 90607, 97163, 98744, 100776, 100795). The older ones tell an errcode only when they fail.
 */

import { LOGO, rangeOf } from '../agent.ts';
import { type ApiAnswer, type ApiRequest, refusalAnswer, strikeFault } from '../api.ts';
import type { Service } from '../api-route.ts';
import { type Body, isBody, Refusal, refuse, requiredInteger, requiredString, stringList } from '../refusal.ts';
import type { Installation } from './installation.ts';
import type { Provider } from './provider.ts';
import type { Suite } from './suite.ts';

const PREFIX = '/cgi-bin/service/';
const AUTH_URL_LIFE = 10 * 24 * 3600;

interface Call {
  readonly provider: Provider;
  readonly query: URLSearchParams;
  readonly body: Body;
}

interface SuiteCall extends Call {
  readonly suite: Suite;
}

interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** Says nothing of an errcode when it succeeds. */
  readonly bare?: boolean;
  readonly answer: (call: Call) => Body;
}

/** The query carries the token of a suite. */
const ofSuite =
  (answer: (call: SuiteCall) => Body) =>
  (call: Call): Body =>
    answer({ ...call, suite: call.provider.suiteOf(call.query.get('suite_access_token')) });

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['get_suite_token', { method: 'POST', answer: suiteToken }],
  ['get_provider_token', { method: 'POST', bare: true, answer: providerToken }],
  ['get_pre_auth_code', { method: 'GET', answer: ofSuite(({ suite }) => suite.newPreAuthCode()) }],
  ['set_session_info', { method: 'POST', answer: ofSuite(setSession) }],
  ['get_permanent_code', { method: 'POST', bare: true, answer: ofSuite(exchangeAndTellAll) }],
  ['v2/get_permanent_code', { method: 'POST', answer: ofSuite((call) => exchange(call).told) }],
  ['get_auth_info', { method: 'POST', bare: true, answer: ofSuite(authInfo) }],
  ['v2/get_auth_info', { method: 'POST', answer: ofSuite(authInfo) }],
  ['get_corp_token', { method: 'POST', bare: true, answer: ofSuite(corpToken) }],
  ['get_admin_list', { method: 'POST', answer: ofSuite(adminList) }],
  ['get_customized_auth_url', { method: 'POST', answer: customizedAuthUrl }],
]);

const nameOf = (path: string): string => (path.startsWith(PREFIX) ? path.slice(PREFIX.length) : '');

/** The provider's calls as the API's socket sees them. */
export const serviceOf = (provider: Provider): Service => ({
  isPath: (path) => ENDPOINTS.has(nameOf(path)),
  counterpart: {
    now: provider.now,
    trouble: provider.trouble,
    record: (entry) => provider.record(entry),
    answer: (call) => answerService(provider, call),
    takes: (path) => (nameOf(path) === 'get_permanent_code' ? provider.variants.oldExchangeMs : 0),
  },
});

function answerService(provider: Provider, request: ApiRequest): ApiAnswer {
  const { path, query, body = {} } = request;
  const endpoint = ENDPOINTS.get(nameOf(path));
  if (endpoint === undefined) throw new Error(`not a path of the service: ${path}`);
  try {
    strikeFault(provider.trouble, path);
    if (endpoint.method === 'POST' && request.method !== 'POST') refuse(40058, 'require POST method');
    if (endpoint.method === 'GET' && request.method !== 'GET') refuse(40063, 'require GET method');
    const answer = endpoint.answer({ provider, query, body });
    return { kind: 'json', json: endpoint.bare === true ? answer : { errcode: 0, errmsg: 'ok', ...answer } };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return refusalAnswer(refusal, request, provider.now());
  }
}

function suiteToken({ provider, body }: Call): Body {
  const id = requiredString(body, 'suite_id', 41021);
  const secret = requiredString(body, 'suite_secret', 41004);
  const ticket = requiredString(body, 'suite_ticket', 41023);
  const suite = provider.suites.find((each) => each.id === id) ?? refuse(40083, 'invalid suite id');
  return suite.getToken(secret, ticket);
}

function providerToken({ provider, body }: Call): Body {
  const corpId = requiredString(body, 'corpid', 41002);
  return provider.newToken(corpId, requiredString(body, 'provider_secret', 41004));
}

function setSession({ suite, body }: SuiteCall): Body {
  const session = suite.preAuth(requiredString(body, 'pre_auth_code', 40077));
  if (!isBody(body.session_info)) refuse(40058, 'missing param session_info');
  const { auth_type: type = 0 } = body.session_info;
  if (type !== 0 && type !== 1) refuse(40058, 'param auth_type out of range [0, 1]');
  session.authType = type;
  return {};
}

/** The fast exchange: the code, who the corp is, and nothing of the app (doc 100776). */
function exchange({ provider, suite, body }: SuiteCall): { readonly told: Body; readonly installation: Installation } {
  const { company, state } = suite.redeem(requiredString(body, 'auth_code', 41008));
  const installation = provider.installationIn(suite, company) ?? refuse(48004, 'the authorization is gone');
  const told = {
    permanent_code: provider.newPermanentCode(installation),
    auth_corp_info: corpInfo(installation),
    ...provider.adminOf(installation),
    ...(state === '' ? {} : { state }),
  };
  return { told, installation };
}

function exchangeAndTellAll(call: SuiteCall): Body {
  const { told, installation } = exchange(call);
  return { ...told, auth_info: agentInfo(call.provider, installation) };
}

function authInfo({ provider, suite, body }: SuiteCall): Body {
  const installation = opened(provider, suite, body);
  return { auth_corp_info: corpInfo(installation), auth_info: agentInfo(provider, installation) };
}

function corpToken({ provider, suite, body }: SuiteCall): Body {
  // 代开发 has its token by gettoken, with the permanent code as its secret (doc 97164).
  if (suite.options.kind === 'customized') refuse(48002, 'api forbidden');
  return opened(provider, suite, body).corp.issueToken();
}

function opened(provider: Provider, suite: Suite, body: Body): Installation {
  const corpId = requiredString(body, 'auth_corpid', 41002);
  const code = requiredString(body, 'permanent_code', 41025);
  const installation = provider.installationOf(suite, corpId);
  return installation?.opensWith(code) ? installation : refuse(40084, 'invalid permanent code');
}

function adminList({ provider, suite, body }: SuiteCall): Body {
  const corpId = requiredString(body, 'auth_corpid', 41002);
  const agentId = requiredInteger(body, 'agentid', 0, Number.MAX_SAFE_INTEGER);
  const installation = provider.installationOf(suite, corpId) ?? refuse(48004, 'the authorization is gone');
  if (installation.corp.identity.agentId !== agentId) refuse(40056, 'invalid agentid');
  return { admin: provider.adminsOf(installation).map((userid) => ({ userid, open_userid: userid, auth_type: 1 })) };
}

function customizedAuthUrl({ provider, query, body }: Call): Body {
  provider.checkToken(query.get('provider_access_token'));
  const state = body.state === undefined ? '' : requiredString(body, 'state');
  if (!/^[a-zA-Z0-9]{0,32}$/.test(state)) refuse(40058, 'invalid state');
  const templates = stringList(body, 'templateid_list');
  if (templates.length < 1 || templates.length > 9) refuse(40058, 'templateid_list size out of range [1, 9]');
  const known = provider.suites.filter(({ options }) => options.kind === 'customized').map(({ id }) => id);
  if (templates.some((id) => !known.includes(id))) refuse(40083, 'invalid template id');
  const url = new URL('https://open.work.weixin.qq.com/3rdservice/wework/sandbox');
  url.searchParams.set('templateid', templates.join('|'));
  url.searchParams.set('state', state);
  return { qrcode_url: String(url), expires_in: AUTH_URL_LIFE };
}

function corpInfo({ corpId, company }: Installation): Body {
  return { corpid: corpId, corp_name: company.name };
}

function agentInfo(provider: Provider, installation: Installation): Body {
  const { corp, suite } = installation;
  // An app of the market is there from the start.
  if (provider.variants.appInCorp === 'not-yet' && suite.options.kind === 'customized') return { agent: [] };
  const { userIds, departments } = rangeOf(corp);
  return {
    agent: [
      {
        agentid: corp.identity.agentId,
        name: corp.app.name,
        square_logo_url: LOGO,
        auth_mode: 0,
        is_customized_app: suite.options.kind === 'customized',
        privilege: { level: 1, allow_party: departments, allow_user: userIds, allow_tag: [] },
      },
    ],
  };
}
