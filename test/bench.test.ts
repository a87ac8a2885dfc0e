/** The benchmark's own honesty: it notices wrong answers, and its verdicts and percentiles are right. */
import { describe, expect, test } from 'vitest';
import { newCredentials } from '../bench/corp.ts';
import { isReached, row } from '../bench/figures.ts';
import { percentiles } from '../bench/load/job.ts';
import { Sealer } from '../bench/load/sealed.ts';
import { isUnexplained, memory } from '../bench/soak/verdict.ts';
import { createEnvelope } from '../src/callback/envelope.ts';
import { writeReply, writeSealed } from '../src/callback/passive.ts';

describe('what counts as a wrong answer', () => {
  const credentials = newCredentials();
  const envelope = createEnvelope({ ...credentials, receiveId: credentials.corpId });
  const sealer = new Sealer(credentials);
  const asked = sealer.text('lisi', '标签 查 VIP', 'VIP');

  const answer = (content: string, member = 'lisi', spoil = (body: string) => body) => {
    const reply = writeReply({ kind: 'text', content }, { member, corpId: credentials.corpId, createTime: 1 }, 'xml');
    return { status: 200, body: Buffer.from(spoil(writeSealed(envelope.seal(reply, 1, '1'), 'xml'))) };
  };

  test('the right one does not', () => {
    expect(sealer.fault(asked, answer('VIP在客户分级'))).toBeUndefined();
  });

  test.each([
    ['other words', answer('没有找到')],
    ['to another member', answer('VIP', 'zhangsan')],
    ['a spoilt signature', answer('VIP', 'lisi', (body) => body.replace(/MsgSignature><!\[CDATA\[./, '$&0'))],
    ['nothing', { status: 200, body: Buffer.alloc(0) }],
    ['a failure', { status: 500, body: Buffer.alloc(0) }],
  ])('%s does', (_, wrong) => {
    expect(sealer.fault(asked, wrong)).toBeDefined();
  });
});

test.each([
  [[1.3, 1.2, 1.4], { bound: 'least', must: 1.25 }, true],
  [[1.2], { bound: 'least', must: 1.25 }, false],
  [[20], { bound: 'most', must: 20 }, true],
  [[21, 9, 9], { bound: 'most', must: 20 }, true],
  [[21], { bound: 'most', must: 20 }, false],
  [[21], undefined, true],
] as const)('the median of %j decides whether %j is reached', (values, target, reached) => {
  expect(isReached(row('x', 'ms', values, target))).toBe(reached);
});

test('percentiles are taken from the sorted values', () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentiles(values)).toEqual({ p50: 51, p95: 96, p99: 100, max: 100 });
});

describe('the verdict of a soak', () => {
  const HOUR = 3_600_000;
  const samples = (rss: (at: number) => number) =>
    Array.from({ length: 720 }, (_, i) => ({ at: i * 5_000, rss: rss(i * 5_000) }));

  test('memory that comes and goes between collections is flat, what came before the warm-up does not count', () => {
    const { level, drift } = memory(
      samples((at) => (at < HOUR / 4 ? 60 : 100 + (at % 30_000) / 3_000)),
      HOUR,
    );
    expect(level).toBeGreaterThan(100);
    expect(Math.abs(drift)).toBeLessThan(0.05);
  });

  test('a leak is none', () => {
    expect(
      memory(
        samples((at) => 100 + (at / HOUR) * 40),
        HOUR,
      ).drift,
    ).toBeGreaterThan(0.1);
    expect(
      memory(
        samples((at) => (at > 0.9 * HOUR ? 130 : 100)),
        HOUR,
      ).drift,
    ).toBeCloseTo(0.3);
  });

  const troubled = (at: number) => at === 1_000;
  const during = new Date(1_000).toISOString();
  const before = new Date(0).toISOString();
  test.each([
    ['info', before, 'answered', undefined, false],
    ['warn', before, 'callback refused: signature differs', undefined, false],
    ['warn', during, 'message failed', 'wecom.60020', false],
    ['warn', before, 'message failed', 'wecom.60020', true],
    ['error', during, 'message failed', 'api.wrong-shape', false],
    ['error', before, 'message failed', 'api.wrong-shape', true],
    ['error', during, 'message failed', 'bug.unexpected', true],
    ['error', during, 'session not saved', 'store.full', true],
    ['warn', during, 'journal not concluded', 'store.busy', true],
  ])('%s %s "%s" %s: unexplained %j', (level, time, msg, code, unexplained) => {
    expect(isUnexplained({ level, time, msg, ...(code === undefined ? {} : { code }) }, troubled)).toBe(unexplained);
  });
});
