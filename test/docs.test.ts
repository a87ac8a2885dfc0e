/**
 * The documents say what the program does: commands, settings, error codes and metrics are compared with the code, links
 * lead somewhere, what the README tells people to type is understood.
 *
 * The command tables are written by this test: `npx vitest run test/docs.test.ts -u` brings them up to date.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { parse } from '../src/command/parser.ts';
import { type CommandRow, commands, type Right, type Risk } from '../src/command/table/grammar.ts';
import { settings } from '../src/config/settings.ts';
import { type Environment, loadConfig } from '../src/config.ts';
import { LIMITS } from '../src/http.ts';
import { createMetrics } from '../src/metrics.ts';
import { refusalOf, UNKNOWN } from '../src/wecom/errcodes.ts';
import { CREDENTIALS } from './program.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DOCUMENTS = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** What the code block after `<!-- marker -->` holds. */
function block(document: string, marker: string): string[] {
  const [, content] = new RegExp(`<!-- ${marker} -->\\s*\`\`\`\\w*\\n([\\s\\S]*?)\`\`\``).exec(document) ?? [];
  if (content === undefined) throw new Error(`no code block after <!-- ${marker} -->`);
  return content.trim().split('\n');
}

/** Cells of every table row below a heading (or in the whole document), without the ticks of code. */
function rows(document: string, heading?: string): string[][] {
  const part = heading === undefined ? document : document.split(/^## /m).find((each) => each.startsWith(heading));
  if (part === undefined) throw new Error(`no heading ${heading}`);
  return [...part.matchAll(/^\| (.*) \|$/gm)]
    .map(([, line = '']) => line.split(/(?<!\\) \| /).map((cell) => cell.trim()))
    .filter(([first]) => first !== undefined && !/^-+$/.test(first));
}

const bare = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '');

// -- commands ----------------------------------------------------------------------------------------------------------

const RIGHTS: Readonly<Record<Right, readonly [zh: string, en: string]>> = {
  anyone: ['所有人', 'anyone'],
  read: ['能查的人', 'readers'],
  edit: ['能改标签的人', 'editors'],
  admin: ['规则组管理员', 'rule-group admins'],
  'bot-admin': ['机器人管理员', 'bot admins'],
};
const RISKS: Readonly<Record<Risk, string>> = { read: '', write: '马上执行', destroy: '先看计划，确认后执行' };
const CHAPTERS: readonly (readonly [title: string, prefix: RegExp])[] = [
  ['标签', /^tag\./],
  ['标签组', /^group\./],
  ['规则组', /^rule\./],
  ['其他', /^(?!tag\.|group\.|rule\.)/],
];

function example(row: CommandRow, text: string = row.examples[0]): string {
  return text.replaceAll('{组}', '客户分级').replaceAll('{标签}', '重点').replaceAll('{规则组}', '华东大区');
}

