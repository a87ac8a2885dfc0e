import { expect, test } from 'vitest';
import { MARKET, PROVIDER, type Providing, startProviding, TEMPLATE } from './providing.ts';

/** A corp that has authorised, its code exchanged in the fast way. */
async function authorised(providing: Providing, suite: typeof TEMPLATE | typeof MARKET) {
  await providing.box.provider.pushTicket(suite.name);
  const installed = await providing.box.provider.install(suite.name, '远山餐饮');
  const answer = await providing.ofSuite(suite, 'v2/get_permanent_code', { auth_code: installed.authCode });
  return { ...installed, permanentCode: String(answer.permanent_code), answer };
}

test.each([
  ['no suite id', { suite_id: undefined }, 41021],
  ['no secret', { suite_secret: undefined }, 41004],
  ['no ticket', { suite_ticket: undefined }, 41023],
  ['an unknown suite', { suite_id: 'ww9' }, 40083],
  ['a wrong secret', { suite_secret: 'x' }, 40080],
  ['the secret of another suite', { suite_secret: MARKET.secret }, 40080],
  ['a ticket that was never sent', { suite_ticket: 'x' }, 40085],
])('get_suite_token with %s', async (_, wrong, errcode) => {
  const { box, heard, service } = await startProviding();
  await box.provider.pushTicket('template');
  const right = {
    suite_id: TEMPLATE.suiteId,
    suite_secret: TEMPLATE.secret,
    suite_ticket: heard[0]?.field('SuiteTicket'),
  };
  expect(await service('get_suite_token', right)).toMatchObject({ errcode: 0, expires_in: 7200 });
  expect((await service('get_suite_token', { ...right, ...wrong })).errcode).toBe(errcode);
});

test('a ticket opens its own suite, for thirty minutes, and not after a newer one', async () => {
  let now = Date.now();
  const { box, heard, service } = await startProviding({ now: () => now });
  await box.provider.pushTicket('template');
  const ticket = heard[0]?.field('SuiteTicket');
  const token = async (suite: typeof TEMPLATE | typeof MARKET): Promise<number> =>
    (await service('get_suite_token', { suite_id: suite.suiteId, suite_secret: suite.secret, suite_ticket: ticket }))
      .errcode;
  expect(await token(TEMPLATE)).toBe(0);
  expect(await token(MARKET)).toBe(40085);
  now += 30 * 60_000 - 1;
  expect(await token(TEMPLATE)).toBe(0);
  now += 1;
  expect(await token(TEMPLATE)).toBe(40085);
  now -= 10 * 60_000;
  await box.provider.pushTicket('template');
  expect(await token(TEMPLATE)).toBe(40085);
  box.provider.setVariants({ olderTickets: 'accepted' });
  expect(await token(TEMPLATE)).toBe(0);
});

test('a suite token is asked for in the query, and runs out', async () => {
  let now = Date.now();
  const { box, service, suiteToken } = await startProviding({ now: () => now });
  await box.provider.pushTicket('market');
  const suite_access_token = await suiteToken(MARKET);
  expect((await service('get_pre_auth_code')).errcode).toBe(41022);
  expect((await service('get_pre_auth_code', undefined, { suite_access_token: 'x' })).errcode).toBe(40082);
  expect(await service('get_pre_auth_code', undefined, { suite_access_token })).toMatchObject({
    errcode: 0,
    pre_auth_code: expect.stringMatching(/.{16,}/),
    expires_in: 1200,
  });
  now += 7_200_000;
  expect((await service('get_pre_auth_code', undefined, { suite_access_token })).errcode).toBe(42009);
});

test('a code is exchanged once, in its own suite, within ten minutes', async () => {
  let now = Date.now();
  const { box, ofSuite } = await startProviding({ now: () => now });
  const { provider } = box;
  await provider.pushTicket('template');
  await provider.pushTicket('market');
  const { authCode } = await provider.install('template', '远山餐饮');
  expect(authCode.length).toBeGreaterThanOrEqual(64);
  const exchange = async (suite: typeof TEMPLATE | typeof MARKET, auth_code?: string): Promise<number> =>
    (await ofSuite(suite, 'v2/get_permanent_code', { auth_code })).errcode;
  expect(await exchange(TEMPLATE)).toBe(41008);
  expect(await exchange(TEMPLATE, 'x')).toBe(40078);
  expect(await exchange(MARKET, authCode)).toBe(40078);
  expect(await exchange(TEMPLATE, authCode)).toBe(0);
  expect(await exchange(TEMPLATE, authCode)).toBe(40078);
  const late = await provider.install('template', '晨光教育');
  now += 10 * 60_000;
  expect(await exchange(TEMPLATE, late.authCode)).toBe(40078);
});

