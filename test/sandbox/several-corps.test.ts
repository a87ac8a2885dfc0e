/** Several corps and several apps of one corp in one sandbox: what is shared, and what nobody else may reach. */
import { expect, test } from 'vitest';
import { IDENTITY, type Json, startBot, startBox } from './box.ts';
import { MARKET, type Providing, startProviding, TEMPLATE } from './providing.ts';

const OTHER = { ...IDENTITY, name: '远山餐饮', corpId: 'ww00000000000000b1', secret: 'the-secret-of-the-other' };
const LIST = 'externalcontact/get_corp_tag_list';
const ADD = 'externalcontact/add_corp_tag';

async function tokenOf(providing: Providing, suite: typeof TEMPLATE | typeof MARKET, company: string): Promise<string> {
  await providing.box.provider.pushTicket(suite.name);
  const { authCode, corpId } = await providing.box.provider.install(suite.name, company, {
    rights: ['corpTags', 'ruleGroups', 'customers'],
  });
  const { permanent_code } = await providing.ofSuite(suite, 'v2/get_permanent_code', { auth_code: authCode });
  const answer =
    suite === TEMPLATE
      ? await providing.box.getToken({ corpid: corpId, corpsecret: String(permanent_code) })
      : await providing.ofSuite(MARKET, 'get_corp_token', { auth_corpid: corpId, permanent_code });
  return String(answer.access_token);
}

interface Group {
  readonly group_id: string;
  readonly group_name: string;
}
const groupsIn = (answer: Json): readonly Group[] => answer.tag_group as readonly Group[];

test('two corps of one sandbox: own secrets, own tags, own chats, own trouble', async () => {
  const box = await startBox({ corps: [OTHER] });
  const other = box.at(OTHER.corpId);
  expect((await box.getToken({ corpid: OTHER.corpId, corpsecret: IDENTITY.secret })).errcode).toBe(40001);
  const token = async (identity: { corpId: string; secret: string }) =>
    String((await box.getToken({ corpid: identity.corpId, corpsecret: identity.secret })).access_token);
  const [first, second] = [await token(IDENTITY), await token(OTHER)];
  const call = async (access_token: string, path: string, body: object): Promise<Json> => {
    const url = `${box.url}/cgi-bin/${path}?${new URLSearchParams({ access_token })}`;
    return (await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json()) as Json;
  };
  const made = await call(first, ADD, { group_name: '只在一家', tag: [{ name: '甲' }] });
  const { group_id } = made.tag_group as Group;
  expect(groupsIn(await call(second, LIST, {})).map(({ group_name }) => group_name)).not.toContain('只在一家');
  expect((await call(second, LIST, { group_id: [group_id] })).errcode).toBe(40068);
  expect((await call(second, 'externalcontact/edit_corp_tag', { id: group_id, name: '乙' })).errcode).toBe(40068);

  await call(second, 'message/send', {
    touser: 'zhangsan',
    agentid: OTHER.agentId,
    msgtype: 'text',
    text: { content: '给第二家' },
  });
  expect([box.chat('zhangsan').length, other.chat('zhangsan').length]).toEqual([0, 1]);
  other.setFaults({ busy: { on: true } });
  expect((await call(second, LIST, {})).errcode).toBe(-1);
  expect((await call(first, LIST, {})).errcode).toBe(0);
  other.reset();
  expect(groupsIn(await call(first, LIST, {})).map(({ group_name }) => group_name)).toContain('只在一家');
  expect(() => box.at('ww0')).toThrow();
});

test('each corp has its own callback', async () => {
  const box = await startBox({ corps: [OTHER] });
  const bot = await startBot();
  box.setCallbackUrl(bot.url);
  expect((await box.at(OTHER.corpId).say('zhangsan', '标签')).delivered.state).toBe('failed');
  expect((await box.say('zhangsan', '标签')).delivered.state).toBe('delivered');
});

test('serial calls wait for those of the same corp alone', async () => {
  const box = await startBox({ corps: [OTHER] });
  const create = async ({ corpId, secret }: { corpId: string; secret: string }): Promise<number> => {
    const { access_token } = await box.getToken({ corpid: corpId, corpsecret: secret });
    const body = { strategy_name: '新规则组', admin_list: ['zhangsan'], range: [{ type: 2, partyid: 2 }] };
    const search = new URLSearchParams({ access_token: String(access_token) });
    const url = `${box.url}/cgi-bin/externalcontact/customer_strategy/create?${search}`;
    return ((await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json()) as Json).errcode;
  };
  expect(await Promise.all([create(IDENTITY), create(OTHER)])).toEqual([0, 0]);
});

