/** A release is made in a clone: the dry run changes nothing, the real one leaves commit, tag, tarball and checksums. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const ENTRY = '- 试一次发布。';
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'wecom-release-'));
let clone: string;

/** From now on `clone` is a new one. */
function makeClone(): void {
  clone = mkdtempSync(join(base, 'clone-'));
  git(base, '-c', 'safe.directory=*', 'clone', '--quiet', ROOT, clone);
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  writeFileSync(join(clone, '.git/info/exclude'), 'node_modules\n');
  git(clone, 'config', 'user.name', 'Releaser');
  git(clone, 'config', 'user.email', 'releaser@example.com');
  // Right after a release nothing stands there.
  writeFileSync(join(clone, 'CHANGELOG.md'), read('CHANGELOG.md').replace('## 未发布\n', `## 未发布\n\n${ENTRY}\n`));
  git(clone, 'commit', '--quiet', '--all', '--message', 'Say something');
}

afterAll(() => rmSync(base, { recursive: true, force: true }));

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function release(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/release.mjs'), ...args], {
    cwd: clone,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const read = (path: string): string => readFileSync(join(clone, path), 'utf8');
const state = () => [git(clone, 'rev-parse', 'HEAD'), git(clone, 'tag'), git(clone, 'status', '--porcelain')];

describe('the release script', () => {
  beforeAll(makeClone);

  test.each([
    [[], 'usage'],
    [['soon'], 'not a version'],
    [['0.0.1'], 'is older than'],
  ])('%j is refused', (args, told) => {
    const before = state();
    expect(release(...args)).toMatchObject({ status: 1, stderr: expect.stringContaining(told) });
    expect(state()).toEqual(before);
  });

  test('says what it would do, and does nothing', () => {
    const before = state();
    const { status, stdout, stderr } = release('9.8.7', '--dry-run');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/→ 9\.8\.7, tag v9\.8\.7, release\/wecom-tag-bot-9\.8\.7\.tgz/);
    expect(stdout).toContain(ENTRY);
    expect(state()).toEqual(before);
  });

  test('not with changes that are not committed', () => {
    writeFileSync(join(clone, 'README.md'), 'x', { flag: 'a' });
    expect(release('9.8.7', '--dry-run')).toMatchObject({ status: 1, stderr: expect.stringContaining('differs') });
    git(clone, 'checkout', '--quiet', 'README.md');
  });
});

describe('a release', () => {
  beforeAll(makeClone);

  test('has commit, tag, tarball and checksums, and is not made twice', { timeout: 60_000 }, () => {
    mkdirSync(join(clone, 'dist'));
    writeFileSync(join(clone, 'dist/removed-long-ago.js'), '');
    expect(release('9.8.7', '--unchecked')).toMatchObject({ status: 0 });
    for (const path of ['package.json', 'package-lock.json'])
      expect(JSON.parse(read(path))).toMatchObject({ version: '9.8.7' });
    expect(read('CHANGELOG.md')).toMatch(
      new RegExp(`^## 未发布\n\n## 9\\.8\\.7 · \\d{4}-\\d\\d-\\d\\d\n\n${ENTRY}\n`, 'm'),
    );
    expect(git(clone, 'log', '-1', '--format=%s')).toBe('Release 9.8.7');
    expect(git(clone, 'rev-parse', 'v9.8.7^{commit}')).toBe(git(clone, 'rev-parse', 'HEAD'));
    expect(git(clone, 'tag', '--list', '--format=%(contents)', 'v9.8.7')).toContain(ENTRY);
    expect(git(clone, 'status', '--porcelain')).toBe('');
    execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: join(clone, 'release') });
    const packed = execFileSync('tar', ['-tzf', 'release/wecom-tag-bot-9.8.7.tgz'], { cwd: clone, encoding: 'utf8' });
    for (const path of ['dist/cli.js', 'CHANGELOG.md', 'deploy/compose.yml', 'docs/connect.md'])
      expect(packed).toContain(`package/${path}`);
    // The sources that a map speaks of are not packed.
    expect(packed).not.toMatch(/\.map$|removed-long-ago/m);
    expect(readFileSync(join(clone, 'dist/cli.js'), 'utf8')).not.toContain('sourceMappingURL');
    expect(release('9.8.7')).toMatchObject({ status: 1, stderr: expect.stringContaining('is there already') });
    expect(release('9.8.8')).toMatchObject({ status: 1, stderr: expect.stringContaining('says nothing') });
  });
});

test('the workflow runs .ci/run on every Node that is promised', () => {
  const { jobs } = parse(readFileSync(join(ROOT, '.github/workflows/ci.yml'), 'utf8')) as {
    jobs: Record<
      string,
      { strategy: { matrix: { node: string[] } }; container: string; steps: { run?: string; uses?: string }[] }
    >;
  };
  const [job] = Object.values(jobs);
  const commands = job?.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
  expect(commands).toEqual(['.ci/run']);
  for (const command of commands ?? []) accessSync(join(ROOT, command), constants.X_OK);
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
  const nodes = job?.strategy.matrix.node ?? [];
  expect(nodes).toContain(/(\d+)/.exec(engines.node)?.[1]);
  expect(nodes).toContain(/^ARG NODE_IMAGE=node:(\d+)/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))?.[1]);
  expect(job?.container.replace(/\$\{\{ matrix\.node \}\}/, nodes[0] ?? '')).toMatch(/^node:\d+-bookworm$/);
});
