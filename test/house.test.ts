/**
 * Who may import whom, and what may be touched where: the plan of the house, checked against every import in src/.
 * The tables below are the rules; a new room or a new door between rooms is an entry here, decided on purpose.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/**
 * Room → what it may import from other rooms. A bare name is the whole room; `name (types)` types only;
 * `path#name` one value of one file. A room is a folder of src/ or a file beside them.
 */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  // The vocabulary: used by all, knows nobody.
  errors: [],
  text: [],
  message: [],
  people: [],
  queue: [],
  metrics: [],
  log: ['terminal'],
  terminal: [],
  sealing: [],
  stdout: [],
  config: ['log', 'message (types)'],

  // The pure half: words in, words out.
  command: ['text', 'errors'],
  tags: ['text', 'errors', 'queue', 'message (types)'],
  reply: ['text', 'errors', 'message (types)'],
  resolve: ['command', 'tags', 'reply', 'text'],
  dates: [],
  bot: [
    'command',
    'resolve',
    'tags',
    'reply',
    'dates',
    'errors',
    'log',
    'metrics',
    'message',
    'people',
    'text',
    'store (types)',
  ],

  // The edges: WeCom to us, us to WeCom, the disk.
  callback: ['errors', 'log', 'metrics', 'message'],
  inbox: ['errors', 'log', 'metrics', 'message', 'queue', 'text', 'store (types)'],
  wecom: [
    'errors',
    'log',
    'metrics',
    'people (types)',
    'queue',
    'message (types)',
    'sealing',
    'tags (types)',
    'store (types)',
    // The platform sends tags in no promised order; there is one idea of position.
    'tags/tag#byPosition',
  ],
  store: ['errors', 'queue', 'terminal', 'text'],
  http: ['callback', 'errors', 'log', 'message (types)', 'metrics'],

  // WeCom in a box seals like WeCom and otherwise knows nothing of the bot.
  sandbox: ['callback/envelope', 'errors', 'log'],

  // Where it is put together: once per company, once per process.
  corp: [
    'bot',
    'config (types)',
    'diagnosis',
    'errors',
    'inbox',
    'log (types)',
    'message (types)',
    'metrics (types)',
    'store (types)',
    'tags',
    'wecom',
  ],
  corps: [
    'callback',
    'config (types)',
    'corp',
    'diagnosis/callback-notes',
    'errors',
    'log',
    'message (types)',
    'metrics (types)',
    'queue',
    'store (types)',
    'store/telling-failures',
    'wecom (types)',
  ],
  // What a provider adds: suites that companies authorise while the program runs.
  suites: [
    'callback',
    'config (types)',
    'config/suites#SUITE_PATH',
    'corps',
    'errors',
    'log',
    'message (types)',
    'metrics (types)',
    'queue',
    'sealing',
    'store (types)',
    'wecom',
  ],
  lag: ['message (types)'],
  app: [
    'corps',
    'suites',
    'config (types)',
    'errors',
    'http',
    'inbox',
    'lag',
    'log',
    'message (types)',
    'metrics',
    'store',
  ],
  operator: [
    'bot',
    'config',
    'dates',
    'diagnosis',
    'errors',
    'log',
    'message',
    'metrics',
    'sealing',
    'store',
    'suites',
    'wecom',
  ],
  diagnosis: [
    'bot/misnamed',
    'config (types)',
    'errors',
    'log (types)',
    'message (types)',
    'metrics (types)',
    'store (types)',
    'tags/tag#TAG_QUOTA',
    'tags/tag#countTags',
    'wecom (types)',
  ],
  program: ['app', 'operator', 'config', 'errors', 'log', 'sandbox/run', 'stdout', 'terminal'],
  // Nothing that an old Node could stumble over.
  cli: ['program'],
};

