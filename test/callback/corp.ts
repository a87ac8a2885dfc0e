/** The corp of Tencent's own sample data, whose vectors every library of the platform repeats, and hands to seal with. */
import { createCipheriv } from 'node:crypto';
import { createEnvelope } from '../../src/callback/envelope.ts';

export const TOKEN = 'QDG6eK';
export const AES_KEY = 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C';
export const AGENT_ID = 1000002;
export const CORP_ID = 'wx5823bf96d3bd56c7';
export const envelope = createEnvelope({ token: TOKEN, encodingAesKey: AES_KEY, receiveId: CORP_ID });

/** AES without any rule about what is inside: for plaintexts that `seal` would never make. */
export function encryptBytes(bytes: Buffer): string {
  const key = Buffer.from(`${AES_KEY}=`, 'base64');
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64');
}

/** The bytes under the seal, with every part open to tampering. */
export function sealedBytes(
  text: Buffer,
  { length = text.length, id = CORP_ID, padByte }: { length?: number; id?: string; padByte?: number } = {},
): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(length);
  const open = Buffer.concat([Buffer.from('0123456789abcdef'), size, text, Buffer.from(id)]);
  const missing = 32 - (open.length % 32);
  return Buffer.concat([open, Buffer.alloc(missing, padByte ?? missing)]);
}

export function textMessage(fields: Partial<Record<'to' | 'from' | 'content' | 'id', string>> = {}): string {
  const { to = CORP_ID, from = 'lisi', content = '标签 查 VIP', id = '7561234567890123456' } = fields;
  return (
    `<xml><ToUserName><![CDATA[${to}]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName>` +
    `<CreateTime>1760000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${content}]]></Content>` +
    `<MsgId>${id}</MsgId><AgentID>1000002</AgentID></xml>`
  );
}
