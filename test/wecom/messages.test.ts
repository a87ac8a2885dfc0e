import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMediaApi } from '../../src/wecom/media.ts';
import { createMenuApi, type MenuButton, validateMenu } from '../../src/wecom/menu.ts';
import { createMessages, type Messages } from '../../src/wecom/messages.ts';
import { type Bench, breakOff, connectTo, ok, type Platform, refusal, startPlatform } from './platform.ts';

let platform: Platform;
let bench: Bench;
let messages: Messages;
beforeEach(async () => {
  platform = await startPlatform();
  bench = connectTo(platform.url);
  messages = createMessages(bench.client, { agentId: 1000002, now: () => bench.clock.time });
});
afterEach(async () => {
  bench.close();
  await platform.close();
});

const lastBody = (): unknown => JSON.parse(platform.calls.at(-1)?.text ?? '');
const hello = { msgtype: 'text', text: { content: '你好' } } as const;

describe('send', () => {
  test('to one member of this app, nothing else switched on', async () => {
    platform.says({ ...ok, msgid: 'm1', response_code: 'r1' });
    expect(await messages.send('zhangsan', hello)).toBeUndefined();
    expect(platform.calls[0]?.path).toBe('message/send');
    expect(lastBody()).toEqual({ touser: 'zhangsan', agentid: 1000002, ...hello });
  });

  test.each(['', '@all', 'a|b'])('never to %j', async (member) => {
    await expect(messages.send(member, hello)).rejects.toMatchObject({ kind: 'bug' });
    expect(platform.calls).toHaveLength(0);
  });

  test('0 with the member among the invalid ones is a refusal, in whatever case; others do not matter', async () => {
    platform.says({ ...ok, invaliduser: 'lisi|zhangsan' });
    await expect(messages.send('ZhangSan', hello)).rejects.toMatchObject({ errcode: 81013, kind: 'setup' });
    await messages.send('zhang', hello);
    platform.says({ ...ok, unlicenseduser: 'zhangsan' });
    await expect(messages.send('zhangsan', hello)).rejects.toMatchObject({ errcode: 701008 });
  });

  test('is repeated when no answer comes: seen twice beats never seen', async () => {
    platform.says(breakOff, breakOff, ok);
    await messages.send('zhangsan', hello);
    expect(platform.calls).toHaveLength(3);
  });
});

describe('updateCard', () => {
  test('buttons or the whole card, for the members named', async () => {
    await messages.updateCard({
      responseCode: 'r1',
      userids: ['a'],
      update: { kind: 'button', replaceName: '已删除' },
    });
    const head = { userids: ['a'], agentid: 1000002, response_code: 'r1' };
    expect(platform.calls[0]?.path).toBe('message/update_template_card');
    expect(lastBody()).toEqual({ ...head, button: { replace_name: '已删除' } });
    const card = { card_type: 'text_notice', main_title: { title: '完成' } };
    await messages.updateCard({ responseCode: 'r1', userids: ['a'], update: { kind: 'card', card } });
    expect(lastBody()).toEqual({ ...head, template_card: card });
  });

  test('a code works once, so it is not sent again', async () => {
    platform.says(breakOff);
    const update = messages.updateCard({
      responseCode: 'r',
      userids: ['a'],
      update: { kind: 'button', replaceName: 'x' },
    });
    await expect(update).rejects.toMatchObject({ code: 'api.unknown-outcome' });
    expect(platform.calls).toHaveLength(1);
  });
});

describe('menu', () => {
  const click = { type: 'click', name: '列表', key: 'list' } as const;
  const menu: MenuButton[] = [
    { name: '查标签', sub_button: [click] },
    { type: 'view', name: '官网', url: 'https://example.com' },
  ];

  test('create sends the buttons for this app', async () => {
    const api = createMenuApi(bench.client, 1000002);
    await api.create(menu);
    expect([platform.calls[0]?.path, platform.calls[0]?.query.get('agentid')]).toEqual(['menu/create', '1000002']);
    expect(lastBody()).toEqual({ button: menu });
  });

  test('get reads it back; never published is empty; other kinds are named', async () => {
    const api = createMenuApi(bench.client, 1000002);
    platform.says({ ...ok, button: [...menu, { type: 'scancode_push', name: '扫码', key: 'x', sub_button: [] }] });
    expect(await api.get()).toEqual([...menu, { type: 'other', name: '扫码' }]);
    platform.says(refusal(46003));
    expect(await api.get()).toEqual([]);
    platform.says(refusal(48002));
    await expect(api.get()).rejects.toMatchObject({ errcode: 48002 });
  });

  test.each<[string, MenuButton[], number]>([
    ['none', [], 1],
    ['four', Array(4).fill(click), 1],
    ['six below', [{ name: '查', sub_button: Array(6).fill(click) }], 1],
    ['none below', [{ name: '查', sub_button: [] }], 1],
    ['16 bytes on top', [{ ...click, name: '一二三四五x' }], 0],
    ['17 bytes on top', [{ ...click, name: '一二三四五xx' }], 1],
    ['40 bytes below', [{ name: '查', sub_button: [{ ...click, name: `${'一'.repeat(13)}x` }] }], 0],
    ['41 bytes below', [{ name: '查', sub_button: [{ ...click, name: `${'一'.repeat(13)}xx` }] }], 1],
    ['key of 128', [{ ...click, key: 'k'.repeat(128) }], 0],
    ['key of 129', [{ ...click, key: 'k'.repeat(129) }], 1],
    ['no name, no key', [{ ...click, name: '', key: '' }], 2],
    ['url without http', [{ type: 'view', name: 'x', url: 'example.com' }], 1],
    ['url of 1025', [{ type: 'view', name: 'x', url: `https://${'x'.repeat(1017)}` }], 1],
    ['another kind', [{ type: 'other', name: 'x' }], 1],
  ])('limits: %s', async (_, buttons, problems) => {
    expect(validateMenu(buttons)).toHaveLength(problems);
    const create = createMenuApi(bench.client, 1).create(buttons);
    if (problems > 0) await expect(create).rejects.toMatchObject({ code: 'menu.invalid' });
    else await create;
    expect(platform.calls).toHaveLength(problems > 0 ? 0 : 1);
  });
});

describe('media', () => {
  test('the file is the part "media", its name in raw UTF-8', async () => {
    platform.says({ ...ok, type: 'file', media_id: 'M1', created_at: '1380000000' });
    const media = createMediaApi(bench.client);
    const bytes = Buffer.from('\ufeff组,标签\r\n--wecom-tag-bot-file');
    expect(await media.upload({ name: '标签"库"\r\n.csv', bytes })).toBe('M1');
    const call = platform.calls[0];
    expect([call?.path, call?.query.get('type')]).toEqual(['media/upload', 'file']);
    const boundary = /boundary=(.+)$/.exec(String(call?.headers['content-type']))?.[1] ?? 'none';
    const [before, part, end] = (call?.text ?? '').split(`--${boundary}`);
    expect([before, end]).toEqual(['', '--\r\n']);
    const [head, content] = (part ?? '').split('\r\n\r\n');
    expect(head).toContain('name="media"; filename="标签_库___.csv"');
    expect(content).toBe(`${bytes.toString()}\r\n`);
  });

  test.each([0, 5, 20 * 1024 * 1024 + 1])('%i bytes are refused here', async (size) => {
    const upload = createMediaApi(bench.client).upload({ name: 'x.csv', bytes: new Uint8Array(size) });
    await expect(upload).rejects.toMatchObject({ code: 'media.size', kind: 'user', facts: { bytes: size } });
    expect(platform.calls).toHaveLength(0);
  });
});
