/**
 * Tagging a customer (给张三打上VIP标签, 把李女士加到老客里) is what salespeople do in the customer's own page; the bot keeps
 * the library. Recognised so that it can be said, and never taken for a change of the library.
 */

import type { Known } from './known.ts';

const ONE_PERSON =
  '(?:(?:客户|顾客)?[\\u4e00-\\u9fff]{1,3}(?:先生|女士|小姐|太太|阿姨|叔叔|老师|老板|经理|[总姐哥爷叔])|1\\d{10})';
const PEOPLE = `(?:${ONE_PERSON}(?:[、,和跟与]${ONE_PERSON})*|.{0,12}(?:的|个|位|这|那|些)(?:老|新)?(?:客户|顾客|人|好友)|(?:全部|所有|这批|这些)(?:客户|顾客))`;
const MARKS =
  '(?:打上?|贴上?|标(?:记)?(?:为|成|上)?|备注(?:为|成)?|加(?:上|个|到|一个)?|添加|设(?:为|成)|归(?:到|为)?|放到|改成?|去掉|删掉?|取消|换成)';
const LEAD = '^(?:帮我|请|麻烦|你)*';
const MARKED = new RegExp(
  [
    `${LEAD}(?:给|把|将|为|对)\\s*${PEOPLE}(?:这个|那个)?(?:客户|顾客|人)?(?:们)?(?:都|也|全部|全|给|的标签从?|的)*\\s*.{0,8}?${MARKS}`,
    `${LEAD}${PEOPLE}的.{1,10}标签(?:都|给|也)?${MARKS}`,
    `${LEAD}${PEOPLE}(?:都|全部|全)*(?:打上?|标(?:记)?(?:为|成|上)|贴上?)`,
    `${ONE_PERSON}.{0,10}打.{0,2}标签`,
  ].join('|'),
  'u',
);
/** 给王女士加金卡: whoever it is, what is added is a tag that is there. */
const GIVEN =
  /^(?:帮我|请|麻烦)*给\s*(.{1,14}?)\s*(?:加上?|加个|添加?|打上?|贴上?|标(?:上|为|成)?)(?:个|一个|上)?\s*(.+?)(?:的?标签)?(?:吧|哈|了)?$/u;
/** 把陈总加到老客里: what stands behind is a tag, not a group. */
const PUT_INTO =
  /^(?:帮我|请|麻烦)*(?:把|将)\s*(.{1,14}?)\s*(?:都|也)?(?:加到|放到|归到|加进|放进|归为|标为|标成|标记为|标记成|设为)\s*(.+?)(?:里面|里|中|标签)?(?:吧|哈|去)?$/u;
const NO_PERSON = /标签|分组|组$/u;

/** Whether a clause is about a customer's tags. */
export function tagsACustomer(plain: string, known: Known): boolean {
  if (plain.length > 60) return false;
  if (MARKED.test(plain) && !startsWithName(plain, known)) return true;
  const given = GIVEN.exec(plain);
  if (given?.[1] !== undefined && given[2] !== undefined && !isThing(given[1], known) && known.means(given[2]))
    return true;
  const put = PUT_INTO.exec(plain);
  if (put?.[1] === undefined || put[2] === undefined) return false;
  return !isThing(put[1], known) && !known.group(put[2]) && known.means(put[2]) && !NO_PERSON.test(put[1]);
}

/** A name of the library, or what is no person by its ending. */
function isThing(name: string, known: Known): boolean {
  return NO_PERSON.test(name) || known.tag(name) || known.namesIn(name).length > 0;
}

function startsWithName(plain: string, known: Known): boolean {
  const head = /^(?:帮我|请|麻烦|你|都)*(?:给|把|将|为|对)?\s*/u.exec(plain)?.[0].length ?? 0;
  return known.namesIn(plain.slice(head, head + 14))[0]?.from === 0;
}
