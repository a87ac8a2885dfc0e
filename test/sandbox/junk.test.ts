import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startBox } from './box.ts';
import { MARKET, startProviding } from './providing.ts';

const PATHS = [
  'externalcontact/get_strategy_tag_list',
  'externalcontact/add_strategy_tag',
  'externalcontact/edit_strategy_tag',
  'externalcontact/del_strategy_tag',
  'externalcontact/get_corp_tag_list',
  'externalcontact/add_corp_tag',
  'externalcontact/edit_corp_tag',
  'externalcontact/del_corp_tag',
  'externalcontact/customer_strategy/create',
  'externalcontact/customer_strategy/edit',
  'externalcontact/customer_strategy/get_range',
  'message/send',
  'message/update_template_card',
  'menu/create',
];
const FIELDS = [
  'strategy_id',
  'group_id',
  'group_name',
  'tag',
  'tag_id',
  'id',
  'name',
  'order',
  'touser',
  'agentid',
  'msgtype',
  'text',
];
const MORE = [
  'template_card',
  'card_type',
  'button',
  'sub_button',
  'range',
  'type',
  'admin_list',
  'privilege',
  'action_menu',
  'checkbox',
  'enable_id_trans',
];

const SERVICE_PATHS = [
  'get_suite_token',
  'get_provider_token',
  'set_session_info',
  'get_permanent_code',
  'v2/get_permanent_code',
  'v2/get_auth_info',
  'get_corp_token',
  'get_admin_list',
  'get_customized_auth_url',
];
const SERVICE_FIELDS = [
  'suite_id',
  'suite_secret',
  'suite_ticket',
  'corpid',
  'provider_secret',
  'pre_auth_code',
  'session_info',
  'auth_code',
  'auth_corpid',
  'permanent_code',
  'agentid',
  'templateid_list',
  'state',
];

/** JSON with fields that calls look at, and anything in them. */
function junk(fields: readonly string[], values: readonly unknown[]): fc.Arbitrary<unknown> {
  const key = fc.constantFrom(...fields, '__proto__', 'constructor');
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, 0, 1, 1.5, -1, '', ...values),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 6 }),
    ),
  }));
  return value;
}

test('whatever JSON is sent to whatever call, the answer is HTTP 200 with an integer errcode', async () => {
  const box = await startBox();
  const access_token = String((await box.getToken()).access_token);
  const value = junk([...FIELDS, ...MORE], [1000007, 'zhangsan', 'template_card', 'button_interaction', 'text']);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATHS), value, async (path, body) => {
      const url = `${box.url}/cgi-bin/${path}?access_token=${access_token}&agentid=1000007`;
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      expect(answer.status).toBe(200);
      expect(Number.isInteger(((await answer.json()) as { errcode: unknown }).errcode)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('and to whatever call of a provider', async () => {
  const { box, suiteToken } = await startProviding();
  await box.provider.pushTicket('market');
  box.provider.setVariants({ oldExchangeMs: 0 });
  const token = await suiteToken(MARKET);
  const value = junk(SERVICE_FIELDS, [MARKET.suiteId, MARKET.secret, 'wp0']);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...SERVICE_PATHS), value, async (path, body) => {
      const url = `${box.url}/cgi-bin/service/${path}?suite_access_token=${token}`;
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      expect(answer.status).toBe(200);
      expect(Number.isInteger(((await answer.json()) as { errcode: unknown }).errcode)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
