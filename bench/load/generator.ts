/**
 * The load generator, a process of its own: takes jobs over IPC. Sealing and checking cost more than a server's whole
 * work on a message, so messages are sealed before the clock starts and answers are checked after it has stopped; while
 * it runs, the generator only writes and reads sockets.
 */
import { CALLBACK_PATH, fromEnvironment, furtherCorp } from '../corp.ts';
import { Connection, type RawAnswer } from './connection.ts';
import { type Job, type JobResult, type Line, percentiles } from './job.ts';
import { type Prepared, Sealer } from './sealed.ts';

const credentials = fromEnvironment(process.env);
const sealer = new Sealer(credentials);

/** What each connection is to send, in order. */
function prepare({ lines, connections, members, count, corps = 0, from = 0, perConnection }: Job): Prepared[][] {
  const sealers = corps === 0 ? [sealer] : Array.from({ length: corps }, (_, n) => sealerOf(n));
  const message = (connection: number, i: number): Prepared => {
    const n = connection + i * connections;
    const { text, expect } = lines[perConnection ? i % lines.length : (from + n) % lines.length] as Line;
    return (sealers[n % sealers.length] as Sealer).text(
      perConnection ? `m${connection}` : `m${n % members}`,
      text,
      expect,
    );
  };
  return Array.from({ length: connections }, (_, connection) =>
    Array.from({ length: Math.ceil(count / connections) }, (_, i) => message(connection, i)),
  );
}

function sealerOf(n: number): Sealer {
  const corp = furtherCorp(credentials, n);
  return new Sealer(corp, `${CALLBACK_PATH}/${corp.name}`);
}

interface Run {
  readonly seconds: number;
  readonly latencies: Float64Array;
  readonly exchanges: readonly Exchange[];
}

type Exchange = readonly [sent: Prepared, answer: RawAnswer];

/** Every connection sends its next message as soon as it has the answer to the last. */
function closedLoop(connections: readonly Connection[], messages: readonly Prepared[][]): Promise<Run> {
  const total = messages.reduce((sum, list) => sum + list.length, 0);
  const latencies = new Float64Array(total);
  const exchanges: Exchange[] = [];
  return new Promise((resolve, reject) => {
    const started = performance.now();
    for (const [c, connection] of connections.entries()) {
      const list = messages[c] as Prepared[];
      let i = 0;
      let sentAt = 0;
      const next = (): void => {
        const prepared = list[i];
        if (prepared === undefined) return;
        sentAt = performance.now();
        connection.send(prepared.request, answered, reject);
      };
      const answered = (answer: RawAnswer): void => {
        const now = performance.now();
        latencies[exchanges.length] = now - sentAt;
        exchanges.push([list[i++] as Prepared, answer]);
        if (exchanges.length === total) resolve({ seconds: (now - started) / 1000, latencies, exchanges });
        else next();
      };
      next();
    }
  });
}

/** Messages leave at a fixed pace whether or not earlier ones have been answered; waiting for a free connection counts. */
function openLoop(connections: readonly Connection[], messages: readonly Prepared[], rate: number): Promise<Run> {
  const latencies = new Float64Array(messages.length);
  const exchanges: Exchange[] = [];
  const idle = [...connections];
  /** When each message was due. */
  const due: number[] = [];
  let sent = 0;
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const serve = (): void => {
      while (sent < due.length && idle.length > 0) {
        const connection = idle.shift() as Connection;
        const dueAt = due[sent] as number;
        const prepared = messages[sent++] as Prepared;
        const answered = (answer: RawAnswer): void => {
          const now = performance.now();
          latencies[exchanges.length] = now - dueAt;
          exchanges.push([prepared, answer]);
          idle.push(connection);
          if (exchanges.length === messages.length) {
            clearInterval(pace);
            resolve({ seconds: (now - started) / 1000, latencies, exchanges });
          } else serve();
        };
        connection.send(prepared.request, answered, reject);
      }
    };
    const pace = setInterval(() => {
      const now = performance.now();
      const target = Math.min(messages.length, Math.floor(((now - started) / 1000) * rate));
      // The timer's own lateness is the generator's, not the server's: a message is due when it is released.
      while (due.length < target) due.push(now);
      serve();
    }, 1);
  });
}

async function run(job: Job): Promise<JobResult> {
  const messages = prepare(job);
  const connections = await Promise.all(messages.map(() => Connection.open(job.port)));
  const [first] = connections;
  if (job.changedFirst !== undefined && first) {
    const hint = sealer.tagsChanged(job.changedFirst);
    await new Promise<void>((resolve, reject) => first.send(hint.request, () => resolve(), reject));
  }
  const { rate } = job;
  const { seconds, latencies, exchanges } =
    rate === undefined ? await closedLoop(connections, messages) : await openLoop(connections, messages.flat(), rate);
  for (const connection of connections) connection.close();

  const faults = exchanges.flatMap(([sent, answer]) => sent.sealer.fault(sent, answer) ?? []);
  return {
    count: exchanges.length,
    perSecond: exchanges.length / seconds,
    latency: percentiles(latencies),
    wrong: faults.length,
    ...(faults[0] === undefined ? {} : { firstWrong: faults[0] }),
  };
}

process.on('message', async (job: Job) => {
  try {
    process.send?.({ result: await run(job) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
process.on('disconnect', () => process.exit());