/** Package → the only files that may load it (a folder ends in `/`). A package that is not listed may not be used. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@photostructure/sqlite': ['store/'],
  pg: ['store/'],
  '@wecom/crypto': ['callback/envelope.ts'],
  xml2js: ['callback/fields.ts', 'sandbox/reply-reader.ts'],
  'https-proxy-agent': ['wecom/transport.ts'],
  koa: ['http.ts', 'callback/route.ts'],
  'koa-router': ['http.ts'],
  'lru-cache': ['inbox/', 'tags/', 'wecom/'],
  'fastest-levenshtein': ['command/', 'tags/', 'config/', 'operator/command-line.ts'],
  'opencc-js': ['text.ts'],
  pino: ['log.ts'],
  'prom-client': ['metrics.ts'],
  yaml: ['config/source.ts'],
  zod: ['sandbox/control.ts', 'sandbox/provider/orders.ts'],
};

/** Rooms that see the world only through what they are handed. */
const PURE = ['command', 'resolve', 'tags', 'reply', 'bot', 'dates', 'message', 'errors', 'people', 'queue', 'text'];

/**
 * Folders inside a room that have a job of their own. Each counts as one, with every file beside them, when the room is
 * searched for circles: what lies below knows nothing of what lies above.
 */
const SUB_ROOMS: Readonly<Record<string, readonly string[]>> = {
  bot: ['dialog', 'change', 'commands', 'reference'],
  tags: ['search', 'change'],
  command: ['table'],
  sandbox: ['provider'],
};

/** What must not be reached, by however many steps and be it for a type: the one on the left never knows the other. */
const NEVER: readonly (readonly [room: string, others: readonly string[]])[] = [
  ['callback', ['bot', 'inbox', 'tags', 'wecom', 'sandbox']],
  ['inbox', ['bot', 'tags', 'wecom', 'sandbox']],
  ['tags', ['wecom', 'store', 'bot', 'sandbox']],
  ['command', ['tags', 'store', 'wecom', 'bot', 'sandbox']],
  ['app', ['sandbox']],
];

/** What reaches outside → the files that may do it (a folder ends in `/`). */
const REACHES: readonly (readonly [what: string, pattern: RegExp, allowed: readonly string[]])[] = [
  ['the environment', /\bprocess\.env\b/, ['program.ts']],
  ['the end of the process', /\bprocess\.(exit|abort|kill)\b/, ['program.ts']],
  ['signals', /\bprocess\.(on|once)\b/, ['program.ts']],
  ['the console', /\bconsole\.(log|info|warn|error|debug|trace)\b/, []],
  ['fetch', /(?<![\w.#])fetch\(/, []],
  ['sockets', /'node:(https?|net|tls|http2)'/, ['http.ts', 'callback/route.ts', 'wecom/transport.ts', 'sandbox/']],
  [
    'files',
    /'node:fs(\/promises)?'/,
    ['program.ts', 'config/source.ts', 'operator/init.ts', 'stdout.ts', 'store/', 'sandbox/'],
  ],
  // One door, like the environment's; WeCom in a box has a clock of its own.
  ['the clock', /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/, ['program.ts', 'sandbox/']],
  ['chance', /\bMath\.random\b/, ['wecom/client.ts', 'sandbox/']],
  ['questions whether this is a trial', /\b(isSandbox|if \(sandbox\b)/, []],
];

interface Import {
  /** Path below src/, e.g. bot/bot.ts. */
  readonly from: string;
  /** Path below src/ for a file of ours, otherwise the specifier. */
  readonly to: string;
  readonly ours: boolean;
  /** `import type` and `export type`; `import { type A }` still loads the file. */
  readonly typesOnly: boolean;
  /** The names taken; empty for a whole module (default, namespace, dynamic or side effect). */
  readonly names: readonly string[];
}

const STATEMENT = /^(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s+'([^']+)'|^import\s+'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g;

const SRC = new URL('../src/', import.meta.url);
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => path.replaceAll('\\', '/'))
  .sort();
const sources: ReadonlyMap<string, string> = new Map(
  files.map((path) => [path, withoutComments(readFileSync(new URL(path, SRC), 'utf8'))]),
);
const imports: readonly Import[] = [...sources].flatMap(([path, source]) => importsOf(path, source));

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, '');
}

