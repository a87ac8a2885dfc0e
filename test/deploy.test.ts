/** The files in deploy/ say what the program does: metrics exist, settings are known, ports and flags are those of the image. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { settings } from '../src/config/settings.ts';
import { createMetrics } from '../src/metrics.ts';
import { openChat } from './chat.ts';
import { type Exposed, exposedIn, problemsOf } from './promql.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const VARIABLES = new Set(
  settings.flatMap(({ setting: { env, mounted } }) =>
    env === undefined ? [] : mounted ? [env, `${env}_FILE`] : [env],
  ),
);

/** What a running bot exposes after it has answered, changed something, and failed to push. */
let scrape: string;
let exposed: Exposed;
beforeAll(async () => {
  const chat = await openChat({ app: { versions: { program: '1', node: '2' } } });
  try {
    await chat.say('wangzong', '标签 添加 量一量 到 客户分级');
    chat.sandbox.setFaults({ errcode: { on: true, code: 60020, path: 'message/send' } });
    await chat.say('wangzong', '标签 列表');
    scrape = await (await fetch(`${chat.operatorUrl}/metrics`)).text();
    exposed = exposedIn(`${scrape}\n${await ofProvider()}`);
  } finally {
    await chat.stop();
  }
});

/** What the bot of a provider exposes beside. */
async function ofProvider(): Promise<string> {
  const metrics = createMetrics();
  metrics.watchSuites(async () => [{ suite: 'template', ticketAt: 1, companies: 1, openEvents: 0 }]);
  return (await metrics.text())
    .split('\n')
    .filter((line) => line.includes('wecom_bot_suite_'))
    .join('\n');
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string };
}
const rules = (
  parse(read('deploy/prometheus-rules.yml')) as { groups: { readonly rules: readonly Rule[] }[] }
).groups.flatMap((group) => group.rules);

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}
const { panels } = JSON.parse(read('deploy/grafana-dashboard.json')) as { readonly panels: readonly Panel[] };

const named = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, label = '']) => label);

test('every alert can be asked, and says what is wrong', () => {
  expect(rules.length).toBeGreaterThan(8);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { expr, annotations } of rules) {
    expect(annotations.summary).toMatch(/[一-鿿]/);
    expect(problemsOf(expr, exposed, named(annotations.summary, /\$labels\.(\w+)/g))).toEqual([]);
  }
});

test('an alert on a counter sees the first event', async () => {
  const untouched = await createMetrics().text();
  const counters = rules.flatMap(({ expr }) => named(expr, /increase\((\w+)/g));
  expect(counters.length).toBeGreaterThan(3);
  for (const name of counters) expect(untouched).toMatch(new RegExp(`^${name}(\\{.*\\})? 0$`, 'm'));
});

test('every panel of the dashboard can be asked, and shows labels that are there', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { title, targets } of panels)
    for (const { expr, legendFormat } of targets)
      expect(problemsOf(expr, exposed, named(legendFormat, /\{\{(\w+)\}\}/g)), title).toEqual([]);
});

test('every reason for which a callback is refused is there before the first is', () => {
  const [, table = ''] = /^## 回调被拒绝\n(.*?)^## /ms.exec(read('docs/troubleshooting.md')) ?? [];
  const reasons = named(table, /^\| `([\w-]+)` \|/gm);
  expect([...(exposed.get('wecom_bot_callbacks_refused_total')?.get('reason') ?? [])].sort()).toEqual(reasons.sort());
});

test('what the documents say of metrics is what is exposed', () => {
  const documented = named(read('docs/deployment.md'), /^\| `(wecom_bot_\w+)`/gm).sort();
  const types = named(scrape, /^# TYPE (wecom_bot_\w+)/gm).sort();
  expect(documented).toEqual(types);
});

test.each([
  ['sum by (kind (rate(up[5m]))', 'not a query'],
  ['rate(wecom_bot_callbacks_total)', 'needs a range'],
  ['abs(wecom_bot_callbacks_total[5m])', 'takes no range'],
  ['wecom_bot_callback_total > 0', 'no such metric'],
  ['wecom_bot_callbacks_total{knd="text"}', 'no such label: knd'],
  ['wecom_bot_writes_total{state="unkown"}', 'no such value: state "unkown"'],
  ['sum by (state) (wecom_bot_callbacks_total)', 'no such label: state'],
  ['sum by (kind) (wecom_bot_callbacks_total)', 'the result has no label corp', ['corp']],
  ['5 > 4', 'names no metric'],
])('%s is found out: %s', (query, problem, shown: string[] = []) => {
  expect(problemsOf(query, exposed, shown).join('\n')).toContain(problem);
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
    // What passes by itself is waited for however long it takes: a database that is slow to come must not end the bot.
    expect(unit).toContain('StartLimitIntervalSec=0\n');
    expect(Number(/^RestartSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThanOrEqual(10);
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
