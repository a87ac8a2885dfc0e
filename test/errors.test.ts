import { describe, expect, test } from 'vitest';
import { BotError, type ErrorKind, explain, explainToOperator } from '../src/errors.ts';
import { refused } from '../src/wecom/errcodes.ts';

const admin = { admin: true } as const;
const member = { admin: false } as const;
const platform = (errcode: number, errmsg = '') => refused(errcode, { path: 'p', errmsg, now: 600_000 });

describe('what an admin must do is said to admins, exactly', () => {
  test('60020: the address, ready to paste; nobody else sees it', () => {
    const error = platform(
      60020,
      'not allow to access from your ip, hint: [1], from ip: 203.0.113.9, more info at https://x',
    );
    expect(explain(error, admin).advice).toContain('企业可信IP」，加入 203.0.113.9，');
    const told = explain(error, member);
    expect(told.sentence + told.advice).not.toContain('203.0.113.9');
    expect(told.advice).toContain('管理员');
  });

  test.each([
    [48002, '可调用接口的应用'],
    [60030, '可见范围'],
    [40001, 'WECOM_SECRET'],
    [301002, 'WECOM_AGENT_ID'],
    [43012, '接收消息'],
  ])('%i', (errcode, step) => {
    expect(explain(platform(errcode), admin).advice).toContain(step);
    expect(explain(platform(errcode), member).advice).toContain('请联系管理员');
  });
});

describe('what the member can do is said to everyone', () => {
  test.each([
    [40071, '换一个名字'],
    [40072, '30 个字'],
    [40126, '10,000'],
    [40068, '标签 列表'],
    [-1, '再发一次'],
  ])('%i', (errcode, step) => {
    for (const audience of [admin, member]) expect(explain(platform(errcode), audience).advice).toContain(step);
  });

  test('45009 says when to come back', () => {
    const error = platform(45009);
    expect(explain(error, { ...member, now: 600_000 }).advice).toBe('请在约 1 分钟后再发。');
    expect(explain(error, { ...member, now: 590_000 }).advice).toBe('请在约 2 分钟后再发。');
    expect(explain(error, { ...member, now: 9_000_000 }).advice).toBe('请在约 1 分钟后再发。');
    expect(explain(error, { ...member, time: (ms) => `T${ms}` }).advice).toBe('请在 T660000 之后再发。');
    expect(explain(error, member).advice).toBe('请在约 1 分钟后再发。');
  });
});

describe('our own codes', () => {
  test.each<[string, ErrorKind, RegExp]>([
    ['api.unreachable', 'busy', /连不上企业微信，这一步没有做/],
    ['api.timeout', 'busy', /没有回应/],
    ['api.unknown-outcome', 'unknown-outcome', /不确定有没有生效；我不会自动重做/],
    ['api.not-json', 'busy', /读不懂/],
    ['api.wrong-shape', 'bug', /没有采用/],
    ['store.unavailable', 'setup', /什么都没有改/],
    ['store.disk-full', 'setup', /什么都没有改/],
    ['something.new', 'user', /帮助/],
    ['something.new', 'bug', /内部出错/],
  ])('%s', (code, kind, words) => {
    const { sentence, advice } = explain(new BotError(code, kind), admin);
    expect(sentence + advice).toMatch(words);
  });

  test.each([
    ['store.full', '磁盘满了'],
    ['store.readonly', '只能读'],
    ['store.no-rights', '权限'],
    ['store.newer', '第 9 版，这个程序认识到第 3 版'],
    ['store.older', '旧的'],
    ['store.locked', '另一个进程'],
    ['store.replaced', '换掉'],
    ['store.foreign', '别的程序'],
    ['store.login', '密码'],
    ['store.no-database', '没有这个库'],
    ['store.unreachable', 'ECONNREFUSED'],
  ])('%s: the operator is told why, members are not', (code, why) => {
    const error = new BotError(code, 'setup', { facts: { reason: 'ECONNREFUSED', found: 9, known: 3 } });
    expect(explain(error, admin).sentence).toContain('什么都没有改');
    expect(explain(error, admin).advice).toContain(why);
    expect(explainToOperator(error, 0).cause).toContain(why);
    expect(explain(error, member)).toEqual({
      sentence: explain(error, admin).sentence,
      advice: '请联系管理员，并把这句话转给他。',
    });
  });

  test('a sentence that travels with the error wins, filled with its facts', () => {
    const error = new BotError('x.y', 'user', {
      facts: { count: 3 },
      meaning: '有 {count} 个。',
      advice: '请删掉 {count} 个。',
    });
    expect(explain(error, member)).toEqual({ sentence: '有 3 个。', advice: '请删掉 3 个。' });
  });

  test('a fact that is missing never shows as a brace', () => {
    expect(explain(new BotError('api.http-status', 'setup'), admin).sentence).toContain('HTTP 未知');
    expect(explain(new BotError('a', 'user', { meaning: '{constructor}{toString}' }), admin).sentence).toBe('未知未知');
  });

  test.each([new TypeError('x of undefined'), 'text', undefined, null])(
    'anything else is ours, and not quoted: %s',
    (thrown) => {
      const { sentence, advice } = explain(thrown, member);
      expect(sentence).toContain('内部出错');
      expect(advice).toContain('管理员');
      expect(sentence + advice).not.toContain('undefined');
    },
  );
});
