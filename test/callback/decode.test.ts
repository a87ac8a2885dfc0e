import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEnvelopeBody, decodeMessage } from '../../src/callback/decode.ts';
import { CORP_ID, textMessage } from './corp.ts';

const at = { receivedAt: 1_760_000_000_500 };
const decode = (xml: string) => decodeMessage(xml, at).message;
const code = (code: string) => expect.objectContaining({ kind: 'callback', code });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the outer body', () => {
  const xml = (inner: string) => `<xml>${inner}</xml>`;
  const plain = { format: 'xml', encrypt: 'QUJD' };

  test.each([
    [
      'CDATA',
      xml(
        '<ToUserName><![CDATA[ww1]]></ToUserName><AgentID><![CDATA[7]]></AgentID><Encrypt><![CDATA[QUJD]]></Encrypt>',
      ),
    ],
    ['plain text', xml('<ToUserName>ww1</ToUserName><Encrypt>QUJD</Encrypt><AgentID>7</AgentID>')],
    [
      'white space',
      xml('\n <Encrypt>\n  <![CDATA[QUJD]]>\n </Encrypt >\r\n<AgentID>7</AgentID><ToUserName>ww1</ToUserName>\t'),
    ],
    ['byte order mark', `\uFEFF${xml('<Encrypt>QUJD</Encrypt><ToUserName>ww1</ToUserName><AgentID>7</AgentID>')}\n`],
    [
      'declaration',
      `<?xml version="1.0"?>\n${xml('<Encrypt>QUJD</Encrypt><ToUserName>ww1</ToUserName><AgentID>7</AgentID>')}`,
    ],
  ])('XML with %s', (_, body) => {
    expect(decodeEnvelopeBody(body)).toEqual(plain);
    expect(decodeEnvelopeBody(Buffer.from(body))).toEqual(plain);
  });

  test('JSON', () => {
    const body = ' {"tousername":"ww1","encrypt":"QUJD","agentid":"7"}';
    expect(decodeEnvelopeBody(Buffer.from(body))).toEqual({ ...plain, format: 'json' });
    expect(decodeEnvelopeBody('{ "encrypt" : "QU\\/D" ,\n"a":-1.5e3,"b":null,"c":"\\"" }\n')).toEqual({
      format: 'json',
      encrypt: 'QU/D',
    });
    expect(decodeEnvelopeBody('{"Encrypt":"QUJD","ToUserName":"ww1","AgentID":7}')).toEqual({
      ...plain,
      format: 'json',
    });
  });

  test.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['no XML', 'encrypt=QUJD'],
    ['no Encrypt', xml('<ToUserName>ww1</ToUserName>')],
    ['empty Encrypt', xml('<Encrypt><![CDATA[ ]]></Encrypt>')],
    ['two Encrypts', xml('<Encrypt>QUJD</Encrypt><Encrypt>QUJD</Encrypt>')],
    ['a nested Encrypt', xml('<A><Encrypt>QUJD</Encrypt></A>')],
    ['an Encrypt in a comment', xml('<!-- <Encrypt>QUJD</Encrypt> -->')],
    ['an Encrypt in a section', xml('<A><![CDATA[<Encrypt>QUJD</Encrypt>]]></A>')],
    ['a DTD', `<!DOCTYPE xml [<!ENTITY e "QUJD">]>${xml('<Encrypt>&e;</Encrypt>')}`],
    ['an entity', xml('<Encrypt>QUJ&#68;</Encrypt>')],
    [
      'an external entity',
      `<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd">${xml('<Encrypt>QUJD</Encrypt>')}`,
    ],
    ['a cut body', '<xml><Encrypt><![CDATA[QUJD]]></Enc'],
    ['garbage behind', `${xml('<Encrypt>QUJD</Encrypt>')}garbage`],
    ['broken JSON', '{"encrypt":"QUJD"'],
    ['JSON without it', '{"EncryptX":"QUJD"}'],
    ['JSON with an object for it', '{"encrypt":{"a":"QUJD"}}'],
    ['JSON that reaches for the prototype', '{"__proto__":{"encrypt":"QUJD"}}'],
    ['a JSON array', '[{"encrypt":"QUJD"}]'],
    ['JSON that nests', '{"encrypt":"QUJD","a":[1]}'],
    ['JSON with more fields than any envelope', `{"encrypt":"QUJD"${',"a":1'.repeat(16)}}`],
  ])('refused: %s', (_, body) => {
    expect(() => decodeEnvelopeBody(body)).toThrow(code('callback.body'));
  });

  test('refused: what is not UTF-8', () => {
    const body = Buffer.concat([
      Buffer.from('<xml><Encrypt>QUJD</Encrypt><A>'),
      Buffer.from([0xff]),
      Buffer.from('</A></xml>'),
    ]);
    expect(() => decodeEnvelopeBody(body)).toThrow(code('callback.body'));
  });

  test('any bytes are read or refused, nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((json) => Buffer.from(json)),
        ),
        (bytes) => {
          try {
            expect(decodeEnvelopeBody(Buffer.from(bytes)).encrypt).not.toBe('');
          } catch (error) {
            expect(error).toMatchObject({ code: 'callback.body' });
          }
        },
      ),
    );
  });
});

