/** Certificates for tests, made when they are needed: X.509 version 1, on an elliptic curve. */
import { generateKeyPairSync, sign } from 'node:crypto';

export interface Identity {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

/** For host `subject`; signed by itself unless `issuer` says otherwise. `days` may be negative: then it has ended. */
export function makeCertificate(subject: string, { issuer = subject, days = 30 } = {}): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const from = Date.now() - 60 * 86_400_000;
  const body = sequence(
    node(0x02, Buffer.from([1])),
    SHA256,
    name(issuer),
    sequence(time(from), time(Date.now() + days * 86_400_000)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = node(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const lines =
    sequence(body, SHA256, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function node(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return node(0x30, Buffer.concat(parts));
}

function name(common: string): Buffer {
  const CN = node(0x06, Buffer.from([0x55, 0x04, 0x03]));
  return sequence(node(0x31, sequence(CN, node(0x0c, Buffer.from(common)))));
}

function time(ms: number): Buffer {
  return node(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}

/** ecdsa-with-SHA256 */
const SHA256 = sequence(node(0x06, Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])));
