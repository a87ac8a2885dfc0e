import { expect, test } from 'vitest';
import { type Box, IDENTITY, startBot, startBox } from './box.ts';

const SEND = 'message/send';
const UPDATE = 'message/update_template_card';
const head = { touser: 'zhangsan', agentid: IDENTITY.agentId };
const text = (content: string, more: object = {}) => ({ ...head, msgtype: 'text', text: { content }, ...more });
const buttons = {
  card_type: 'button_interaction',
  task_id: 'task-1',
  main_title: { title: '删除标签组？' },
  button_list: [
    { text: '取消', style: 3, key: 'no' },
    { text: '确认', style: 4, key: 'yes' },
  ],
};
const vote = {
  card_type: 'vote_interaction',
  task_id: 'task-2',
  main_title: { title: '选哪些？' },
  checkbox: {
    question_key: 'q',
    mode: 1,
    option_list: [
      { id: 'a', text: '甲' },
      { id: 'b', text: '乙' },
    ],
  },
  submit_button: { text: '确定', key: 'submit' },
};
const many = {
  card_type: 'multiple_interaction',
  task_id: 'task-3',
  main_title: { title: '移动' },
  select_list: [{ question_key: 'q', title: '标签', option_list: [{ id: 'a', text: '甲' }] }],
  submit_button: { text: '提交', key: 'submit' },
};
const notice = {
  card_type: 'text_notice',
  main_title: { title: '客户分级' },
  card_action: { type: 1, url: 'https://example.com/' },
};
const card = (template_card: object, more: object = {}) => ({
  ...head,
  msgtype: 'template_card',
  template_card,
  ...more,
});
const repeated = (n: number, item: object = {}) =>
  Array.from({ length: n }, (_, i) => ({ id: `o${i}`, key: `k${i}`, text: '项', ...item }));

const withCallback = async (): Promise<Box> => startBox({ callbackUrl: (await startBot()).url });

test('a text arrives with a message id beyond 2^53', async () => {
  const box = await startBox();
  const answer = await box.call(SEND, text('你好'));
  expect(answer).toEqual({ errcode: 0, errmsg: 'ok', msgid: expect.stringMatching(/^\d{19}$/) });
  expect(Number.isSafeInteger(Number(answer.msgid))).toBe(false);
  expect(box.chat('zhangsan')).toMatchObject([
    { from: 'bot', via: 'push', body: { msgtype: 'text', text: { content: '你好' } } },
  ]);
});

test('a text is cut at 2048 bytes without splitting a character, and the cut is noted', async () => {
  const box = await startBox();
  await box.call(SEND, text('标'.repeat(683)));
  expect(box.chat('zhangsan')[0]?.body).toEqual({ msgtype: 'text', text: { content: '标'.repeat(682) } });
  expect(box.violations).toMatchObject([{ member: 'zhangsan' }]);
});

test.each([
  ['no agentid', { ...text('x'), agentid: undefined }, 41011],
  ['an agentid as text', text('x', { agentid: String(IDENTITY.agentId) }), 40056],
  ['another app', text('x', { agentid: 1 }), 301002],
  ['no receiver', text('x', { touser: '' }), 82001],
  ['an unknown receiver', text('x', { touser: 'nobody' }), 81013],
  ['a member who cannot see the app', text('x', { touser: 'sunqi' }), 81013],
  ['an empty text', text(''), 44004],
  ['markdown_v2', { ...head, msgtype: 'markdown_v2', markdown_v2: { content: 'x' } }, 40008],
  ['markdown of 2049 bytes', { ...head, msgtype: 'markdown', markdown: { content: 'x'.repeat(2049) } }, 45002],
  ['markdown of 2048 bytes', { ...head, msgtype: 'markdown', markdown: { content: 'x'.repeat(2048) } }, 0],
  ['a file nobody uploaded', { ...head, msgtype: 'file', file: { media_id: 'x' } }, 40007],
])('send with %s', async (_, body, errcode) => {
  expect(await (await startBox()).errcode(SEND, body)).toBe(errcode);
});

test('some receivers invalid: sent to the others, the invalid in lower case', async () => {
  const box = await startBox();
  expect(await box.call(SEND, text('x', { touser: 'ZhangSan|NoBody|sunqi' }))).toMatchObject({
    errcode: 0,
    invaliduser: 'nobody|sunqi',
  });
  expect(box.chat('zhangsan')).toHaveLength(1);
  await box.call(SEND, text('y', { touser: undefined, toparty: '3' }));
  expect(box.chat('chenjie')).toHaveLength(1);
});

