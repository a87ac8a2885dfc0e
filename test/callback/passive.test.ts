import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStringPromise } from 'xml2js';
import { writeReply, writeSealed } from '../../src/callback/passive.ts';
import type { PassiveReply } from '../../src/message.ts';
import { CORP_ID, envelope } from './corp.ts';

const to = { member: 'lisi', corpId: CORP_ID, createTime: 1760000001 };
const parse = async (xml: string): Promise<Record<string, unknown>> =>
  (await parseStringPromise(xml, { explicitArray: false })).xml;

describe('replies', () => {
  test('text: seconds, sender and receiver swapped', () => {
    expect(writeReply({ kind: 'text', content: '已添加' }, to, 'xml')).toBe(
      `<xml><ToUserName><![CDATA[lisi]]></ToUserName><FromUserName><![CDATA[${CORP_ID}]]></FromUserName>` +
        '<CreateTime>1760000001</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[已添加]]></Content></xml>',
    );
  });

  test('update_button', async () => {
    expect(await parse(writeReply({ kind: 'button', replaceName: '已删除' }, to, 'xml'))).toEqual({
      ToUserName: 'lisi',
      FromUserName: CORP_ID,
      CreateTime: '1760000001',
      MsgType: 'update_button',
      Button: { ReplaceName: '已删除' },
    });
  });

  const card: PassiveReply = {
    kind: 'card',
    card: {
      card_type: 'vote_interaction',
      source: { icon_url: 'https://a/b?c=1&d=2', desc: '标签助手', desc_color: 0 },
      action_menu: { desc: 'd', action_list: [{ text: 't', key: 'k' }] },
      main_title: { title: '删除 <VIP>?', desc: undefined },
      quote_area: { type: 1, quote_text: 'q', appid: 'a', pagepath: 'p' },
      horizontal_content_list: [
        { keyname: '规则组', value: '华东', type: 3, userid: 'lisi' },
        { keyname: '标签', value: '12' },
      ],
      checkbox: { question_key: 'q', disable: true, mode: 1, option_list: [{ id: '1', text: 'a', is_checked: false }] },
      submit_button: { text: '提交', key: 's' },
      replace_text: '已处理',
      task_id: null,
      jump_list: [],
    },
  };

  test('update_template_card: names in two words, lists without a wrapper', async () => {
    const xml = writeReply(card, to, 'xml');
    expect(xml).toContain('<HorizontalContentList><KeyName>');
    expect(await parse(xml)).toMatchObject({
      MsgType: 'update_template_card',
      TemplateCard: {
        CardType: 'vote_interaction',
        Source: { IconUrl: 'https://a/b?c=1&d=2', Desc: '标签助手', DescColor: '0' },
        ActionMenu: { Desc: 'd', ActionList: { Text: 't', Key: 'k' } },
        MainTitle: { Title: '删除 <VIP>?' },
        QuoteArea: { Type: '1', QuoteText: 'q', AppId: 'a', PagePath: 'p' },
        HorizontalContentList: [
          { KeyName: '规则组', Value: '华东', Type: '3', UserId: 'lisi' },
          { KeyName: '标签', Value: '12' },
        ],
        CheckBox: {
          QuestionKey: 'q',
          Disable: 'true',
          Mode: '1',
          OptionList: { Id: '1', Text: 'a', IsChecked: 'false' },
        },
        SubmitButton: { Text: '提交', Key: 's' },
        ReplaceText: '已处理',
      },
    });
    expect(xml).not.toMatch(/TaskId|JumpList|undefined|null/);
  });

  test('in JSON the same names', () => {
    expect(JSON.parse(writeReply({ kind: 'text', content: 'a"b' }, to, 'json'))).toEqual({
      ToUserName: 'lisi',
      FromUserName: CORP_ID,
      CreateTime: 1760000001,
      MsgType: 'text',
      Content: 'a"b',
    });
    expect(JSON.parse(writeReply(card, to, 'json'))).toMatchObject({
      TemplateCard: { HorizontalContentList: [{ KeyName: '规则组' }, { KeyName: '标签' }] },
    });
  });

  test('a field that cannot be an element is our mistake, not a broken reply', () => {
    const odd: PassiveReply = { kind: 'card', card: { card_type: 'x', 'a><b': 1 } };
    expect(() => writeReply(odd, to, 'xml')).toThrow(expect.objectContaining({ kind: 'bug', code: 'bug.card-field' }));
  });

  test('whatever a member typed comes through XML unharmed, but for what XML cannot carry', async () => {
    const unit = fc.constantFrom(
      ']',
      '>',
      ']]>',
      '<',
      '&',
      '"',
      '标',
      '😀',
      '\uD800',
      '\u0000',
      '\u0008',
      '\n',
      'a',
      '<![CDATA[',
    );
    const text = fc.oneof(fc.string({ unit, maxLength: 20 }), fc.string({ unit: 'grapheme' }));
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        const legal = [...content]
          .filter((char) => !/[\uD800-\uDFFF]/u.test(char) && char !== '\0' && char !== '\b')
          .join('');
        const parsed = await parse(writeReply({ kind: 'text', content }, to, 'xml'));
        expect(parsed.Content).toBe(legal);
        expect(parsed.MsgType).toBe('text');
      }),
      { numRuns: 300 },
    );
  });
});

describe('sealed', () => {
  const sealed = envelope.seal('hello', 1760000001, '1372623149');

  test('XML', async () => {
    expect(await parse(writeSealed(sealed, 'xml'))).toEqual({
      Encrypt: sealed.encrypt,
      MsgSignature: sealed.signature,
      TimeStamp: '1760000001',
      Nonce: '1372623149',
    });
  });

  test('JSON', () => {
    expect(JSON.parse(writeSealed(sealed, 'json'))).toEqual({
      encrypt: sealed.encrypt,
      msgsignature: sealed.signature,
      timestamp: 1760000001,
      nonce: '1372623149',
    });
  });
});
