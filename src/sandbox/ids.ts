/** Ids that look like the platform's: tag ids, 64-bit message ids, opaque codes. */
import { randomBytes } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function randomText(length: number): string {
  let text = '';
  for (const byte of randomBytes(length)) text += LETTERS[byte & 63];
  return text;
}

/** Tags and groups look alike: `et` and thirty characters. */
export const tagId = (): string => `et${randomText(30)}`;

let lastMessageId = 7_300_000_000_000_000_000n + BigInt(`0x${randomBytes(6).toString('hex')}`);

/** A decimal number beyond 2^53: whoever parses it as a JavaScript number damages it. */
export function messageId(): string {
  lastMessageId += 1n + BigInt(randomBytes(1)[0] ?? 0);
  return lastMessageId.toString();
}
