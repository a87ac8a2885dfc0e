/** docs/dependencies.md is about the packages that are installed, and every licence is one that was accepted. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
const { packages } = JSON.parse(read('package-lock.json')) as {
  packages: Record<string, { version: string; dev?: boolean; license?: string; integrity?: string }>;
};
const document = read('docs/dependencies.md');

/** Cells of the table below a heading, without the ticks of code. */
function rows(heading: string): string[][] {
  const part = document.split(/^## /m).find((each) => each.startsWith(heading)) ?? '';
  return [...part.matchAll(/^\| (.*) \|$/gm)]
    .map(([, line = '']) => line.split(' | ').map((cell) => cell.trim().replaceAll('`', '')))
    .slice(1);
}

const direct = rows('直接依赖');
const accepted = rows('间接依赖').map(([licence]) => licence);

test('the table has every production dependency and no other', () => {
  expect(direct.map(([name]) => name)).toEqual(Object.keys(dependencies).sort());
});

describe.each(direct)('%s', (name, version, licence, size, purpose) => {
  const installed = JSON.parse(read(`node_modules/${name}/package.json`)) as { version: string; license: string };

  test('version and licence are those of the lock file and of the package', () => {
    const locked = packages[`node_modules/${name}`];
    expect(installed.version).toBe(locked?.version);
    expect(`${installed.version}.`.startsWith(`${version}.`)).toBe(true);
    expect([locked?.license, installed.license]).toEqual([licence, licence]);
    expect(purpose).not.toBe('');
  });

  test('size', () => {
    const out = execFileSync('du', ['-sk', '--apparent-size', `node_modules/${name}`], {
      cwd: new URL('..', import.meta.url),
      encoding: 'utf8',
    });
    const mb = Number.parseInt(out, 10) / 1_024;
    expect(Math.abs(Number(size) - mb)).toBeLessThan(Math.max(0.05, mb * 0.1));
  });
});

test('what they bring along has accepted licences, and a checksum each', () => {
  const production = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  expect(production.length).toBeGreaterThan(direct.length);
  for (const [path, { license, integrity }] of production) {
    expect(accepted, path).toContain(license);
    expect(integrity, path).toMatch(/^sha512-/);
  }
  const found = new Set(production.map(([, { license }]) => license));
  expect([...found].sort()).toEqual([...accepted].sort());
});