function importsOf(from: string, source: string): Import[] {
  const found = [...source.matchAll(STATEMENT)].map(([, type, clause = '', specifier, bare]) => ({
    specifier: specifier ?? bare ?? '',
    typesOnly: type !== undefined,
    names: /^\{([\s\S]*)\}$/.exec(clause)?.[1]?.split(',') ?? [],
  }));
  const dynamic = [...source.matchAll(DYNAMIC)].map(([, specifier = '']) => ({
    specifier,
    typesOnly: false,
    names: [],
  }));
  return [...found, ...dynamic].map(({ specifier, typesOnly, names }) => {
    const ours = specifier.startsWith('.');
    return {
      from,
      to: ours ? normalize(join(dirname(from), specifier)).replaceAll('\\', '/') : specifier,
      ours,
      typesOnly,
      names: names
        .map((name) => name.trim())
        .filter((name) => name !== '' && !name.startsWith('type '))
        .map((name) => name.replace(/\s+as\s+\w+$/, '')),
    };
  });
}

function roomOf(path: string): string {
  return path.split('/')[0]?.replace(/\.ts$/, '') ?? '';
}

/** The sub-room a file lies in, or the file itself. */
function partOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

function mayPass({ to, typesOnly, names }: Import, doors: readonly string[]): boolean {
  const room = roomOf(to);
  const file = to.replace(/\.ts$/, '');
  if (doors.includes(room) || doors.includes(file)) return true;
  if (typesOnly) return doors.includes(`${room} (types)`);
  return names.length > 0 && names.every((name) => doors.includes(`${file}#${name}`));
}

function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
}

/** Every cycle once, as `a → b → a`. */
function cyclesOf(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const cycles: string[] = [];
  const walk = (node: string): void => {
    const at = path.indexOf(node);
    if (at !== -1) cycles.push([...path.slice(at), node].join(' → '));
    if (at !== -1 || done.has(node)) return;
    path.push(node);
    for (const next of edges.get(node) ?? []) walk(next);
    path.pop();
    done.add(node);
  };
  for (const node of edges.keys()) walk(node);
  return cycles;
}

function reachable(from: readonly string[], edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const reached = new Set(from);
  for (const path of reached) for (const next of edges.get(path) ?? []) reached.add(next);
  return [...reached];
}

function graph(pairs: readonly (readonly [from: string, to: string])[]): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const [from, to] of pairs) if (from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  return edges;
}

