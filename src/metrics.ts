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
  /** Prometheus text format, version 0.0.4. */
  text(): Promise<string>;
}

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 4.5, 10, 30];

/** @param droppedLogLines asked at every scrape: how many lines of the log were lost since the start */
export function createMetrics({
  droppedLogLines = () => 0,
}: {
  readonly droppedLogLines?: () => number;
} = {}): Metrics {
  const registry = new prometheus.Registry();
  const registers = [registry];
  prometheus.collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new prometheus.Counter({ name: `wecom_bot_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new prometheus.Histogram({ name: `wecom_bot_${name}`, help, labelNames, buckets: SECONDS, registers });

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

  return {
    refused: (reason) => refused.inc({ reason }),
    refusedHttp: (reason) => refusedHttp.inc({ reason }),
    callback: (kind) => callbacks.inc({ kind }),
    otherApp: () => otherApps.inc(),
    addressVerified: () => verifications.inc(),
    answer: (way, ms) => answers.observe({ way }, ms / 1000),
    apiCall: (path, result, ms) => {
      calls.inc({ path, result: String(result) });
      callTimes.observe({ path }, ms / 1000);
    },
    write: (state) => writes.inc({ state }),
    duplicate: () => duplicates.inc(),
    pushFailed: (code) => pushes.inc({ code }),
    text: () => registry.metrics(),
  };
}