test('the ids of a provider: equal in its apps, other than those of the corp, different by case alone', async () => {
  const { box } = await startProviding();
  const { provider } = box;
  const one = await provider.install('template', '远山餐饮');
  const sameCorp = await provider.install('market', '远山餐饮');
  const two = await provider.install('template', '晨光教育');
  expect(sameCorp.corpId).toBe(one.corpId);
  expect(two.corpId).not.toBe(one.corpId);
  expect(two.corpId.toLowerCase()).toBe(one.corpId.toLowerCase());
  expect(provider.userId('market', '远山餐饮', 'lisi')).toBe(provider.userId('template', '远山餐饮', 'lisi'));
  expect(provider.userId('template', '晨光教育', 'lisi')).not.toBe(provider.userId('template', '远山餐饮', 'lisi'));
});

test('an app of a provider knows people by the ids of the provider, and no others', async () => {
  const providing = await startProviding();
  const token = await tokenOf(providing, TEMPLATE, '远山餐饮');
  const id = providing.box.provider.userId('template', '远山餐饮', 'lisi');
  const get = (userid: string) => providing.call(token, 'user/get', undefined, { userid });
  expect((await get('lisi')).errcode).toBe(60111);
  expect(await get(id)).toMatchObject({ errcode: 0, userid: id });
  expect((await get(id.toLowerCase())).errcode).toBe(60111);
  providing.box.provider.setVariants({ userIdCase: 'ignored' });
  expect((await get(id.toLowerCase())).errcode).toBe(0);

  const create = (userid: string) =>
    providing.call(token, 'externalcontact/customer_strategy/create', {
      strategy_name: '新规则组',
      admin_list: [userid],
      range: [{ type: 1, userid }],
    });
  expect((await create('lisi')).errcode).toBe(60111);
  const { strategy_id } = await create(id);
  const body = { strategy_id };
  expect(await providing.call(token, 'externalcontact/customer_strategy/get', body)).toMatchObject({
    strategy: { admin_list: [id] },
  });
  expect(await providing.call(token, 'externalcontact/customer_strategy/get_range', body)).toMatchObject({
    range: [{ type: 1, userid: id }],
  });
});

test('names are for those who may know them, and ids or nothing for the others', async () => {
  const providing = await startProviding();
  const { provider } = providing.box;
  const readers = { template: await tokenOf(providing, TEMPLATE, '远山餐饮'), market: '' };
  readers.market = await tokenOf(providing, MARKET, '远山餐饮');
  const id = provider.userId('template', '远山餐饮', 'lisi');
  const names = async (token: string): Promise<unknown[]> => {
    const { name } = await providing.call(token, 'user/get', undefined, { userid: id });
    const { userlist } = await providing.call(token, 'user/simplelist', undefined, { department_id: '2' });
    const { department } = await providing.call(token, 'department/list');
    const listed = (userlist as { userid: string; name?: string }[]).find(({ userid }) => userid === id);
    return [name, listed?.name, (department as { name?: string }[])[1]?.name];
  };
  expect(await names(readers.template)).toEqual([id, id, '2']);
  expect(await names(readers.market)).toEqual([id, id, '2']);
  provider.setVariants({ hiddenNames: 'omitted' });
  expect(await names(readers.market)).toEqual([undefined, undefined, undefined]);
  for (const suite of ['template', 'market'])
    await provider.change(suite, '远山餐饮', { rights: ['corpTags', 'userNames', 'departmentNames'] });
  expect(await names(readers.template)).toEqual(['李四', '李四', '销售部']);
  expect(await names(readers.market)).toEqual([undefined, undefined, undefined]);
});

