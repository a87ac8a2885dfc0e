import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseStringPromise } from 'xml2js';
import { AGENT_ID, CORP_ID, encryptBytes, envelope, sealedBytes, textMessage } from './corp.ts';
import { NOW, type Outpost, PATH, post, query, sealedAs, sealedPost, startOutpost } from './outpost.ts';

let outpost: Outpost;
beforeAll(async () => {
  outpost = await startOutpost();
});
afterAll(() => outpost.close());
beforeEach(() => {
  outpost.nextMinute();
  const { received, lines, refused, refusedHttp, taken, otherApps, verified } = outpost;
  for (const list of [received, lines, refused, refusedHttp, taken, otherApps, verified]) list.length = 0;
  outpost.known.clear();
  outpost.now += 3_600_000;
  outpost.answer = async () => ({ kind: 'text', content: '收到' });
});
/** Messages of now; every test has its own hour. */
const seconds = () => Math.floor(outpost.now / 1000);
const good = (content = 'VIP') => sealedPost(textMessage({ content }), { timestamp: seconds() });

async function openReply(xml: string): Promise<Record<string, string>> {
  const { Encrypt, MsgSignature, TimeStamp, Nonce } = (await parseStringPromise(xml, { explicitArray: false })).xml;
  const plain = envelope.open({ msg_signature: MsgSignature, timestamp: TimeStamp, nonce: Nonce }, Encrypt);
  return (await parseStringPromise(plain, { explicitArray: false })).xml;
}

describe('GET proves that the address is ours', () => {
  const official = {
    msg_signature: '5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3',
    timestamp: '1409659589',
    nonce: '263014780',
    echostr: 'P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==',
  };
  const { echostr, ...head } = official;
  const get = (search: string) => fetch(`${outpost.url}${PATH}?${search}`);

  beforeEach(() => {
    outpost.now = Number(official.timestamp) * 1000 + 5_000;
  });

  test.each([
    ['percent-encoded', query(official)],
    ['raw plus and slash', `${query(head)}&echostr=${echostr}`],
    [
      'plus decoded to a space on the way',
      `${query(head)}&echostr=${encodeURIComponent(echostr.replaceAll('+', ' '))}`,
    ],
    ['among strangers, in another order', `a=1&echostr=${encodeURIComponent(echostr)}&b&${query(head)}&c[]=2`],
  ])('echostr %s', async (_, search) => {
    const response = await get(search);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('1616140317555161061');
    expect(outpost.verified).toHaveLength(1);
    expect(outpost.lines).toMatchObject([
      { level: 'info', message: 'callback address verified', fields: { path: PATH } },
    ]);
  });

  const echoOf = (text: string, at = outpost.now) => {
    const timestamp = Math.floor(at / 1000);
    const { encrypt, signature } = envelope.seal(text, timestamp, '2');
    return query({ msg_signature: signature, timestamp, nonce: '2', echostr: encrypt });
  };

  test.each(['4711', '+/=', 'aZ09_-.', 'x'.repeat(64)])('the exact bytes: %s', async (text) => {
    const response = await get(echoOf(text));
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(text));
  });

  test('a captured message or answer is not opened for whoever sends it as an echo', async () => {
    outpost.now = NOW;
    const captured = good('very private');
    const answer = (await post(outpost, captured)).text;
    const parts = new URLSearchParams(captured.query);
    const asEcho = (sealed: Record<string, string>, encrypt: string) => get(query({ ...sealed, echostr: encrypt }));
    const encrypt = /<Encrypt><!\[CDATA\[(.*?)]]/.exec(captured.body)?.[1] ?? '';
    const replayed = await asEcho(Object.fromEntries(parts), encrypt);
    const { Encrypt, MsgSignature, TimeStamp, Nonce } = (await parseStringPromise(answer, { explicitArray: false }))
      .xml;
    const reflected = await asEcho({ msg_signature: MsgSignature, timestamp: TimeStamp, nonce: Nonce }, Encrypt);
    for (const response of [replayed, reflected]) expect([response.status, await response.text()]).toEqual([400, '']);
    expect(outpost.refused).toEqual(['echo', 'echo']);
    expect(outpost.verified).toEqual([]);
  });

  test("the bot's own answer is no message for it", async () => {
    outpost.now = NOW;
    const { text } = await post(outpost, good());
    const { Encrypt, MsgSignature, TimeStamp, Nonce } = (await parseStringPromise(text, { explicitArray: false })).xml;
    const search = query({ msg_signature: MsgSignature, timestamp: TimeStamp, nonce: Nonce });
    const reflected = await post(outpost, { query: search, body: `<xml><Encrypt>${Encrypt}</Encrypt></xml>` });
    expect([reflected.status, reflected.text, outpost.refused]).toEqual([400, '', ['to-user']]);
    expect(outpost.received).toHaveLength(1);
  });

  test.each(['', ' ', '<xml></xml>', '{"a":1}', '你好', '\uFEFF1', '1\n', 'x'.repeat(65)])(
    '%j is no echo',
    async (text) => {
      const response = await get(echoOf(text));
      expect([response.status, await response.text(), outpost.refused]).toEqual([400, '', ['echo']]);
    },
  );

  test.each([-11, 11])('%i minutes off is too far, as it is for a message', async (minutes) => {
    const response = await get(echoOf('4711', outpost.now + minutes * 60_000));
    expect([response.status, await response.text(), outpost.refused]).toEqual([400, '', ['timestamp']]);
  });

  test('a check replayed again and again leaves one line a minute', async () => {
    for (let i = 0; i < 20; i++) await get(query(official));
    expect(outpost.verified).toHaveLength(20);
    expect(outpost.lines).toHaveLength(1);
  });

  const foreign = encryptBytes(sealedBytes(Buffer.from('1'), { id: 'ww0000000000000000' }));
  test.each([
    ['nothing', '', 'query'],
    ['no echostr', query(head), 'signature'],
    ['another signature', query({ ...official, msg_signature: '0'.repeat(40) }), 'signature'],
    ['echostr twice', `${query(official)}&echostr=x`, 'query'],
    [
      'another corp',
      query({ msg_signature: envelope.sign(1, '2', foreign), timestamp: 1, nonce: '2', echostr: foreign }),
      'receive-id',
    ],
  ])('refused: %s', async (_, search, reason) => {
    const response = await get(search);
    expect([response.status, await response.text()]).toEqual([400, '']);
    expect(outpost.refused).toEqual([reason]);
  });
});

