#!/usr/bin/env node
/** Program entry: serve | sandbox | doctor | menu | journal. The only file that exits. */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Config, ConfigError, type Environment, loadConfig } from './config.ts';
import { BotError, explain } from './errors.ts';
import { withoutControls } from './terminal.ts';

/** sysexits.h: what scripts and supervisors understand. */
const EXIT = { ok: 0, failed: 1, usage: 64, config: 78 } as const;

/** How long the end of the program waits for a slow reader of its log. */
const LAST_LINES_MS = 500;

const USAGE = `用法：wecom-tag-bot <命令> [选项]

  serve     运行机器人（需要企业微信的凭证，见 docs/）
  sandbox   不需要企业微信账号：机器人 + 模拟的企业微信 + 网页聊天窗口
              --port N   网页的端口（默认 3100）
              --tags N   预先放入 N 个标签
  doctor    检查配置、凭证、权限、记录库
  menu      预览应用菜单的变化；--publish 发布
  journal   查看改动记录，每行一个 JSON
              --member ID  --name 名字  --since 时间  --until 时间  --state 状态  --limit N  --csv

  --help, --version
`;

async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case 'serve':
      noOptions(rest);
      return serve();
    case 'sandbox':
      return sandbox(rest);
    case 'doctor':
      noOptions(rest);
      return (await import('./operator.ts')).doctor(await configured(), Date.now, print);
    case 'menu':
      return (await import('./operator.ts')).menu(await configured(), rest, Date.now, print);
    case 'journal':
      return (await import('./operator.ts')).journal(await configured(), rest, Date.now, print);
    case '--version':
    case '-v':
      print(version());
      return EXIT.ok;
    case '--help':
    case '-h':
    case 'help':
      print(USAGE);
      return EXIT.ok;
    default:
      process.stderr.write(USAGE);
      return EXIT.usage;
  }
}

async function configured(env: Environment = process.env) {
  return loadConfig(env);
}

async function serve(): Promise<number> {
  const config = await configured();
  const { app, drainLog } = await createProgram(config);
  const told = untilToldToStop();
  await app.start();
  await told;
  await app.stop();
  await drainLog();
  return EXIT.ok;
}

async function createProgram(config: Config) {
  const [{ createApp }, { createLog }, { openSink }] = await Promise.all([
    import('./app.ts'),
    import('./log.ts'),
    import('./stdout.ts'),
  ]);
  const sink = openSink();
  const app = createApp(config, {
    log: createLog(config.logLevel, sink),
    now: Date.now,
    droppedLogLines: () => sink.dropped,
  });
  return { app, drainLog: () => sink.drain(LAST_LINES_MS) };
}

async function sandbox(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: 'string', default: '3100' }, tags: { type: 'string' } },
  });
  for (const [name, value] of Object.entries(values))
    if (!/^\d{1,5}$/.test(value)) throw new UsageError(`--${name}: ${value}`);
  const { runSandbox } = await import('./sandbox/run.ts');
  const running = await runSandbox({
    port: Number(values.port),
    logLevel: process.env.LOG_LEVEL,
    ...(values.tags === undefined ? {} : { tags: Number(values.tags) }),
    // Whatever config/local.yaml says is meant for the bot that serves a company.
    createBot: async (env) => (await createProgram(await loadConfig(env, noFile))).app,
  });
  print(`\n  标签助手的沙箱已启动，用浏览器打开：\n\n    ${running.url}\n\n  按 Ctrl+C 结束。\n`);
  await untilToldToStop();
  await running.stop();
  return EXIT.ok;
}

function noFile(path: string): never {
  throw Object.assign(new Error(`${path} is not read here`), { code: 'ENOENT' });
}

class UsageError extends Error {}

function noOptions(args: readonly string[]): void {
  if (args.length > 0) throw new UsageError(args.join(' '));
}

/** What parseArgs throws, and our own. */
function isUsage(error: unknown): boolean {
  return (
    error instanceof UsageError ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
  );
}

/** A sentence for what an operator can mend; the stack only for what we have to. */
function describe(error: unknown): string {
  if (error instanceof BotError && error.kind !== 'bug') {
    const { sentence, advice } = explain(error, { admin: true, now: Date.now() });
    return `${sentence}${advice}\n${error.message}`;
  }
  if (!(error instanceof Error)) return String(error);
  return 'syscall' in error ? error.message : (error.stack ?? error.message);
}

function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

function print(text: string): void {
  process.stdout.write(`${withoutControls(text)}\n`);
}

function printError(text: string): void {
  process.stderr.write(`${withoutControls(text)}\n`);
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof ConfigError) {
    printError(error.message);
    process.exitCode = EXIT.config;
  } else if (isUsage(error)) {
    printError(`${error instanceof Error ? error.message : ''}\n\n${USAGE}`);
    process.exitCode = EXIT.usage;
  } else {
    printError(describe(error));
    process.exitCode = EXIT.failed;
  }
}
// Timers and sockets of a failed start must not keep a dead program alive.
process.exit();
