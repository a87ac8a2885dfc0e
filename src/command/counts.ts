/** Numbers that count what is named: 3个：知乎、B站 · 知乎、B站两个 · 快手微博两个标签. They are no part of a name. */

import { numeral } from './numerals.ts';

const NUMBER = '(?:\\d{1,3}|[一二两三四五六七八九十俩仨]{1,3})';
const AHEAD = new RegExp(
  `^(?:(?:这|那|以下|下面|下列|如下)(?:的)?)*(${NUMBER})?(?:个|条|种|类|项)?(?:新的?)?(?:(?:标签组|标签|选项|名字)[:：]?\\s*|[:：]\\s*|\\s+|(?=[“"「『【]))(?=\\S)`,
  'u',
);
const BEHIND = new RegExp(
  `(?<=\\S)\\s*(?:,|，)?\\s*(?:这|那|一共|共)?(${NUMBER})(?:个|条|种)?(?:新)?(?:标签)?(?:都|全)?$`,
  'u',
);
/** 三个月, 两个小时: a span of time is no count. */
const SPAN = /[一二两三四五六七八九十\d]个?(?:月|年|天|小时|星期|周|季度)$/u;

export interface Count {
  /** The text without it. */
  readonly rest: string;
  /** undefined for 下面的：, 新标签：. */
  readonly value: number | undefined;
}

export function countAhead(text: string): Count | undefined {
  const found = AHEAD.exec(text);
  if (found === null || (found[1] === undefined && !/以下|下面|下列|如下|这|那|新的?标签|标签[:：]/u.test(found[0])))
    return undefined;
  if (found[1] !== undefined && !/[个条种类项俩仨]/u.test(found[0])) return undefined;
  return { rest: text.slice(found[0].length), value: found[1] === undefined ? undefined : numeral(found[1]) };
}

export function countBehind(text: string): Count | undefined {
  const found = BEHIND.exec(text);
  if (found === null || !/个|条|种|俩|仨/u.test(found[0]) || SPAN.test(text)) return undefined;
  return { rest: text.slice(0, found.index), value: found[1] === undefined ? undefined : numeral(found[1]) };
}
