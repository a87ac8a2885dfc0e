/**
 * The Dockerfile, carried out step by step without an engine: every stage becomes a directory, every COPY copies what the
 * build context holds, every RUN has an equivalent here that costs seconds instead of minutes. What it ends in is
 * started and asked by the image's own health check. A line that this test does not understand fails it.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CREDENTIALS, NOWHERE, type Program, run, start } from './program.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** Instructions in order, comments dropped, continued lines joined. */
function parseDockerfile(text: string): Instruction[] {
  const joined = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, '');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, word, rest] = /^([A-Z]+)\s+(.+)$/.exec(line) ?? [];
      if (word === undefined || rest === undefined) throw new Error(`not an instruction: ${line}`);
      return { word, rest };
    });
}

/** What runs when nothing is added to `docker run IMAGE`. */
function started(): [string, ...string[]] {
  const [program, ...args] = execForm(all('ENTRYPOINT', lastStage)[0] ?? '');
  return [program, ...args, ...execForm(all('CMD', lastStage)[0] ?? '')];
}

const instructions = parseDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
const lastStage = instructions.slice(instructions.findLastIndex(({ word }) => word === 'FROM'));

function all(word: string, among: readonly Instruction[] = instructions): string[] {
  return among.filter((each) => each.word === word).map(({ rest }) => rest);
}

/** The exec form: a JSON array; no shell in between, so that signals reach the program. */
function execForm(text: string): [string, ...string[]] {
  const parts: unknown = JSON.parse(text);
  if (!Array.isArray(parts) || parts.length === 0 || !parts.every((part) => typeof part === 'string')) {
    throw new Error(`not in exec form: ${text}`);
  }
  return parts as [string, ...string[]];
}

/** ENV of the last stage. */
function imageEnv(): Record<string, string> {
  return Object.fromEntries(
    all('ENV', lastStage).flatMap((rest) => rest.split(/\s+/).map((pair) => pair.split('=') as [string, string])),
  );
}

/** .dockerignore, as far as it is used here: paths, and `*.ending` at the top. */
const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'));

function isIgnored(path: string): boolean {
  return ignored.some((pattern) => {
    if (pattern.startsWith('*')) return !path.includes('/') && path.endsWith(pattern.slice(1));
    return path === pattern || path.startsWith(`${pattern}/`);
  });
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  license: string;
  scripts: { start: string };
};

describe('what stands in it', () => {
  test('two stages on the same slim Node 24, nothing of the first runs in the second', () => {
    expect(all('FROM').map((image) => image.replace(/^\$\{NODE_IMAGE\}/, 'NODE'))).toEqual(['NODE AS build', 'NODE']);
    expect(all('ARG')[0]).toBe('NODE_IMAGE=node:24-slim');
    expect(all('RUN', lastStage).join('\n')).not.toMatch(/\b(npm|apt-get|curl|wget)\b/);
    expect(all('ADD')).toEqual([]);
  });

  test('an ordinary user, no shell around the program, no secrets', () => {
    expect(all('USER', lastStage)).toEqual(['node']);
    expect(started()).toEqual(manifest.scripts.start.replace('exec ', '').split(' '));
    expect([...all('ENV'), ...all('ARG')].join(' ')).not.toMatch(/WECOM_|DATABASE_URL|SECRET|TOKEN|PASSWORD/i);
    const user = lastStage.findIndex(({ word }) => word === 'USER');
    expect(lastStage.slice(user).map(({ word }) => word)).toEqual([
      'USER',
      'VOLUME',
      'EXPOSE',
      'HEALTHCHECK',
      'ENTRYPOINT',
      'CMD',
    ]);
  });

  test('says what it is, with the version that it is built with', () => {
    const [labels = ''] = all('LABEL', lastStage);
    const said = Object.fromEntries(
      [...labels.matchAll(/org\.opencontainers\.image\.(\w+)="([^"]*)"/g)].map(([, ...pair]) => pair),
    );
    expect(said).toMatchObject({ title: manifest.name, licenses: manifest.license });
    expect(said.version).toMatch(/^\$\{VERSION\}$/);
    expect(all('ARG', lastStage)).toEqual(['VERSION=unknown']);
  });

  test('the port is one and the same everywhere', () => {
    expect(all('EXPOSE')).toEqual([imageEnv().PORT]);
    expect(imageEnv()).toMatchObject({ NODE_ENV: 'production', HOST: '0.0.0.0' });
  });

  test('the context leaves out what is local or secret', () => {
    for (const path of ['node_modules', 'dist', 'data', '.git', '.env', 'config/local.yaml', 'debug.log']) {
      expect(isIgnored(path), path).toBe(true);
    }
  });
});