const event = (name: string, rest = '', from = 'lisi') =>
  `<xml><ToUserName><![CDATA[${CORP_ID}]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName>` +
  `<CreateTime>1760000000</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[${name}]]></Event>${rest}</xml>`;

describe('messages', () => {
  test('text, with all of its head', () => {
    expect(decode(textMessage({ content: ' 标签 添加\nVIP　到 客户分级 ' }))).toEqual({
      corpId: CORP_ID,
      key: 'm:7561234567890123456',
      member: 'lisi',
      createTime: 1760000000,
      receivedAt: at.receivedAt,
      kind: 'text',
      text: ' 标签 添加\nVIP　到 客户分级 ',
    });
  });

  test.each([
    ['__proto__'],
    ['<b>粗</b>'],
    ["'; DROP TABLE tags; --"],
    ['<!DOCTYPE html><!ENTITY x "y">'],
    ['[呲牙]'],
    ['&lt;&amp;'],
    ['👨‍👩‍👧𠮷'],
  ])('text that looks like code stays what it is: %s', (content) => {
    expect(decode(textMessage({ content }))).toMatchObject({ kind: 'text', text: content });
  });

  test('a ]]> that was split over two sections is whole again', () => {
    expect(decode(textMessage({ content: 'a]]]]><![CDATA[>b' }))).toMatchObject({ text: 'a]]>b' });
  });

  test('entities in plain text are read, unknown ones refused', () => {
    const xml = (text: string) => `<xml><MsgType>text</MsgType><Content>${text}</Content></xml>`;
    expect(decode(xml('&lt;VIP&gt; &amp; &#x6807;'))).toMatchObject({ text: '<VIP> & 标' });
    expect(() => decode(xml('&secret;'))).toThrow(code('callback.xml'));
  });

  test.each(['image', 'voice', 'video', 'location', 'link'])('%s', (media) => {
    expect(decode(`<xml><MsgType>${media}</MsgType><MsgId>1</MsgId></xml>`)).toMatchObject({ kind: 'media', media });
  });

  test.each([
    ['click', '<EventKey><![CDATA[menu.help]]></EventKey>', { kind: 'click', eventKey: 'menu.help' }],
    ['CLICK', '<EventKey>menu.help</EventKey>', { kind: 'click', eventKey: 'menu.help' }],
    ['enter_agent', '<EventKey><![CDATA[]]></EventKey>', { kind: 'enter' }],
    ['subscribe', '', { kind: 'subscribe' }],
    ['unsubscribe', '', { kind: 'other', what: 'unsubscribe' }],
    ['LOCATION', '<Latitude>1</Latitude>', { kind: 'other', what: 'LOCATION' }],
    ['', '', { kind: 'other', what: '' }],
    [
      'change_external_tag',
      '<Id>et1</Id><TagType>tag</TagType><ChangeType>create</ChangeType><StrategyId>7</StrategyId>',
      { kind: 'tagChange', change: 'create', id: 'et1', tagType: 'tag', strategyId: 7 },
    ],
    [
      'change_external_tag',
      '<Id></Id><ChangeType>shuffle</ChangeType><StrategyId><![CDATA[StrategyId]]></StrategyId>',
      { kind: 'tagChange', change: 'shuffle', id: '', tagType: undefined, strategyId: undefined },
    ],
    [
      'change_external_tag',
      '<Id>et1</Id><TagType>tag_group</TagType><ChangeType>delete</ChangeType><StrategyId>0</StrategyId>',
      { kind: 'tagChange', change: 'delete', id: 'et1', tagType: 'tag_group', strategyId: undefined },
    ],
    ['change_external_tag', '<ChangeType>explode</ChangeType>', { kind: 'other', what: 'change_external_tag:explode' }],
  ])('event %s %s', (name, rest, content) => {
    expect(decode(event(name, rest))).toMatchObject(content);
  });

  const press = (rest: string) =>
    event(
      'template_card_event',
      `<EventKey>ok</EventKey><TaskId>t-1</TaskId><CardType>vote_interaction</CardType><ResponseCode>RC</ResponseCode>${rest}`,
    );
  const item = (key: string, options: string) =>
    `<SelectedItem><QuestionKey>${key}</QuestionKey>${options}</SelectedItem>`;

  test.each<[string, string, Record<string, string[]>]>([
    ['nothing selected', '', {}],
    ['an empty list', '<SelectedItems></SelectedItems>', {}],
    [
      'one question, one option',
      `<SelectedItems>${item('q', '<OptionIds><OptionId><![CDATA[a]]></OptionId></OptionIds>')}</SelectedItems>`,
      { q: ['a'] },
    ],
    [
      'two questions in both spellings',
      `<SelectedItems>${item('q', '<OptionIds><OptionId>a</OptionId><OptionId>b</OptionId></OptionIds>')}
        ${item('r', '<OpitonIds><OpitonId>c</OpitonId></OpitonIds>')}</SelectedItems>`,
      { q: ['a', 'b'], r: ['c'] },
    ],
    [
      'no option',
      `<SelectedItems>${item('q', '<OptionIds></OptionIds>')}${item('r', '')}</SelectedItems>`,
      { q: [], r: [] },
    ],
  ])('press with %s', (_, rest, selected) => {
    expect(decode(press(rest))).toMatchObject({
      kind: 'press',
      eventKey: 'ok',
      taskId: 't-1',
      cardType: 'vote_interaction',
      responseCode: 'RC',
      selected,
    });
  });

  test('a question named __proto__ is a question', () => {
    const message = decode(
      press(`<SelectedItems>${item('__proto__', '<OptionIds><OptionId>a</OptionId></OptionIds>')}</SelectedItems>`),
    );
    const selected = message.kind === 'press' ? message.selected : {};
    expect(Object.entries(selected)).toEqual([['__proto__', ['a']]]);
    expect(Object.getPrototypeOf(selected)).toBe(Object.prototype);
  });

  test('elements named like parts of the language are elements', () => {
    const odd =
      '<__proto__><MsgType>text</MsgType></__proto__><constructor>x</constructor><toString>y</toString><a b="c"/>';
    expect(decode(event('click', `<EventKey>k</EventKey>${odd}`))).toMatchObject({ kind: 'click', eventKey: 'k' });
    expect(({} as Record<string, unknown>).MsgType).toBeUndefined();
  });

  test('MsgType decides, not what else is there; the first of two counts', () => {
    expect(decode('<xml><Event>click</Event><MsgType>text</MsgType><Content>a</Content></xml>')).toMatchObject({
      kind: 'text',
    });
    expect(decode('<xml><MsgType>text</MsgType><Content>a</Content><Content>b</Content></xml>')).toMatchObject({
      text: 'a',
    });
  });

  test('missing fields are empty, unknown kinds are acknowledged', () => {
    expect(decode('<xml></xml>')).toMatchObject({ corpId: '', member: 'sys', createTime: 0, kind: 'other', what: '' });
    expect(decode('<xml><MsgType>text</MsgType></xml>')).toMatchObject({ kind: 'text', text: '' });
    expect(decode('<xml><MsgType>no\nsure 🤷</MsgType></xml>')).toMatchObject({ kind: 'other', what: 'nosure' });
    expect(decode('<xml><InfoType>suite_ticket</InfoType></xml>')).toMatchObject({
      kind: 'other',
      what: 'suite_ticket',
    });
    expect(decode(`<xml><MsgType>${'x'.repeat(9999)}</MsgType></xml>`)).toMatchObject({ what: 'x'.repeat(64) });
  });
});