test('a message with enable_id_trans shows names to its reader', async () => {
  const providing = await startProviding();
  const token = await tokenOf(providing, MARKET, '远山餐饮');
  const app = providing.box.provider.app('market', '远山餐饮');
  const id = providing.box.provider.userId('market', '远山餐饮', 'lisi');
  const send = (more: object) =>
    providing.call(token, 'message/send', { touser: id, agentid: app.corp.identity.agentId, ...more });
  const content = `$userName=${id}$ 在 $departmentName=2$，不是 $userName=nobody$`;
  await send({ msgtype: 'text', text: { content } });
  await send({ msgtype: 'text', text: { content }, enable_id_trans: 1 });
  const title = { title: `$userName=${id}$` };
  await send({
    msgtype: 'template_card',
    template_card: { card_type: 'text_notice', main_title: title, card_action: { type: 1, url: 'https://a.b' } },
    enable_id_trans: 1,
  });
  const asked = await send({
    msgtype: 'template_card',
    template_card: {
      card_type: 'button_interaction',
      main_title: { title: '好吗' },
      task_id: 'one',
      button_list: [{ text: '好', key: 'yes' }],
    },
  });
  await providing.call(token, 'message/update_template_card', {
    agentid: app.corp.identity.agentId,
    userids: [id],
    response_code: asked.response_code,
    enable_id_trans: 1,
    template_card: {
      card_type: 'text_notice',
      main_title: { title: `$userName=${id}$ 说好` },
      card_action: { type: 1, url: 'https://a.b' },
    },
  });
  expect(app.chat('lisi').at(-1)?.body).toMatchObject({ template_card: { main_title: { title: '李四 说好' } } });
  const [plain, translated, card] = app.chat('lisi').map(({ body }) => body);
  expect(plain).toEqual({ msgtype: 'text', text: { content } });
  expect(translated).toEqual({ msgtype: 'text', text: { content: '李四 在 销售部，不是 $userName=nobody$' } });
  expect(card).toMatchObject({ template_card: { main_title: { title: '李四' } } });
  expect(await send({ touser: 'lisi', msgtype: 'text', text: { content } })).toMatchObject({ errcode: 81013 });
});

test('apps of one corp see the same corp tags, each changes its own, and rule groups are for their maker', async () => {
  const providing = await startProviding();
  const one = await tokenOf(providing, TEMPLATE, '远山餐饮');
  const two = await tokenOf(providing, MARKET, '远山餐饮');
  const elsewhere = await tokenOf(providing, TEMPLATE, '晨光教育');
  const made = await providing.call(one, ADD, { group_name: '新组', tag: [{ name: '甲' }] });
  const { group_id } = made.tag_group as Group;
  const names = async (token: string) => groupsIn(await providing.call(token, LIST, {})).map((each) => each.group_name);
  expect(await names(two)).toContain('新组');
  expect(await names(elsewhere)).not.toContain('新组');
  expect((await providing.call(two, 'externalcontact/edit_corp_tag', { id: group_id, name: '乙' })).errcode).toBe(
    40068,
  );
  expect((await providing.call(one, 'externalcontact/edit_corp_tag', { id: group_id, name: '乙' })).errcode).toBe(0);

  const list = 'externalcontact/customer_strategy/list';
  expect(await providing.call(one, list, {})).toMatchObject({ errcode: 0, strategy: [] });
  const admin = providing.box.provider.userId('template', '远山餐饮', 'lisi');
  const { strategy_id } = await providing.call(one, 'externalcontact/customer_strategy/create', {
    strategy_name: '新规则组',
    admin_list: [admin],
    range: [{ type: 2, partyid: 2 }],
  });
  expect(await providing.call(one, list, {})).toMatchObject({ strategy: [{ strategy_id }] });
  expect(await providing.call(two, list, {})).toMatchObject({ strategy: [] });
  const get = 'externalcontact/customer_strategy/get';
  expect((await providing.call(two, get, { strategy_id })).errcode).toBe(60030);
});

test('a file of one corp is nothing in another', async () => {
  const providing = await startProviding();
  const [one, two] = [await tokenOf(providing, TEMPLATE, '远山餐饮'), await tokenOf(providing, TEMPLATE, '晨光教育')];
  const form = new FormData();
  form.append('media', new Blob(['\uFEFF标签,组']), '标签.csv');
  const query = new URLSearchParams({ access_token: one, type: 'file' });
  const upload = await fetch(`${providing.box.url}/cgi-bin/media/upload?${query}`, { method: 'POST', body: form });
  const { media_id } = (await upload.json()) as Json;
  const send = (token: string, company: string) => {
    const touser = providing.box.provider.userId('template', company, 'zhangsan');
    const agentid = providing.box.provider.app('template', company).corp.identity.agentId;
    return providing.call(token, 'message/send', { touser, agentid, msgtype: 'file', file: { media_id } });
  };
  expect((await send(one, '远山餐饮')).errcode).toBe(0);
  expect((await send(two, '晨光教育')).errcode).toBe(40007);
  const page = await fetch(`${providing.box.url}/sandbox/media/${media_id}`);
  expect(await page.text()).toContain('标签,组');
});

