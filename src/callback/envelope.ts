/**
 * The sealed envelope around every callback and every passive reply (WeCom docs 90968 / 91144).
 * `open`: signature → base64 → AES → padding → length → UTF-8, and no text before the last check has passed. Whose receive
 * id it may be sealed for is the caller's to judge, or that of `createEnvelope`, which knows one alone.
 * `seal` is the same way back. Every message has a cipher of its own; nothing but the key is shared between two of them.
 *
 * Signatures come from @wecom/crypto. Its `decrypt` and `encrypt` are not used: it takes unpadding failures for data,
 * trusts the length field, turns broken UTF-8 into replacement characters, never compares the receive id, and hides all
 * of these from its caller. That half is done here with node:crypto.
 */
import { isUtf8 } from 'node:buffer';
import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync, timingSafeEqual } from 'node:crypto';
import { getSignature } from '@wecom/crypto';
import { BotError } from '../errors.ts';

export interface SealKeys {
  /** Token of the app's callback configuration. */
  readonly token: string;
  /** EncodingAESKey: 43 base64 characters, the 32-byte AES key without its final `=`. */
  readonly encodingAesKey: string;
}

export interface EnvelopeKeys extends SealKeys {
  /** What the sealed text must end in: the corp id for an app of one's own (WeCom doc 90968). */
  readonly receiveId: string;
}

/** The signed part of a callback's query. */
export interface SignedQuery {
  readonly msg_signature: string;
  readonly timestamp: string;
  readonly nonce: string;
}

export interface Sealed {
  /** Base64 ciphertext. */
  readonly encrypt: string;
  readonly signature: string;
  readonly timestamp: string;
  readonly nonce: string;
}

export interface Opened {
  readonly text: string;
  /** As it was sealed; not yet judged. Upper and lower case are different. */
  readonly receiveId: string;
}

/** One callback configuration, which may be that of many companies. */
export interface Seal {
  /** As `Envelope.open`, for whatever receive id. */
  open(query: SignedQuery, encrypt: string): Opened;
  /** As `Envelope.seal`. */
  seal(plaintext: string, receiveId: string, timestamp: string | number, nonce: string): Sealed;
  sign(timestamp: string | number, nonce: string, encrypt: string): string;
}

/** That of one receive id. */
export interface Envelope {
  /**
   * Verifies and decrypts. `encrypt` is the `Encrypt` text of a POST or the `echostr` of a GET.
   * @throws BotError of kind `callback`: callback.signature, .ciphertext, .padding, .length, .receive-id or .utf8.
   */
  open(query: SignedQuery, encrypt: string): string;
  /** Encrypts and signs `plaintext` with a fresh random part. `timestamp` is in unix seconds. */
  seal(plaintext: string, timestamp: string | number, nonce: string): Sealed;
  /** The signature over token, timestamp, nonce and ciphertext: 40 lower-case hex digits. */
  sign(timestamp: string | number, nonce: string, encrypt: string): string;
}

/** Padding goes to 32 bytes; senders that stop at AES's own 16 have been seen, and lose nothing by it. */
const BLOCK = 32;
const CIPHER_BLOCK = 16;
const RANDOM_BYTES = 16;
const HEAD_BYTES = RANDOM_BYTES + 4;
const AES_KEY = /^[A-Za-z0-9+/]{43}$/;

/** Throws as `createSeal`. */
export function createEnvelope({ receiveId, ...keys }: EnvelopeKeys): Envelope {
  const { open, seal, sign } = createSeal(keys);
  return {
    open(query, encrypt) {
      const opened = open(query, encrypt);
      if (opened.receiveId !== receiveId) throw refused('callback.receive-id');
      return opened.text;
    },
    seal: (plaintext, timestamp, nonce) => seal(plaintext, receiveId, timestamp, nonce),
    sign,
  };
}

/**
 * Prepares the seal of one callback configuration.
 * @throws BotError of kind `setup` when the token is empty or the AES key is not 43 base64 characters.
 */
export function createSeal({ token, encodingAesKey }: SealKeys): Seal {
  if (token === '') throw new BotError('setup.callback-token', 'setup', { message: 'callback token is empty' });
  if (!AES_KEY.test(encodingAesKey)) {
    throw new BotError('setup.callback-aes-key', 'setup', { message: 'EncodingAESKey is not 43 base64 characters' });
  }
  const keyBytes = Buffer.from(`${encodingAesKey}=`, 'base64');
  const key = createSecretKey(keyBytes);
  const iv = Buffer.from(keyBytes.subarray(0, 16));

  function sign(timestamp: string | number, nonce: string, encrypt: string): string {
    return getSignature(token, String(timestamp), nonce, encrypt);
  }

  function open({ msg_signature, timestamp, nonce }: SignedQuery, encrypt: string): Opened {
    if (!sameSignature(sign(timestamp, nonce, encrypt), msg_signature)) throw refused('callback.signature');

    const sealed = strictBase64(encrypt);
    if (sealed === undefined || sealed.length % CIPHER_BLOCK !== 0) throw refused('callback.ciphertext');
    // Automatic unpadding knows 16-byte blocks only and fails on pads of 17 to 32. Without it, `update` returns all.
    const plain = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false).update(sealed);

    const pad = plain[plain.length - 1] ?? 0;
    if (pad < 1 || pad > BLOCK) throw refused('callback.padding');
    const end = plain.length - pad;
    if (end < HEAD_BYTES) throw refused('callback.length');
    for (let i = end; i < plain.length; i++) if (plain[i] !== pad) throw refused('callback.padding');

    const textEnd = HEAD_BYTES + plain.readUInt32BE(RANDOM_BYTES);
    if (textEnd > end) throw refused('callback.length');
    const bytes = plain.subarray(HEAD_BYTES, end);
    if (!isUtf8(bytes)) throw refused('callback.utf8');
    return { text: plain.toString('utf8', HEAD_BYTES, textEnd), receiveId: plain.toString('utf8', textEnd, end) };
  }

  function seal(plaintext: string, receiveId: string, timestamp: string | number, nonce: string): Sealed {
    const textBytes = Buffer.byteLength(plaintext, 'utf8');
    const used = HEAD_BYTES + textBytes + Buffer.byteLength(receiveId, 'utf8');
    const pad = BLOCK - (used % BLOCK);
    const plain = Buffer.allocUnsafe(used + pad);
    randomFillSync(plain, 0, RANDOM_BYTES);
    plain.writeUInt32BE(textBytes, RANDOM_BYTES);
    plain.write(plaintext, HEAD_BYTES, 'utf8');
    plain.write(receiveId, HEAD_BYTES + textBytes, 'utf8');
    plain.fill(pad, used);
    const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
    const encrypt = cipher.update(plain).toString('base64');
    return { encrypt, signature: sign(timestamp, nonce, encrypt), timestamp: String(timestamp), nonce };
  }

  return { open, seal, sign };
}

/** Compares in time that depends on the length alone; the right length is public. */
function sameSignature(expected: string, given: string): boolean {
  const [ours, theirs] = [Buffer.from(expected, 'utf8'), Buffer.from(given, 'utf8')];
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

/** Node's decoder skips what is not base64 and takes the URL alphabet too; what it made must say the same again. */
function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
}

function refused(code: string): BotError {
  return new BotError(code, 'callback');
}