test('what exceeds 30 a minute or 1000 an hour is accepted and dropped', async () => {
  let now = Date.now();
  const box = await startBox({ now: () => now });
  const codes = new Set<number>();
  for (let i = 0; i < 31; i++) codes.add(await box.errcode(SEND, text(`${i}`)));
  expect([...codes]).toEqual([0]);
  expect(box.chat('zhangsan')).toHaveLength(30);
  expect(box.corp.dropped).toMatchObject([{ member: 'zhangsan' }]);
  now += 60_000;
  await box.call(SEND, text('later'));
  expect(box.chat('zhangsan')).toHaveLength(31);
});

test('the duplicate check drops an identical request inside its interval', async () => {
  let now = Date.now();
  const box = await startBox({ now: () => now });
  const alarm = text('警报', { enable_duplicate_check: 1, duplicate_check_interval: 60 });
  for (let i = 0; i < 2; i++) await box.call(SEND, alarm);
  expect(box.chat('zhangsan')).toHaveLength(1);
  now += 60_000;
  await box.call(SEND, alarm);
  expect(box.chat('zhangsan')).toHaveLength(2);
});

test('an uploaded file is sent by name, downloaded, and gone after three days', async () => {
  let now = Date.now();
  const box = await startBox({ now: () => now });
  const token = String((await box.getToken()).access_token);
  const upload = async (bytes: Uint8Array<ArrayBuffer>, type = 'file', part = 'media') => {
    const form = new FormData();
    form.append(part, new Blob([bytes]), '标签 导出.csv');
    const answer = await fetch(`${box.url}/cgi-bin/media/upload?access_token=${token}&type=${type}`, {
      method: 'POST',
      body: form,
    });
    return (await answer.json()) as { errcode: number; media_id: string; created_at: unknown };
  };
  const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0x2c, 0x62]);
  const { media_id, created_at, errcode } = await upload(bytes);
  expect([errcode, typeof created_at]).toEqual([0, 'string']);
  const file = { ...head, msgtype: 'file', file: { media_id } };
  expect(await box.errcode(SEND, file)).toBe(0);
  expect(box.chat('zhangsan')[0]?.body).toEqual({
    msgtype: 'file',
    file: { media_id, filename: '标签 导出.csv', size: 6 },
  });
  const get = () => fetch(`${box.url}/cgi-bin/media/get?access_token=${token}&media_id=${media_id}`);
  expect(new Uint8Array(await (await get()).arrayBuffer())).toEqual(bytes);
  const page = await fetch(`${box.url}/sandbox/media/${media_id}`);
  expect(page.headers.get('content-disposition')).toBe(
    `attachment; filename*=UTF-8''${encodeURIComponent('标签 导出.csv')}`,
  );
  expect((await upload(bytes.slice(0, 5))).errcode).toBe(40006);
  expect((await upload(bytes, 'document')).errcode).toBe(40005);
  expect((await upload(bytes, 'image')).errcode).toBe(40004);
  expect((await upload(bytes, 'file', 'file')).errcode).toBe(44001);
  expect((await upload(new Uint8Array(20 * 1024 * 1024 + 1))).errcode).toBe(45001);
  expect((await upload(new Uint8Array(22 * 1024 * 1024))).errcode).toBe(45001);
  now += 3 * 24 * 3_600_000;
  expect(await box.errcode(SEND, file)).toBe(40007);
});

test('interactive cards need a callback url and a fresh task_id, and bring a response_code', async () => {
  const box = await startBox();
  expect(await box.errcode(SEND, card(buttons))).toBe(43012);
  expect(await box.call(SEND, card(notice))).not.toHaveProperty('response_code');
  box.setCallbackUrl((await startBot()).url);
  for (const each of [buttons, vote, many]) {
    expect(await box.call(SEND, card(each))).toMatchObject({ errcode: 0, response_code: expect.any(String) });
  }
  expect(await box.errcode(SEND, card(buttons))).toBe(42014);
  const menu = { desc: '更多', action_list: [{ text: '静音', key: 'mute' }] };
  expect(await box.call(SEND, card({ ...notice, task_id: 'task-4', action_menu: menu }))).toHaveProperty(
    'response_code',
  );
});

