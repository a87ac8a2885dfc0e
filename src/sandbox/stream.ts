/** The chat page's stream (text/event-stream) of what changes in one app and around it. */
import type { ServerResponse } from 'node:http';
import type { Overview } from './overview.ts';
import type { Seat } from './place.ts';
import type { SandboxEvent } from './protocol.ts';

const HEARTBEAT_MS = 15_000;
/** A batch of writes changes the tree many times; the page needs to see only where it ended. */
const TREE_PAUSE_MS = 40;
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/** Sends the state, then every change, until the page goes away. */
export function streamTo(response: ServerResponse, seat: Seat, overview: Overview): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  const send = (event: SandboxEvent): void => {
    if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    else response.write(`data: ${JSON.stringify(event)}\n\n`);
  };
  let tree: SandboxEvent | undefined;
  let timer: NodeJS.Timeout | undefined;
  const sendAll = (): void => send({ type: 'state', state: overview.state(seat) });
  const forgetAround = overview.listen(send);
  const forget = seat.corp.listen((event) => {
    if (event.type !== 'tree') {
      if (event.type === 'reset') sendAll();
      else send(event);
      return;
    }
    tree = event;
    timer ??= setTimeout(() => {
      timer = undefined;
      if (tree !== undefined) send(tree);
    }, TREE_PAUSE_MS);
  });
  const heartbeat = setInterval(() => response.write(': \n\n'), HEARTBEAT_MS);
  response.on('close', () => {
    forget();
    forgetAround();
    clearTimeout(timer);
    clearInterval(heartbeat);
  });
  response.on('error', () => response.destroy());
  sendAll();
}
