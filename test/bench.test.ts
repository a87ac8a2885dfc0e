/** The benchmark's own honesty: it notices wrong answers, and its verdicts and percentiles are right. */
import { describe, expect, test } from 'vitest';
import { newCredentials } from '../bench/corp.ts';
import { isReached, row } from '../bench/figures.ts';
import { percentiles } from '../bench/load/job.ts';
import { Sealer } from '../bench/load/sealed.ts';
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
