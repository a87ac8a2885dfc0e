/**
 * What the program counts, as Prometheus text. prom-client does the counting; it is loaded with the first scrape, so that
 * nobody waits for it at the start. Until then observations wait in a short list and are counted afterwards, none is lost.
 */
import type { Registry } from 'prom-client';

export type AnswerWay = 'passive' | 'push' | 'fallback' | 'owed' | 'merged';

export interface Metrics {
  /** A callback that was turned away. */
  refused(reason: string): void;
  /** A callback that was taken: text, click, press … */
  callback(kind: string): void;
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

type Instruments = Omit<Metrics, 'text'> & { readonly registry: Registry };
type Observation = (instruments: Instruments) => void;

/** Enough for a start without a scraper; beyond it the library is loaded all the same. */
const MAX_WAITING = 1_000;
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 4.5, 10, 30];

export function createMetrics(): Metrics {
  let instruments: Instruments | undefined;
  let loading: Promise<Instruments> | undefined;
  let waiting: Observation[] = [];

  function load(): Promise<Instruments> {
    loading ??= createInstruments().then((ready) => {
      instruments = ready;
      for (const observe of waiting) observe(ready);
      waiting = [];
      return ready;
    });
    return loading;
  }

  function note(observe: Observation): void {
    if (instruments !== undefined) observe(instruments);
    else if (waiting.push(observe) === MAX_WAITING) void load();
  }

  return {
    refused: (reason) => note((to) => to.refused(reason)),
    callback: (kind) => note((to) => to.callback(kind)),
    answer: (way, ms) => note((to) => to.answer(way, ms)),
    apiCall: (path, result, ms) => note((to) => to.apiCall(path, result, ms)),
    write: (state) => note((to) => to.write(state)),
    duplicate: () => note((to) => to.duplicate()),
    pushFailed: (code) => note((to) => to.pushFailed(code)),
    text: async () => (await load()).registry.metrics(),
  };
}

async function createInstruments(): Promise<Instruments> {
  const { default: prometheus } = await import('prom-client');
  const registry = new prometheus.Registry();
  const registers = [registry];
  prometheus.collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new prometheus.Counter({ name: `wecom_bot_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new prometheus.Histogram({ name: `wecom_bot_${name}`, help, labelNames, buckets: SECONDS, registers });

  const refused = counter('callbacks_refused_total', 'Callbacks turned away, by reason', 'reason');
  const callbacks = counter('callbacks_total', 'Callbacks taken, by kind', 'kind');
  const answers = histogram('answer_seconds', 'From arrival to answer, by the way it went', 'way');
  const calls = counter('api_calls_total', 'Calls to the platform, by path and result', 'path', 'result');
  const callTimes = histogram('api_call_seconds', 'Duration of calls to the platform, by path', 'path');
  const writes = counter('writes_total', 'Changes to the library, by outcome', 'state');
  const duplicates = counter('duplicates_total', 'Repeats of messages that were already taken');
  const pushes = counter('push_failures_total', 'Pushes that did not reach the platform, by code', 'code');

  return {
    registry,
    refused: (reason) => refused.inc({ reason }),
    callback: (kind) => callbacks.inc({ kind }),
    answer: (way, ms) => answers.observe({ way }, ms / 1000),
    apiCall: (path, result, ms) => {
      calls.inc({ path, result: String(result) });
      callTimes.observe({ path }, ms / 1000);
    },
    write: (state) => writes.inc({ state }),
    duplicate: () => duplicates.inc(),
    pushFailed: (code) => pushes.inc({ code }),
  };
}
