/**
 * What lies in a database, which is backed up and read by more people than a secret: sealed with AES-256-GCM, so that it
 * can be read by nobody without the key and altered by nobody at all.
 */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** Base64 of nonce, tag and ciphertext. `key`: 32 bytes. `place`: what it belongs to; sealed for one place, it opens in no other. */
export function seal(key: Buffer, text: string, place = ''): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Throws for what was sealed with another key, for another place, or not by us. */
export function open(key: Buffer, sealed: string, place = ''): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
}

/** The key in use and the one before it, which still opens what has not been sealed anew yet. */
export interface KeyRing {
  /** With the key in use. */
  seal(text: string, place: string): string;
  /** Undefined for what neither key opens. */
  open(sealed: string, place: string): string | undefined;
  /** Whether it was sealed with the key in use. */
  isCurrent(sealed: string): boolean;
}

/** `keys`: base64 of 32 bytes each, the one in use first. */
export function createKeyRing(keys: readonly string[]): KeyRing {
  const ring = keys.map((text) => {
    const key = Buffer.from(text, 'base64');
    return { id: createHash('sha256').update(key).digest('hex').slice(0, 8), key };
  });
  const [current] = ring;
  if (current === undefined) throw new TypeError('a key ring without a key');
  return {
    seal: (text, place) => `${current.id}.${seal(current.key, text, place)}`,
    open(sealed, place) {
      const [id, content = ''] = sealed.split('.');
      const found = ring.find((each) => each.id === id);
      try {
        return found && open(found.key, content, place);
      } catch {
        return undefined;
      }
    },
    isCurrent: (sealed) => sealed.startsWith(`${current.id}.`),
  };
}