/** As inline code in a table cell. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|').replaceAll('\n', ' ⏎ ')}\``;
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function chineseTable(): string {
  return table(
    ['命令', '例子', '做什么', '谁可以'],
    commands.map((row) => [row.words[0], code(example(row)), row.summary, RIGHTS[row.right][0]]),
  );
}

function englishTable(): string {
  const english = (row: CommandRow) => row.words.filter((word) => /^[\x20-\x7e]+$/.test(word)).map(code);
  return table(
    ['Command', 'English verbs', 'Example', 'For'],
    commands.map((row) => [row.words[0], english(row).join(', '), code(example(row)), RIGHTS[row.right][1]]),
  );
}

function withTable(document: string, what: string, rendered: string): string {
  const parts = document.split(new RegExp(`(?<=<!-- ${what}:start -->\\n)[\\s\\S]*(?=<!-- ${what}:end -->)`));
  expect(parts, `the markers <!-- ${what}:start --> and <!-- ${what}:end -->`).toHaveLength(2);
  return parts.join(`\n${rendered}\n\n`);
}

function manual(): string {
  const chapters = CHAPTERS.map(([title, prefix]) => {
    const entries = commands.filter(({ id }) => prefix.test(id)).map(manualEntry);
    return `## ${title}\n\n${entries.join('\n\n')}`;
  });
  return `${MANUAL_HEAD}\n${chapters.join('\n\n')}\n`;
}

const MANUAL_HEAD = `# 命令

这一页由命令表生成。直接说人话就行，下面的词和例子不必照抄：

- 只发一个名字就是查找；拼音、首字母、错一个字也能找到。
- 几个名字用 \`、\` 或逗号隔开。名字里有特殊的字，用引号括起来：\`标签 添加 「到店、复购」 到 客户分级\`。
- 一次发几行，或者用分号隔开，就是一批：一个计划，一次确认，一个回答。
- 一个组里的几个标签可以一起排：\`客户分级排序 重点 普通 流失\`，写在前面的排在前面。
- 问题（怎么删除…？）、否定（不要删…）和闲聊从不改任何东西。
- 删除和超过十步的改动，先给你看计划；点「确认」或回复 \`确认\` 才执行，\`取消\` 就什么都不做。
- 问题还等着的时候，可以先问别的、查别的：答完会提醒还在等什么；只有另一个改动、切换或 \`取消\` 才让它作废。
`;

function manualEntry(row: CommandRow): string {
  const [name, ...synonyms] = row.words;
  const facts = [
    ...(RISKS[row.risk] === '' ? [] : [RISKS[row.risk]]),
    `谁可以：${RIGHTS[row.right][0]}`,
    ...(synonyms.length === 0 ? [] : [`也可以说：${synonyms.map(code).join('、')}`]),
  ];
  const apart = row.examples.some((text) => text.includes('\n')) ? '\n\n' : '\n';
  const examples = row.examples.map((text) => example(row, text)).join(apart);
  return `### ${name}\n\n${row.summary}。${facts.join('；')}。\n\n\`\`\`text\n${examples}\n\`\`\``;
}

describe('commands', () => {
  test('README.md has the table', async () => {
    await expect(withTable(read('README.md'), 'commands', chineseTable())).toMatchFileSnapshot('../README.md');
  });
  test('README.en.md has the table', async () => {
    await expect(withTable(read('README.en.md'), 'commands', englishTable())).toMatchFileSnapshot('../README.en.md');
  });
  test('docs/commands.md is the manual', async () => {
    await expect(manual()).toMatchFileSnapshot('../docs/commands.md');
  });

  test.each(['README.md', 'README.en.md'])('%s: what it tells people to type is understood', (path) => {
    const lines =
      path === 'README.md'
        ? block(read(path), 'try')
        : (/```text\n([\s\S]*?)```/.exec(read(path))?.[1] ?? '').trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(parse(line).kind, line).toBe('sentence');
  });

  test('commands in running text of the documents are understood', () => {
    for (const path of ['docs/connect.md', 'docs/troubleshooting.md', 'docs/configuration.md']) {
      const texts = [...read(path).matchAll(/(?:发|发送|用) ?`([^`]*[一-鿿][^`]*)`/g)].map(([, text = '']) => text);
      expect(texts, path).not.toEqual([]);
      for (const text of texts) expect(parse(text).kind, `${path}: ${text}`).toBe('sentence');
    }
  });
});

// -- settings ----------------------------------------------------------------------------------------------------------

/** Settings with a name in the environment; the others are explained in running text. */
const variables = settings.flatMap(({ path, setting }) =>
  setting.env === undefined ? [] : [{ ...setting, path, env: setting.env }],
);

function shownDefault({ required, fallback }: (typeof variables)[number]): string {
  if (required) return '必填';
  if (fallback === undefined) return '无';
  return fallback === '' ? '空' : code(fallback);
}

function settingsTable(required: boolean): string {
  return table(
    ['环境变量', '文件里的位置', '默认', '说明'],
    variables
      .filter((each) => each.required === required)
      .map((each) => [code(each.env), code(each.path), shownDefault(each), each.about]),
  );
}

function mountedTable(): string {
  const mounted = variables.filter((each) => each.mounted);
  return table(
    ['环境变量', '代替'],
    mounted.map(({ env }) => [code(`${env}_FILE`), code(env)]),
  );
}

