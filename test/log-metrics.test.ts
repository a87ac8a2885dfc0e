import { describe, expect, test } from 'vitest';
import { BotError } from '../src/errors.ts';
import { createComplaints, createLog } from '../src/log.ts';
import { createMetrics, MOST_LABELLED_CORPS } from '../src/metrics.ts';
import { withoutControls } from '../src/terminal.ts';

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

  test('a child writes its fields in every line, and hides of them what must not be seen', () => {
    const out = capture();
    const log = createLog('info', out.to)
      .child({ corp: 'ww1', token: 'S1' })
      .child({ part: { body: 'S2' } });
    log.info({ kept: 'yes', secret: 'S3', absent: undefined }, 'x');
    const part = { body: '[hidden]' };
    expect(out.lines()).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        corp: 'ww1',
        token: '[hidden]',
        part,
        kept: 'yes',
        secret: '[hidden]',
        msg: 'x',
      },
    ]);
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

describe('characters that steer a terminal or turn a text around', () => {
  const steering = [
    '\x1b[2J',
    '\x9b31m',
    '\x85',
    '\x7f',
    '\0',
    '\r',
    '\u202e',
    '\u2066',
    '\u200f',
    '\u061c',
    '\u2028',
    '\u2029',
  ];

  test.each(steering)('%j is spelt out in the log, and reads the same', (text) => {
    let line = '';
    createLog('info', {
      write: (written) => {
        line += written;
      },
    }).info({ path: text, [text]: 1, err: new Error(text) }, text);
    expect(line.slice(0, -1)).toMatch(/^[^\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/u);
    expect(JSON.parse(line)).toMatchObject({ path: text, [text]: 1, err: { message: text }, msg: text });
  });

  test('ordinary text is left alone', () => {
    const text = '标签\t添加 👨‍👩‍👧 é “VIP” \n𠮷';
    expect(withoutControls(text)).toBe(text);
  });
});

describe('complaints', () => {
  const from = (ip: string) => ({ ip, get: () => '' });

  test('something new from the same source is told within the minute, but not for ever', () => {
    const told: unknown[] = [];
    const note = (fields: object) => void told.push((fields as { path?: string }).path ?? fields);
    const complaints = createComplaints({ info: note, warn: note });
    for (const path of ['/a', '/b', '/a', '/c', '/d', '/e', '/f', '/g'])
      complaints.about('oh', from('10.0.0.1'), { detail: path, fields: { path } });
    expect(told).toEqual(['/a', '/b', '/c', '/d', '/e']);
    complaints.close();
    expect(told.at(-1)).toBe('/a');
    expect(told).toHaveLength(6);
  });

  test('what was counted is told when the minute is over, and the next minute begins anew', async () => {
    const lines: unknown[] = [];
    const note = (fields: object, message: string) => void lines.push({ ...fields, message });
    const complaints = createComplaints({ info: note, warn: note }, 20);
    for (let i = 0; i < 4; i++) complaints.about('oh', from('10.0.0.1'), { fields: { x: 1 } });
    await expect.poll(() => lines).toHaveLength(2);
    complaints.about('oh', from('10.0.0.1'));
    const source = { address: '10.0.0.1', forwardedFor: undefined };
    expect(lines).toEqual([
      { x: 1, source, message: 'oh' },
      { x: 1, alike: 3, message: 'oh (and more of the kind)' },
      { source, message: 'oh' },
    ]);
    complaints.close();
    expect(lines).toHaveLength(3);
  });
});

describe('metrics', () => {
  test('what may happen is there before it happens, so that the first time is an increase', async () => {
    const text = await createMetrics({ versions: { program: '1.2.3', node: '20.1.0' } }).text();
    for (const line of [
      'wecom_bot_callbacks_refused_total{reason="signature"} 0',
      'wecom_bot_http_refused_total{reason="path"} 0',
      'wecom_bot_callbacks_total{kind="text"} 0',
      'wecom_bot_answer_seconds_count{way="owed"} 0',
      'wecom_bot_writes_total{state="unknown"} 0',
      'wecom_bot_push_failures_all_total 0',
      'wecom_bot_database_up 0',
      'wecom_bot_build_info{version="1.2.3",node="20.1.0"} 1',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).not.toMatch(/^wecom_bot_(clock_ahead_seconds|library_tags) /m);
  });

  test('what is as it is now is asked at every scrape', async () => {
    const metrics = createMetrics();
    let tags: number | undefined = 7;
    let writes = 0;
    metrics.watch({
      tags: () => tags,
      clockAhead: () => -1500,
      libraryReadAt: () => 60_000,
      tokenHeld: () => true,
      underWay: () => 3,
      owed: async () => 2,
      databaseAnswers: async () => (++writes > 1 ? undefined : 5),
    });
    const first = (await metrics.text()).split('\n');
    for (const line of [
      'wecom_bot_library_tags 7',
      'wecom_bot_clock_ahead_seconds -1.5',
      'wecom_bot_library_read_timestamp_seconds 60',
      'wecom_bot_token_held 1',
      'wecom_bot_messages_under_way 3',
      'wecom_bot_answers_owed 2',
      'wecom_bot_database_up 1',
      'wecom_bot_database_seconds 0.005',
    ])
      expect(first).toContain(line);
    expect(writes).toBe(1);
    tags = undefined;
    const second = await metrics.text();
    expect(second).toContain('wecom_bot_database_up 0');
    expect(second).not.toMatch(/^wecom_bot_database_seconds [1-9]/m);
  });

  test('everything that is noted is counted', async () => {
    const metrics = createMetrics({ droppedLogLines: () => 7 });
    metrics.refused('signature');
    metrics.callback('text');
    metrics.answer('passive', 12);
    metrics.apiCall('message/send', 45009, 40);
    metrics.write('done');
    metrics.duplicate();
    metrics.pushFailed('wecom.81013');
    metrics.refusedHttp('path');
    metrics.otherApp();
    metrics.addressVerified();
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
      'wecom_bot_http_refused_total{reason="path"} 1',
      'wecom_bot_other_app_messages_total 1',
      'wecom_bot_address_verifications_total 1',
      'wecom_bot_log_lines_dropped_total 7',
      'process_cpu_seconds_total',
    ]) {
      expect(text).toContain(line);
    }
  });

  test('companies that come while it runs have a label, up to fifty; those beyond share one', async () => {
    const metrics = createMetrics({ corps: 1, open: true });
    for (let i = 0; i < MOST_LABELLED_CORPS + 3; i++) {
      const ofCorp = metrics.of(`dk/wp${i}`);
      ofCorp.callback('text');
      ofCorp.watch({ tags: () => 2 });
    }
    const text = await metrics.text();
    expect(text).toContain('wecom_bot_callbacks_total{kind="text",corp="dk/wp49"} 1');
    expect(text).toContain('wecom_bot_callbacks_total{kind="text",corp="others"} 3');
    expect(text).toContain('wecom_bot_library_tags{corp="others"} 6');
    expect(text).not.toContain('dk/wp50');
  });

  test('of more than fifty from the start only the sums are told', async () => {
    const metrics = createMetrics({ corps: MOST_LABELLED_CORPS + 1, open: true });
    for (let i = 0; i < 3; i++) metrics.of(`dk/wp${i}`).callback('text');
    const text = await metrics.text();
    expect(text).toContain('wecom_bot_callbacks_total{kind="text"} 3');
    expect(text).not.toContain('dk/wp');
  });
});
