import { createDecipheriv } from 'node:crypto';
import * as official from '@wecom/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEnvelope, type Envelope, type Sealed } from '../../src/callback/envelope.ts';
import { AES_KEY, CORP_ID, encryptBytes, envelope, sealedBytes, TOKEN } from './corp.ts';

const GET = {
  query: { msg_signature: '5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3', timestamp: '1409659589', nonce: '263014780' },
  encrypt: 'P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==',
};
const XML = {
  query: { msg_signature: '477715d11cdb4164915debcba66cb864d751f3e6', timestamp: '1409659813', nonce: '1372623149' },
  encrypt:
    'RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3' +
    'TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs' +
    'ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa' +
    'x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG' +
    'HBZZIs2pDBS8R07+qN+E7Q==',
};
const JSON_FORM = {
  query: { msg_signature: '0623cbc5a8cbee5bcc137c70de99575366fc2af3', timestamp: '1409659813', nonce: '1372623149' },
  encrypt:
    'CZWs4CWRpI4VolQlvn4dlEC1alN2MUEY2VklGehgBVLBrlVF7SyT+SV+Toj43l4ayJ9UMGKphktKKmP7B2j/P1ey67XB8PBgS7Wr5/8+w/yWriZv' +
    '3Vmoo/MH3/1HsIWZrPQ3N2mJrelStIfI2Y8kLKXA7EhfZgZX4o+ffdkZDM76SEl79Ib9mw7TGjZ9Aw/x/A2VjNbV1E8BtEbRxYYcQippYNw7hr8s' +
    'Ffa3nW1xLdxokt8QkRX83vK3DFP2F6TQFPL2Tu98UwhcUpPvdJBuu1/yiOQIScppV3eOuLWEsko=',
};

const signed = (encrypt: string) => ({
  msg_signature: envelope.sign(1409659813, '1372623149', encrypt),
  timestamp: '1409659813',
  nonce: '1372623149',
});
const refusal = (code: string) => expect.objectContaining({ name: 'BotError', kind: 'callback', code });