describe('identity', () => {
  test('MsgId as it is written, however long', () => {
    expect(decode(textMessage({ id: '18446744073709551615' })).key).toBe('m:18446744073709551615');
    expect(decode('<xml><MsgId><![CDATA[ 12345 ]]></MsgId></xml>').key).toBe('m:12345');
  });

  test.each(['', '0', '-1', 'abc', '1e9', '9'.repeat(21)])('no MsgId but %j: the digest of the whole text', (id) => {
    const xml = textMessage({ id });
    expect(decode(xml).key).toBe(`e:${sha256(xml)}`);
  });

  test('events of one save and second differ, a repeat does not', () => {
    const one = event('change_external_tag', '<Id>a</Id><ChangeType>create</ChangeType>', 'sys');
    const two = event('change_external_tag', '<Id>b</Id><ChangeType>create</ChangeType>', 'sys');
    expect(decode(one).key).not.toBe(decode(two).key);
    expect(decode(one).key).toBe(decode(one).key);
  });
});

describe('refused', () => {
  test.each([
    ['nothing', '', 'callback.xml'],
    ['no XML', 'hello', 'callback.xml'],
    ['truncated', textMessage().slice(0, -20), 'callback.xml'],
    ['a section with a space in its mark', '<xml><A>< ![CDATA[x]]></A></xml>', 'callback.xml'],
    ['two roots', '<xml><A><B/></A></xml><xml></xml>', 'callback.xml'],
    ['garbage behind', '<xml><A><B/></A></xml>garbage', 'callback.xml'],
    ['a DTD', `<!DOCTYPE xml>${textMessage()}`, 'callback.dtd'],
    ['a DTD behind a space', '< !DOCTYPE xml><xml></xml>', 'callback.xml'],
    [
      'entities',
      `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>`,
      'callback.dtd',
    ],
    ['a DTD behind an attribute that looks like a section', '<xml a="<![CDATA["><!DOCTYPE xml></xml>', 'callback.xml'],
    ['depth', `${'<a>'.repeat(40)}${'</a>'.repeat(40)}`, 'callback.limit'],
    ['breadth', `<xml>${'<a><b/></a>'.repeat(1200)}</xml>`, 'callback.limit'],
    ['text before the root', 'a<xml><A><B/></A></xml>', 'callback.xml'],
    ['a tag that closes another', '<xml><A><B></A></B></xml>', 'callback.xml'],
    ['an end without a beginning', '<xml><A><B/></A></xml></xml>', 'callback.xml'],
    ['an ampersand that refers to nothing', '<xml><A><B>a & b</B></A></xml>', 'callback.xml'],
    ['a nested message of more than 32 KiB', `<xml><A><B>${'x'.repeat(32 * 1024)}</B></A></xml>`, 'callback.limit'],
    ['broken JSON', '{"MsgType":"text"', 'callback.json'],
  ])('%s', (_, plaintext, expected) => {
    expect(() => decode(plaintext)).toThrow(code(expected));
  });

  test('a hundred thousand open elements are refused before they are parsed', () => {
    const began = performance.now();
    expect(() => decode('<a>'.repeat(100_000))).toThrow(code('callback.limit'));
    expect(performance.now() - began).toBeLessThan(200);
  });

  test('mutilated messages are read or refused, nothing else', () => {
    const whole = textMessage({ content: '<b>&]]' });
    const piece = fc.constantFrom(
      '<',
      '>',
      '&',
      '<!',
      '<!--',
      ']]>',
      '<![CDATA[',
      '</',
      '<?',
      '"',
      '\0',
      '<_>',
      '<a b=">">',
      '',
    );
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), piece, fc.nat({ max: 30 }), (position, piece, dropped) => {
        try {
          expect(decode(whole.slice(0, position) + piece + whole.slice(position + dropped)).key).toMatch(/^[em]:/);
        } catch (error) {
          expect(error).toMatchObject({ name: 'BotError', kind: 'callback' });
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('the JSON form', () => {
  test('text, with a MsgId beyond 2^53', () => {
    const json =
      `{"ToUserName":"${CORP_ID}","FromUserName":"mycreate","CreateTime": 1409659813,"MsgType":"text",` +
      `"Content":"say \\"12345678901234567890\\": 1","MsgId":4561255354251345929,"AgentID": 218}`;
    expect(decode(json)).toEqual({
      corpId: CORP_ID,
      key: 'm:4561255354251345929',
      member: 'mycreate',
      createTime: 1409659813,
      receivedAt: at.receivedAt,
      kind: 'text',
      text: 'say "12345678901234567890": 1',
    });
  });

  test('press, single values where XML would repeat', () => {
    const body = (items: unknown) =>
      JSON.stringify({
        MsgType: 'event',
        Event: 'template_card_event',
        TaskId: 't',
        SelectedItems: { SelectedItem: items },
      });
    const q = { QuestionKey: 'q', OptionIds: { OptionId: ['a', 'b'] } };
    expect(decode(body([q, { QuestionKey: 'r', OptionIds: { OptionId: 'c' } }]))).toMatchObject({
      selected: { q: ['a', 'b'], r: ['c'] },
    });
    expect(decode(body(q))).toMatchObject({ taskId: 't', selected: { q: ['a', 'b'] } });
  });

  test('numbers keep every digit, strings every character', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), fc.string({ unit: 'grapheme' }), (id, content) => {
        const json = JSON.stringify({ MsgType: 'text', Content: content, Score: -1.5e-7 }).replace(
          '{',
          `{"MsgId":${id},`,
        );
        expect(decode(json)).toMatchObject({ key: `m:${id}`, kind: 'text', text: content });
      }),
    );
  });
});
