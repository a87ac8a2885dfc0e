#!/usr/bin/env node
/**
 * Makes a release of the commit that is checked out: version, section of the changelog, commit, tag, tarball, checksums.
 * Nothing leaves the machine; what to push is said at the end.
 *
 *     scripts/release.mjs 0.2.0 [--dry-run] [--unchecked]
 *
 * --dry-run    says what would be done, and changes nothing
 * --unchecked  does not run .ci/run first (it has just passed for this commit)
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const OUT = 'release';
const UNRELEASED = '## 未发布\n';

class Refused extends Error {}

/** Standard output; the command's own complaints are shown. */
function run(command, ...args) {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function refuseUnless(holds, reason) {
  if (!holds) throw new Refused(reason);
}

/** -1, 0 or 1; of versions without a suffix. */
function compare(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const at = left.findIndex((part, i) => part !== right[i]);
  return at === -1 ? 0 : Math.sign(left[at] - right[at]);
}

/** What stands under 未发布. */
function unreleased(changelog) {
  const start = changelog.indexOf(UNRELEASED);
  refuseUnless(start !== -1, 'CHANGELOG.md has no section 未发布');
  const rest = changelog.slice(start + UNRELEASED.length);
  const end = rest.search(/^## /m);
  const section = (end === -1 ? rest : rest.slice(0, end)).trim();
  refuseUnless(section !== '', 'CHANGELOG.md says nothing under 未发布');
  return section;
}

function release(version, { dry, unchecked }) {
  refuseUnless(/^\d+\.\d+\.\d+$/.test(version), `not a version: ${version}`);
  const { name, version: current } = JSON.parse(readFileSync('package.json', 'utf8'));
  refuseUnless(compare(version, current) >= 0, `${version} is older than ${current}`);
  const tag = `v${version}`;
  refuseUnless(run('git', 'tag', '--list', tag) === '', `${tag} is there already`);
  refuseUnless(run('git', 'status', '--porcelain') === '', 'the working tree differs from HEAD');
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  const section = unreleased(changelog);
  const tarball = join(OUT, `${name}-${version}.tgz`);
  const day = new Date().toISOString().slice(0, 10);

  console.log(`${current} → ${version}, tag ${tag}, ${tarball}, dated ${day}\n\n${section}\n`);
  if (dry) return console.log('Nothing was changed (--dry-run).');

  if (!unchecked) execFileSync('.ci/run', { stdio: 'inherit' });
  run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version');
  writeFileSync('CHANGELOG.md', changelog.replace(UNRELEASED, `${UNRELEASED}\n## ${version} · ${day}\n`));
  run('git', 'add', 'package.json', 'package-lock.json', 'CHANGELOG.md');
  run('git', 'commit', '--quiet', '--message', `Release ${version}`);
  // Headings of the changelog begin with the sign that git takes for a comment.
  run('git', 'tag', '--annotate', tag, '--cleanup=whitespace', '--message', `${version}\n\n${section}`);

  // What an earlier build has left would be packed as well.
  rmSync('dist', { recursive: true, force: true });
  run('npm', 'run', 'build', '--silent');
  mkdirSync(OUT, { recursive: true });
  run('npm', 'pack', '--silent', '--pack-destination', OUT);
  const digest = createHash('sha256').update(readFileSync(tarball)).digest('hex');
  writeFileSync(join(OUT, 'SHA256SUMS'), `${digest}  ${name}-${version}.tgz\n`);
  console.log(`Made ${tarball} and ${OUT}/SHA256SUMS. Now: git push --follow-tags`);
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'dry-run': { type: 'boolean' }, unchecked: { type: 'boolean' } },
  });
  refuseUnless(positionals.length === 1, 'usage: scripts/release.mjs VERSION [--dry-run] [--unchecked]');
  release(positionals[0], { dry: values['dry-run'] === true, unchecked: values.unchecked === true });
} catch (error) {
  console.error(error instanceof Refused ? error.message : error);
  process.exitCode = 1;
}
