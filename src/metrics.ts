/** What the program counts, as Prometheus text (prom-client). */
import prometheus from 'prom-client';

export type AnswerWay = 'passive' | 'push' | 'fallback' | 'owed' | 'merged';

export interface Metrics {
  /** A callback that was turned away. */
  refused(reason: string): void;
  /** A request that was turned away before anything looked at it as a callback. */
  refusedHttp(reason: string): void;
  /** A callback that was taken: text, click, press … */
  callback(kind: string): void;
  /** A message rightly sealed, but sent to another app of the corp. */
  otherApp(): void;
  /** The console has checked the address of the callback. */
  addressVerified(): void;
  /** `ms` from the arrival of the message to its answer. */
  answer(way: AnswerWay, ms: number): void;
  /** `result` is the errcode, or why there was none (timeout, broken …). */
  apiCall(path: string, result: number | string, ms: number): void;
  write(state: string): void;
  duplicate(): void;
  pushFailed(code: string): void;
  /** Something of the database went wrong; `code` as in the log. */
  databaseFailed(code: string): void;
  /** Whom to ask at every scrape for what is as it is now; the last one counts. */
  watch(probes: Probes): void;
  /** As `watch`, for the suites of a provider. */
  watchSuites(ask: () => Promise<readonly SuiteState[]>): void;
  /**
   * The metrics of one corp: with its id as label where the process serves few, else as part of the sums. Its probes are
   * asked until the next `watch`; an empty one ends that.
   */
  of(corp: string): Metrics;
  /** Prometheus text format, version 0.0.4. */
  text(): Promise<string>;
}

export interface SuiteState {
  /** Its name in the configuration. */
  readonly suite: string;
  /** ms; when its last ticket came, undefined for never. */
  readonly ticketAt: number | undefined;
  /** Companies that have authorised it. */
  readonly companies: number;
  /** Events that are not worked off. */
  readonly openEvents: number;
}

/** Each gives undefined, and the metric no value, while it is not known. Seconds since 1970 and ms as they are named. */
export interface Probes {
  /** ms */
  readonly libraryReadAt?: () => number | undefined;
  readonly tags?: () => number | undefined;
  /** ms that this machine's clock is ahead of the platform's. */
  readonly clockAhead?: () => number | undefined;
  /** Whether calls for a token are held back after wrong credentials. */
  readonly tokenHeld?: () => boolean;
  /** ms of one write; undefined when it failed. */
  readonly databaseAnswers?: () => Promise<number | undefined>;
  /** Messages whose answer is not yet given. */
  readonly underWay?: () => number;
  /** Members who are owed an answer. */
  readonly owed?: () => Promise<number>;
}

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 4.5, 10, 30];

/** There from the first scrape on, so that the first event is an increase. */
const KINDS = ['text', 'click', 'press', 'enter', 'subscribe', 'media', 'tagChange', 'other'];
const WAYS: readonly AnswerWay[] = ['passive', 'push', 'fallback', 'owed', 'merged'];
const WRITES = ['done', 'partial', 'failed', 'unknown', 'denied'];
const REFUSALS = [
  'signature',
  'ciphertext',
  'padding',
  'length',
  'utf8',
  'receive-id',
  'to-user',
  'timestamp',
  'echo',
  'query',
  'body',
  'xml',
  'json',
  'dtd',
  'limit',
  'suite',
  'too-large',
  'broken-off',
];
const DATABASE_ERRORS = [
  'store.full',
  'store.readonly',
  'store.busy',
  'store.unreachable',
  'store.replaced',
  'store.outgrown',
  'store.failed',
];
const HTTP_REFUSALS = ['path', 'target', 'slow', 'connections', 'header-size', 'no-http', 'gone'];

/** More corps than this share their series: a label of hundreds of values is more than a scrape should carry. */
export const MOST_LABELLED_CORPS = 50;
/** The label of those that have come on top of that since the start. */
const OTHERS = 'others';

/** Memory, CPU, event loop, garbage collection: of the process, however many apps it has had. */
const ofProcess = new prometheus.Registry();

/** Only once: its timer and its observer of garbage collection can never be stopped, and would hold what they count for. */
function measureProcess(): void {
  if (ofProcess.getMetricsAsArray().length === 0) prometheus.collectDefaultMetrics({ register: ofProcess });
}

/**
 * @param droppedLogLines asked at every scrape: how many lines of the log were lost since the start
 * @param corps how many the process serves; one alone, or more than fifty, have no label
 * @param open more may come while it runs, so that one has a label as well
 */