describe("the platform's own vectors", () => {
  test('address check', () => {
    expect(envelope.open(GET.query, GET.encrypt)).toBe('1616140317555161061');
  });

  test('message in XML, padded with 30 bytes', () => {
    const plain = envelope.open(XML.query, XML.encrypt);
    expect(Buffer.byteLength(plain)).toBe(284);
    expect(plain).toContain('<Content><![CDATA[hello]]></Content>');
    expect(plain).toContain('<MsgId>4561255354251345929</MsgId>');
  });

  test('message in JSON', () => {
    expect(envelope.open(JSON_FORM.query, JSON_FORM.encrypt)).toBe(
      `{"ToUserName":"${CORP_ID}","FromUserName":"mycreate","CreateTime": 1409659813,"MsgType":"text",` +
        `"Content":"hello","MsgId":4561255354251345929,"AgentID": 218}`,
    );
  });

  const reply =
    '<xml><ToUserName><![CDATA[mycreate]]></ToUserName><FromUserName><![CDATA[wx5823bf96d3bd56c7]]></FromUserName>' +
    '<CreateTime>1348831860</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content></xml>';
  test.each<[string, string, string]>([
    ['empty', '', 'sKqRbbiSUnDhFHOvPjtUMU5qwF3QTRQT35ZLQKNzkIFzNtEiqzhRA2bjiTq/aLNxdb+TySor6nIW5pigQ2NbKg=='],
    [
      'a whole block of padding',
      'x'.repeat(26),
      'sKqRbbiSUnDhFHOvPjtUMSs1k8K1CdhVATTBQNj5RGfr2SSogQPwiaREvDG6j+anDDTQGRPc5XVafaRf07vjdJWo03DV9aa/cArn/HDtV476heTT' +
        'KpJSMh7JMO1cnA3V',
    ],
    [
      'Chinese text',
      reply,
      'sKqRbbiSUnDhFHOvPjtUMUeqt1g4oVlNGGsS6EWXUJfN1O71osbKBEtCfOU7sRX6mzunv/M8vJgpH3vpP3VnG1AqaMLSJxciqBRfMuoqylajN9eV' +
        'ntAeWFFxLbzbfidxezt7Pe3fF728UVGZJM6sOhoRCWhHcHViSP6xPfgve5Cm4z5GlZaews/pM/WOPGkhZ7T+rq8LxSfEdp44NjTw97l47HgxhR8F' +
        'ltP/ZOlRsA6blPMqltWJXn3wjxgLsv8CqM1G9oA4yeaO0fuD0B4J0t0lDxwMoFcU/NVh5UU3QSI9Kk8v84tu1Xkw5tcwZHVZ7G7kzOq8Cno40I75' +
        'w0wlhN0i1cvitVaJhD92jcikp2exYVLIlRxxeu4L9g2hXX9v',
    ],
  ])('encryption: %s', (_, text, encrypt) => {
    expect(envelope.open(signed(encrypt), encrypt)).toBe(text);
    expect(encryptBytes(sealedBytes(Buffer.from(text)))).toBe(encrypt);
  });

  test('encryption and signature of a reply in Chinese', () => {
    const encrypt = encryptBytes(sealedBytes(Buffer.from(reply)));
    expect(envelope.sign(1409659813, '1372623149', encrypt)).toBe('aea5c8e265a5dde3878ad3085204987419d8601a');
    expect(envelope.open(signed(encrypt), encrypt)).toBe(reply);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5000 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.constantFrom('', '\uFEFF标签', '𠮷野家👨‍👩‍👧', ']]>', '\0', 'x'.repeat(5000)),
);

describe('round trip', () => {
  test('whatever text is sealed comes back, here and in the official library', () => {
    fc.assert(
      fc.property(anyText, fc.nat({ max: 4_000_000_000 }), fc.string({ maxLength: 40 }), (text, timestamp, nonce) => {
        const sealed = envelope.seal(text, timestamp, nonce);
        expect(envelope.open({ ...sealed, msg_signature: sealed.signature }, sealed.encrypt)).toBe(text);
        expect(official.decrypt(AES_KEY, sealed.encrypt)).toMatchObject({ message: text, id: CORP_ID });
      }),
      { numRuns: 300 },
    );
  });

  test('every length up to two blocks, and what the official library seals', () => {
    for (let length = 0; length <= 70; length++) {
      const text = '标'.repeat(length % 5) + 'x'.repeat(length);
      const encrypt = official.encrypt(AES_KEY, text, CORP_ID);
      expect(envelope.open(signed(encrypt), encrypt)).toBe(text);
      const sealed = envelope.seal(text, 1, 'n');
      expect(envelope.open({ ...sealed, msg_signature: sealed.signature }, sealed.encrypt)).toBe(text);
    }
  });

  test('padding to the 16 bytes of AES is taken too', () => {
    const open = sealedBytes(Buffer.from('hello')).subarray(0, 16 + 4 + 5 + CORP_ID.length);
    const encrypt = encryptBytes(Buffer.concat([open, Buffer.alloc(5, 5)]));
    expect(Buffer.from(encrypt, 'base64').length % 32).toBe(16);
    expect(envelope.open(signed(encrypt), encrypt)).toBe('hello');
  });

  test('an empty receive id is one too', () => {
    const robot = createEnvelope({ token: TOKEN, encodingAesKey: AES_KEY, receiveId: '' });
    const sealed = robot.seal('hello', 1, 'n');
    expect(robot.open({ ...sealed, msg_signature: sealed.signature }, sealed.encrypt)).toBe('hello');
    expect(() => envelope.open({ ...sealed, msg_signature: sealed.signature }, sealed.encrypt)).toThrow(
      refusal('callback.receive-id'),
    );
  });

  test('the random part is never the same twice, and fills all its bytes', () => {
    const key = Buffer.from(`${AES_KEY}=`, 'base64');
    const heads = Array.from({ length: 600 }, () => {
      const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
      return decipher.update(envelope.seal('same', 1, 'n').encrypt, 'base64').subarray(0, 16);
    });
    expect(new Set(heads.map((head) => head.toString('hex'))).size).toBe(600);
    for (let i = 0; i < 16; i++) expect(new Set(heads.map((head) => head[i])).size).toBeGreaterThan(100);
  });
});

describe('what is not exactly what was sealed', () => {
  const flip = (text: string, at: number, bit: number) =>
    text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1);

  test('one flipped bit anywhere is refused', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.constantFrom<keyof Sealed>('encrypt', 'signature', 'timestamp', 'nonce'),
        fc.nat(),
        fc.nat({ max: 7 }),
        (text, part, position, bit) => {
          const sealed = envelope.seal(text, 1409659813, '1372623149');
          const tampered = { ...sealed, [part]: flip(sealed[part], position % sealed[part].length, bit) };
          expect(() => envelope.open({ ...tampered, msg_signature: tampered.signature }, tampered.encrypt)).toThrow(
            refusal('callback.signature'),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('one flipped bit of the ciphertext, signed again, never passes for the same text', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 7 }), (position, bit) => {
        const bytes = Buffer.from(envelope.seal('标签 添加 VIP 到 客户分级', 1, 'n').encrypt, 'base64');
        const at = position % bytes.length;
        bytes[at] = (bytes[at] as number) ^ (1 << bit);
        const encrypt = bytes.toString('base64');
        let text: string | undefined;
        try {
          text = envelope.open(signed(encrypt), encrypt);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'callback' });
        }
        // A flip in the first block only garbles the random part, which says nothing.
        if (at >= 16) expect(text).not.toBe('标签 添加 VIP 到 客户分级');
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['empty', ''],
    ['another length', 'invalid'],
    ['upper case', XML.query.msg_signature.toUpperCase()],
    ['cut', XML.query.msg_signature.slice(0, 39)],
    ['longer', `${XML.query.msg_signature}0`],
    [
      'look-alikes above U+00FF',
      [...XML.query.msg_signature].map((c) => String.fromCharCode(c.charCodeAt(0) + 256)).join(''),
    ],
  ])('signature: %s', (_, msg_signature) => {
    expect(() => envelope.open({ ...XML.query, msg_signature }, XML.encrypt)).toThrow(refusal('callback.signature'));
  });

  const text = Buffer.from('hello');
  const good = sealedBytes(text);
  const padBytes = good[good.length - 1] as number;
  test.each<[string, string, string]>([
    ['nothing', '', 'callback.ciphertext'],
    ['no base64', '标签标签', 'callback.ciphertext'],
    ['white space inside', `${XML.encrypt.slice(0, 8)}\n${XML.encrypt.slice(8)}`, 'callback.ciphertext'],
    ['URL alphabet', XML.encrypt.replaceAll('+', '-').replaceAll('/', '_'), 'callback.ciphertext'],
    ['missing padding characters', XML.encrypt.replaceAll('=', ''), 'callback.ciphertext'],
    ['half a block', Buffer.alloc(40).toString('base64'), 'callback.ciphertext'],
    ['cut after a block', encryptBytes(good.subarray(0, 32)), 'callback.padding'],
    ['pad byte 0', encryptBytes(Buffer.concat([good.subarray(0, -1), Buffer.from([0])])), 'callback.padding'],
    ['pad byte 33', encryptBytes(Buffer.concat([good.subarray(0, -1), Buffer.from([33])])), 'callback.padding'],
    [
      'one pad byte differs',
      encryptBytes(Buffer.concat([good.subarray(0, -padBytes), Buffer.from([0]), good.subarray(1 - padBytes)])),
      'callback.padding',
    ],
    ['nothing but padding', encryptBytes(Buffer.alloc(32, 32)), 'callback.length'],
    ['shorter than its head', encryptBytes(Buffer.concat([Buffer.alloc(19), Buffer.alloc(13, 13)])), 'callback.length'],
    ['length over the end', encryptBytes(sealedBytes(text, { length: 1000 })), 'callback.length'],
    ['length of 4 GiB', encryptBytes(sealedBytes(text, { length: 0xffffffff })), 'callback.length'],
    ['length one too small', encryptBytes(sealedBytes(text, { length: 4 })), 'callback.receive-id'],
    ['length one too great', encryptBytes(sealedBytes(text, { length: 6 })), 'callback.receive-id'],
    ['another corp', encryptBytes(sealedBytes(text, { id: 'ww0000000000000000' })), 'callback.receive-id'],
    ['no receive id', encryptBytes(sealedBytes(text, { id: '' })), 'callback.receive-id'],
    ['receive id and more', encryptBytes(sealedBytes(text, { id: `${CORP_ID}x` })), 'callback.receive-id'],
    ['broken UTF-8', encryptBytes(sealedBytes(Buffer.from([0xe6, 0xa0]))), 'callback.utf8'],
    ['a surrogate in UTF-8', encryptBytes(sealedBytes(Buffer.from([0xed, 0xa0, 0x80]))), 'callback.utf8'],
  ])('rightly signed, but %s', (_, encrypt, code) => {
    expect(() => envelope.open(signed(encrypt), encrypt)).toThrow(refusal(code));
  });

  test('base64 is read as strictly as its grammar, whatever Node would forgive', () => {
    const encrypt = XML.encrypt;
    const stranger = fc.constantFrom('=', '-', '_', ' ', '\n', '.', '\0', 'é', '標', '\u0141', '\uFF21');
    fc.assert(
      fc.property(fc.nat({ max: encrypt.length - 3 }), stranger, fc.boolean(), (at, char, replace) => {
        const odd = encrypt.slice(0, at) + char + encrypt.slice(replace ? at + 1 : at);
        expect(() => envelope.open(signed(odd), odd)).toThrow(refusal('callback.ciphertext'));
      }),
      { numRuns: 500 },
    );
    // Q== and R== are the same byte; only the first says so without spare bits.
    const spare = encrypt.replace(/Q==$/, 'R==');
    expect(spare).not.toBe(encrypt);
    expect(() => envelope.open(signed(spare), spare)).toThrow(refusal('callback.ciphertext'));
  });
});

describe('the keys', () => {
  test.each([
    '',
    'short',
    'x'.repeat(42),
    'x'.repeat(44),
    `${'x'.repeat(42)}=`,
    `${'x'.repeat(42)}$`,
    `${'x'.repeat(42)}-`,
  ])('AES key %j is refused when the envelope is made', (encodingAesKey) => {
    expect(() => createEnvelope({ token: TOKEN, encodingAesKey, receiveId: CORP_ID })).toThrow(
      expect.objectContaining({ kind: 'setup', code: 'setup.callback-aes-key' }),
    );
  });

  test('an empty token would make the signature public', () => {
    expect(() => createEnvelope({ token: '', encodingAesKey: AES_KEY, receiveId: CORP_ID })).toThrow(
      expect.objectContaining({ kind: 'setup', code: 'setup.callback-token' }),
    );
  });

  test('a key whose spare bits are set is a key: consoles hand them out', () => {
    const other = createEnvelope({ token: TOKEN, encodingAesKey: `${AES_KEY.slice(0, 42)}D`, receiveId: CORP_ID });
    expect(other.open(GET.query, GET.encrypt)).toBe('1616140317555161061');
  });

  test('no error tells a secret', () => {
    for (const make of [
      (): Envelope => createEnvelope({ token: 'tokentoken', encodingAesKey: 'keykeykey', receiveId: CORP_ID }),
      (): string => envelope.open({ ...XML.query, msg_signature: 'x' }, XML.encrypt),
    ]) {
      try {
        make();
        expect.unreachable();
      } catch (error) {
        expect(JSON.stringify(error) + String(error)).not.toMatch(/keykey|tokentoken|QDG6eK/);
      }
    }
  });
});
