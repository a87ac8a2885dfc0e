/** A proxy as companies have it: tunnels CONNECT, or refuses it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export interface CompanyProxy {
  /** host:port */
  readonly host: string;
  /** What was asked for, in order: aim and credentials. */
  readonly asked: { readonly to: string; readonly credentials: string | undefined }[];
  close(): Promise<void>;
}

/** Leads every tunnel to `port` of this machine, whatever host was asked for; or refuses with `status` and a page. */
export async function startProxy(
  port: number,
  options: { status?: number; login?: string } = {},
): Promise<CompanyProxy> {
  const asked: { to: string; credentials: string | undefined }[] = [];
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket) => {
    const header = request.headers['proxy-authorization']?.replace(/^Basic /, '');
    const credentials = header === undefined ? undefined : Buffer.from(header, 'base64').toString();
    asked.push({ to: request.url ?? '', credentials });
    const status = options.status ?? (options.login === credentials ? undefined : 407);
    socket.on('error', () => socket.destroy());
    if (status !== undefined) {
      const page = '<html><head><title>Company gateway</title></head></html>';
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\n\r\n${page}`);
      return;
    }
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