test('the fast exchange tells the corp and its admin, and nothing of the app', async () => {
  const providing = await startProviding();
  const { corpId, answer } = await authorised(providing, TEMPLATE);
  const { errcode, errmsg, permanent_code, auth_user_info, ...rest } = answer;
  expect([errcode, errmsg, typeof permanent_code]).toEqual([0, 'ok', 'string']);
  expect(rest).toEqual({ auth_corp_info: { corpid: corpId, corp_name: '远山餐饮' } });
  const userid = providing.box.provider.userId('template', '远山餐饮', 'wangzong');
  expect(auth_user_info).toMatchObject({ userid, open_userid: userid, name: '' });
});

test('an exchange repeats the state of the link', async () => {
  const { box, ofSuite, heard } = await startProviding();
  await box.provider.pushTicket('template');
  const { authCode } = await box.provider.install('template', '远山餐饮', { state: 'shop7' });
  expect(heard.at(-1)?.field('State')).toBe('shop7');
  expect(await ofSuite(TEMPLATE, 'v2/get_permanent_code', { auth_code: authCode })).toMatchObject({ state: 'shop7' });
});

test.each([
  ['empty', { userid: '', open_userid: '', name: '', avatar: '' }],
  ['missing', undefined],
] as const)('who has authorised may be %s', async (authUserInfo, expected) => {
  const providing = await startProviding();
  providing.box.provider.setVariants({ authUserInfo });
  expect((await authorised(providing, MARKET)).answer.auth_user_info).toEqual(expected);
});

test('the old exchange is slow, tells all, and says an errcode only when it fails', async () => {
  const { box, ofSuite } = await startProviding();
  box.provider.setVariants({ oldExchangeMs: 60 });
  await box.provider.pushTicket('template');
  const { authCode, corpId, agentId } = await box.provider.install('template', '远山餐饮');
  const started = performance.now();
  const answer = await ofSuite(TEMPLATE, 'get_permanent_code', { auth_code: authCode });
  expect(performance.now() - started).toBeGreaterThan(55);
  expect(answer).not.toHaveProperty('errcode');
  expect(answer).toMatchObject({
    auth_corp_info: { corpid: corpId },
    auth_info: { agent: [{ agentid: agentId, is_customized_app: true, privilege: { allow_party: [2, 3] } }] },
  });
  expect(answer).not.toHaveProperty('access_token');
  expect((await ofSuite(TEMPLATE, 'get_permanent_code', { auth_code: authCode })).errcode).toBe(40078);
});

test('the permanent code of 代开发 is an ordinary secret, and no corp token is given for it', async () => {
  const providing = await startProviding();
  const { box, ofSuite } = providing;
  const { corpId, permanentCode } = await authorised(providing, TEMPLATE);
  expect((await box.getToken({ corpid: corpId, corpsecret: permanentCode })).errcode).toBe(0);
  expect((await box.getToken({ corpid: corpId, corpsecret: TEMPLATE.secret })).errcode).toBe(40001);
  const wrongWay = { auth_corpid: corpId, permanent_code: permanentCode };
  expect((await ofSuite(TEMPLATE, 'get_corp_token', wrongWay)).errcode).toBe(48002);
});

test('the permanent code of 第三方 opens get_corp_token only', async () => {
  const providing = await startProviding();
  const { box, ofSuite, call } = providing;
  const { corpId, permanentCode } = await authorised(providing, MARKET);
  expect((await box.getToken({ corpid: corpId, corpsecret: permanentCode })).errcode).toBe(40001);
  const answer = await ofSuite(MARKET, 'get_corp_token', { auth_corpid: corpId, permanent_code: permanentCode });
  expect(answer).toEqual({ access_token: expect.any(String), expires_in: 7200 });
  expect((await call(String(answer.access_token), 'externalcontact/get_corp_tag_list', {})).errcode).toBe(0);
});

test.each([
  ['no corp', { auth_corpid: undefined }, 41002],
  ['no code', { permanent_code: undefined }, 41025],
  ['a wrong code', { permanent_code: 'x' }, 40084],
  ['an unknown corp', { auth_corpid: 'wp0' }, 40084],
])('get_corp_token and get_auth_info with %s', async (_, wrong, errcode) => {
  const providing = await startProviding();
  const { corpId, permanentCode } = await authorised(providing, MARKET);
  const body = { auth_corpid: corpId, permanent_code: permanentCode, ...wrong };
  expect((await providing.ofSuite(MARKET, 'get_corp_token', body)).errcode).toBe(errcode);
  expect((await providing.ofSuite(MARKET, 'v2/get_auth_info', body)).errcode).toBe(errcode);
});

