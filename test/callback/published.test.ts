/**
 * Every vector and message that others have published, where a collection of them lies beside the project:
 * `../shared/fixtures/callback-vectors.json` and `callback-messages.json`. It is no part of the project.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Decoded, decodeEnvelopeBody, decodeMessage } from '../../src/callback/decode.ts';
import { createEnvelope } from '../../src/callback/envelope.ts';
import { expectSame } from './readers.ts';

const folder = new URL('../../../shared/fixtures/', import.meta.url);
const present =
  existsSync(new URL('callback-vectors.json', folder)) && existsSync(new URL('callback-messages.json', folder));
if (!present) console.info(`published vectors and messages skipped: ${folder.pathname} does not hold them`);

const positive = z.object({
  id: z.string(),
  kind: z.enum(['url-verification', 'message', 'message-json', 'reply', 'cipher-only', 'signature-only']),
  token: z.string().optional(),
  encodingAESKey: z.string().optional(),
  receiveId: z.string().optional(),
  timestamp: z.string().optional(),
  nonce: z.string().optional(),
  msgSignature: z.string().optional(),
  encrypt: z.string(),
  body: z.string().optional(),
  plaintext: z.string().optional(),
  fields: z.record(z.string(), z.unknown()).optional(),
});
const negative = positive.omit({ kind: true }).required({ token: true, encodingAESKey: true, receiveId: true }).extend({
  stage: z.string(),
});
const message = z.object({
  id: z.string(),
  xml: z.string(),
  wellFormed: z.boolean(),
  fields: z.record(z.string(), z.unknown()).optional(),
});

function read<T>(file: string, shape: z.ZodType<T>): T | undefined {
  return present ? shape.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))) : undefined;
}
const vectors = read('callback-vectors.json', z.object({ positive: z.array(positive), negative: z.array(negative) }));
const messages = read('callback-messages.json', z.object({ messages: z.array(message) }))?.messages ?? [];
const at = { receivedAt: 1_760_000_000_000 };

describe.skipIf(!present)('published vectors', () => {
  test.each(vectors?.positive ?? [])('$id', (vector) => {
    const { timestamp = '1', nonce = '2', msgSignature, encrypt, plaintext } = vector;
    const envelope = createEnvelope({
      token: vector.token ?? 'unpublished',
      encodingAesKey: vector.encodingAESKey ?? 'A'.repeat(43),
      receiveId: vector.receiveId ?? '',
    });
    if (msgSignature !== undefined) expect(envelope.sign(timestamp, nonce, encrypt)).toBe(msgSignature);
    if (vector.kind === 'signature-only') return;

    const signed = { msg_signature: envelope.sign(timestamp, nonce, encrypt), timestamp, nonce };
    const opened = envelope.open(signed, encrypt);
    expect(opened).toBe(plaintext);
    if (vector.body !== undefined) expect(decodeEnvelopeBody(Buffer.from(vector.body)).encrypt).toBe(encrypt);

    const again = envelope.seal(opened, timestamp, nonce);
    expect(envelope.open({ ...signed, msg_signature: again.signature }, again.encrypt)).toBe(opened);

    if (vector.kind === 'message') checkMessage(opened, vector.fields ?? {});
    if (vector.kind === 'message-json') checkJson(opened);
    if (opened.startsWith('<')) expectSame(opened);
  });

  test.each(vectors?.negative ?? [])('refused: $id ($stage)', (vector) => {
    const { token, encodingAESKey, receiveId, timestamp = '', nonce = '', msgSignature = '', encrypt } = vector;
    const open = (): string =>
      createEnvelope({ token, encodingAesKey: encodingAESKey, receiveId }).open(
        { msg_signature: msgSignature, timestamp, nonce },
        encrypt,
      );
    const code = {
      key: 'setup.callback-aes-key',
      signature: 'callback.signature',
      'receive-id': 'callback.receive-id',
    };
    expect(open).toThrow(expect.objectContaining({ code: Reflect.get(code, vector.stage) ?? expect.any(String) }));
  });
});

describe.skipIf(!present)('published messages', () => {
  test.each(messages)('$id', ({ xml, wellFormed, fields = {} }) => {
    if (wellFormed) {
      checkMessage(xml, fields);
      expectSame(xml);
    } else {
      expect(() => decodeMessage(xml, at)).toThrow(expect.objectContaining({ kind: 'callback' }));
    }
  });

  test('most of them are plain enough for the strict reader', () => {
    const plain = messages.filter(({ xml, wellFormed }) => wellFormed && expectSame(xml));
    expect(plain.length).toBeGreaterThan(messages.length / 2);
  });

  test('one envelope carries them all there and back', () => {
    const envelope = createEnvelope({ token: 't', encodingAesKey: 'A'.repeat(43), receiveId: 'ww1' });
    for (const { xml } of messages) {
      const sealed = envelope.seal(xml, 1, '2');
      expect(envelope.open({ ...sealed, msg_signature: sealed.signature }, sealed.encrypt)).toBe(xml);
    }
  });
});

/** The published one has a typing error in it: no JSON, and refused as such. */
function checkJson(plaintext: string): void {
  let valid = true;
  try {
    JSON.parse(plaintext);
  } catch {
    valid = false;
  }
  if (valid) checkMessage(plaintext, {});
  else expect(() => decodeMessage(plaintext, at)).toThrow(expect.objectContaining({ code: 'callback.json' }));
}

function checkMessage(plaintext: string, fields: Readonly<Record<string, unknown>>): void {
  const decoded = decodeMessage(plaintext, at).message;
  const field = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  if (field('ToUserName') !== undefined) expect(decoded.corpId).toBe(field('ToUserName'));
  if (field('FromUserName') !== undefined) expect(decoded.member).toBe(field('FromUserName'));
  if (field('CreateTime') !== undefined) expect(decoded.createTime).toBe(Number(field('CreateTime')));
  const msgId = field('MsgId');
  if (msgId !== undefined) expect(decoded.key).toBe(`m:${msgId}`);
  else if (Object.keys(fields).length > 4) expect(decoded.key).toMatch(/^e:[0-9a-f]{64}$/);

  switch (field('MsgType')) {
    case 'text':
      expect(decoded).toMatchObject({ kind: 'text', text: field('Content') ?? '' });
      break;
    case 'image':
    case 'voice':
    case 'video':
    case 'location':
    case 'link':
      expect(decoded).toMatchObject({ kind: 'media', media: field('MsgType') });
      break;
    case 'event':
      checkEvent(decoded, field);
      break;
    default:
      if (field('MsgType') !== undefined) expect(decoded.kind).toBe('other');
  }
}

function checkEvent(decoded: Decoded['message'], field: (name: string) => string | undefined): void {
  switch (field('Event')?.toLowerCase()) {
    case 'click':
      expect(decoded).toMatchObject({ kind: 'click', eventKey: field('EventKey') });
      break;
    case 'enter_agent':
      expect(decoded.kind).toBe('enter');
      break;
    case 'subscribe':
      expect(decoded.kind).toBe('subscribe');
      break;
    case 'template_card_event':
      expect(decoded).toMatchObject({ kind: 'press', taskId: field('TaskId'), eventKey: field('EventKey') });
      expect(decoded.kind === 'press' && Object.values(decoded.selected).flat().length).toBeGreaterThan(0);
      break;
    case 'change_external_tag':
      expect(decoded).toMatchObject({ kind: 'tagChange', id: field('Id') ?? '', change: field('ChangeType') });
      break;
    default:
      expect(decoded.kind).toBe('other');
  }
}
