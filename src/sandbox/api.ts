/**
 * The API as it is seen over HTTP: which path is which call, what every answer has in common
 * (errcode, errmsg with hint and address), and where a switched fault strikes.
 */
import { agentGet, permissionsGet } from './agent.ts';
import type { AppKind, Right } from './app-kind.ts';
import type { Corp } from './corp.ts';
import type { MediaFile, Upload } from './media.ts';
import { type Body, Refusal, refuse } from './refusal.ts';
import type { Trouble } from './trouble.ts';

export interface ApiRequest {
  readonly method: string;
  /** e.g. /cgi-bin/externalcontact/add_strategy_tag */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The request's body: parsed JSON, `undefined` when it was not a JSON object. */
  readonly body: Body | undefined;
  readonly upload?: Upload;
  readonly ip: string;
}

export type ApiAnswer =
  | { readonly kind: 'json'; readonly json: Body }
  | { readonly kind: 'file'; readonly file: MediaFile };

interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** What the corp must have granted to an app of a provider, else 48002. */
  readonly needs?: Right;
  /** Apps of these kinds are refused with 48002. */
  readonly notFor?: AppKind;
  /** The tag tree is another one after a success. */
  readonly writes?: boolean;
  /** The query names the app by its agentid. */
  readonly agentInQuery?: boolean;
  /** Of these calls only one may run at a time; the second answers 45035 (doc 94883). */
  readonly serial?: boolean;
  /** What stands in a failing answer too: test errcode, not the presence of the array. */
  readonly emptyOnFailure?: Body;
  readonly answer: (
    corp: Corp,
    call: { readonly query: URLSearchParams; readonly body: Body; readonly upload: Upload | undefined },
  ) => Body;
}

const post = (answer: (corp: Corp, body: Body) => Body, more: Partial<Endpoint> = {}): Endpoint => ({
  method: 'POST',
  answer: (corp, { body }) => answer(corp, body),
  ...more,
});
const get = (answer: (corp: Corp, query: URLSearchParams) => Body, more: Partial<Endpoint> = {}): Endpoint => ({
  method: 'GET',
  answer: (corp, { query }) => answer(corp, query),
  ...more,
});

/** Of the corp's own apps and of those made for it; not of a provider's that is the same for all (doc 90231). */
const MENU = { agentInQuery: true, notFor: 'third-party' } as const;
const CORP_TAGS = { needs: 'corpTags' } as const;
const RULE_GROUPS = { needs: 'ruleGroups' } as const;

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  [
    'externalcontact/get_strategy_tag_list',
    post((corp, body) => corp.library.list(body), { ...RULE_GROUPS, emptyOnFailure: { tag_group: [] } }),
  ],
  ['externalcontact/add_strategy_tag', post((corp, body) => corp.library.add(body), { ...RULE_GROUPS, writes: true })],
  [
    'externalcontact/edit_strategy_tag',
    post((corp, body) => corp.library.edit(body), { ...RULE_GROUPS, writes: true }),
  ],
  ['externalcontact/del_strategy_tag', post((corp, body) => corp.library.del(body), { ...RULE_GROUPS, writes: true })],
  [
    'externalcontact/get_corp_tag_list',
    post((corp, body) => corp.library.list(body, 'corp'), { ...CORP_TAGS, emptyOnFailure: { tag_group: [] } }),
  ],
  [
    'externalcontact/add_corp_tag',
    post((corp, body) => corp.library.add(body, 'corp'), { ...CORP_TAGS, writes: true }),
  ],
  [
    'externalcontact/edit_corp_tag',
    post((corp, body) => corp.library.edit(body, 'corp'), { ...CORP_TAGS, writes: true }),
  ],
  [
    'externalcontact/del_corp_tag',
    post((corp, body) => corp.library.del(body, 'corp'), { ...CORP_TAGS, writes: true }),
  ],
  [
    'externalcontact/customer_strategy/list',
    post((corp, body) => corp.strategies.list(body), { ...RULE_GROUPS, emptyOnFailure: { strategy: [] } }),
  ],
  ['externalcontact/customer_strategy/get', post((corp, body) => corp.strategies.get(body), RULE_GROUPS)],
  ['externalcontact/customer_strategy/get_range', post((corp, body) => corp.strategies.getRange(body), RULE_GROUPS)],
  [
    'externalcontact/customer_strategy/create',
    post((corp, body) => corp.strategies.create(body), { ...RULE_GROUPS, writes: true, serial: true }),
  ],
  [
    'externalcontact/customer_strategy/edit',
    post((corp, body) => corp.strategies.edit(body), { ...RULE_GROUPS, writes: true, serial: true }),
  ],
  ['externalcontact/customer_strategy/del', post(deleteStrategy, { ...RULE_GROUPS, writes: true })],
  ['message/send', post((corp, body) => corp.messages.send(body))],
  ['message/update_template_card', post((corp, body) => corp.messages.update(body))],
  [
    'media/upload',
    { method: 'POST', answer: (corp, { query, upload }) => corp.media.upload(query.get('type'), upload) },
  ],
  ['menu/create', post((corp, body) => corp.createMenu(body), MENU)],
  ['menu/get', get((corp) => corp.getMenu(), MENU)],
  ['menu/delete', get((corp) => corp.deleteMenu(), MENU)],
  ['agent/get_permissions', post((corp) => permissionsGet(corp))],
  ['agent/get', get((corp) => agentGet(corp), { agentInQuery: true })],
  ['user/get', get((corp, query) => corp.directory.userGet(query.get('userid')))],
  ['user/simplelist', get((corp, query) => corp.directory.simpleList(query.get('department_id')))],
  ['department/list', get((corp, query) => corp.directory.departmentList(query.get('id')))],
  ['getcallbackip', get(() => ({ ip_list: ['127.0.0.1'] }))],
  ['get_api_domain_ip', get(() => ({ ip_list: ['127.0.0.1'] }))],
]);

