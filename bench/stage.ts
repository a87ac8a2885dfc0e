/** Puts the actors on the stage: floor, hello-world, simulated WeCom, the real program, and the load generator. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asEnvironment, furtherCorp, newCredentials } from './corp.ts';
import type { Job, JobResult } from './load/job.ts';
import { type Child, type Figures, start } from './process.ts';
import type { SandboxReport } from './servers/sandbox.ts';

const corp = newCredentials();
const credentials = asEnvironment(corp);

export interface BotOptions {
  readonly tags: number;
  /** So many rule groups beside 企业标签, which holds the tags then. */
  readonly ruleGroups?: number;
  /** Rule groups with a leader of their own; then only leaders may read, and each works in theirs. */
  readonly writers?: number;
  /** Serves so many corps from one configuration file, each with a library of that size, instead of one. */
  readonly corps?: number;
  readonly nodeArgs?: readonly string[];
}

export interface BotOnStage {
  readonly bot: Child;
  readonly sandbox: { report(): Promise<SandboxReport>; renameAll(): Promise<SandboxReport> };
  stop(): Promise<void>;
}

/** What a job did to the server under it. */
export interface Measured extends JobResult {
  /** µs of the server's CPU per message, all threads. */
  readonly cpu: number;
}

export class Stage {
  readonly #load: Child;
  readonly #scratch = mkdtempSync(join(tmpdir(), 'wecom-bench-'));
  #databases = 0;
  /** Answers that were not what they had to be, one line per job. */
  readonly wrong: string[] = [];

  private constructor(load: Child) {
    this.#load = load;
  }

  static async open(): Promise<Stage> {
    return new Stage(await start({ name: 'load', script: './load/generator.js', env: credentials, listens: false }));
  }

  floor(): Promise<Child> {
    return start({ name: 'floor', script: './servers/floor.js', env: credentials });
  }

  hello(): Promise<Child> {
    return start({ name: 'hello', script: './servers/hello.js', env: credentials });
  }

  /**
   * `serve` of the built cli.js `program` as an operator would run it, but for the text format, with its library read:
   * of requests that wait for that together, the connections keep what comes after them alive until the next full
   * collection, which costs CPU for as long as they stay busy.
   */
  async bot(
    program: string,
    { tags, ruleGroups = 0, writers = 0, corps = 0, nodeArgs = [] }: BotOptions,
  ): Promise<BotOnStage> {
    const sandbox = await start({
      name: 'sandbox',
      script: './servers/sandbox.js',
      env: {
        ...credentials,
        TAGS: String(tags),
        RULE_GROUPS: String(ruleGroups),
        WRITERS: String(writers),
        CORPS: String(corps),
      },
    });
    // What the environment says of rights and libraries is about the corp whose credentials it has.
    const own = {
      ...credentials,
      READ_ACCESS: writers > 0 ? 'admins' : 'everyone',
      ...(writers > 0 ? {} : { DEFAULT_STRATEGY_ID: ruleGroups > 0 ? 'corp' : '1' }),
    };
    const env = {
      ...(corps > 0 ? { CONFIG_FILE: this.#corpsFile(corps) } : { ...own, CONFIG_FILE: '' }),
      WECOM_API_BASE_URL: `http://127.0.0.1:${sandbox.port}`,
      DATABASE_URL: `file:${join(this.#scratch, `${++this.#databases}.db`)}`,
      REPLY_FORMAT: 'text',
      OPERATOR_PORT: '0',
    };
    const bot = await start({
      name: 'bot',
      script: program,
      args: ['serve'],
      env,
      nodeArgs: [...ownFlags(program), ...nodeArgs],
    });
    const help = [{ text: '帮助', expect: '' }];
    await this.load(bot, { lines: help, connections: 1, members: 1, count: Math.max(corps, 1), corps });
    return {
      bot,
      sandbox: { report: () => sandbox.ask('report'), renameAll: () => sandbox.ask('rename all') },
      stop: async () => {
        await bot.stop();
        await sandbox.stop();
      },
    };
  }

  #corpsFile(corps: number): string {
    const path = join(this.#scratch, 'corps.yaml');
    const list = Array.from({ length: corps }, (_, n) => {
      const { agentId, ...strings } = furtherCorp(corp, n);
      return { ...strings, agentId: String(agentId), defaultLibrary: '1' };
    });
    // JSON is YAML.
    writeFileSync(path, JSON.stringify({ corps: list }), { mode: 0o600 });
    return path;
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

/** What the program's first line tells Node. */
export function ownFlags(program: string): string[] {
  const [first = ''] = readFileSync(program, 'utf8').split('\n', 1);
  return first.split(' ').filter((word) => word.startsWith('--'));
}
