/** Puts the actors on the stage: floor, hello-world, simulated WeCom, the real program, and the load generator. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asEnvironment, newCredentials } from './corp.ts';
import type { Job, JobResult } from './load/job.ts';
import { type Child, compiled, type Figures, start } from './process.ts';

/** What `npm start` tells Node itself. */
const { scripts } = JSON.parse(readFileSync(compiled('../../../package.json'), 'utf8')) as {
  scripts: { start: string };
};
const START_FLAGS = scripts.start.split(' ').filter((word) => word.startsWith('--'));

const credentials = asEnvironment(newCredentials());

export interface BotOptions {
  readonly tags: number;
  /** Rule groups with a leader of their own; then only leaders may read, and each works in theirs. */
  readonly writers?: number;
  readonly withoutStore?: boolean;
  readonly nodeArgs?: readonly string[];
}

export interface BotOnStage {
  readonly bot: Child;
  readonly sandbox: Child;
  stop(): Promise<void>;
}

/** What a job did to the server under it. */
export interface Measured extends JobResult {
  /** µs of the server's CPU per message, all threads. */
  readonly cpu: number;
}

export class Stage {
  readonly #program: string;
  readonly #load: Child;
  readonly #scratch = mkdtempSync(join(tmpdir(), 'wecom-bench-'));
  #databases = 0;
  /** Answers that were not what they had to be, one line per job. */
  readonly wrong: string[] = [];

  private constructor(program: string, load: Child) {
    this.#program = program;
    this.#load = load;
  }

  /** `program`: path of the built cli.js. */
  static async open(program: string): Promise<Stage> {
    const script = './load/generator.js';
    return new Stage(program, await start({ name: 'load', script, env: credentials, listens: false }));
  }

  /** Where the bots' databases lie. */
  get directory(): string {
    return this.#scratch;
  }

  floor(): Promise<Child> {
    return start({ name: 'floor', script: './servers/floor.js', env: credentials });
  }

  hello(): Promise<Child> {
    return start({ name: 'hello', script: './servers/hello.js', env: credentials });
  }

  sandbox(tags: number, writers = 0): Promise<Child> {
    const env = { ...credentials, TAGS: String(tags), WRITERS: String(writers) };
    return start({ name: 'sandbox', script: './servers/sandbox.js', env });
  }

  /** `serve` as an operator would run it, but for the text format. */
  program(sandbox: Child, options: Omit<BotOptions, 'tags'> = {}): Promise<Child> {
    const writers = options.writers ?? 0;
    const env = {
      ...credentials,
      WECOM_API_BASE_URL: `http://127.0.0.1:${sandbox.port}`,
      DATABASE_URL: `file:${join(this.#scratch, `${++this.#databases}.db`)}`,
      REPLY_FORMAT: 'text',
      READ_ACCESS: writers > 0 ? 'admins' : 'everyone',
      CONFIG_FILE: '',
      ...(writers > 0 ? {} : { DEFAULT_STRATEGY_ID: '1' }),
    };
    const store = options.withoutStore ? ['--import', new URL('./without-store.js', import.meta.url).href] : [];
    const nodeArgs = [...START_FLAGS, ...(options.nodeArgs ?? []), ...store];
    return start({ name: 'bot', script: this.#program, args: ['serve'], env, nodeArgs });
  }

  /** The product's HTTP client alone. */
  client(sandbox: Child): Promise<Child> {
    const env = { ...credentials, WECOM_API_BASE_URL: `http://127.0.0.1:${sandbox.port}` };
    return start({ name: 'client', script: './servers/client.js', env, listens: false });
  }

  /**
   * The program with its library read: of requests that wait for that together, the connections keep what comes after
   * them alive until the next full collection, which costs a fifth of the CPU for as long as they stay busy.
   */
  async bot(options: BotOptions): Promise<BotOnStage> {
    const sandbox = await this.sandbox(options.tags, options.writers);
    const bot = await this.program(sandbox, options);
    await this.load(bot, { lines: [{ text: '帮助', expect: '' }], connections: 1, members: 1, count: 1 });
    const stop = async (): Promise<void> => {
      await bot.stop();
      await sandbox.stop();
    };
    return { bot, sandbox, stop };
  }

  /** Puts a server under load. Throws when the generator could not do its job. */
  async load(server: Child, job: Omit<Job, 'port'>): Promise<Measured> {
    const before: Figures = server.figures();
    const report = await this.#load.ask<{ result?: JobResult; error?: string }>({ ...job, port: server.port });
    if (report.result === undefined) throw new Error(`${server.name}: ${report.error}`);
    const { wrong, count, firstWrong = '' } = report.result;
    if (wrong > 0) this.wrong.push(`${server.name}: ${wrong} of ${count}, e.g. ${firstWrong.slice(0, 300)}`);
    const cpu = ((server.figures().cpu - before.cpu) / report.result.count) * 1e6;
    return { ...report.result, cpu };
  }

  async close(): Promise<void> {
    await this.#load.stop();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
