import { describe, expect, test } from 'vitest';
import { BotError } from '../src/errors.ts';
import { createLog } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';

describe('log', () => {
  function capture(): {
    lines: () => Record<string, unknown>[];
    text: () => string;
    to: { write(line: string): void };
  } {
    let text = '';
    const to = {
      write(line: string) {
        text += line;
      },
    };
    const lines = () =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    return { lines, text: () => text, to };
  }

  test('one JSON object per line, with level, time, message and fields', () => {
    const out = capture();
    createLog('info', out.to).warn({ count: 2, of: ['a'] }, 'two\nlines');
    expect(out.lines()).toEqual([{ level: 'warn', time: expect.any(String), count: 2, of: ['a'], msg: 'two\nlines' }]);
  });

  test('the level holds, silent is silent', () => {
    const out = capture();
    createLog('warn', out.to).info({}, 'no');
    createLog('silent', out.to).error({}, 'no');
    expect(out.text()).toBe('');
  });

  test('what must not be seen is hidden, one level down too', () => {
    const out = capture();
    const hidden = { secret: 'S1', access_token: 'S2', content: 'S3', text: 'S4', body: 'S5', responseCode: 'S6' };
    const fields = { ...hidden, message: { ...hidden, kept: 'too' }, kept: 'yes' };
    createLog('info', out.to).info(fields, 'x');
    expect(out.text()).not.toMatch(/S\d/);
    expect(out.lines()).toMatchObject([
      { kept: 'yes', secret: '[hidden]', message: { kept: 'too', body: '[hidden]' } },
    ]);
    expect(fields.message.secret).toBe('S1');
  });

  test('an error is its facts; a stack only where the program is at fault', () => {
    const out = capture();
    const log = createLog('info', out.to);
    log.warn({ err: new BotError('api.timeout', 'busy', { facts: { path: 'p' }, cause: new Error('reset') }) }, 'x');
    log.error({ err: new TypeError('oops') }, 'x');
    const [busy, bug] = out.lines().map((line) => line.err as Record<string, unknown>);
    expect(busy).toMatchObject({
      code: 'api.timeout',
      kind: 'busy',
      facts: { path: 'p' },
      cause: { message: 'reset' },
    });
    expect(busy).not.toHaveProperty('stack');
    expect(bug?.stack).toContain('TypeError: oops');
  });
});

describe('metrics', () => {
  test('what was noted before the first scrape is counted like what comes after', async () => {
    const metrics = createMetrics();
    metrics.refused('signature');
    metrics.callback('text');
    metrics.answer('passive', 12);
    metrics.apiCall('message/send', 45009, 40);
    metrics.write('done');
    metrics.duplicate();
    metrics.pushFailed('wecom.81013');
    await metrics.text();
    metrics.refused('signature');
    metrics.apiCall('message/send', 'timeout', 40);
    const text = await metrics.text();
    for (const line of [
      'wecom_bot_callbacks_refused_total{reason="signature"} 2',
      'wecom_bot_callbacks_total{kind="text"} 1',
      'wecom_bot_answer_seconds_bucket{le="0.025",way="passive"} 1',
      'wecom_bot_answer_seconds_bucket{le="0.01",way="passive"} 0',
      'wecom_bot_api_calls_total{path="message/send",result="45009"} 1',
      'wecom_bot_api_calls_total{path="message/send",result="timeout"} 1',
      'wecom_bot_api_call_seconds_count{path="message/send"} 2',
      'wecom_bot_writes_total{state="done"} 1',
      'wecom_bot_duplicates_total 1',
      'wecom_bot_push_failures_total{code="wecom.81013"} 1',
      'process_cpu_seconds_total',
    ]) {
      expect(text).toContain(line);
    }
  });

  test('a program that nobody scrapes loses nothing', async () => {
    const metrics = createMetrics();
    for (let i = 0; i < 2_500; i++) metrics.duplicate();
    expect(await metrics.text()).toContain('wecom_bot_duplicates_total 2500');
  });
});
