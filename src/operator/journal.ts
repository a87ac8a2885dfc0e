/** `journal`: who changed what, newest first, as JSON lines or CSV. Needs the database alone, and takes no lock. */

import { csvLine } from '../bot/commands/csv.ts';
import type { StoreConfig } from '../config.ts';
import { moment } from '../dates.ts';
import type { Clock } from '../message.ts';
import { inspectStore } from '../store/inspect.ts';
import { openStore } from '../store/open.ts';
import type { ChangeFilter, ChangeRow, ChangeState } from '../store/store.ts';
import { keyOf as keyOfCorp } from '../suites/suite.ts';
import { UsageError } from './command-line.ts';
import type { Print } from './connect.ts';
import { lookAtSuites } from './corps-known.ts';
import { keyOf, type Named, whichCorp } from './which-corp.ts';

/** As typed. */
export interface JournalOptions {
  readonly corp?: string | undefined;
  readonly member?: string | undefined;
  readonly name?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly state?: string | undefined;
  readonly limit?: string | undefined;
  readonly csv?: boolean | undefined;
}

const PAGE = 500;
const MOST = 1_000;
const STATES: readonly ChangeState[] = ['intended', 'done', 'partial', 'failed', 'unknown'];
/** Excel takes CSV for UTF-8 only with it. */
const BOM = '\ufeff';

/** Throws UsageError, and BotError `store.*`. */
export async function journal(config: StoreConfig, options: JournalOptions, now: Clock, print: Print): Promise<void> {
  const limit = options.limit === undefined ? MOST : Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit 要是正整数');
  const filter = filterOf(options, now(), config.timeZone);
  const corpId = await corpOf(config, options.corp, now);
  const store = await openStore(config.databaseUrl, corpId, { now, readOnly: true });
  try {
    if (options.csv) print(BOM + COLUMNS.join(','));
    for (let offset = 0; offset < limit; offset += PAGE) {
      const rows = await store.changes({ ...filter, limit: Math.min(PAGE, limit - offset), offset });
      for (const row of rows) print(options.csv ? csvRow(row) : jsonLine(row));
      if (rows.length < PAGE) break;
    }
  } finally {
    await store.close();
  }
}

/** By its name, or by its id, which may be that of a corp that is configured no longer. */
async function corpOf(config: StoreConfig, wanted: string | undefined, now: Clock): Promise<string> {
  const { corps, databaseUrl } = config;
  const listed = corps.map(({ name, corpId }): Named => ({ name, corpId }));
  if (wanted === undefined && listed.length > 0) return keyOf(whichCorp(listed, itself, undefined));
  const { version, corps: kept } = await inspectStore(databaseUrl, '');
  // Of an empty database there is nothing to tell, and of a missing one the opening does.
  if (version === 0 || (wanted === undefined && kept.length === 0)) return wanted ?? '-';
  const known = [...listed, ...(await authorisedIn(config, now))];
  const keys = new Set(known.map(keyOf));
  const unlisted = kept.filter((key) => !keys.has(key)).map((key): Named => ({ name: undefined, corpId: key }));
  return keyOf(whichCorp([...known, ...unlisted], itself, wanted));
}

async function authorisedIn({ suites, databaseUrl }: StoreConfig, now: Clock): Promise<Named[]> {
  const all = (await lookAtSuites(databaseUrl, now, (store) => store.authorisations())) ?? [];
  return all.map(({ suiteId, corpId, corpName }) => {
    const suite = suites.find((each) => each.suiteId === suiteId)?.name ?? suiteId;
    return { name: `${suite}:${corpName || corpId}`, corpId, key: keyOfCorp(suiteId, corpId) };
  });
}

const itself = (corp: Named): Named => corp;

function filterOf(
  { member, name, since, until, state }: JournalOptions,
  now: number,
  timeZone: string,
): Omit<ChangeFilter, 'limit' | 'offset'> {
  const known = STATES.find((each) => each === state);
  if (state !== undefined && known === undefined) throw new UsageError(`--state 要是 ${STATES.join('、')} 之一`);
  const read = (text: string | undefined, end: 'since' | 'until') => {
    const ms = text === undefined ? undefined : moment(text, end, now, timeZone);
    if (text !== undefined && ms === undefined)
      throw new UsageError(`--${end} 要是时间，如 2026-11-22 或 2026-11-22T08:00（按 TIME_ZONE）`);
    return ms === undefined ? {} : { [end]: ms };
  };
  return {
    ...(member === undefined ? {} : { member }),
    ...(name === undefined ? {} : { name }),
    ...read(since, 'since'),
    ...read(until, 'until'),
    ...(known === undefined ? {} : { state: known }),
  };
}

const COLUMNS = [
  'id',
  'at',
  'member',
  'state',
  'libraryIds',
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