test.each([
  ['an unknown kind', { ...buttons, card_type: 'textcard' }, 42031],
  ['no task_id', { ...buttons, task_id: undefined }, 42014],
  ['a task_id with a dot', { ...buttons, task_id: 'a.b' }, 42014],
  ['a task_id of 129', { ...buttons, task_id: 'a'.repeat(129) }, 42014],
  ['no title', { ...buttons, main_title: { desc: 'x' } }, 41016],
  ['a notice without title or subtitle', { ...notice, main_title: undefined }, 41016],
  ['a notice with only a subtitle', { ...notice, main_title: undefined, sub_title_text: 'x' }, 0],
  ['a notice without action', { ...notice, card_action: undefined }, 42045],
  ['an action without url', { ...notice, card_action: { type: 1 } }, 42028],
  ['an action without appid', { ...notice, card_action: { type: 2 } }, 42030],
  ['seven lines', { ...notice, horizontal_content_list: repeated(7, { keyname: 'k' }) }, 42035],
  ['a line without keyname', { ...notice, horizontal_content_list: [{ value: 'v' }] }, 42027],
  ['a line with a member but no userid', { ...notice, horizontal_content_list: [{ keyname: 'k', type: 3 }] }, 42050],
  ['a line with a file but no media_id', { ...notice, horizontal_content_list: [{ keyname: 'k', type: 2 }] }, 42029],
  ['four jumps', { ...notice, jump_list: repeated(4, { title: 't' }) }, 42042],
  ['a jump without title', { ...notice, jump_list: [{ type: 0 }] }, 42033],
  ['no buttons', { ...buttons, button_list: [] }, 42038],
  ['six buttons', { ...buttons, button_list: repeated(6) }, 0],
  ['seven buttons', { ...buttons, button_list: repeated(7) }, 40058],
  ['a button without text', { ...buttons, button_list: [{ key: 'k' }] }, 42038],
  ['a button without key', { ...buttons, button_list: [{ text: 't' }] }, 42039],
  ['two buttons with one key', { ...buttons, button_list: repeated(2, { key: 'k' }) }, 42039],
  ['a selection of eleven', { ...buttons, button_selection: { question_key: 'q', option_list: repeated(11) } }, 42037],
  [
    'an action menu with one key twice',
    { ...buttons, action_menu: { desc: 'm', action_list: repeated(2, { key: 'k' }) } },
    42051,
  ],
  ['a vote without question', { ...vote, checkbox: undefined }, 42043],
  ['a vote among twenty', { ...vote, checkbox: { question_key: 'q', option_list: repeated(20) } }, 0],
  ['a vote among 21', { ...vote, checkbox: { question_key: 'q', option_list: repeated(21) } }, 42037],
  ['an option without id', { ...vote, checkbox: { question_key: 'q', option_list: [{ text: 't' }] } }, 42040],
  ['an option without text', { ...vote, checkbox: { question_key: 'q', option_list: [{ id: 'i' }] } }, 42041],
  ['no submit button', { ...vote, submit_button: undefined }, 42046],
  ['a submit button without text', { ...vote, submit_button: { key: 'k' } }, 42049],
  ['four select lists', { ...many, select_list: repeated(4) }, 42047],
  ['news without a picture', { ...notice, card_type: 'news_notice' }, 42044],
  ['five blocks of news', { ...notice, vertical_content_list: repeated(5, { title: 't' }) }, 42036],
])('a card with %s', async (_, template_card, errcode) => {
  expect(await (await withCallback()).errcode(SEND, card(template_card))).toBe(errcode);
});

test('a response_code updates once, within 72 hours, and only for receivers', async () => {
  let now = Date.now();
  const box = await startBox({ now: () => now, callbackUrl: (await startBot()).url });
  const code = async (task_id: string) =>
    (await box.call(SEND, card({ ...buttons, task_id }, { touser: 'zhangsan|lisi' }))).response_code;
  const update = (response_code: unknown, more: object = {}) =>
    box.call(UPDATE, {
      agentid: IDENTITY.agentId,
      userids: ['ZhangSan'],
      response_code,
      button: { replace_name: '已确认' },
      ...more,
    });
  const first = await code('t1');
  expect((await update(first, { agentid: 5 })).errcode).toBe(42015);
  expect((await update(first, { userids: undefined })).errcode).toBe(82101);
  expect((await update(first, { userids: ['chenjie'] })).errcode).toBe(82102);
  expect((await update(first, { button: {} })).errcode).toBe(40058);
  expect(await update(first, { userids: ['zhangsan', 'Chenjie'] })).toMatchObject({
    errcode: 0,
    invaliduser: ['chenjie'],
  });
  expect(box.chat('zhangsan').at(-1)?.disabledText).toBe('已确认');
  expect(box.chat('lisi').at(-1)).not.toHaveProperty('disabledText');
  expect((await update(first)).errcode).toBe(60140);
  const second = await code('t2');
  expect(
    (await update(second, { button: undefined, template_card: { ...notice, card_action: undefined } })).errcode,
  ).toBe(42045);
  expect((await update(second, { button: undefined, template_card: notice, atall: 1 })).errcode).toBe(0);
  expect(box.chat('lisi').at(-1)?.body).toEqual({ msgtype: 'template_card', template_card: notice });
  const third = await code('t3');
  now += 72 * 3_600_000;
  expect((await update(third)).errcode).toBe(60140);
});