const PREFIX = '/cgi-bin/';
const endpointOf = (path: string): Endpoint | undefined =>
  path.startsWith(PREFIX) ? ENDPOINTS.get(path.slice(PREFIX.length)) : undefined;

export function isApiPath(path: string): boolean {
  return path === '/cgi-bin/gettoken' || path === '/cgi-bin/media/get' || endpointOf(path) !== undefined;
}

/** Whether calls of this path must not overlap. */
export const isSerial = (path: string): boolean => endpointOf(path)?.serial === true;

/** Answers one call by the platform's rules and the faults of the moment. `overlaps`: another serial call is running. */
export function answerApi(corp: Corp, request: ApiRequest, overlaps: boolean): ApiAnswer {
  const { path, query, ip } = request;
  const endpoint = endpointOf(path);
  try {
    strikeFault(corp.trouble, path);
    corp.access.count(path);
    if (!corp.app.isEnabled()) refuse(50003, 'app is disabled');
    if (path === '/cgi-bin/gettoken') return ok(corp.getToken(query, ip), request);
    corp.access.check(query.get('access_token'));
    if (path === '/cgi-bin/media/get') return { kind: 'file', file: corp.media.get(query.get('media_id')) };
    if (endpoint === undefined) throw new Error(`not an API path: ${path}`);
    if (endpoint.method === 'POST' && request.method !== 'POST') refuse(40058, 'require POST method');
    if (endpoint.notFor === corp.app.kind) refuse(48002, 'api forbidden');
    if (endpoint.needs !== undefined && !corp.app.may(endpoint.needs)) refuse(48002, 'api forbidden');
    if (endpoint.agentInQuery) checkAgent(corp, query);
    if (overlaps) refuse(45035, 'operation conflict');
    const answer = endpoint.answer(corp, { query, body: request.body ?? {}, upload: request.upload });
    if (endpoint.writes) corp.treeChanged();
    const whole = ok(corp.trouble.variants.emptyLists === 'omitted' ? withoutEmptyLists(answer) : answer, request);
    return corp.trouble.hits('wrongShape', path) ? misshapen(whole) : whole;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const { json } = refusalAnswer(refusal, request, corp.now());
    return { kind: 'json', json: { ...json, ...endpoint?.emptyOnFailure } };
  }
}

/** How every call is refused. `now` in ms. */
export function refusalAnswer(
  { errcode, message }: Refusal,
  request: ApiRequest,
  now: number,
): ApiAnswer & { readonly kind: 'json' } {
  const errmsg =
    `${formatWarning(request)}${message}, hint: [${hint(now)}], from ip: ${request.ip}, ` +
    `more info at https://open.work.weixin.qq.com/devtool/query?e=${errcode}`;
  return { kind: 'json', json: { errcode, errmsg } };
}

function ok(answer: Body, request: ApiRequest): ApiAnswer & { readonly kind: 'json' } {
  return { kind: 'json', json: { errcode: 0, errmsg: `${formatWarning(request)}ok`, ...answer } };
}

function withoutEmptyLists(answer: Body): Body {
  return Object.fromEntries(
    Object.entries(answer).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  );
}

/** Lists come as something else and all other content is missing; an answer that has none becomes `{}`. */
function misshapen({ json }: ApiAnswer & { readonly kind: 'json' }): ApiAnswer {
  const { errcode, errmsg, ...rest } = json;
  const lists = Object.entries(rest).flatMap(([key, value]) => (Array.isArray(value) ? [[key, {}]] : []));
  return { kind: 'json', json: Object.keys(rest).length > 0 ? { errcode, errmsg, ...Object.fromEntries(lists) } : {} };
}

/** Refuses the call as a switched fault demands. */
export function strikeFault(trouble: Trouble, path: string): void {
  // Tokens are handed out to any address; the list of trusted ones guards the other calls.
  if (path !== '/cgi-bin/gettoken' && trouble.hits('untrustedIp', path))
    refuse(60020, 'not allow to access from your ip');
  if (trouble.hits('busy', path)) refuse(-1, 'system busy');
  if (trouble.hits('rateLimited', path)) refuse(45009, 'api freq out of limit');
  const { code } = trouble.faults.errcode;
  if (trouble.hits('errcode', path)) refuse(code, 'switched on in the sandbox');
}

function deleteStrategy(corp: Corp, body: Body): Body {
  for (const id of corp.strategies.del(body)) corp.library.drop(id);
  return {};
}

function checkAgent(corp: Corp, query: URLSearchParams): void {
  const agentId = query.get('agentid');
  if (!agentId) refuse(41011, 'missing agentid');
  if (!/^\d+$/.test(agentId)) refuse(40056, 'invalid agentid');
  if (Number(agentId) !== corp.identity.agentId)
    refuse(301002, 'not allow operate another agent with this accesstoken');
}

const formatWarning = ({ method, body, upload }: ApiRequest): string =>
  method === 'POST' && body === undefined && upload === undefined ? 'Warning: wrong json format. ' : '';

const hint = (now: number): string =>
  `${Math.floor(now / 1000)}${String(Math.floor(Math.random() * 1e9)).padStart(9, '0')}`;
