/**
 * Who may talk to the sandbox: programs and pages of this machine. A page from elsewhere, open in the same browser, must
 * not steer it, neither under its own name (Origin) nor by letting its name lead here (Host).
 */
import type { IncomingMessage } from 'node:http';

const LOCAL_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** `ownName` is what the sandbox itself was told to listen on. The port may be another: tunnels and containers map it. */
export function isFromHere({ headers: { host = '', origin } }: IncomingMessage, ownName: string): boolean {
  const page = `http://${host}`;
  if (!URL.canParse(page)) return false;
  const { hostname } = new URL(page);
  if (!LOCAL_NAMES.has(hostname) && hostname !== ownName) return false;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).origin === new URL(page).origin);
}
