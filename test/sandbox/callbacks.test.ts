import { expect, test } from 'vitest';
import { type Answer, type Box, IDENTITY, sealedReply, startBot, startBox, textReply } from './box.ts';

const buttons = {
  card_type: 'button_interaction',
  task_id: 'task-1',
  main_title: { title: '删除标签组？' },
  button_list: [{ text: '确认', key: 'yes' }],
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

async function pair(answer?: Answer, options: Parameters<typeof startBox>[0] = {}) {
  const bot = await startBot(answer);
  return { bot, box: await startBox({ callbackUrl: bot.url, retryDelayMs: 30, ...options }) };
}

async function sentCard(box: Box, template_card: object): Promise<string> {
  const sent = await box.call('message/send', {
    touser: 'zhangsan',
    agentid: IDENTITY.agentId,
    msgtype: 'template_card',
    template_card,
  });
  expect(sent.errcode).toBe(0);
  return box.chat('zhangsan').at(-1)?.id ?? '';
}

test('a text arrives sealed, with its fields in place, and the passive text is shown', async () => {
  const { bot, box } = await pair(() => ({ body: sealedReply(textReply('收到 ]]]]><![CDATA[> 了')) }));
  const sent = await box.say('ZhangSan', '标签 ]]> 列表');
  const xml = bot.heard[0]?.xml ?? '';
  expect(xml).toContain(
    `<ToUserName><![CDATA[${IDENTITY.corpId}]]></ToUserName><FromUserName><![CDATA[zhangsan]]></FromUserName>`,
  );
  expect(xml).toContain('<Content><![CDATA[标签 ]]]]><![CDATA[> 列表]]></Content>');
  expect(xml).toMatch(/<MsgId>\d{19}<\/MsgId><AgentID>1000007<\/AgentID><\/xml>$/);
  expect(bot.heard[0]?.body).not.toContain('列表');
  expect(sent).toMatchObject({ delivered: { state: 'delivered', attempt: 1, status: 200 } });
  expect(sent.reply).toMatchObject({ via: 'passive', answers: sent.id, body: { text: { content: '收到 ]]> 了' } } });
  expect(await box.nextFromBot('zhangsan', sent.id)).toEqual(sent.reply);
  expect(box.violations).toEqual([]);
});

test.each(['', 'success'])('%j acknowledges', async (body) => {
  const { bot, box } = await pair(() => ({ body }));
  expect((await box.say('zhangsan', 'VIP')).delivered.state).toBe('delivered');
  expect([bot.heard.length, box.chat('zhangsan').length]).toEqual([1, 1]);
});

test('a refused callback is repeated three times, byte for byte, and then given up', async () => {
  const { bot, box } = await pair(() => ({ status: 503 }));
  const states: unknown[] = [];
  box.onMessage(({ delivery }) => states.push(`${delivery?.state} ${delivery?.attempt}`));
  const { delivered } = await box.say('zhangsan', 'VIP');
  expect(delivered).toEqual({ state: 'failed', attempt: 4, status: 503, note: 'HTTP 503' });
  expect(new Set(bot.heard.map(({ url, body }) => `${url} ${body}`)).size).toBe(1);
  expect(bot.heard).toHaveLength(4);
  expect([...new Set(states)]).toEqual([
    'sending 1',
    'retrying 1',
    'retrying 2',
    'retrying 3',
    'retrying 4',
    'failed 4',
  ]);
});

test('a late answer is not read; the repeat may still be answered', async () => {
  const { bot, box } = await pair((_, nth) => (nth === 1 ? 'hang' : { body: sealedReply(textReply('好')) }), {
    answerWindowMs: 400,
  });
  const { delivered, reply } = await box.say('zhangsan', 'VIP');
  expect([delivered.attempt, bot.heard.length]).toEqual([2, 2]);
  expect(reply?.body).toEqual({ msgtype: 'text', text: { content: '好' } });
});

test('nobody listening is a failed connection', async () => {
  const box = await startBox({ callbackUrl: 'http://127.0.0.1:1/', retryDelayMs: 1 });
  expect((await box.say('zhangsan', 'VIP')).delivered).toMatchObject({
    state: 'failed',
    attempt: 4,
    note: '连接失败 ECONNREFUSED',
  });
  expect(box.corp.state().wire).toHaveLength(4);
});

test.each([
  ['no XML', 'hello'],
  ['JSON', '{"errcode":0}'],
  ['an unsealed reply', `<xml>${textReply('x')}</xml>`],
  ['a wrong signature', sealedReply(textReply('x'), { signature: '0'.repeat(40) })],
  ['another receive id', sealedReply(textReply('x'), { receiveId: 'ww0000000000000000' })],
  ['sender and receiver not swapped', sealedReply(textReply('x'), { to: IDENTITY.corpId, from: 'zhangsan' })],
  ['milliseconds', sealedReply(textReply('x'), { createTime: Date.now() })],
  ['markdown', sealedReply('<MsgType><![CDATA[markdown]]></MsgType><Content>x</Content>')],
  ['an empty text', sealedReply(textReply(''))],
  [
    'a button update without a press',
    sealedReply('<MsgType>update_button</MsgType><Button><ReplaceName>好</ReplaceName></Button>'),
  ],
])('a reply that is %s is not shown, not repeated, and noted', async (_, body) => {
  const { bot, box } = await pair(() => ({ body }));
  const { delivered } = await box.say('zhangsan', 'VIP');
  expect(delivered).toMatchObject({ state: 'failed', status: 200, note: expect.stringContaining('回复无法显示') });
  expect([bot.heard.length, box.chat('zhangsan').length, box.violations.length]).toEqual([1, 1, 1]);
});

test('a passive text is cut at 2048 bytes, and the cut is noted', async () => {
  const { box } = await pair(() => ({ body: sealedReply(textReply('签'.repeat(700))) }));
  expect((await box.say('zhangsan', 'VIP')).reply?.body).toEqual({
    msgtype: 'text',
    text: { content: '签'.repeat(682) },
  });
  expect(box.violations).toHaveLength(1);
});

test('a press carries key, task and a code that updates the card later', async () => {
  const { bot, box } = await pair();
  const card = await sentCard(box, buttons);
  await box.press('zhangsan', card, 'yes');
  const xml = bot.heard[0]?.xml ?? '';
  expect(xml).toContain(
    '<Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[yes]]></EventKey><TaskId><![CDATA[task-1]]></TaskId>',
  );
  expect(xml).not.toContain('SelectedItems');
  expect(xml).not.toContain('MsgId');
  const response_code = /<ResponseCode><!\[CDATA\[(.+?)\]\]>/.exec(xml)?.[1];
  const update = {
    agentid: IDENTITY.agentId,
    userids: ['zhangsan'],
    response_code,
    button: { replace_name: '已删除' },
  };
  expect(await box.errcode('message/update_template_card', update)).toBe(0);
  expect(box.chat('zhangsan').find(({ id }) => id === card)?.disabledText).toBe('已删除');
  await expect(box.press('zhangsan', card, 'yes')).rejects.toThrow('disabled');
});

test.each(['OptionIds', 'OpitonIds'] as const)('a vote tells its options as %s', async (optionIds) => {
  const { bot, box } = await pair();
  box.setVariants({ optionIds });
  await box.press('zhangsan', await sentCard(box, vote), 'submit', { q: ['a', 'b'] });
  const one = optionIds.slice(0, -1);
  expect(bot.heard[0]?.xml).toContain(
    `<SelectedItem><QuestionKey><![CDATA[q]]></QuestionKey><${optionIds}><${one}><![CDATA[a]]></${one}><${one}><![CDATA[b]]></${one}></${optionIds}></SelectedItem>`,
  );
});

test('the passive update_button greys the pressed card', async () => {
  const body = sealedReply(
    '<MsgType><![CDATA[update_button]]></MsgType><Button><ReplaceName><![CDATA[已取消]]></ReplaceName></Button>',
  );
  const { box } = await pair(() => ({ body }));
  const card = await sentCard(box, buttons);
  const { delivered, reply } = await box.press('zhangsan', card, 'yes');
  expect([delivered.state, reply]).toEqual(['delivered', undefined]);
  expect(box.chat('zhangsan')[0]).toMatchObject({ id: card, disabledText: '已取消' });
});

test('the passive update_template_card puts another card in its place, in the names of message/send', async () => {
  const { box } = await pair(() => ({
    body: sealedReply(
      '<MsgType><![CDATA[update_template_card]]></MsgType><TemplateCard><CardType><![CDATA[vote_interaction]]></CardType>' +
        '<TaskId>task-3</TaskId><MainTitle><Title>再选</Title></MainTitle>' +
        '<HorizontalContentList><KeyName>组</KeyName><Type>3</Type><UserId>lisi</UserId></HorizontalContentList>' +
        '<CheckBox><QuestionKey>q</QuestionKey><Mode>1</Mode><OptionList><Id>1</Id><Text>甲</Text><IsChecked>true</IsChecked></OptionList></CheckBox>' +
        '<SubmitButton><Text>好</Text><Key>k</Key></SubmitButton><ReplaceText>已选</ReplaceText></TemplateCard>',
    ),
  }));
  const card = await sentCard(box, vote);
  await box.press('zhangsan', card, 'submit', { q: ['a'] });
  expect(box.violations).toEqual([]);
  expect(box.chat('zhangsan')[0]).toMatchObject({
    disabledText: '已选',
    body: {
      template_card: {
        card_type: 'vote_interaction',
        horizontal_content_list: [{ keyname: '组', type: 3, userid: 'lisi' }],
        checkbox: { question_key: 'q', mode: 1, option_list: [{ id: '1', text: '甲', is_checked: true }] },
      },
    },
  });
});

test('a press cannot be answered with a text, nor with a card the platform refuses', async () => {
  let body = sealedReply(textReply('好'));
  const { box } = await pair(() => ({ body }));
  const card = await sentCard(box, buttons);
  expect((await box.press('zhangsan', card, 'yes')).delivered.state).toBe('failed');
  body = sealedReply(
    '<MsgType>update_template_card</MsgType><TemplateCard><CardType>text_notice</CardType><SubTitleText>x</SubTitleText></TemplateCard>',
  );
  await box.press('zhangsan', card, 'yes');
  expect(box.violations.map(({ what }) => what)).toEqual([
    expect.stringContaining('card press'),
    expect.stringContaining('42045'),
  ]);
});

test('what cannot be done is refused', async () => {
  const { box } = await pair();
  const card = await sentCard(box, vote);
  await expect(box.say('nobody', 'x')).rejects.toThrow('看不到这个应用');
  await expect(box.say('sunqi', 'x')).rejects.toThrow('看不到这个应用');
  await expect(box.press('lisi', card, 'submit')).rejects.toThrow('no such card');
  await expect(box.press('zhangsan', card, 'other')).rejects.toThrow('no such key');
  await expect(box.press('zhangsan', card, 'submit', { q: ['z'] })).rejects.toThrow('no such option');
  await expect(box.press('zhangsan', card, 'submit', { p: [] })).rejects.toThrow('no such question');
});

test('click, enter, subscribe and media have the documented shape', async () => {
  const { bot, box } = await pair();
  await box.click('lisi', 'tag.list');
  await box.enter('lisi');
  await box.subscribe('lisi');
  await box.media('lisi', 'location');
  const [click, enter, subscribe, location] = bot.heard.map(({ xml }) => xml);
  expect(click).toContain('<Event><![CDATA[click]]></Event><EventKey><![CDATA[tag.list]]></EventKey><AgentID>');
  expect(enter).toContain('<Event><![CDATA[enter_agent]]></Event><EventKey><![CDATA[]]></EventKey>');
  expect(subscribe).toContain('<Event><![CDATA[subscribe]]></Event><AgentID>');
  expect(location).toMatch(/<MsgType><!\[CDATA\[location\]\]><\/MsgType><Location_X>31\.23.*<MsgId>\d+<\/MsgId>/);
  expect(box.chat('lisi').map(({ body }) => body.msgtype)).toEqual(['event', 'event', 'event', 'event']);
});

test('a group made in the console is n+1 events of one second, without MsgId; deleting it is one', async () => {
  const { bot, box } = await pair(undefined, { now: () => 1_760_000_000_000 });
  const { events, delivered } = await box.consoleEdit({
    action: 'createGroup',
    strategyId: 1,
    name: '意向',
    tags: ['高', '中', '低'],
  });
  expect([events, delivered.every(({ state }) => state === 'delivered')]).toEqual([4, true]);
  const xmls = bot.heard.map(({ xml }) => xml);
  expect(xmls.filter((xml) => xml.includes('<TagType><![CDATA[tag]]>'))).toHaveLength(3);
  expect(xmls.filter((xml) => xml.includes('<TagType><![CDATA[tag_group]]>'))).toHaveLength(1);
  for (const xml of xmls) {
    expect(xml).toContain('<FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1760000000</CreateTime>');
    expect(xml).toContain('<ChangeType><![CDATA[create]]></ChangeType>');
    expect(xml).not.toMatch(/MsgId|StrategyId|AgentID/);
  }
  expect(new Set(xmls).size).toBe(4);
  const id = box.corp.library.shown(1).find(({ group_name }) => group_name === '意向')?.group_id ?? '';
  expect((await box.consoleEdit({ action: 'delete', id })).events).toBe(1);
  expect(bot.heard.at(-1)?.xml).toContain(
    `<Id><![CDATA[${id}]]></Id><TagType><![CDATA[tag_group]]></TagType><ChangeType><![CDATA[delete]]>`,
  );
});

test('shuffle has no TagType and names the rule group; other events name it when told to', async () => {
  const { bot, box } = await pair();
  const [group] = box.corp.library.shown(1);
  if (group === undefined) throw new Error('no group');
  const reversed = group.tag.map(({ id }) => id).reverse();
  await box.consoleEdit({ action: 'shuffle', groupId: group.group_id, tagIds: reversed });
  expect(bot.heard[0]?.xml).toMatch(/<StrategyId><!\[CDATA\[1\]\]><\/StrategyId><ChangeType><!\[CDATA\[shuffle\]\]>/);
  expect(bot.heard[0]?.xml).not.toContain('TagType');
  expect(box.corp.library.shown(1)[0]?.tag.map(({ id }) => id)).toEqual(reversed);
  box.setVariants({ eventStrategyId: true });
  await box.consoleEdit({ action: 'rename', id: group.group_id, name: '等级' });
  expect(bot.heard[1]?.xml).toContain('<StrategyId><![CDATA[1]]></StrategyId><ChangeType><![CDATA[update]]>');
});

test('changes by the API cause no callback, and an event of the system takes no answer', async () => {
  const { bot, box } = await pair(() => ({ body: sealedReply(textReply('好'), { to: 'sys' }) }));
  await box.call('externalcontact/add_strategy_tag', {
    strategy_id: 1,
    group_name: '客户分级',
    tag: [{ name: 'VIP' }],
  });
  await box.idle();
  expect(bot.heard).toHaveLength(0);
  const groupId = box.corp.library.shown(2)[0]?.group_id ?? '';
  await box.consoleEdit({ action: 'addTags', groupId, tags: ['复购'] });
  expect(box.violations).toMatchObject([{ member: 'sys', what: expect.stringContaining('nobody to answer') }]);
});

test('the console accepts a URL that echoes, and no other', async () => {
  const bot = await startBot();
  const box = await startBox({ callbackUrl: bot.url });
  expect(await box.verifyUrl()).toMatchObject({ ok: true, status: 200 });
  box.setCallbackUrl(`${box.url}/`);
  expect(await box.verifyUrl()).toMatchObject({ ok: false, note: 'the body is not the decrypted echostr' });
  box.setCallbackUrl('http://127.0.0.1:1/');
  expect(await box.verifyUrl()).toMatchObject({ ok: false, note: '连接失败 ECONNREFUSED' });
});

test('an answer to a message from before a reset appears nowhere', async () => {
  let release = (): void => undefined;
  const { box } = await pair(() => {
    release();
    return { body: sealedReply(textReply('迟到')) };
  });
  release = () => box.reset();
  const { delivered, reply } = await box.say('zhangsan', 'VIP');
  expect([delivered.state, reply]).toEqual(['delivered', undefined]);
  expect(box.chat('zhangsan')).toEqual([]);
});
