/** The built program as a child process: what it writes, when it is up, how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ENTRY = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** Looks like the real thing and belongs to nobody. */
export const CREDENTIALS = {
  WECOM_CORP_ID: 'wwcli0123456789abc',
  WECOM_AGENT_ID: '1000002',
  WECOM_SECRET: 'cli-secret-that-nobody-must-ever-read-0001',
  WECOM_TOKEN: 'cliToken0123456789',
  WECOM_ENCODING_AES_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
} as const;

/** Nothing listens there: calls to the platform are refused at once and never leave the machine. */
export const NOWHERE = 'http://127.0.0.1:9';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The first match on standard output; rejects with everything written when the program ends without it. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  /** The fields of the first log line with this message. */
  logs(message: string): Promise<Record<string, unknown>>;
  kill(signal: NodeJS.Signals): void;
}

export interface Start {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly command?: readonly [string, ...string[]];
  readonly uid?: number;
}

/** Starts `dist/cli.js` (or `command`) with nothing in its environment but PATH, HOME and `env`. */
export function start(args: readonly string[], options: Start = {}): Program {
  const [file, ...head] = options.command ?? [process.execPath, ENTRY];
  const child = spawn(file, [...head, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  let out = '';
  let err = '';
  const listeners = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (const listener of listeners) listener();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, out, err }));
  });

  function shows(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(out);
        if (found === null) return;
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`ended without ${pattern}:\n${out}\n${err}`)), reject);
    });
  }

  return {
    child,
    ended,
    shows,
    logs: async (message) => {
      const [line] = await shows(new RegExp(`^\\{.*"msg":"${message}".*\\}$`, 'm'));
      return JSON.parse(line) as Record<string, unknown>;
    },
    kill: (signal) => child.kill(signal),
  };
}

/** Runs to the end. */
export function run(args: readonly string[], options: Start = {}): Promise<Ended> {
  return start(args, options).ended;
}
