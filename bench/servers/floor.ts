/**
 * The floor: nothing but what no callback server can leave out. Raw node:http; read the body, verify the SHA-1, decrypt,
 * encrypt a fixed reply, sign. No framework, no XML reader, no checks beyond the signature.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto';
import { createServer } from 'node:http';
import { fromEnvironment } from '../corp.ts';

const { corpId, token, encodingAesKey } = fromEnvironment(process.env);
const keyBytes = Buffer.from(`${encodingAesKey}=`, 'base64');
const key = createSecretKey(keyBytes);
const iv = keyBytes.subarray(0, 16);
const random = Buffer.alloc(16);

function signature(timestamp: string, nonce: string, encrypt: string): string {
  return createHash('sha1').update([token, timestamp, nonce, encrypt].sort().join('')).digest('hex');
}

function decrypt(text: string): string {
  const plain = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false).update(text, 'base64');
  return plain.toString('utf8', 20, 20 + plain.readUInt32BE(16));
}

function encrypt(text: string): string {
  const length = Buffer.byteLength(text);
  const used = 20 + length + corpId.length;
  const plain = Buffer.alloc(used + 32 - (used % 32), 32 - (used % 32));
  randomFillSync(random).copy(plain);
  plain.writeUInt32BE(length, 16);
  plain.write(text, 20);
  plain.write(corpId, 20 + length);
  return createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false).update(plain).toString('base64');
}

function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from) + from.length;
  return text.slice(start, text.indexOf(to, start));
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const query = `${request.url ?? ''}&`;
    const timestamp = between(query, 'timestamp=', '&');
    const nonce = between(query, 'nonce=', '&');
    const sealed = between(Buffer.concat(chunks).toString(), '<Encrypt><![CDATA[', ']]>');
    const expected = Buffer.from(signature(timestamp, nonce, sealed));
    const given = Buffer.from(between(query, 'msg_signature=', '&'));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      response.writeHead(400).end();
      return;
    }
    const member = between(decrypt(sealed), '<FromUserName><![CDATA[', ']]>');
    const answer = encrypt(
      `<xml><ToUserName><![CDATA[${member}]]></ToUserName><FromUserName><![CDATA[${corpId}]]></FromUserName><CreateTime>${timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hello]]></Content></xml>`,
    );
    const body = `<xml><Encrypt><![CDATA[${answer}]]></Encrypt><MsgSignature><![CDATA[${signature(timestamp, nonce, answer)}]]></MsgSignature><TimeStamp>${timestamp}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`;
    response.writeHead(200, { 'Content-Type': 'application/xml', 'Content-Length': body.length }).end(body);
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1');
