import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startBox } from './box.ts';

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
];

test('whatever JSON is sent to whatever call, the answer is HTTP 200 with an integer errcode', async () => {
  const box = await startBox();
  const access_token = String((await box.getToken()).access_token);
  const key = fc.constantFrom(...FIELDS, ...MORE, '__proto__', 'constructor');
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        null,
        true,
        0,
        1,
        1000007,
        1.5,
        -1,
        '',
        'zhangsan',
        'template_card',
        'button_interaction',
        'text',
      ),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 6 }),
    ),
  }));
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
