/** The files in deploy/ say what the program does: metrics exist, settings are known, ports and flags are those of the image. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { settings } from '../src/config.ts';
import { createMetrics } from '../src/metrics.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const VARIABLES = new Set(
  settings.flatMap(({ setting: { env, mounted } }) =>
    env === undefined ? [] : mounted ? [env, `${env}_FILE`] : [env],
  ),
);

/** Everything a scrape shows, with the suffixes of histograms, and the labels of each. */
async function scraped(): Promise<Map<string, Set<string>>> {
  const text = await createMetrics({ versions: { program: '1', node: '2' } }).text();
  const names = new Map<string, Set<string>>([['up', new Set(['job'])]]);
  for (const [, name = ''] of text.matchAll(/^# TYPE (\S+)/gm)) {
    names.set(name, new Set());
    for (const suffix of ['_bucket', '_count', '_sum']) names.set(name + suffix, new Set(['le']));
  }
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{([^}]*)\}/gm))
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) {
      const seen = names.get(name) ?? new Set();
      names.set(name, seen.add(label));
    }
  return names;
}

/** Labels of metrics that have no value before the first event. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  wecom_bot_api_calls_total: ['path', 'result'],
  wecom_bot_api_call_seconds_bucket: ['path', 'le'],
};

async function check(expressions: readonly string[]): Promise<void> {
  const metrics = await scraped();
  for (const expression of expressions) {
    const used = [...expression.matchAll(/\b(up|(?:wecom_bot|process|nodejs)_\w+)\b(?:\{([^}]*)\})?/g)];
    expect(used.length, expression).toBeGreaterThan(0);
    for (const [, name = '', selector = ''] of used) {
      expect([...metrics.keys()], expression).toContain(name);
      const labels = [...(metrics.get(name) ?? []), ...(LATER[name] ?? [])];
      for (const [, label = ''] of selector.matchAll(/(\w+)\s*[=!]/g)) expect(labels, expression).toContain(label);
      for (const [, by = ''] of expression.matchAll(/by \(([^)]*)\)/g))
        for (const label of by.split(/,\s*/)) expect(labels, expression).toContain(label);
    }
  }
}

test('every alert asks for metrics and labels that exist, and says what is wrong', async () => {
  const { groups } = parse(read('deploy/prometheus-rules.yml')) as {
    groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(8);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { annotations } of rules) expect(annotations.summary).toMatch(/[一-鿿]/);
  await check(rules.map(({ expr }) => expr));
});

test('an alert on a counter sees the first event', async () => {
  const text = await createMetrics().text();
  const { groups } = parse(read('deploy/prometheus-rules.yml')) as { groups: { rules: { expr: string }[] }[] };
  const counters = groups
    .flatMap(({ rules }) => rules)
    .flatMap(({ expr }) => [...expr.matchAll(/increase\((\w+)(\{[^}]*\})?/g)])
    .map(([, name]) => name);
  expect(counters.length).toBeGreaterThan(3);
  for (const name of counters) expect(text).toMatch(new RegExp(`^${name}(\\{.*\\})? 0$`, 'm'));
});

test('every panel of the dashboard asks for metrics that exist', async () => {
  const { panels } = JSON.parse(read('deploy/grafana-dashboard.json')) as {
    panels: { id: number; targets: { expr: string }[] }[];
  };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  await check(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
});

describe('compose.yml and the systemd unit', () => {
  test('set only what is a setting', () => {
    const { services } = parse(read('deploy/compose.yml')) as { services: { bot: { environment: object } } };
    const unit = read('deploy/wecom-tag-bot.service');
    const inUnit = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line = '']) =>
      [...line.matchAll(/(\w+)=/g)].map(([, name = '']) => name),
    );
    expect(inUnit.length).toBeGreaterThan(3);
    for (const name of [...Object.keys(services.bot.environment), ...inUnit])
      expect(name === 'NODE_ENV' || VARIABLES.has(name), name).toBe(true);
  });

  test('start the program as `npm start` does', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string } };
    const unit = read('deploy/wecom-tag-bot.service');
    expect(unit).toContain(`ExecStart=/opt/wecom-tag-bot/${scripts.start.replace('exec ./', '')}\n`);
    expect(unit).toContain('RestartPreventExitStatus=64 78');
  });

  const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;
  test.skipIf(!analyze)('the unit is hardened: at most 3 of 10', () => {
    const path = new URL('../deploy/wecom-tag-bot.service', import.meta.url).pathname;
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=100', path], {
      encoding: 'utf8',
    });
    expect(Number(/exposure level[^:]*: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThanOrEqual(3);
  });
});
