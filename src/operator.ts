/** The operator's commands: doctor, menu, journal. Each prints lines and returns the exit code. */

import { parseArgs } from 'node:util';
import { csvLine } from './bot/commands/csv.ts';
import { MENU, menuDifferences } from './bot/commands/menu.ts';
import type { Config } from './config.ts';
import { moment } from './dates.ts';
import { diagnose } from './diagnosis.ts';
import { explain } from './errors.ts';
import { createLog } from './log.ts';
import type { Clock } from './message.ts';
import { createMetrics } from './metrics.ts';
import { openStore } from './store/open.ts';
import type { ChangeFilter, ChangeRow, ChangeState, Store } from './store/store.ts';
import { createWecom, type Wecom } from './wecom/wecom.ts';

type Print = (text: string) => void;

const PAGE = 500;
const STATES: readonly ChangeState[] = ['intended', 'done', 'partial', 'failed', 'unknown'];

function connect(config: Config, now: Clock): Wecom {
  const { apiBaseUrl, corpId, agentId, secret } = config.wecom;
  return createWecom({
    baseUrl: apiBaseUrl,
    egress: config.network,
    corpId,
    agentId,
    secret,
    log: createLog('silent', { write: () => {} }),
    metrics: createMetrics(),
    now,
  });
}

/** Checks what the bot needs, one line each; 1 when something is wrong. */
export async function doctor(config: Config, now: Clock, print: Print): Promise<number> {
  const wecom = connect(config, now);
  let store: Store | undefined;
  const open = async () => {
    store = await openStore(config.databaseUrl, config.wecom.corpId, { now });
    return store;
  };
  try {
    const findings = await diagnose(config, wecom, open, now);
    for (const { ok, line } of findings) print(`${ok ? '✓' : '✗'} ${line}`);
    return findings.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    await store?.close();
    wecom.close();
  }
}

/** Shows how the published menu differs; publishes with --publish. */
export async function menu(config: Config, args: readonly string[], now: Clock, print: Print): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { publish: { type: 'boolean', default: false } } });
  const wecom = connect(config, now);
  try {
    const differences = menuDifferences(await wecom.menu.get());
    if (differences.length === 0) print('菜单没有变化。');
    for (const difference of differences) print(difference);
    if (values.publish && differences.length > 0) {
      await wecom.menu.create(MENU);
      print('已发布。成员重新进入应用后可以看到。');
    } else if (differences.length > 0) print('以上是预览；加 --publish 发布。');
    return 0;
  } catch (error) {
    const { sentence, advice } = explain(error, { admin: true, now: now() });
    print(`没有做成：${sentence}${advice}`);
    return 1;
  } finally {
    wecom.close();
  }
}

/** The journal, newest first: JSON lines, or CSV with --csv. */
export async function journal(config: Config, args: readonly string[], now: Clock, print: Print): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      member: { type: 'string' },
      name: { type: 'string' },
      since: { type: 'string' },
      until: { type: 'string' },
      state: { type: 'string' },
      limit: { type: 'string', default: '1000' },
      csv: { type: 'boolean', default: false },
    },
  });
  const limit = Number(values.limit);
  const asked = (text: string | undefined, end: 'since' | 'until'): number | undefined =>
    text === undefined ? undefined : (moment(text, end, now(), config.timeZone) ?? Number.NaN);
  const since = asked(values.since, 'since');
  const until = asked(values.until, 'until');
  const state = STATES.find((each) => each === values.state);
  if (
    !Number.isInteger(limit) ||
    limit < 1 ||
    Number.isNaN(since) ||
    Number.isNaN(until) ||
    (values.state !== undefined && !state)
  ) {
    print(
      `--limit 要是正整数；--since、--until 要是时间，如 2026-11-22 或 2026-11-22T08:00（按 TIME_ZONE）；--state 是 ${STATES.join('、')} 之一`,
    );
    return 64;
  }
  const filter: Omit<ChangeFilter, 'limit' | 'offset'> = {
    ...(values.member === undefined ? {} : { member: values.member }),
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(state === undefined ? {} : { state }),
  };
  const store = await openStore(config.databaseUrl, config.wecom.corpId, { now, readOnly: true });
  try {
    if (values.csv) print(COLUMNS.join(','));
    for (let offset = 0; offset < limit; offset += PAGE) {
      const rows = await store.changes({ ...filter, limit: Math.min(PAGE, limit - offset), offset });
      for (const row of rows) print(values.csv ? csvRow(row) : jsonLine(row));
      if (rows.length < PAGE) break;
    }
    return 0;
  } finally {
    await store.close();
  }
}

const COLUMNS = [
  'id',
  'at',
  'member',
  'state',
  'strategyIds',
  'undoes',
  'names',
  'plan',
  'outcome',
  'concludedAt',
] as const;

function jsonLine(row: ChangeRow): string {
  return JSON.stringify({
    ...row,
    at: iso(row.at),
    concludedAt: iso(row.concludedAt),
    names: row.names.split('\n'),
    plan: JSON.parse(row.plan),
    outcome: row.outcome === undefined ? undefined : JSON.parse(row.outcome),
  });
}

function csvRow(row: ChangeRow): string {
  const flat = { ...row, at: iso(row.at), concludedAt: iso(row.concludedAt), names: row.names.replaceAll('\n', '、') };
  return csvLine(COLUMNS.map((column) => String(flat[column] ?? '')));
}

function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