test('get_auth_info tells the app and its range, as they are now', async () => {
  const providing = await startProviding();
  const { corpId, agentId, permanentCode } = await authorised(providing, TEMPLATE);
  const read = async () =>
    providing.ofSuite(TEMPLATE, 'v2/get_auth_info', { auth_corpid: corpId, permanent_code: permanentCode });
  expect(await read()).toMatchObject({
    errcode: 0,
    auth_corp_info: { corpid: corpId, corp_name: '远山餐饮' },
    auth_info: { agent: [{ agentid: agentId, auth_mode: 0, privilege: { level: 1, allow_party: [2, 3] } }] },
  });
  await providing.box.provider.change('template', '远山餐饮', { departments: [3] });
  expect(await read()).toMatchObject({ auth_info: { agent: [{ privilege: { allow_party: [3], allow_user: [] } }] } });
});

test('of 代开发 the app may come after the authorisation, of 第三方 it is there', async () => {
  const providing = await startProviding();
  providing.box.provider.setVariants({ appInCorp: 'not-yet' });
  for (const [suite, apps] of [
    [TEMPLATE, 0],
    [MARKET, 1],
  ] as const) {
    const { corpId, permanentCode } = await authorised(providing, suite);
    const asked = { auth_corpid: corpId, permanent_code: permanentCode };
    const { auth_info } = await providing.ofSuite(suite, 'v2/get_auth_info', asked);
    expect((auth_info as { agent: unknown[] }).agent).toHaveLength(apps);
  }
});

test('get_admin_list names the admins of the app by the ids of the provider', async () => {
  const providing = await startProviding();
  const { corpId, agentId } = await authorised(providing, MARKET);
  const userid = providing.box.provider.userId('market', '远山餐饮', 'wangzong');
  const ask = (agentid: number) => providing.ofSuite(MARKET, 'get_admin_list', { auth_corpid: corpId, agentid });
  expect(await ask(agentId)).toMatchObject({ errcode: 0, admin: [{ userid, auth_type: 1 }] });
  expect((await ask(agentId + 1)).errcode).toBe(40056);
  providing.box.provider.setVariants({ adminList: 'empty' });
  expect(await ask(agentId)).toMatchObject({ errcode: 0, admin: [] });
});

test('an install from the own site: pre auth code, session, and a code that comes with the redirect alone', async () => {
  let now = Date.now();
  const { box, heard, ofSuite } = await startProviding({ now: () => now });
  await box.provider.pushTicket('market');
  const { pre_auth_code } = await ofSuite(MARKET, 'get_pre_auth_code');
  const session = async (code: unknown, auth_type: unknown): Promise<number> =>
    (await ofSuite(MARKET, 'set_session_info', { pre_auth_code: code, session_info: { auth_type } })).errcode;
  expect(await session(pre_auth_code, 1)).toBe(0);
  expect(await session(pre_auth_code, 2)).toBe(40058);
  expect(await session('x', 0)).toBe(40077);
  const before = heard.length;
  const installed = await box.provider.install('market', '晨光教育', { preAuthCode: String(pre_auth_code) });
  expect([installed.delivered, heard.length]).toEqual([undefined, before]);
  expect(await ofSuite(MARKET, 'v2/get_permanent_code', { auth_code: installed.authCode })).toMatchObject({
    auth_corp_info: { corpid: installed.corpId },
  });
  now += 1_200_000;
  expect(await session(pre_auth_code, 0)).toBe(42007);
  await expect(box.provider.install('market', '晨光教育', { preAuthCode: String(pre_auth_code) })).rejects.toThrow();
});

test('the provider has a token of its own, for the link that installs a template', async () => {
  const { service } = await startProviding();
  const login = { corpid: PROVIDER.corpId, provider_secret: PROVIDER.secret };
  expect((await service('get_provider_token', { ...login, corpid: 'ww0' })).errcode).toBe(40013);
  expect((await service('get_provider_token', { ...login, provider_secret: 'x' })).errcode).toBe(40001);
  const { provider_access_token, expires_in } = await service('get_provider_token', login);
  expect(expires_in).toBe(7200);
  const link = (body: object, token = String(provider_access_token)) =>
    service('get_customized_auth_url', body, { provider_access_token: token });
  const templateid_list = [TEMPLATE.suiteId];
  expect(await link({ state: 'abc123', templateid_list })).toMatchObject({
    errcode: 0,
    qrcode_url: expect.stringContaining('state=abc123'),
    expires_in: 864_000,
  });
  expect((await link({ state: 'a-b', templateid_list })).errcode).toBe(40058);
  expect((await link({ state: 'a'.repeat(33), templateid_list })).errcode).toBe(40058);
  expect((await link({ templateid_list: Array(10).fill(TEMPLATE.suiteId) })).errcode).toBe(40058);
  expect((await link({ templateid_list: [MARKET.suiteId] })).errcode).toBe(40083);
  expect((await link({ templateid_list }, 'x')).errcode).toBe(40014);
});