describe('the reader of imports', () => {
  test('sees every form, and nothing in comments', () => {
    const source = withoutComments(`
/** import x from 'no'; */
import a from 'pg'; // import b from 'no';
import { type B, c as d } from './b.ts';
import type { E } from '../e.ts';
import {
  f,
  g,
} from './f.ts';
import './side.ts';
export * from './star.ts';
const h = await import('./lazy.ts');
`);
    expect(importsOf('room/file.ts', source)).toEqual([
      { from: 'room/file.ts', to: 'pg', ours: false, typesOnly: false, names: [] },
      { from: 'room/file.ts', to: 'room/b.ts', ours: true, typesOnly: false, names: ['c'] },
      { from: 'room/file.ts', to: 'e.ts', ours: true, typesOnly: true, names: ['E'] },
      { from: 'room/file.ts', to: 'room/f.ts', ours: true, typesOnly: false, names: ['f', 'g'] },
      { from: 'room/file.ts', to: 'room/side.ts', ours: true, typesOnly: false, names: [] },
      { from: 'room/file.ts', to: 'room/star.ts', ours: true, typesOnly: false, names: [] },
      { from: 'room/file.ts', to: 'room/lazy.ts', ours: true, typesOnly: false, names: [] },
    ]);
  });

  test('misses no import of the house', () => {
    for (const [path, source] of sources) {
      const mentioned = source.match(/\bfrom '|\bimport\(\s*'|^import '/gm) ?? [];
      expect(importsOf(path, source), path).toHaveLength(mentioned.length);
    }
    expect(imports.length).toBeGreaterThan(200);
  });

  test('finds a cycle', () => {
    expect(
      cyclesOf(
        graph([
          ['a', 'b'],
          ['b', 'c'],
          ['c', 'b'],
        ]),
      ),
    ).toEqual(['b → c → b']);
  });
});

describe('who may import whom', () => {
  test('every room has its entry', () => {
    expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(DOORS).sort());
  });

  test.each(Object.entries(DOORS))('%s', (room, doors) => {
    const breaches = imports
      .filter(({ from, to, ours }) => ours && roomOf(from) === room && roomOf(to) !== room)
      .filter((each) => !mayPass(each, doors))
      .map(({ from, to, typesOnly }) => `${from} imports ${typesOnly ? 'types of ' : ''}${to}`);
    expect(breaches).toEqual([]);
  });

  test('no file takes part in a cycle, not even by types', () => {
    const ours = imports.filter((each) => each.ours);
    expect(cyclesOf(graph(ours.map(({ from, to }) => [from, to])))).toEqual([]);
  });

  test('every folder inside a room is a sub-room, one floor deep', () => {
    const folders = files.map((path) => path.split('/').slice(0, -1)).filter((parts) => parts.length > 1);
    const found = [...new Set(folders.map((parts) => parts.join('/')))].sort();
    const listed = Object.entries(SUB_ROOMS).flatMap(([room, names]) => names.map((name) => `${room}/${name}`));
    expect(found).toEqual(listed.sort());
  });

  test.each(Object.keys(SUB_ROOMS))('%s: no circle of its files and sub-rooms, not even by types', (room) => {
    const inside = imports.filter(({ from, to, ours }) => ours && roomOf(from) === room && roomOf(to) === room);
    expect(cyclesOf(graph(inside.map(({ from, to }) => [partOf(from), partOf(to)])))).toEqual([]);
  });

  test.each(NEVER)('%s never reaches %j', (room, others) => {
    const reached = reachable(
      files.filter((path) => roomOf(path) === room),
      graph(imports.filter(({ ours }) => ours).map(({ from, to }) => [from, to])),
    );
    expect(reached.filter((path) => others.includes(roomOf(path)))).toEqual([]);
  });

  test('no rooms know each other mutually, not even by types', () => {
    const ours = imports.filter((each) => each.ours);
    expect(cyclesOf(graph(ours.map(({ from, to }) => [roomOf(from), roomOf(to)])))).toEqual([]);
  });

  test('every import leads to a file', () => {
    const lost = imports.filter(({ to, ours }) => ours && !sources.has(to)).map(({ from, to }) => `${from} → ${to}`);
    expect(lost).toEqual([]);
  });
});

describe('what may be touched where', () => {
  test('packages', () => {
    const breaches = imports
      .filter(({ to, ours }) => !ours && !to.startsWith('node:'))
      .map(({ from, to }) => ({ from, name: packageName(to) }))
      .filter(({ from, name }) => !isIn(from, PACKAGES[name] ?? []))
      .map(({ from, name }) => `${from} loads ${name}`);
    expect(breaches).toEqual([]);
  });

  test('every runtime dependency is used, and every used package is one', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', SRC), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const used = imports.filter(({ to, ours }) => !ours && !to.startsWith('node:')).map(({ to }) => packageName(to));
    expect([...new Set(used)].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  test.each(REACHES)('%s', (_, pattern, allowed) => {
    expect([...sources].filter(([path, source]) => !isIn(path, allowed) && pattern.test(source)).map(first)).toEqual(
      [],
    );
  });

  test('the pure rooms load nothing of Node', () => {
    const breaches = imports
      .filter(({ from, to, ours }) => !ours && to.startsWith('node:') && PURE.includes(roomOf(from)))
      .map(({ from, to }) => `${from} loads ${to}`);
    expect(breaches).toEqual([]);
  });

  test('names that say nothing', () => {
    expect(files.filter((path) => /(^|\/)(utils?|helpers?|common|managers?|base|misc)(\/|\.ts$)/.test(path))).toEqual(
      [],
    );
  });
});

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function first([path]: readonly [string, string]): string {
  return path;
}
