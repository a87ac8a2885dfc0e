/** Uploaded files (docs 90253, 90254): kept three days, addressed by media_id. */
import { randomText } from './ids.ts';
import { type Body, refuse } from './refusal.ts';

export interface MediaFile {
  readonly type: string;
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly createdAt: number;
}

export interface Upload {
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

const MIB = 1024 * 1024;
const MAX_BYTES: Readonly<Record<string, number>> = {
  image: 10 * MIB,
  voice: 2 * MIB,
  video: 10 * MIB,
  file: 20 * MIB,
};
const EXTENSIONS: Readonly<Record<string, RegExp>> = { image: /\.(jpe?g|png)$/i, voice: /\.amr$/i, video: /\.mp4$/i };
const LIFE_MS = 3 * 24 * 3_600_000;

/** The largest request body that media/upload has to look at. */
export const MAX_UPLOAD_BYTES = 21 * MIB;

export class Media {
  readonly #files = new Map<string, MediaFile>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** media/upload. `file` is undefined when the form has no part named `media`. */
  upload(type: string | null, file: Upload | undefined): Body {
    const max = type === null ? undefined : MAX_BYTES[type];
    if (type === null || max === undefined) refuse(40005, 'invalid type');
    if (file === undefined || file.bytes.length === 0) refuse(44001, 'empty media data');
    if (file.bytes.length <= 5) refuse(40006, 'invalid media size');
    if (file.bytes.length > max) refuse(45001, 'media size out of limit');
    const extension = EXTENSIONS[type];
    if (extension !== undefined && !extension.test(file.filename)) refuse(40004, 'invalid media type');
    const id = randomText(64);
    const createdAt = this.#now();
    this.#files.set(id, { ...file, type, createdAt });
    return { type, media_id: id, created_at: String(Math.floor(createdAt / 1000)) };
  }

  find(id: string): MediaFile | undefined {
    const file = this.#files.get(id);
    return file !== undefined && this.#now() - file.createdAt < LIFE_MS ? file : undefined;
  }

  /** media/get. */
  get(id: string | null): MediaFile {
    if (!id) refuse(41006, 'missing media_id');
    return this.find(id) ?? refuse(40007, 'invalid media_id');
  }
}
