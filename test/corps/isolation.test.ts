/** Two corps that look alike in everything, on one process: nothing of one reaches the other. */

import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createEnvelope } from '../../src/callback/envelope.ts';
import { openStore } from '../../src/store/open.ts';
import { startPostgres } from '../store/server.ts';
import { type Identity, identity, openSite, type Site } from './two-corps.ts';

const HUA = identity('hua');
const DONG = identity('dong');
/** Another corp behind the same Token and EncodingAESKey, as a careless copy of the configuration would have it. */
const TWIN = identity('twin', { token: HUA.token, encodingAesKey: HUA.encodingAesKey });

const server = await startPostgres();
afterAll(() => server?.stop());

describe.each([
  { name: 'SQLite', here: true },
  { name: 'PostgreSQL', here: server !== undefined },
])('$name', ({ name, here }) => {
  let site: Site;

  beforeEach(async (context) => {
    if (!here) context.skip('no PostgreSQL here');
    const options = name === 'SQLite' || server === undefined ? {} : { databaseUrl: await server.createDatabase() };
    site = await openSite([HUA, DONG, TWIN], options);
    onTestFinished(() => site.stop());
  });

  const tagsOf = (name: string, group: string): string[] | undefined =>
    site
      .sandbox(name)
      .corp.ruleGroups()
      .flatMap(({ groups }) => groups)
      .find(({ group_name }) => group_name === group)
      ?.tag.map((tag) => tag.name);

  it('a change in one is made, told, journalled and undone in that one alone', async () => {
    expect(await site.say('hua', 'wangzong', '标签 添加 只在华 到 客户分级')).toContain('只在华');
    expect(tagsOf('hua', '客户分级')).toContain('只在华');
    expect(tagsOf('dong', '客户分级')).not.toContain('只在华');

    expect(await site.say('dong', 'wangzong', '历史')).not.toContain('只在华');
    expect(await site.say('dong', 'wangzong', '导出')).not.toContain('只在华');
    expect(await site.say('dong', 'wangzong', '只在华')).not.toContain('客户分级');
    await site.say('dong', 'wangzong', '撤销');
    expect(tagsOf('hua', '客户分级')).toContain('只在华');

    expect(await site.say('hua', 'wangzong', '历史')).toContain('只在华');
    await site.say('hua', 'wangzong', '撤销');
    expect(tagsOf('hua', '客户分级')).not.toContain('只在华');
  });

  it('a question of one is not answered in the other, whose card is another', async () => {
    await site.say('hua', 'wangzong', '标签 删除 老客');
    await site.say('dong', 'wangzong', '确认');
    expect(tagsOf('dong', '客户分级')).toContain('老客');
    expect(tagsOf('hua', '客户分级')).toContain('老客');

    const card = site
      .sandbox('hua')
      .chat('wangzong')
      .findLast(({ body }) => body.msgtype === 'template_card');
    if (card?.body.msgtype !== 'template_card') throw new Error('no card');
    const { task_id: task } = card.body.template_card as { task_id: string };
    const press =
      '<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event>' +
      `<EventKey><![CDATA[confirm]]></EventKey><TaskId><![CDATA[${task}]]></TaskId>` +
      '<CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[r]]></ResponseCode>';
    await post(DONG, DONG, sealedMessage(DONG, press));
    expect(tagsOf('dong', '客户分级')).toContain('老客');
    expect(tagsOf('hua', '客户分级')).toContain('老客');

    await site.say('hua', 'wangzong', '确认');
    expect(tagsOf('hua', '客户分级')).not.toContain('老客');
    expect(tagsOf('dong', '客户分级')).toContain('老客');
  });

  it('what was said last in one gives no meaning to words in the other', async () => {
    await site.say('hua', 'wangzong', '标签 添加 金卡 到 客户分级');
    await site.say('dong', 'wangzong', '再加一个银卡');
    expect(tagsOf('dong', '客户分级')).not.toContain('银卡');
    await site.say('dong', 'wangzong', '取消');
  });

  it('equal message ids are two messages', async () => {
    const text = (content: string) =>
      `<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${content}]]></Content><MsgId>77001</MsgId>`;
    await post(HUA, HUA, sealedMessage(HUA, text('标签 添加 钻石 到 客户分级')));
    await post(DONG, DONG, sealedMessage(DONG, text('标签 添加 钻石 到 客户分级')));
    await post(HUA, HUA, sealedMessage(HUA, text('标签 添加 钻石 到 客户分级')));
    for (const name of ['hua', 'dong']) {
      expect(tagsOf(name, '客户分级')?.filter((tag) => tag === '钻石')).toEqual(['钻石']);
      expect((await journalOf(name === 'hua' ? HUA : DONG)).filter(({ names }) => names.includes('钻石'))).toHaveLength(
        1,
      );
    }
  });

  it.each([
    ['under the path of another', HUA, DONG, 'signature'],
    ['under the path of one with the same keys', HUA, TWIN, 'receive-id'],
  ])('what is sealed for one %s is a bare 400, and told to the operator', async (_, sealedFor, path, reason) => {
    const before = site.log.length;
    const content = '<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[标签 添加 越界 到 客户分级]]></Content>';
    const response = await post(path, sealedFor, sealedMessage(sealedFor, `${content}<MsgId>${Math.random()}</MsgId>`));
    expect([response.status, await response.text()]).toEqual([400, '']);
    const lines = site.log.slice(before).filter(({ level }) => level === 'warn');
    expect(lines).toMatchObject([{ corp: path.corpId, reason }]);
    for (const { name } of [HUA, DONG, TWIN]) expect(tagsOf(name, '客户分级')).not.toContain('越界');
  });

  it('every line about a message names its corp, and no secret', async () => {
    await site.say('hua', 'wangzong', '列表');
    const about = site.log.filter((line) => 'key' in line || 'member' in line);
    expect(about.length).toBeGreaterThan(0);
    for (const line of about) expect([HUA, DONG, TWIN].map(({ corpId }) => corpId)).toContain(line.corp);
    const whole = JSON.stringify(site.log);
    for (const { secret, encodingAesKey } of [HUA, DONG]) {
      expect(whole).not.toContain(secret);
      expect(whole).not.toContain(encodingAesKey);
    }
  });

  it('metrics tell them apart', async () => {
    for (const name of ['hua', 'dong']) await site.say(name, 'wangzong', '列表');
    const text = await (await fetch(`${site.operatorUrl}/metrics`)).text();
    for (const { corpId } of [HUA, DONG])
      expect(text).toMatch(new RegExp(`^wecom_bot_callbacks_total\\{kind="text",corp="${corpId}"\\} [1-9]`, 'm'));
    expect(text).toMatch(/^wecom_bot_library_tags\{corp="wwcorp-hua"\} \d+/m);
  });

  it('while the API of one hangs, the other answers as ever', async () => {
    await site.say('hua', 'wangzong', '列表');
    const usual = await timed(() => site.say('dong', 'wangzong', '标签 添加 平时 到 客户分级'));
    const release = site.front.hang(HUA.corpId);
    const list = (from: string) =>
      sealedMessage(HUA, `<MsgType><![CDATA[text]]></MsgType><Content>列表</Content><MsgId>88${from}</MsgId>`, from);
    const waiting = Array.from({ length: 12 }, (_, i) => post(HUA, HUA, list(`member${i}`)));
    const writing = site.say('hua', 'wangzong', '标签 添加 等着 到 客户分级');
    const meanwhile = await timed(() => site.say('dong', 'wangzong', '标签 添加 照常 到 客户分级'));
    expect(tagsOf('dong', '客户分级')).toContain('照常');
    expect(meanwhile).toBeLessThan(Math.max(usual * 5, 2_000));
    expect(tagsOf('hua', '客户分级')).not.toContain('等着');
    release();
    await Promise.all([...waiting, writing]);
    expect(tagsOf('hua', '客户分级')).toContain('等着');
  });

  it('wrong credentials of one do not make the process unready', async () => {
    site.sandbox('twin').setFaults({ wrongSecret: { on: true } });
    expect((await fetch(`${site.operatorUrl}/readyz`)).status).toBe(200);
    expect(await site.say('dong', 'wangzong', '列表')).toContain('客户分级');
  });

  async function journalOf({ corpId }: Identity) {
    const url = String(site.env.DATABASE_URL);
    const store = await openStore(url, corpId, { now: Date.now, readOnly: true });
    try {
      return await store.changes({ limit: 100 });
    } finally {
      await store.close();
    }
  }

  function post(path: Identity, keys: Identity, body: string): Promise<Response> {
    const encrypt = /<Encrypt><!\[CDATA\[(.+?)\]\]>/.exec(body)?.[1] ?? '';
    const seconds = Math.floor(Date.now() / 1000);
    const { token, encodingAesKey, corpId } = keys;
    const signature = createEnvelope({ token, encodingAesKey, receiveId: corpId }).sign(seconds, '7', encrypt);
    const query = new URLSearchParams({ msg_signature: signature, timestamp: String(seconds), nonce: '7' });
    return fetch(`${site.url}/wecom/callback/${path.name}?${query}`, { method: 'POST', body });
  }
});

function sealedMessage({ corpId, token, encodingAesKey, agentId }: Identity, inner: string, from = 'wangzong'): string {
  const seconds = Math.floor(Date.now() / 1000);
  const xml =
    `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName>` +
    `<CreateTime>${seconds}</CreateTime>${inner}<AgentID>${agentId}</AgentID></xml>`;
  const { encrypt } = createEnvelope({ token, encodingAesKey, receiveId: corpId }).seal(xml, seconds, '7');
  return `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
