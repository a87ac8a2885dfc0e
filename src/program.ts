/** The command line: one row per command in COMMANDS. The only file that reads the environment, tells the time and exits. */

import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, ConfigError, loadConfig, loadStoreConfig } from './config.ts';
import { BotError, explainToOperator } from './errors.ts';
import { type Commands, carryOut, type Given, UsageError, usage } from './operator/command-line.ts';
import { withoutControls } from './terminal.ts';

/** sysexits.h: what scripts and supervisors understand. */
const EXIT = { ok: 0, failed: 1, usage: 64, config: 78 } as const;

/** How long the end of the program waits for a slow reader of its log. */
const LAST_LINES_MS = 500;

const PARENT_LOOK_MS = 500;

const MOST_PORT = 65_535;

const COMMANDS: Commands = {
  serve: { does: '运行机器人（需要企业微信的凭证，见 docs/connect.md）', run: serve },
  sandbox: {
    does: '不需要企业微信账号：机器人 + 模拟的企业微信 + 网页聊天窗口',
    flags: {
      port: { value: 'N', does: '网页的端口（默认 3100）' },
      tags: { value: 'N', does: '预先放入 N 个标签' },
      provider: { does: '再加一个服务商：代开发模板和第三方应用，三个企业可以安装' },
    },
    run: sandbox,
  },
  init: {
    does: '写一个配置文件，带新的 Token 和 EncodingAESKey，并说出下一步做什么',
    argument: '[文件]',
    flags: { url: { value: '网址', does: '外网打开机器人的地址，如 https://bot.example.com' } },
    run: async (given) => {
      const { init } = await import('./operator/init.ts');
      init({ file: given.argument ?? 'config/local.yaml', url: given.text('url'), program: calledAs(), print: advise });
      return EXIT.ok;
    },
  },
  doctor: {
    does: '逐项检查配置、记录库、网络、凭证和权限；只看，什么都不改',
    flags: { json: { does: '输出一个 JSON' }, corp: { value: '名字', does: '有几个企业时，只查这一个' } },
    run: async (given) => {
      const { doctor } = await import('./operator/doctor.ts');
      const { ok, configured } = await doctor(() => loadConfig(process.env), {
        json: given.has('json'),
        corp: given.text('corp'),
        version: version(),
        nodeVersion: process.versions.node,
        now: Date.now,
        print: advise,
      });
      return ok ? EXIT.ok : configured ? EXIT.failed : EXIT.config;
    },
  },
  menu: {
    does: '预览应用菜单的变化',
    flags: { publish: { does: '发布' }, corp: { value: '名字', does: '有几个企业时，哪一个' } },
    run: async (given) => {
      const { menu } = await import('./operator/menu.ts');
      const options = { corp: given.text('corp'), publish: given.has('publish'), now: Date.now, print };
      const done = await menu(await loadConfig(process.env), options);
      return done ? EXIT.ok : EXIT.failed;
    },
  },
  journal: {
    does: '查看改动记录，最近的在前，每行一个 JSON；只需要数据库',
    flags: {
      member: { value: 'ID', does: '谁改的' },
      name: { value: '名字', does: '标签或标签组的名字里有这几个字' },
      since: { value: '时间', does: '从什么时候起，如 2026-11-22 或 2026-11-22T08:00' },
      until: { value: '时间', does: '到什么时候；写日期就包括那一天' },
      state: { value: '状态', does: 'intended、done、partial、failed、unknown' },
      limit: { value: 'N', does: '最多几条（默认 1000）' },
      csv: { does: 'Excel 能打开的 CSV' },
      corp: { value: '企业', does: '有几个企业时：配置里的名字，或企业 ID' },
    },
    run: async (given) => {
      const { journal } = await import('./operator/journal.ts');
      const names = ['member', 'name', 'since', 'until', 'state', 'limit', 'corp'] as const;
      const texts = Object.fromEntries(names.map((name) => [name, given.text(name)]));
      const options = { ...texts, csv: given.has('csv') };
      await journal(await loadStoreConfig(process.env), options, Date.now, print);
      return EXIT.ok;
    },
  },
  backup: {
    does: '把数据库完整地备份到一个新文件；机器人可以照常运行',
    argument: '文件',
    run: async ({ argument = '' }) => {
      const { backupTo } = await import('./operator/moving.ts');
      await backupTo(await loadStoreConfig(process.env), argument, Date.now, print);
      return EXIT.ok;
    },
  },
  'store export': {
    does: '把数据库里的一切写成一个文件（JSON 行），可以导入到另一种数据库；- 是标准输出',
    argument: '文件',
    run: async ({ argument = '' }) => {
      const { exportTo } = await import('./operator/moving.ts');
      const tell = argument === '-' ? tellAside : print;
      await exportTo(await loadStoreConfig(process.env), argument, { now: Date.now, stdout: process.stdout, tell });
      return EXIT.ok;
    },
  },
  'store import': {
    does: '把 store export 写的文件导入到一个空的数据库；- 是标准输入',
    argument: '文件',
    run: async ({ argument = '' }) => {
      const { importFrom } = await import('./operator/moving.ts');
      const io = { now: Date.now, stdin: process.stdin, tell: print };
      await importFrom(await loadStoreConfig(process.env), argument, io);
      return EXIT.ok;
    },
  },
  'corps list': {
    does: '列出配置里、授权来的和数据库里的企业',
    run: async () => {
      const { listCorps } = await import('./operator/corps.ts');
      await listCorps(await loadConfig(process.env), { now: Date.now, print });
      return EXIT.ok;
    },
  },
  'corps show': {
    does: '一个企业的设置和最近的回调，不含密钥',
    argument: '企业',
    run: async ({ argument = '' }) => {
      const { showCorp } = await import('./operator/corps.ts');
      await showCorp(await loadConfig(process.env), argument, { now: Date.now, print });
      return EXIT.ok;
    },
  },
  'corps pause': {
    does: '暂停一个企业，别的照常；机器人在运行也可以',
    argument: '企业',
    flags: { off: { does: '恢复' } },
    run: async (given) => {
      const { pauseCorp } = await import('./operator/corps.ts');
      const options = { on: !given.has('off'), now: Date.now, print };
      await pauseCorp(await loadConfig(process.env), given.argument ?? '', options);
      return EXIT.ok;
    },
  },
  'corps remove': {
    does: '删掉一个企业在数据库里的一切；先要不再服务它',
    argument: '企业',
    flags: { yes: { does: '真的删' } },
    run: async (given) => {
      const { removeCorp } = await import('./operator/remove-corp.ts');
      const options = { yes: given.has('yes'), now: Date.now, print };
      const done = await removeCorp(await loadConfig(process.env), given.argument ?? '', options);
      return done ? EXIT.ok : EXIT.failed;
    },
  },
};