const click = (name: string) => ({ type: 'click', name, key: 'k' });
test.each([
  [
    'a good menu',
    [
      { name: '查标签', sub_button: [click('列表'), { type: 'view', name: '网页', url: 'https://example.com' }] },
      click('帮助'),
    ],
    0,
  ],
  ['no button', [], 40016],
  ['four buttons', [1, 2, 3, 4].map(() => click('x')), 40016],
  ['a top name of 17 bytes', [click('a'.repeat(17))], 40018],
  ['a top name of 16 bytes', [click('a'.repeat(16))], 0],
  ['a type from elsewhere', [{ name: 'x', type: 'tap', key: 'k' }], 40017],
  ['a key of 129 bytes', [{ ...click('x'), key: 'k'.repeat(129) }], 40019],
  ['a url of 1025 bytes', [{ name: 'x', type: 'view', url: `https://${'x'.repeat(1020)}` }], 40020],
  ['no name', [{ type: 'click', key: 'k' }], 41102],
  ['six below', [{ name: 'x', sub_button: [1, 2, 3, 4, 5, 6].map(() => click('y')) }], 40023],
  ['three levels', [{ name: 'x', sub_button: [{ name: 'y', sub_button: [click('z')] }] }], 40022],
  ['a type from elsewhere below', [{ name: 'x', sub_button: [{ name: 'y', type: 'tap', key: 'k' }] }], 40024],
  ['a name of 41 bytes below', [{ name: 'x', sub_button: [click('a'.repeat(41))] }], 40025],
  ['a key of 129 bytes below', [{ name: 'x', sub_button: [{ ...click('y'), key: 'k'.repeat(129) }] }], 40026],
  [
    'a url of 1025 bytes below',
    [{ name: 'x', sub_button: [{ name: 'y', type: 'view', url: 'u'.repeat(1025) }] }],
    40027,
  ],
])('menu/create with %s', async (_, button, errcode) => {
  const agent = { agentid: String(IDENTITY.agentId) };
  const box = await startBox();
  expect(await box.errcode('menu/create', { button }, agent)).toBe(errcode);
  expect(await box.call('menu/get', undefined, agent)).toMatchObject(errcode === 0 ? { button } : { errcode: 46003 });
});

test('menus belong to the app, and can be deleted', async () => {
  const box = await startBox();
  const agent = { agentid: String(IDENTITY.agentId) };
  await box.call('menu/create', { button: [click('帮助')] }, agent);
  expect(await box.errcode('menu/get', undefined, { agentid: '7' })).toBe(301002);
  expect(await box.errcode('menu/get')).toBe(41011);
  expect(await box.errcode('menu/delete', undefined, agent)).toBe(0);
  expect(await box.errcode('menu/get', undefined, agent)).toBe(46003);
});

test('people and departments within the visible range', async () => {
  const box = await startBox();
  expect(await box.call('user/get', undefined, { userid: 'ZHANGSAN' })).toMatchObject({
    userid: 'zhangsan',
    name: '张三',
    department: [2],
  });
  expect(await box.errcode('user/get')).toBe(41009);
  expect(await box.errcode('user/get', undefined, { userid: 'nobody' })).toBe(60111);
  expect(await box.errcode('user/get', undefined, { userid: 'sunqi' })).toBe(60011);
  const list = await box.call('user/simplelist', undefined, { department_id: '2' });
  expect(list.userlist).toContainEqual({ userid: 'wangwu', name: '王五', department: [2] });
  expect(await box.errcode('user/simplelist', undefined, { department_id: '9' })).toBe(60003);
  const { department } = await box.call('department/list');
  expect((department as { id: number }[]).map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(await box.call('agent/get', undefined, { agentid: String(IDENTITY.agentId) })).toMatchObject({
    name: '标签助手',
    close: 0,
  });
});