describe('POST brings a message', () => {
  test('and takes a sealed answer back', async () => {
    const { status, text, headers } = await post(outpost, good('标签 查 <VIP> ]]'));
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/xml; charset=utf-8');
    expect(outpost.received).toMatchObject([
      { kind: 'text', text: '标签 查 <VIP> ]]', member: 'lisi', corpId: CORP_ID },
    ]);
    expect(outpost.received[0]?.receivedAt).toBe(outpost.now);
    expect(await openReply(text)).toEqual({
      ToUserName: 'lisi',
      FromUserName: CORP_ID,
      CreateTime: String(seconds()),
      MsgType: 'text',
      Content: '收到',
    });
    expect(outpost.taken).toEqual(['text']);
  });

  test('names that look like markup survive the way back', async () => {
    const content = "已添加 __proto__ <b> '; DROP ]]> &amp; 😀";
    outpost.answer = async () => ({ kind: 'text', content });
    expect((await openReply((await post(outpost, good())).text)).Content).toBe(content);
  });

  test('every answer has a nonce of its own', async () => {
    const nonces = await Promise.all(
      Array.from({ length: 20 }, async () => /<Nonce><!\[CDATA\[(\d+)]]/.exec((await post(outpost, good())).text)?.[1]),
    );
    expect(new Set(nonces).size).toBe(20);
    expect(nonces).not.toContain(undefined);
  });

  test('nothing to say is an empty 200', async () => {
    outpost.answer = async () => undefined;
    const { status, text } = await post(outpost, good());
    expect([status, text, outpost.received.length]).toEqual([200, '', 1]);
  });

  test('JSON is answered in JSON, with every digit of MsgId', async () => {
    const plain = `{"ToUserName":"${CORP_ID}","FromUserName":"mycreate","MsgType":"text","Content":"hello","MsgId":4561255354251345929}`;
    const sealed = envelope.seal(plain, seconds(), '7');
    const { status, text, headers } = await post(outpost, {
      query: query({ msg_signature: sealed.signature, timestamp: sealed.timestamp, nonce: '7' }),
      body: JSON.stringify({ tousername: CORP_ID, encrypt: sealed.encrypt, agentid: '218' }),
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(outpost.received).toMatchObject([{ key: 'm:4561255354251345929', text: 'hello' }]);
    const reply = JSON.parse(text);
    expect(reply.timestamp).toBe(seconds());
    const opened = envelope.open(
      { msg_signature: reply.msgsignature, timestamp: String(reply.timestamp), nonce: reply.nonce },
      reply.encrypt,
    );
    expect(JSON.parse(opened)).toMatchObject({ ToUserName: 'mycreate', FromUserName: CORP_ID, Content: '收到' });
  });

  test.each([
    ['kind', '<MsgType>hologram</MsgType>'],
    ['event', '<MsgType>event</MsgType><Event>approval</Event>'],
    ['nothing at all', ''],
  ])('an unknown %s is acknowledged and goes no further', async (_, inner) => {
    const { status, text } = await post(outpost, sealedPost(`<xml>${inner}</xml>`, { timestamp: seconds() }));
    expect([status, text, outpost.received, outpost.taken]).toEqual([200, '', [], ['other']]);
  });

  test('what the inbox throws is a bare 500, logged, so that WeCom comes again', async () => {
    outpost.answer = async () => {
      throw new Error('disk full');
    };
    const { status, text } = await post(outpost, good());
    expect([status, text]).toEqual([500, '']);
    expect(outpost.lines).toMatchObject([{ level: 'error', message: 'request failed', fields: { path: PATH } }]);
    outpost.answer = async () => ({ kind: 'text', content: 'b' });
    expect((await post(outpost, good())).status).toBe(200);
  });

  test('a sender that hangs up while its answer is made harms nobody', async () => {
    let release = (): void => {};
    let arrived = (): void => {};
    const inside = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    outpost.answer = async () => {
      arrived();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return { kind: 'text', content: 'x'.repeat(2000) };
    };
    const hangUp = new AbortController();
    const { query, body } = good();
    const gone = fetch(`${outpost.url}${PATH}?${query}`, { method: 'POST', body, signal: hangUp.signal });
    await inside;
    hangUp.abort();
    await expect(gone).rejects.toThrow();
    release();
    outpost.answer = async () => ({ kind: 'text', content: 'b' });
    expect((await post(outpost, good())).status).toBe(200);
    expect(outpost.lines.filter((line) => line.level === 'error')).toEqual([]);
  });
});

describe('the clock', () => {
  const minutesAway = (minutes: number) => sealedPost(textMessage(), { timestamp: seconds() + minutes * 60 });

  test.each([-10, -1, 0, 1, 10])('%i minutes off is in time', async (minutes) => {
    expect((await post(outpost, minutesAway(minutes))).status).toBe(200);
  });

  test.each([
    [-13, 'timestamp 13 min off'],
    [13, 'timestamp -13 min off'],
  ])('%i minutes off is refused and named', async (minutes, words) => {
    const { status, text } = await post(outpost, minutesAway(minutes));
    expect([status, text, outpost.received, outpost.refused]).toEqual([400, '', [], ['timestamp']]);
    expect(outpost.lines).toMatchObject([
      { level: 'warn', message: `callback refused: ${words}`, fields: { source: { address: '127.0.0.1' } } },
    ]);
  });

  test('a repeat of what is known is welcome, however late', async () => {
    outpost.known.add('m:7561234567890123456');
    const { status, text } = await post(outpost, minutesAway(-60));
    expect(status).toBe(200);
    expect((await openReply(text)).Content).toBe('收到');
  });
});

describe('what is not exactly right', () => {
  const text = Buffer.from(textMessage());
  const signedNow = (encrypt: string) => sealedAs(encrypt, { timestamp: seconds() });
  const inner = (plaintext: string) => sealedPost(plaintext, { timestamp: seconds() });
  const outer = (change: (body: string) => string) => {
    const sealed = good();
    return { ...sealed, body: change(sealed.body) };
  };
  const asked = (change: (query: string) => string) => {
    const sealed = good();
    return { ...sealed, query: change(sealed.query) };
  };
  const stream = (chunks: number) =>
    new ReadableStream({
      start(controller) {
        for (let i = 0; i < chunks; i++) controller.enqueue(new Uint8Array(16 * 1024).fill(0x20));
        controller.close();
      },
    });

  test.each<[string, () => { query: string; body: string | Uint8Array | ReadableStream }, string, number?]>([
    ['an empty body', () => outer(() => ''), 'body'],
    ['no XML', () => outer(() => 'hello'), 'body'],
    ['binary junk', () => ({ ...good(), body: Uint8Array.from({ length: 3000 }, (_, i) => (i * 7919) % 256) }), 'body'],
    ['no Encrypt', () => outer(() => '<xml><ToUserName>ww1</ToUserName></xml>'), 'body'],
    ['two Encrypts', () => outer((body) => body.replace('</xml>', '<Encrypt>QUJD</Encrypt></xml>')), 'body'],
    ['a DTD', () => outer((body) => `<!DOCTYPE xml>${body}`), 'body'],
    ['entities', () => outer((body) => body.replace('<xml>', '<xml><A>&lt;</A>')), 'body'],
    ['a truncated body', () => outer((body) => body.slice(0, -40)), 'body'],
    ['a truncated ciphertext', () => outer((body) => body.replace(/.{8}]]><\/Encrypt>/, ']]></Encrypt>')), 'signature'],
    ['a changed ciphertext', () => outer((body) => body.replace('<Encrypt><![CDATA[', '$&AAAA')), 'signature'],
    ['a wrong signature', () => asked((query) => query.replace(/msg_signature=../, 'msg_signature=zz')), 'signature'],
    ['an unsigned nonce', () => asked((query) => query.replace('nonce=1', 'nonce=2')), 'signature'],
    ['no query', () => asked(() => ''), 'query'],
    ['no signature', () => asked((query) => query.replace('msg_signature', 'signature')), 'query'],
    ['an empty nonce', () => asked((query) => query.replace(/nonce=\d+/, 'nonce=')), 'query'],
    ['a timestamp that is no number', () => asked((query) => query.replace(/timestamp=\d/, 'timestamp=-')), 'query'],
    [
      'a timestamp in milliseconds and more',
      () => asked((query) => query.replace('timestamp=', 'timestamp=000')),
      'query',
    ],
    ['a second signature', () => asked((query) => `${query}&msg_signature=${'0'.repeat(40)}`), 'query'],
    ['the same timestamp twice', () => asked((query) => `${query}&timestamp=${seconds()}`), 'query'],
    ['a second nonce with an encoded name', () => asked((query) => `${query}&%6eonce=1`), 'query'],
    ['an array', () => asked((query) => query.replace('nonce=', 'nonce[]=')), 'query'],
    ['an array beside it', () => asked((query) => `${query}&timestamp%5B0%5D=1`), 'query'],
    ['a broken percent sign', () => asked((query) => query.replace('nonce=', 'nonce=%zz')), 'query'],
    ['wrong padding', () => signedNow(encryptBytes(sealedBytes(text, { padByte: 40 }))), 'padding'],
    ['a length beyond the end', () => signedNow(encryptBytes(sealedBytes(text, { length: 100_000 }))), 'length'],
    [
      'another receive id',
      () => signedNow(encryptBytes(sealedBytes(text, { id: 'ww0000000000000000' }))),
      'receive-id',
    ],
    ['broken UTF-8 inside', () => signedNow(encryptBytes(sealedBytes(Buffer.from([0xff, 0xfe])))), 'utf8'],
    ['no base64', () => signedNow('not base64 at all'), 'ciphertext'],
    ['another corp inside', () => inner(textMessage({ to: 'ww0000000000000000' })), 'to-user'],
    ['no XML inside', () => inner('hello'), 'xml'],
    ['a DTD inside', () => inner(`<!DOCTYPE xml [<!ENTITY a "b">]>${textMessage()}`), 'dtd'],
    ['a truncated message inside', () => inner(textMessage().slice(0, -9)), 'xml'],
    ['a mountain of elements inside', () => inner('<a>'.repeat(10_000)), 'limit'],
    ['a body over the limit', () => outer((body) => body + ' '.repeat(65_536)), 'too-large', 413],
    ['a body over the limit, announced', () => ({ ...good(), body: 'x'.repeat(200_000) }), 'too-large', 413],
    ['a body over the limit, in chunks', () => ({ ...good(), body: stream(8) }), 'too-large', 413],
  ])('%s: refused without a word, and the next good message is answered', async (_, make, reason, expected = 400) => {
    const { status, text } = await post(outpost, make());
    expect([status, text, outpost.received, outpost.refused]).toEqual([expected, '', [], [reason]]);
    expect(outpost.lines).toHaveLength(1);
    const began = performance.now();
    const next = await post(outpost, good('next'));
    expect((await openReply(next.text)).Content).toBe('收到');
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('a body of exactly 64 KiB is not too large', async () => {
    const sealed = good();
    const body = sealed.body + ' '.repeat(65_536 - sealed.body.length);
    expect((await post(outpost, { ...sealed, body })).status).toBe(200);
  });

  async function raw(text: string | Buffer, end: boolean): Promise<string> {
    const socket = connect(outpost.server.port, '127.0.0.1');
    socket.write(text);
    if (end) socket.end();
    let heard = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      heard += chunk;
      if (heard.includes('\r\n\r\n')) socket.destroy();
    });
    await once(socket, 'close');
    return heard;
  }

  test('a body announced as a gigabyte is not waited for', async () => {
    const heard = await raw(`POST ${PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n<xml>`, false);
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
    expect(heard).toMatch(/\r\nConnection: close\r\n/i);
    expect(outpost.refused).toEqual(['too-large']);
  });

  test('a body that breaks off', async () => {
    await raw(`POST ${PATH}?${good().query} HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n<xml>`, true);
    await expect.poll(() => outpost.refused).toEqual(['broken-off']);
    expect((await post(outpost, good())).status).toBe(200);
  });

  test('what is no HTTP', async () => {
    expect(await raw('\0\x01\x02 nonsense\r\n\r\n', false)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await post(outpost, good())).status).toBe(200);
  });

  test('no request line and no header of any kind is answered 5xx', async () => {
    const piece = fc.constantFrom(
      ...[
        '/',
        '//',
        PATH,
        '?',
        '#',
        '@',
        '[',
        ']',
        ':',
        '%',
        '%zz',
        '%00',
        '..',
        ' ',
        '\t',
        '\\',
        '*',
        'http://',
        'a',
        '&',
      ],
      ...['msg_signature=', 'nonce[]=', '\x00', '\x7f', '\xa0', '\xff', '0'.repeat(40)],
    );
    const line = fc
      .tuple(fc.constantFrom('', '/', '//', '//a@[', 'http://', 'http://['), fc.array(piece, { maxLength: 6 }))
      .map(([start, pieces]) => start + pieces.join(''));
    const method = fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'CONNECT', 'PROPFIND', 'get', '');
    const header = fc.constantFrom(
      'Host',
      'X-Forwarded-For',
      'Content-Length',
      'Transfer-Encoding',
      'Expect',
      'Upgrade',
      'Cookie',
    );
    await fc.assert(
      fc.asyncProperty(method, line, header, line, async (method, target, name, value) => {
        const text = `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${name}: ${value}\r\n\r\n`;
        expect(await raw(Buffer.from(text, 'latin1'), true)).toMatch(/^(HTTP\/1\.1 [1-4]|$)/);
      }),
      { numRuns: 400 },
    );
    expect(outpost.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(outpost.lines.length).toBeLessThan(30);
  });

  test.each(['HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is not allowed', async (method) => {
    const response = await fetch(`${outpost.url}${PATH}?${good().query}`, { method });
    expect([response.status, await response.text(), response.headers.get('allow')]).toEqual([405, '', 'GET, POST']);
  });

  describe('lines in the log', () => {
    const forged = () => asked((query) => query.replace('nonce=1', 'nonce=2'));
    const from = (address: string, sent = forged()) =>
      fetch(`${outpost.url}${PATH}?${sent.query}`, {
        method: 'POST',
        body: sent.body,
        headers: { 'X-Forwarded-For': address },
      });

    test('one a minute for each reason, with the number of those passed over', async () => {
      for (let i = 0; i < 5; i++) await post(outpost, forged());
      await post(
        outpost,
        outer(() => ''),
      );
      expect(outpost.lines.map((line) => line.fields.reason)).toEqual(['signature', 'body']);
      outpost.nextMinute();
      expect(outpost.lines[2]?.fields).toMatchObject({ reason: 'signature', alike: 4 });
      await post(outpost, forged());
      expect(outpost.lines).toHaveLength(4);
      expect(outpost.refused).toHaveLength(7);
    });

    test("another's refusals silence nobody's", async () => {
      for (let i = 0; i < 5; i++) await from('203.0.113.1');
      await from('198.51.100.2');
      await from('203.0.113.1', { ...good(), body: '' });
      expect(outpost.lines.map(({ fields }) => [fields.reason, fields.source])).toEqual([
        ['signature', { address: '127.0.0.1', forwardedFor: '203.0.113.1' }],
        ['signature', { address: '127.0.0.1', forwardedFor: '198.51.100.2' }],
        ['body', { address: '127.0.0.1', forwardedFor: '203.0.113.1' }],
      ]);
    });

    test('addresses made up by the hundred fill no disk', async () => {
      await Promise.all(Array.from({ length: 100 }, (_, i) => from(`203.0.113.${i}`)));
      expect(outpost.lines).toHaveLength(5);
      outpost.nextMinute();
      expect(outpost.lines[5]?.fields).toMatchObject({ alike: 95 });
    });

    test('bodies that break off again and again', async () => {
      const broken = `POST ${PATH}?${good().query} HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n<xml>`;
      await Promise.all(Array.from({ length: 20 }, () => raw(broken, true)));
      await expect.poll(() => outpost.refused).toHaveLength(20);
      expect(outpost.lines.length).toBeLessThanOrEqual(2);
    });

    test('targets that are no path', async () => {
      for (const target of ['http://[x', '*', 'x', '//a@[x#', '//a@b:99999#', '/#', '/\u00a0[', '/ä']) {
        expect(await raw(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`, false)).toMatch(/^HTTP\/1\.1 400 /);
      }
      expect(outpost.lines).toHaveLength(1);
      expect(outpost.lines[0]).toMatchObject({ level: 'warn', message: 'the target of a request is no path' });
      expect(JSON.stringify(outpost.lines)).not.toContain('stack');
      expect((await post(outpost, good())).status).toBe(200);
    });
  });

  test('nothing of a message or a secret is in a warning', async () => {
    await post(outpost, inner(textMessage({ content: 'very private', to: 'ww0000000000000000' })));
    const line = JSON.stringify(outpost.lines);
    expect(line).toContain('to-user');
    expect(line).not.toMatch(/private|QDG6eK|jWmYm7|xml/);
  });
});

test('a path is taken literally', async () => {
  const odd = await startOutpost('/hook(1)/*:x');
  const { query, body } = sealedPost(textMessage());
  const status = async (path: string) => (await fetch(`${odd.url}${path}?${query}`, { method: 'POST', body })).status;
  expect(await status('/hook(1)/*:x')).toBe(200);
  expect(await status('/hook(1)/anything:x')).toBe(404);
  expect(await status('/HOOK(1)/*:x')).toBe(404);
  await odd.close();
});

describe('a signed request on a wrong path', () => {
  test.each([`${PATH}/`, PATH.toUpperCase(), `/prefix${PATH}`, '/', '/wecom'])(
    '%s: told where it came and where it should',
    async (path) => {
      const { query, body } = good();
      const response = await fetch(`${outpost.url}${path}?${query}`, { method: 'POST', body });
      expect([response.status, await response.text()]).toEqual([404, '']);
      expect(outpost.lines).toMatchObject([{ level: 'warn', fields: { cameTo: path, waitingAt: PATH } }]);
      expect(outpost.refusedHttp).toEqual(['path']);
    },
  );

  test('another wrong path is told at once, the same one is not; of a thousand, five are', async () => {
    for (const path of ['/a', '/a', '/b']) await fetch(`${outpost.url}${path}?${good().query}`);
    expect(outpost.lines).toMatchObject([{ fields: { cameTo: '/a' } }, { fields: { cameTo: '/b' } }]);
    for (let i = 0; i < 50; i++) await fetch(`${outpost.url}/wecom/${i}?${good().query}`);
    expect(outpost.lines).toHaveLength(5);
    expect(outpost.refusedHttp).toHaveLength(53);
  });

  test('what is not signed leaves none', async () => {
    for (const path of ['/', '/wp-login.php', '/?msg_signature=1']) {
      expect((await fetch(outpost.url + path)).status).toBe(404);
    }
    expect(outpost.lines).toEqual([]);
  });
});

describe('a message that was sent to another app of the corp', () => {
  const to = (agent: string, kind = '<MsgType>text</MsgType><Content>标签 删除 VIP</Content><MsgId>9</MsgId>') =>
    sealedPost(`<xml><ToUserName>${CORP_ID}</ToUserName><FromUserName>lisi</FromUserName>${kind}${agent}</xml>`, {
      timestamp: seconds(),
    });

  test('is acknowledged, and that is all; one warning', async () => {
    for (const agent of ['1000003', '0', 'x']) {
      const { status, text } = await post(outpost, to(`<AgentID>${agent}</AgentID>`));
      expect([status, text]).toEqual([200, '']);
    }
    expect([outpost.received, outpost.taken]).toEqual([[], []]);
    expect(outpost.otherApps).toHaveLength(3);
    expect(outpost.lines).toMatchObject([
      { level: 'warn', message: 'message of another app', fields: { ours: AGENT_ID, agentId: '1000003' } },
    ]);
  });

  test.each([
    '',
    '<AgentID></AgentID>',
    `<AgentID>${AGENT_ID}</AgentID>`,
    `<AgentID><![CDATA[${AGENT_ID}]]></AgentID>`,
  ])('ours, or nobody in particular: %s', async (agent) => {
    expect((await post(outpost, to(agent))).text).toContain('<Encrypt>');
    expect(outpost.received).toHaveLength(1);
  });

  test("a change of the library is the corp's, whatever app it names", async () => {
    const change =
      '<MsgType>event</MsgType><Event>change_external_tag</Event><Id>et1</Id><TagType>tag</TagType><ChangeType>create</ChangeType>';
    for (const agent of ['', '<AgentID>0</AgentID>', '<AgentID>1000003</AgentID>'])
      await post(outpost, to(agent, change));
    expect(outpost.received.map(({ kind }) => kind)).toEqual(['tagChange', 'tagChange', 'tagChange']);
    expect(outpost.otherApps).toEqual([]);
  });
});

test('signatures are compared in constant time', () => {
  const source = readFileSync(new URL('../../src/callback/envelope.ts', import.meta.url), 'utf8');
  const [, comparison = ''] = /function sameSignature\([^)]*\): boolean \{([\s\S]*?)\n\}/.exec(source) ?? [];
  expect(comparison).toMatch(/return .*timingSafeEqual\(/);
  expect(comparison.replaceAll('ours.length === theirs.length', '')).not.toContain('==');
  expect(source).toMatch(/if \(!sameSignature\(/);
});