describe('carried out', () => {
  let base: string;
  let image: string;
  let bot: Program | undefined;
  const nobody = process.getuid?.() === 0 ? 65534 : undefined;

  /** RUN line → what happens here instead, in the stage's directory. */
  const equivalents: Readonly<Record<string, (app: string) => void>> = {
    'npm ci': (app) => symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules')),
    'npm run build': (app) => execFileSync('npm', ['run', 'build', '--silent'], { cwd: app, stdio: 'pipe' }),
    'npm prune --omit=dev': (app) => {
      rmSync(join(app, 'node_modules'));
      for (const path of productionModules()) {
        cpSync(join(ROOT, path), join(app, path), { recursive: true, filter: isOf(path) });
      }
    },
    'install -d -o node -g node -m 700 data': (app) => {
      mkdirSync(join(app, 'data'), { mode: 0o700 });
      if (nobody !== undefined) chownSync(join(app, 'data'), nobody, nobody);
    },
  };

  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'wecom-image-'));
    chmodSync(base, 0o755);
    image = carryOut();
  });
  afterAll(async () => {
    bot?.kill('SIGKILL');
    await bot?.ended;
    rmSync(base, { recursive: true, force: true });
  });

  /** Returns the working directory of the last stage. */
  function carryOut(): string {
    const stages = new Map<string, string>();
    let root = '';
    let workdir = '/';
    for (const { word, rest } of instructions) {
      if (word === 'FROM') {
        const name = / AS (\w+)$/.exec(rest)?.[1] ?? 'final';
        root = join(base, name);
        stages.set(name, root);
        mkdirSync(root);
      } else if (word === 'WORKDIR') {
        workdir = rest;
        mkdirSync(join(root, rest), { recursive: true });
      } else if (word === 'COPY') {
        copy(rest, stages, root, workdir);
      } else if (word === 'RUN') {
        const equivalent = equivalents[rest];
        // What stays in a directory of the stage is run as it stands.
        if (rest.startsWith('cd node_modules/')) execFileSync('sh', ['-c', rest], { cwd: join(root, workdir) });
        else if (equivalent === undefined) throw new Error(`no equivalent for RUN ${rest}`);
        else equivalent(join(root, workdir));
      }
    }
    return join(root, workdir);
  }

  function copy(rest: string, stages: ReadonlyMap<string, string>, root: string, workdir: string): void {
    const [, from, paths = ''] = /^(?:--from=(\w+)\s+)?(.+)$/.exec(rest) ?? [];
    const sources = paths.split(/\s+/);
    const target = sources.pop() ?? '';
    const origin = from === undefined ? ROOT : stages.get(from);
    if (origin === undefined) throw new Error(`COPY from an unknown stage: ${rest}`);
    for (const source of sources) {
      if (from === undefined) expect(isIgnored(source), `${source} is in .dockerignore`).toBe(false);
      const path = join(origin, source);
      expect(existsSync(path), `COPY ${rest}`).toBe(true);
      // `COPY directory ./name` copies its content; `COPY file ./` keeps the file's name.
      const to = join(root, workdir, target);
      cpSync(
        path,
        statSync(path).isDirectory() ? to : target.endsWith('/') ? join(to, source.split('/').at(-1) ?? '') : to,
        {
          recursive: true,
          filter: (each) => from !== undefined || !isIgnored(relative(ROOT, each)),
        },
      );
    }
  }

  function productionModules(): string[] {
    const out = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return out
      .trim()
      .split('\n')
      .slice(1)
      .map((path) => relative(ROOT, path));
  }

  /** Of the module itself; the modules inside it are listed on their own. */
  function isOf(module: string): (file: string) => boolean {
    return (file) => !relative(join(ROOT, module), file).split('/').includes('node_modules');
  }

  const environment = (): Record<string, string> => ({
    ...CREDENTIALS,
    ...imageEnv(),
    WECOM_API_BASE_URL: NOWHERE,
    HOST: '127.0.0.1',
    PORT: '0',
    OPERATOR_PORT: '0',
  });

  test('nothing but the program, its production dependencies and the sample configuration', () => {
    expect(existsSync(join(image, 'dist/cli.js'))).toBe(true);
    expect(existsSync(join(image, 'config/example.yaml'))).toBe(true);
    for (const left of ['src', 'test', 'node_modules/vitest', 'node_modules/typescript', 'config/local.yaml', '.git']) {
      expect(existsSync(join(image, left)), left).toBe(false);
    }
  });

  test('of the built files only those for the machine of the image', () => {
    const sqlite = join(image, 'node_modules/@photostructure/sqlite');
    expect(readdirSync(join(sqlite, 'prebuilds'))).toEqual([`linux-${process.arch}`]);
    expect(existsSync(join(sqlite, 'src'))).toBe(false);
    expect(existsSync(join(ROOT, 'node_modules/@photostructure/sqlite/src'))).toBe(true);
  });

  test('the command starts as an ordinary user, the health check knows up from down', async () => {
    const command = started();
    const data = join(image, all('VOLUME', lastStage)[0]?.replace(/^\/app\//, '') ?? '');
    expect(statSync(data).mode & 0o777).toBe(0o700);
    bot = start(command.slice(1), {
      command: [join(image, command[0] ?? '')],
      cwd: image,
      env: environment(),
      ...(nobody === undefined ? {} : { uid: nobody }),
    });
    const { port } = await bot.logs('listening');
    expect(existsSync(join(data, 'bot.db'))).toBe(true);

    const [, check = ''] = /CMD (\[.*\])$/.exec(all('HEALTHCHECK', lastStage)[0] ?? '') ?? [];
    const [file, ...args] = execForm(check);
    expect(file).toBe('node');
    const healthy = () =>
      run(args, { command: [process.execPath], cwd: image, env: { ...environment(), PORT: String(port) } });
    expect(await healthy()).toMatchObject({ code: 0, out: '', err: '' });

    bot.kill('SIGTERM');
    await bot.ended;
    expect(await healthy()).toMatchObject({ code: 1, out: '', err: '' });
  });

  test('another command takes the place of serve', async () => {
    const [program] = execForm(all('ENTRYPOINT', lastStage)[0] ?? '');
    const { code, out } = await run(['doctor', '--help'], {
      command: [join(image, program)],
      cwd: image,
      env: imageEnv(),
    });
    expect({ code, shown: out.startsWith('用法：wecom-tag-bot doctor') }).toEqual({ code: 0, shown: true });
  });

  test('the sandbox runs on the production dependencies too', async () => {
    const sandbox = start(['dist/cli.js', 'sandbox', '--port', '0'], { command: [process.execPath], cwd: image });
    try {
      const [url] = await sandbox.shows(/http:\/\/127\.0\.0\.1:\d+/);
      expect((await fetch(url)).status).toBe(200);
    } finally {
      sandbox.kill('SIGTERM');
    }
    expect(await sandbox.ended).toMatchObject({ code: 0, err: '' });
  });

  test('the files copied for `npm ci` are enough for it', () => {
    const options = { cwd: join(base, 'build/app'), stdio: 'pipe' } as const;
    execFileSync('npm', ['ci', '--dry-run', '--ignore-scripts'], options);
  });
});