/** How whoever reads our advice calls this program: as it was called this time. */
function calledAs(): string {
  const [, file = ''] = process.argv;
  if (file.endsWith('.js')) return `node ${relative(process.cwd(), file)}`;
  return file.includes('node_modules') ? 'npx wecom-tag-bot' : 'wecom-tag-bot';
}

async function serve(): Promise<number> {
  const config = await loadConfig(process.env);
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
    versions: { program: version(), node: process.versions.node },
    ticks: () => performance.now(),
    droppedLogLines: () => sink.dropped,
  });
  return { app, drainLog: () => sink.drain(LAST_LINES_MS) };
}

async function sandbox(given: Given): Promise<number> {
  const port = given.text('port') ?? '3100';
  const tags = given.text('tags');
  for (const [name, value] of Object.entries({ port, tags }))
    if (value !== undefined && !/^\d{1,5}$/.test(value)) throw new UsageError(`--${name} 要是数字`);
  if (Number(port) > MOST_PORT) throw new UsageError(`--port 要是 0 到 ${MOST_PORT} 的数字`);
  const { runSandbox } = await import('./sandbox/run.ts');
  const running = await runSandbox({
    port: Number(port),
    logLevel: process.env.LOG_LEVEL,
    ...(tags === undefined ? {} : { tags: Number(tags) }),
    provider: given.has('provider'),
    // Whatever config/local.yaml says is meant for the bot that serves a company.
    createBot: async (env) =>
      (await createProgram(await (env.CONFIG_FILE === undefined ? loadConfig(env, noFile) : loadConfig(env)))).app,
  }).catch((error: unknown) => {
    throw error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? portTaken(port) : error;
  });
  print(`\n  标签助手的沙箱已启动，用浏览器打开：\n\n    ${running.url}\n\n  按 Ctrl+C 结束。\n`);
  await untilToldToStop();
  await running.stop();
  return EXIT.ok;
}

function portTaken(port: string): BotError {
  const cause = `端口 ${port} 已经有程序在用了（EADDRINUSE）。`;
  return new BotError('listen.in-use', 'busy', { operator: { cause, step: '请停掉它，或者用 --port 写另一个数字。' } });
}

function noFile(path: string): never {
  throw Object.assign(new Error(`${path} is not read here`), { code: 'ENOENT' });
}

function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    if (process.env.npm_command === 'exec') whenParentEnds(resolve);
  });
}

/** npx passes signals to a shell, which ends of them and tells nobody. */
function whenParentEnds(stop: () => void): void {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    stop();
  }, PARENT_LOOK_MS);
}

function print(text: string): void {
  process.stdout.write(`${withoutControls(text)}\n`);
}

/** What points to the documents. */
function advise(text: string): void {
  print(withDocuments(text));
}

/** What is no part of the result. */
function tellAside(text: string): void {
  process.stderr.write(`${withoutControls(withDocuments(text))}\n`);
}

/** Documents as they are found from here: the package may be installed anywhere. The image has none. */
function withDocuments(text: string): string {
  return text.replace(/\bdocs\/[\w-]+\.md/g, (name) => {
    const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
    return existsSync(file) ? relative(process.cwd(), file) : name;
  });
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}

/** What is told on standard error, and the exit code: 78 for what stays wrong until somebody mends it. */
function ending(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof ConfigError)
    return {
      text: `${error.message}\n写法见 docs/configuration.md；还没有配置过，就先运行 ${calledAs()} init。`,
      code: EXIT.config,
    };
  if (error instanceof UsageError)
    return { text: `${error.message}\n\n${usage(COMMANDS, error.command)}`, code: EXIT.usage };
  if (error instanceof BotError && error.kind !== 'bug') {
    const { cause, step } = explainToOperator(error, Date.now());
    // The lock goes with the process that holds it, which may be the one that is just being replaced.
    const stays = error.kind === 'setup' && error.code !== 'store.locked';
    return { text: `${cause}${step}（${error.code}）`, code: stays ? EXIT.config : EXIT.failed };
  }
  if (!(error instanceof Error)) return { text: String(error), code: EXIT.failed };
  // The stack only for what we have to mend.
  return { text: 'syscall' in error ? error.message : (error.stack ?? error.message), code: EXIT.failed };
}

// A reader that has seen enough (`doctor | head`) must not end the program in a stack.
process.stdout.on('error', () => {});
try {
  process.exitCode = await carryOut(COMMANDS, process.argv.slice(2), { version, print: advise });
} catch (error) {
  const { text, code } = ending(error);
  tellAside(text);
  process.exitCode = code;
}
// Timers and sockets of a failed start must not keep a dead program alive.
process.exit();
