/** Children of the benchmark: started with a port of their own, watched through /proc, stopped by their id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** Scheduler ticks of /proc/<pid>/stat; 100 on every Linux Node runs on. */
const TICKS_PER_SECOND = 100;

export interface Figures {
  /** Seconds of CPU since its start, all threads. */
  readonly cpu: number;
  /** Resident set, MB. */
  readonly rss: number;
}

export interface Child {
  readonly name: string;
  readonly port: number;
  /** performance.now() of the spawn. */
  readonly startedAt: number;
  figures(): Figures;
  /** Sends one message and waits for one. */
  ask<T>(what: unknown): Promise<T>;
  /** The exit code. */
  stop(): Promise<number | null>;
}

export interface Start {
  readonly name: string;
  /** Below bench/dist/bench, or an absolute path. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** File descriptor that standard output goes to; default nowhere. */
  readonly out?: number;
  /** Resolve once the port is open; default true. */
  readonly listens?: boolean;
}

const running = new Set<ChildProcess>();

/** Nothing is left behind, however the benchmark ends. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function compiled(script: string): string {
  return fileURLToPath(new URL(script, import.meta.url));
}

export async function start(what: Start): Promise<Child> {
  const port = await freePort();
  const script = what.script.startsWith('/') ? what.script : compiled(what.script);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...(what.nodeArgs ?? []), script, ...(what.args ?? [])], {
    env: { PATH: process.env.PATH ?? '', ...what.env, HOST: '127.0.0.1', PORT: String(port), OPERATOR_PORT: '0' },
    stdio: ['ignore', what.out ?? 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  running.add(child);
  const exited = once(child, 'exit').then(() => running.delete(child));
  if (what.listens !== false) await untilOpen(port, child);
  const pid = child.pid ?? 0;
  return {
    name: what.name,
    port,
    startedAt,
    figures: () => figuresOf(pid),
    async ask<T>(message: unknown) {
      child.send(message as object);
      const answer = await Promise.race([once(child, 'message'), exited]);
      if (!Array.isArray(answer)) throw new Error(`${what.name} ended`);
      return answer[0] as T;
    },
    async stop() {
      child.kill('SIGTERM');
      const limit = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(limit);
      return child.exitCode;
    },
  };
}

function figuresOf(pid: number): Figures {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in brackets and may hold anything; utime and stime are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    cpu: schedulerSeconds(pid) ?? (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rss: Number(rss) / 1024,
  };
}

/** Nanoseconds instead of ticks, where the kernel keeps them. Threads that have ended are missing; servers end none. */
function schedulerSeconds(pid: number): number | undefined {
  try {
    let ns = 0;
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    }
    return ns / 1e9;
  } catch {
    return undefined;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Tries to connect every millisecond. */
export async function untilOpen(port: number, child?: ChildProcess): Promise<void> {
  for (;;) {
    if (child?.exitCode !== null && child?.exitCode !== undefined)
      throw new Error(`ended with ${child.exitCode} before it listened`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
