/** Reads request bodies and writes JSON answers: the little of HTTP that the sandbox's routes share. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Upload } from './media.ts';

/** The body, or undefined when it is longer than `maxBytes` (the rest is read and thrown away). */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size <= maxBytes ? Buffer.concat(chunks) : undefined;
}

/** The part named `media` of a multipart form; undefined when there is none or the form is damaged. */
export async function readUpload(body: Buffer, contentType: string): Promise<Upload | undefined> {
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    const part = form.get('media');
    if (part === null || typeof part === 'string') return undefined;
    return { filename: part.name, contentType: part.type, bytes: new Uint8Array(await part.arrayBuffer()) };
  } catch {
    return undefined;
  }
}

export function sendJson(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(json));
}

/** Sends bytes as a download: never shown inside the page, whatever they are. */
export function sendFile(
  response: ServerResponse,
  file: { readonly filename: string; readonly bytes: Uint8Array },
): void {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.filename)}`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(file.bytes);
}
