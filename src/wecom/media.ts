/** Uploading a file that is then sent as a message (doc 90253). It lives for three days. */
import { BotError } from '../errors.ts';
import type { Client } from './client.ts';
import { id } from './shape.ts';

const MIN_BYTES = 6;
const MAX_BYTES = 20 * 1024 * 1024;

export interface MediaApi {
  /** Returns the media_id for a `file` message. Members see `name`. Throws BotError `media.size` beyond 6 bytes … 20 MB. */
  upload(file: { readonly name: string; readonly bytes: Uint8Array }): Promise<string>;
}

export function createMediaApi(client: Client): MediaApi {
  return {
    async upload(file) {
      const bytes = file.bytes.length;
      if (bytes < MIN_BYTES || bytes > MAX_BYTES) throw new BotError('media.size', 'user', { facts: { bytes } });
      return client.upload('media/upload', file, {
        query: { type: 'file' },
        idempotent: true,
        read: (answer) => id(answer.media_id, 'media_id'),
      });
    },
  };
}
