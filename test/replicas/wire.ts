/** The wire between a bot and its database, which a test may cut or let fall silent. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Between the bot and its database: passes everything on, nothing at all, or hangs up. */
export async function openWire(target: URL) {
  const sockets = new Set<Socket>();
  let mode: 'open' | 'silent' | 'cut' = 'open';
  const wire: Server = createServer((near) => {
    sockets.add(near);
    near.on('error', () => {});
    near.on('close', () => sockets.delete(near));
    if (mode === 'cut') return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    sockets.add(far);
    far.on('error', () => near.destroy());
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    near.on('data', (chunk) => mode === 'open' && far.write(chunk));
    far.on('data', (chunk) => mode === 'open' && near.write(chunk));
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.port = String((wire.address() as AddressInfo).port);
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    set: (to: typeof mode) => {
      mode = to;
      // What was silent has lost what was said meanwhile: no connection survives it.
      if (to !== 'silent') hangUp();
    },
    close: () => {
      wire.close();
      hangUp();
    },
  };
}