test("the sandbox's own corp can install too: its own app and the provider's share its tags", async () => {
  const providing = await startProviding();
  const token = await tokenOf(providing, TEMPLATE, '未来零售');
  expect(providing.box.provider.app('template', '未来零售').corp.company).toBe(providing.box.corp.company);
  await providing.call(token, ADD, { group_name: '服务商的组', tag: [{ name: '甲' }] });
  expect(providing.box.corp.corpTags().find((group) => group.group_name === '服务商的组')?.ownApp).toBe(false);
  providing.box.reset();
  expect(groupsIn(await providing.call(token, LIST, {})).map((each) => each.group_name)).not.toContain('服务商的组');
  expect((await providing.call(token, 'externalcontact/customer_strategy/list', {})).strategy).toEqual([]);
});

test.each([
  [['corpTags'], 0, 48002],
  [['ruleGroups'], 48002, 0],
  [[], 48002, 48002],
] as const)('with the rights %j', async (rights, corpTags, ruleGroups) => {
  const providing = await startProviding();
  const token = await tokenOf(providing, TEMPLATE, '远山餐饮');
  await providing.box.provider.change('template', '远山餐饮', { rights });
  const codes = async (...paths: string[]) =>
    Promise.all(paths.map(async (path) => (await providing.call(token, `externalcontact/${path}`, {})).errcode));
  expect(await codes('get_corp_tag_list')).toEqual([corpTags]);
  expect(await codes('get_strategy_tag_list', 'customer_strategy/list')).toEqual([ruleGroups, ruleGroups]);
  const { app_permissions } = await providing.call(token, 'agent/get_permissions', {});
  expect(app_permissions).toEqual(rights.includes('corpTags' as never) ? ['externalcontact:contact:tag'] : []);
});

test('the menu is for 代开发, not for 第三方', async () => {
  const providing = await startProviding();
  const button = { button: [{ type: 'click', name: '标签', key: 'tags' }] };
  const codes = { template: 0, market: 48002 };
  for (const suite of [TEMPLATE, MARKET]) {
    const token = await tokenOf(providing, suite, '远山餐饮');
    const { agentId } = providing.box.provider.app(suite.name, '远山餐饮').corp.identity;
    const answer = await providing.call(token, 'menu/create', button, { agentid: String(agentId) });
    expect(answer.errcode).toBe(codes[suite.name]);
  }
});

test('an app that the corp has switched off, and one that fewer departments see', async () => {
  const providing = await startProviding();
  const { provider } = providing.box;
  const token = await tokenOf(providing, TEMPLATE, '远山餐饮');
  const app = provider.app('template', '远山餐饮');
  const agentid = String(app.corp.identity.agentId);
  await provider.change('template', '远山餐饮', { departments: [3] });
  expect(await providing.call(token, 'agent/get', undefined, { agentid })).toMatchObject({
    allow_partys: { partyid: [3] },
    customized_publish_status: 2,
    close: 0,
  });
  await expect(app.say('zhangsan', '标签')).rejects.toThrow();
  const userid = provider.userId('template', '远山餐饮', 'zhangsan');
  expect((await providing.call(token, 'user/get', undefined, { userid })).errcode).toBe(60011);
  await provider.change('template', '远山餐饮', { enabled: false });
  expect((await providing.call(token, LIST, {})).errcode).toBe(50003);
  await expect(app.say('chenjie', '标签')).rejects.toThrow();
  await provider.change('template', '远山餐饮', { enabled: true });
  expect((await providing.call(token, LIST, {})).errcode).toBe(0);
});

test('ids are plain for a provider of the old days', async () => {
  const { box } = await startProviding({
    provider: { corpId: 'wwp', secret: 's', suites: [TEMPLATE], companies: ['未来零售', '远山餐饮'], ids: 'plain' },
  });
  const { corpId } = await box.provider.install('template', '未来零售');
  expect(corpId).toBe(IDENTITY.corpId);
  expect(box.provider.userId('template', '未来零售', 'lisi')).toBe('lisi');
  expect((await box.provider.install('template', '远山餐饮')).corpId).not.toBe(corpId);
});
