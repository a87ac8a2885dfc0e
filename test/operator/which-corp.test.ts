/** Which of several corps a command means: never one of two that bear the same name. */

import { expect, test } from 'vitest';
import { UsageError } from '../../src/operator/command-line.ts';
import { type Named, whichCorp } from '../../src/operator/which-corp.ts';

const CORPS: readonly Named[] = [
  { name: undefined, corpId: 'wwown' },
  { name: 'hua', corpId: 'wwhua' },
  { name: 'tpl:未来零售', corpId: 'wp1', key: 'dk1/wp1' },
  { name: 'market:未来零售', corpId: 'wp1', key: 'ww1/wp1' },
  { name: 'tpl:远山餐饮', corpId: 'wp2', key: 'dk1/wp2' },
  { name: 'tpl:同名', corpId: 'wp3', key: 'dk1/wp3' },
  { name: 'tpl:同名', corpId: 'wp4', key: 'dk1/wp4' },
];
const which = (wanted: string | undefined, corps = CORPS) => whichCorp(corps, (corp) => corp, wanted);

test.each([
  ['wwown', 0],
  ['hua', 1],
  ['wwhua', 1],
  ['tpl:未来零售', 2],
  ['market:未来零售', 3],
  ['ww1/wp1', 3],
  ['wp2', 4],
  ['远山餐饮', 4],
  ['wp4', 6],
] as const)('%s', (wanted, at) => {
  expect(which(wanted)).toBe(CORPS[at]);
});

test.each([
  ['wp1', /不止一个.*dk1\/wp1（tpl:未来零售）、ww1\/wp1（market:未来零售）/],
  ['未来零售', /不止一个/],
  ['tpl:同名', /不止一个.*dk1\/wp3.*dk1\/wp4/],
  ['nobody', /没有企业「nobody」/],
  ['WP2', /没有企业/],
  ['', /没有企业/],
  [undefined, /--corp/],
])('%s is nobody in particular', (wanted, told) => {
  expect(() => which(wanted)).toThrow(UsageError);
  expect(() => which(wanted)).toThrow(told);
});

test('the only one needs no name, and of a thousand some are told', () => {
  expect(which(undefined, CORPS.slice(0, 1))).toBe(CORPS[0]);
  expect(() => which('nobody', [])).toThrow('一个也没有');
  const many = Array.from({ length: 1000 }, (_, at): Named => ({ name: `tpl:企业${at}`, corpId: `wp${at}` }));
  expect(() => which('nobody', many)).toThrow(/企业0、.*企业19 等，用 corps list 看全部$/);
});