describe('settings', () => {
  const document = read('docs/configuration.md');

  test('docs/configuration.md has the tables', async () => {
    expect(variables.length).toBeGreaterThan(15);
    const required = withTable(document, 'required', settingsTable(true));
    const others = withTable(required, 'settings', settingsTable(false));
    await expect(withTable(others, 'mounted', mountedTable())).toMatchFileSnapshot('../docs/configuration.md');
  });

  test('the defaults are those of the program', async () => {
    const [config] = (await loadConfig(CREDENTIALS, noFile)).corps;
    for (const { env, path, required, fallback, check } of variables)
      if (!required && fallback !== undefined) expect(valueAt(config, path), env).toEqual(check(fallback));
  });

  test('every choice in the table of REPLY_FORMAT is one, and all are there', async () => {
    const choices = rows(document, '回答的样子')
      .slice(1)
      .map(([choice]) => bare(choice));
    expect(choices).not.toEqual([]);
    for (const choice of choices)
      expect((await loadConfig({ ...CREDENTIALS, REPLY_FORMAT: choice }, noFile)).replyFormat).toBe(choice);
    await expect(loadConfig({ ...CREDENTIALS, REPLY_FORMAT: 'html' }, noFile)).rejects.toThrow(choices.join('、'));
  });

  test('the YAML on the page is a valid configuration', async () => {
    const examples = [...document.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    expect(examples).toHaveLength(3);
    for (const text of examples) {
      expect(parseYaml(text)).toBeTruthy();
      // In place of the place holders, which are refused.
      const env: Environment = CREDENTIALS;
      const read = (path: string) => (path === 'bot.yaml' ? text : 'a'.repeat(43));
      await expect(loadConfig({ ...env, CONFIG_FILE: 'bot.yaml' }, read)).resolves.toBeDefined();
    }
  });

  test('so is that of the provider, and what it says when nothing is written', async () => {
    const provider = read('docs/provider.md');
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(provider) ?? [];
    const files = (path: string) => (path === 'bot.yaml' ? text : 'a'.repeat(43));
    const env = { CONFIG_FILE: 'bot.yaml', CREDENTIAL_KEY: Buffer.alloc(32, 'a key').toString('base64') };
    const { suites } = await loadConfig(env, files);
    const [usual] = suites;
    const unwritten = rows(provider, '配置').slice(1);
    expect(unwritten).not.toEqual([]);
    for (const [name = '', said = ''] of unwritten) {
      const value = valueAt(usual, bare(name));
      expect(Array.isArray(value) ? '空' : String(value), name).toBe(bare(said));
    }
  });

  test('the sample file names every setting', () => {
    const sample = read('config/example.yaml');
    for (const { env, path } of variables) {
      expect(sample, env).toContain(env);
      expect(sample, path).toMatch(new RegExp(`^\\s*(# )?${path.split('.').at(-1)}:`, 'm'));
    }
  });
});

function noFile(path: string): string {
  throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), value);
}

// -- codes and metrics -------------------------------------------------------------------------------------------------

/** Every literal `<prefix>.<something>` of the sources below a folder. */
function codesIn(folder: string, prefix: string): Set<string> {
  const found = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [...read(join(folder, path)).matchAll(new RegExp(`'(${prefix}\\.[a-z0-9-]+)'`, 'g'))])
    .map(([, found = '']) => found);
  return new Set(found);
}

