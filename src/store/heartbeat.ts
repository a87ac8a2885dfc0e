/**
 * Locks of a session fall with its connection, but a machine that froze or vanished leaves the connection behind: nobody
 * closes it, and while something is on its way to it no keepalive is sent. So the server is told to end a session that has
 * said nothing for a while, and whoever holds locks says something now and then.
 */

/** Whoever looks every five seconds for what was left behind takes it over within fifteen. */
const SILENT_MS = 9_000;
const BEAT_MS = 2_000;

/** For a session that holds locks. PostgreSQL knows this from 14 on; before, only a lost connection ends a session. */
export const ENDS_WHEN_SILENT = `SELECT set_config(name, '${SILENT_MS}', false) FROM pg_settings
  WHERE name = 'idle_session_timeout'`;

/** Asks the server for a word every two seconds, until the returned function is called; `lost` once there was none. */
export function beating(ask: () => Promise<unknown>, lost: () => void): () => void {
  let isAsking = false;
  const timer = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    ask()
      .catch(lost)
      .finally(() => {
        isAsking = false;
      });
  }, BEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}