export function createMetrics({
  droppedLogLines = () => 0,
  versions,
  corps = 1,
  open = false,
}: {
  readonly corps?: number;
  readonly open?: boolean;
  readonly droppedLogLines?: () => number;
  readonly versions?: { readonly program: string; readonly node: string };
} = {}): Metrics {
  measureProcess();
  const registry = new prometheus.Registry();
  const registers = [registry];
  const labelled = (corps > 1 || open) && corps <= MOST_LABELLED_CORPS;
  const labels = new Set<string>();
  /** For as long as the process runs. */
  const labelOf = (corp: string): string => {
    if (labels.size < MOST_LABELLED_CORPS) labels.add(corp);
    return labels.has(corp) ? corp : OTHERS;
  };
  const OF_CORP = labelled ? (['corp'] as const) : [];
  const named = <Label extends string>(labels: readonly Label[]): (Label | 'corp')[] => [...labels, ...OF_CORP];
  const counter = <Label extends string>(name: string, help: string, ...labels: Label[]) =>
    new prometheus.Counter({ name: `wecom_bot_${name}`, help, labelNames: named(labels), registers });
  const histogram = <Label extends string>(name: string, help: string, ...labels: Label[]) =>
    new prometheus.Histogram({
      name: `wecom_bot_${name}`,
      help,
      labelNames: named(labels),
      buckets: SECONDS,
      registers,
    });

  const refused = counter('callbacks_refused_total', 'Callbacks turned away, by reason', 'reason');
  const refusedHttp = counter('http_refused_total', 'Requests turned away before they were callbacks', 'reason');
  const callbacks = counter('callbacks_total', 'Callbacks taken, by kind', 'kind');
  const otherApps = counter('other_app_messages_total', 'Messages sent to another app of the corp, acknowledged only');
  const verifications = counter('address_verifications_total', 'Checks of the callback address by the console');
  const answers = histogram('answer_seconds', 'From arrival to answer, by the way it went', 'way');
  const calls = counter('api_calls_total', 'Calls to the platform, by path and result', 'path', 'result');
  const callTimes = histogram('api_call_seconds', 'Duration of calls to the platform, by path', 'path');
  const writes = counter('writes_total', 'Changes to the library, by outcome', 'state');
  const duplicates = counter('duplicates_total', 'Repeats of messages that were already taken');
  const pushes = counter('push_failures_total', 'Pushes that did not reach the platform, by code', 'code');
  new prometheus.Counter({
    name: 'wecom_bot_log_lines_dropped_total',
    help: 'Lines of the log that standard output did not take',
    registers,
    collect() {
      this.reset();
      this.inc(droppedLogLines());
    },
  });

  for (const reason of HTTP_REFUSALS) refusedHttp.inc({ reason }, 0);
  const pushFailures = counter('push_failures_all_total', 'Pushes that did not reach the platform, whatever the code');
  const databaseErrors = counter(
    'database_errors_total',
    'Reads and writes of the database that failed, by code',
    'code',
  );
  const lastCallback = new prometheus.Gauge({
    name: 'wecom_bot_last_callback_timestamp_seconds',
    help: 'When the last callback was taken, since 1970; 0 before the first',
    labelNames: named([]),
    registers,
  });

  /** By corp; '' for those of the process. */
  const probes = new Map<string, Probes>();
  const gauge = (name: string, help: string, ask: () => Promise<number | undefined> | number | undefined): void => {
    new prometheus.Gauge({
      name: `wecom_bot_${name}`,
      help,
      registers,
      async collect() {
        const value = await ask();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  };
  const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);
  type Ask = (probes: Probes) => Promise<number | undefined> | number | undefined;
  const gaugeOfCorps = (name: string, help: string, together: (values: number[]) => number, ask: Ask): void => {
    new prometheus.Gauge({
      name: `wecom_bot_${name}`,
      help,
      labelNames: named([]),
      registers,
      async collect() {
        this.reset();
        const asked = await Promise.all([...probes].map(async ([corp, each]) => [corp, await ask(each)] as const));
        const known = asked.flatMap(([corp, value]) => (value === undefined ? [] : [[corp, value] as const]));
        if (labelled) {
          const byLabel = new Map<string, number[]>();
          for (const [corp, value] of known) {
            const label = corp === '' ? '' : labelOf(corp);
            byLabel.set(label, [...(byLabel.get(label) ?? []), value]);
          }
          for (const [label, values] of byLabel) this.set(label === '' ? {} : { corp: label }, together(values));
        } else if (known.length > 0) this.set(together(known.map(([, value]) => value)));
        else this.remove();
      },
    });
  };
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  const oldest = (values: number[]): number => Math.min(...values);
  const farthest = (values: number[]): number => values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
  gaugeOfCorps('library_read_timestamp_seconds', 'When the library in use was read, since 1970', oldest, (each) =>
    seconds(each.libraryReadAt?.()),
  );
  gaugeOfCorps('library_tags', 'Tags in the library', sum, (each) => each.tags?.());
  gaugeOfCorps('clock_ahead_seconds', "How far this machine's clock is ahead of the platform's", farthest, (each) =>
    seconds(each.clockAhead?.()),
  );
  gaugeOfCorps('token_held', '1 while wrong credentials are not tried again', sum, (each) =>
    each.tokenHeld === undefined ? undefined : Number(each.tokenHeld()),
  );
  gaugeOfCorps('messages_under_way', 'Messages whose answer is not yet given', sum, (each) => each.underWay?.());
  gaugeOfCorps('answers_owed', 'Members who are owed an answer', sum, (each) => each.owed?.().catch(() => undefined));
  let asking: Promise<number | undefined> | undefined;
  /** Both are collected at once, by one write. */
  const databaseAnswers = (): Promise<number | undefined> => {
    asking ??= (probes.get('')?.databaseAnswers?.() ?? Promise.resolve(undefined)).finally(() => {
      asking = undefined;
    });
    return asking;
  };
  gauge('database_up', '1 when the database took a write just now', async () =>
    (await databaseAnswers()) === undefined ? 0 : 1,
  );
  gauge('database_seconds', 'How long that write took', async () => seconds(await databaseAnswers()));
  let askSuites = (): Promise<readonly SuiteState[]> => Promise.resolve([]);
  let askingSuites: Promise<readonly SuiteState[]> | undefined;
  /** All are collected at once, by one look. */
  const suiteStates = (): Promise<readonly SuiteState[]> => {
    askingSuites ??= askSuites().finally(() => {
      askingSuites = undefined;
    });
    return askingSuites;
  };
  const gaugeOfSuites = (name: string, help: string, of: (state: SuiteState) => number): void => {
    new prometheus.Gauge({
      name: `wecom_bot_suite_${name}`,
      help,
      labelNames: ['suite'],
      registers,
      async collect() {
        this.reset();
        for (const state of await suiteStates().catch(() => [])) this.set({ suite: state.suite }, of(state));
      },
    });
  };
  gaugeOfSuites('ticket_timestamp_seconds', 'When the last suite_ticket came, since 1970; 0 for never', (state) =>
    state.ticketAt === undefined ? 0 : state.ticketAt / 1000,
  );
  gaugeOfSuites('companies', 'Companies that have authorised the suite', ({ companies }) => companies);
  gaugeOfSuites('events_open', 'Events of the suite that are not worked off', ({ openEvents }) => openEvents);
  const build = new prometheus.Gauge({
    name: 'wecom_bot_build_info',
    help: 'Always 1; which version runs on which Node',
    labelNames: ['version', 'node'],
    registers,
  });
  if (versions !== undefined) build.set({ version: versions.program, node: versions.node }, 1);

  const ofCorps = new Map<string, Metrics>();
  function metricsOf(corp: string): Metrics {
    const known = ofCorps.get(corp) ?? create(corp);
    ofCorps.set(corp, known);
    return known;
  }

  function create(corp: string): Metrics {
    const own = labelled && corp !== '' ? { corp: labelOf(corp) } : {};
    // There from the first scrape on; where corps have a label, their sums need no series of their own.
    if (!labelled || corp !== '') {
      for (const kind of KINDS) callbacks.inc({ kind, ...own }, 0);
      for (const way of WAYS) answers.zero({ way, ...own });
      for (const state of WRITES) writes.inc({ state, ...own }, 0);
      for (const reason of REFUSALS) refused.inc({ reason, ...own }, 0);
      for (const code of DATABASE_ERRORS) databaseErrors.inc({ code, ...own }, 0);
      for (const each of [duplicates, otherApps, verifications, pushFailures]) each.inc(own, 0);
      if (labelled) lastCallback.set(own, 0);
    }
    return {
      of: metricsOf,
      watch: (asked) => {
        if (Object.keys(asked).length === 0) probes.delete(corp);
        else probes.set(corp, asked);
      },
      watchSuites: (ask) => {
        askSuites = ask;
      },
      refused: (reason) => refused.inc({ reason, ...own }),
      refusedHttp: (reason) => refusedHttp.inc({ reason }),
      callback: (kind) => {
        callbacks.inc({ kind, ...own });
        lastCallback.setToCurrentTime(own);
      },
      otherApp: () => otherApps.inc(own),
      addressVerified: () => verifications.inc(own),
      answer: (way, ms) => answers.observe({ way, ...own }, ms / 1000),
      apiCall: (path, result, ms) => {
        calls.inc({ path, result: String(result), ...own });
        callTimes.observe({ path, ...own }, ms / 1000);
      },
      write: (state) => writes.inc({ state, ...own }),
      duplicate: () => duplicates.inc(own),
      pushFailed: (code) => {
        pushes.inc({ code, ...own });
        pushFailures.inc(own);
      },
      databaseFailed: (code) => databaseErrors.inc({ code, ...own }),
      text: async () => `${await ofProcess.metrics()}\n${await registry.metrics()}`,
    };
  }

  return metricsOf('');
}
