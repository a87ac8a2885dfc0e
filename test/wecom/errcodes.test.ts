import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/errors.ts';
import { refusalOf, refused, UNKNOWN } from '../../src/wecom/errcodes.ts';

const answer = { path: 'x', errmsg: '', now: 1_000 };

describe('the codes that this bot has to expect', () => {
  test.each([
    [-1, 'busy', 'soon'],
    [6000, 'busy', 'soon'],
    [45033, 'busy', 'soon'],
    [45035, 'busy', 'soon'],
    [45009, 'busy', 'later'],
    [40014, 'token', 'refresh'],
    [42001, 'token', 'refresh'],
    [40001, 'setup', 'never'],
    [48002, 'setup', 'never'],
    [60020, 'setup', 'never'],
    [60030, 'setup', 'never'],
    [40068, 'user', 'never'],
    [40071, 'user', 'never'],
    [40072, 'user', 'never'],
    [40126, 'user', 'never'],
    [40058, 'bug', 'never'],
  ] as const)('%i is %s, repeated: %s', (errcode, kind, retry) => {
    expect(refusalOf(errcode)).not.toBe(UNKNOWN);
    expect(refusalOf(errcode)).toMatchObject({ kind, retry });
  });

  test('nothing else is repeated by the client', () => {
    const codes = Array.from({ length: 110_000 }, (_, i) => i - 1).filter((code) => refusalOf(code) !== UNKNOWN);
    expect(codes.filter((errcode) => refusalOf(errcode).retry === 'soon')).toEqual([-1, 6000, 45033, 45035]);
    expect(codes.filter((errcode) => refusalOf(errcode).retry === 'refresh')).toEqual([40014, 40082, 42001, 42009]);
  });

  test('every sentence can be read on a phone: short, complete, no English error text, no open placeholder', () => {
    const codes = Array.from({ length: 900_000 }, (_, i) => i - 1).filter((code) => refusalOf(code) !== UNKNOWN);
    expect(codes.length).toBeGreaterThan(240);
    for (const errcode of codes) {
      const { sentence, advice } = explain(refused(errcode, { ...answer, errmsg: 'from ip: 203.0.113.9' }), {
        admin: true,
      });
      for (const text of [sentence, advice]) {
        expect(text).toMatch(/。$/);
        expect(text).not.toMatch(/[{}]|undefined|未知/);
        expect([...text].length).toBeLessThan(90);
      }
    }
  });

  test('an unknown code is named, never repeated, never taken for success', () => {
    const error = refused(123456, answer);
    expect(error).toMatchObject({ code: 'wecom.123456', kind: 'bug', errcode: 123456 });
    expect(explain(error, { admin: false }).sentence).toContain('123456');
    expect(refusalOf(123456).retry).toBe('never');
  });
});

const published = new URL('../../../shared/wecom-errcodes.json', import.meta.url);
const there = existsSync(published);
if (!there) console.log('skipped: the published list of error codes is not beside the project');

describe.skipIf(!there)('the published list', () => {
  interface Row {
    readonly errcode: number;
    readonly retry: 'never' | 'backoff' | 'after-token-refresh';
  }
  const rows = there ? (JSON.parse(readFileSync(published, 'utf8')) as Row[]) : [];

  test('every code has its row, with a rule that agrees', () => {
    expect(rows.length).toBeGreaterThan(200);
    for (const { errcode, retry } of rows) {
      if (errcode === 0) continue;
      expect(refusalOf(errcode), `no row for ${errcode}`).not.toBe(UNKNOWN);
      const allowed = { never: ['never'], backoff: ['soon', 'later'], 'after-token-refresh': ['refresh'] }[retry];
      expect(allowed, `rule of ${errcode}`).toContain(refusalOf(errcode).retry);
    }
  });
});