describe('error codes', () => {
  const document = read('docs/troubleshooting.md');
  const listed = (heading: string): string[] =>
    rows(document, heading)
      .slice(1)
      .flatMap(([cell = '']) => cell.split('、').map(bare));

  test('every reason for refusing a callback', () => {
    const [, union = ''] = /\bmalformed\(what: ([^)]+)\)/.exec(read('src/callback/fields.ts')) ?? [];
    const malformed = union.split(' | ').map((reason) => reason.replaceAll("'", ''));
    const reasons = [...codesIn('src/callback', 'callback'), ...codesIn('src/suites', 'callback')]
      .map((each) => each.replace('callback.', ''))
      .concat(malformed);
    expect(listed('回调被拒绝').sort()).toEqual(reasons.sort());
  });

  test('every failure of the database', () => {
    // store.unavailable is the sentence for all of them, not a code of its own.
    expect(listed('数据库的错误码').sort()).toEqual([...codesIn('src/store', 'store')].sort());
  });

  test('every failure of a backup or a move', () => {
    const page = rows(read('docs/deployment.md')).flatMap(([cell = '']) => cell.split('、').map(bare));
    const codes = ['backup', 'moving'].flatMap((prefix) => [...codesIn('src/store', prefix)]);
    expect(page.filter((cell) => /^(?:backup|moving)\./.test(cell)).sort()).toEqual(codes.sort());
  });

  test('every failure on the way to the platform', () => {
    expect(listed('连接企业微信的错误码').sort()).toEqual([...codesIn('src', 'api')].sort());
  });

  test("the platform's: the bot knows each by a sentence of its own", () => {
    const errcodes = listed('企业微信的错误码').map(Number);
    expect(errcodes.length).toBeGreaterThan(15);
    expect(errcodes.filter((errcode) => refusalOf(errcode) === UNKNOWN)).toEqual([]);
  });
});

test('metrics', async () => {
  const text = await createMetrics().text();
  const ours = [...text.matchAll(/^# TYPE (wecom_bot_\w+)/gm)].map(([, name]) => name);
  const listed = rows(read('docs/deployment.md'), '指标')
    .slice(1)
    .map(([name]) => bare(name));
  expect(listed.sort()).toEqual(ours.sort());
});

test('the limits that docs/security.md names are those of the program', () => {
  const named = Object.fromEntries(
    rows(read('docs/security.md'), '限制的数字').map(([what = '', much = '']) => [
      what,
      Number(/[\d,]+/.exec(much)?.[0].replace(',', '')),
    ]),
  );
  expect(named).toMatchObject({
    等请求头: LIMITS.headersTimeout / 1_000,
    等整个请求: LIMITS.requestTimeout / 1_000,
    同时的连接: LIMITS.connections,
    一个连接上的请求: LIMITS.requestsPerConnection,
    空闲的连接: LIMITS.keepAliveTimeout / 1_000,
  });
});

// -- links -------------------------------------------------------------------------------------------------------------

/** The anchor of a heading, as the common renderers make it. */
function anchors(document: string): Set<string> {
  return new Set(
    [...document.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('links', () => {
  test.each(DOCUMENTS)('%s', (path) => {
    const prose = read(path).replace(/```[\s\S]*?```/g, '');
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const to = file === '' ? path : join(dirname(path), file);
      expect(existsSync(join(ROOT, to)), `${path} → ${target}`).toBe(true);
      if (anchor !== undefined) expect([...anchors(read(to))], `${path} → ${target}`).toContain(anchor);
    }
  });
});

test('files that the documents and the comments of the code name are there', () => {
  const files = ['src', 'test', 'bench', 'scripts'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `/${folder}/${path}`),
  );
  const commented = files.filter((path) => /^\/(src|test)\/.*\.ts$/.test(path));
  const texts = [
    ...DOCUMENTS.map((path) => [path, read(path)] as const),
    ...commented.map((path) => [path, (read(path).match(/\/\*\*[\s\S]*?\*\/|\/\/ .*$/gm) ?? []).join('\n')] as const),
  ];
  const named = texts.flatMap(([path, text]) =>
    (text.match(/(?<![\w./*-])(?:[\w-]+\/)*[\w-]+\.(?:ts|mjs)\b/g) ?? []).map((name) => ({ path, name })),
  );
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter(({ name }) => !files.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
});

test('the commands that the README gives are those of package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  expect(block(read('README.md'), 'first-command')).toEqual([
    'git clone <仓库地址> && cd wecom-tag-bot && npm ci && npm run sandbox',
  ]);
  expect(block(read('README.md'), 'test-command')).toEqual(['npm test']);
  for (const path of DOCUMENTS) {
    for (const [, name = ''] of read(path).matchAll(/npm run ([\w:-]+)/g))
      expect(Object.keys(scripts), path).toContain(name);
  }
});