test.each(['at-once', 'at-exchange'] as const)('a reset ends the former secret and its tokens %s', async (when) => {
  const providing = await startProviding();
  const { box, heard, ofSuite, call } = providing;
  box.provider.setVariants({ resetEndsOld: when });
  const { corpId, permanentCode } = await authorised(providing, TEMPLATE);
  const opens = async (corpsecret: string) => (await box.getToken({ corpid: corpId, corpsecret })).errcode;
  const { access_token } = await box.getToken({ corpid: corpId, corpsecret: permanentCode });
  const lives = async () => (await call(String(access_token), 'externalcontact/get_corp_tag_list', {})).errcode;
  expect(await lives()).toBe(0);

  await box.provider.resetSecret('template', '远山餐饮');
  const event = heard.at(-1);
  expect(event?.field('InfoType')).toBe('reset_permanent_code');
  expect(event?.field('AuthCorpId')).toBeUndefined();
  expect(await opens(permanentCode)).toBe(when === 'at-once' ? 40001 : 0);
  expect(await lives()).toBe(when === 'at-once' ? 40014 : 0);

  const auth_code = event?.field('AuthCode');
  const fresh = String((await ofSuite(TEMPLATE, 'v2/get_permanent_code', { auth_code })).permanent_code);
  expect(fresh).not.toBe(permanentCode);
  expect(await opens(permanentCode)).toBe(40001);
  expect(await lives()).toBe(40014);
  expect(await opens(fresh)).toBe(0);
});

test.each([48004, 40014] as const)('a cancelled corp opens nothing any more: %i', async (cancelledToken) => {
  const providing = await startProviding();
  const { box, ofSuite, call } = providing;
  box.provider.setVariants({ cancelledToken });
  const { corpId, permanentCode, agentId, app } = await authorised(providing, MARKET);
  const open = { auth_corpid: corpId, permanent_code: permanentCode };
  const { access_token } = await ofSuite(MARKET, 'get_corp_token', open);
  await box.provider.cancel('market', '远山餐饮');
  expect((await call(String(access_token), 'externalcontact/get_corp_tag_list', {})).errcode).toBe(cancelledToken);
  await expect(app.say('zhangsan', '标签')).rejects.toThrow();
  expect((await ofSuite(MARKET, 'get_corp_token', open)).errcode).toBe(40084);
  expect((await ofSuite(MARKET, 'get_admin_list', { auth_corpid: corpId, agentid: agentId })).errcode).toBe(48004);
  const again = await authorised(providing, MARKET);
  expect([again.corpId, again.agentId === agentId, again.permanentCode === permanentCode]).toEqual([
    corpId,
    false,
    false,
  ]);
});

test('a code of an authorisation that has been taken back stands for nothing', async () => {
  const { box, ofSuite } = await startProviding();
  await box.provider.pushTicket('template');
  const { authCode } = await box.provider.install('template', '远山餐饮');
  await box.provider.cancel('template', '远山餐饮');
  expect((await ofSuite(TEMPLATE, 'v2/get_permanent_code', { auth_code: authCode })).errcode).toBe(40078);
});

test('faults of the provider strike its calls, not those of a corp', async () => {
  const providing = await startProviding();
  const { box, ofSuite, service } = providing;
  const { corpId, permanentCode } = await authorised(providing, TEMPLATE);
  box.provider.setFaults({ errcode: { on: true, code: 45009, times: 1, path: 'get_suite_token' } });
  expect((await service('get_suite_token', {})).errcode).toBe(45009);
  box.provider.setFaults({ busy: { on: true, times: 1, path: 'v2/get_auth_info' } });
  const body = { auth_corpid: corpId, permanent_code: permanentCode };
  expect((await ofSuite(TEMPLATE, 'v2/get_auth_info', body)).errcode).toBe(-1);
  expect((await ofSuite(TEMPLATE, 'v2/get_auth_info', body)).errcode).toBe(0);
  box.provider.setFaults({ busy: { on: true } });
  expect((await box.getToken({ corpid: corpId, corpsecret: permanentCode })).errcode).toBe(0);
});
