/**
 * How people answer a question with numbered options without giving a number: 门店的那个, 渠道里的, 都删, 三个都改, 1和3,
 * 不是肤质的 是售后的, 除了肤质那个都删. Decides which positions are meant; a word that fits several options decides
 * nothing.
 */

import { withoutHead, withoutTail } from '../../command/courtesy.ts';
import { numeral } from '../../command/numerals.ts';
import { plainOf, textOf } from '../../command/tokens.ts';
import { fold } from '../../text.ts';

/** What an option is called, and where it is. */
export interface Label {
  readonly label: string;
  readonly detail?: string;
}

export type LooseAnswer =
  | { readonly kind: 'taken'; readonly indexes: readonly number[] }
  /** A number that no option has, a count that is not theirs. */
  | { readonly kind: 'range' }
  | { readonly kind: 'none' };

const NONE: LooseAnswer = { kind: 'none' };
const ALL =
  /^(?:(?:这|那|就)?(?<count>[一两二三四五六七八九十俩仨\d]{1,2})个?)?(?:全部|所有|全|都|一起|统统)*(?:给我)?(?:要|选|删除|删掉|删了|删|改名|改|加上|加|置顶|是)?(?:吧|了|掉|的|呗)*$/;
const EVERYTHING = /全|都|所有|俩|仨|一起|统统|两个|all/;
const EXCEPT =
  /^(?:除了|除去|留下?|留着|保留|别动)(?<but>.{1,12}?)(?:那个|这个|的|里的|里面的)?(?:以外|之外|外)?[\s,，]*(?:其他|其余|别的|剩下|另外)?的?(?:都|全)*(?:删除|删掉|删了|删|改|要|去掉)(?:吧|了|掉)*$/;
const NOT_BUT = /^不(?:是|要|删)(?<not>.{1,12}?)(?:的|那个|里的)?[\s,，、]*(?:而?是|要|删)(?<but>.{1,12})$/;
const AND = /[\s,，、;；]+|(?<=[\d个条号])[和跟与及](?=[第\d一二两三四五六七八九十])/u;
const AROUND_BEFORE = /^(?:我(?:要|选|想|说的是)|选择?|就|要|是|用|删掉?|改|加到?|放到?|在|给|那|嗯)+/u;
const AROUND_AFTER = /(?:那个|这个|里面|里|那边的|下面的|中的|下的|的|那一个|那组|吧|呀|啊|呗|嗯|就行|组)+$/u;

/** The positions that `text` means, from 0. */
export function loosely(labels: readonly Label[], text: string): LooseAnswer {
  const bare = withoutTail(withoutHead(textOf(text.trim()))).raw;
  const plain = plainOf(bare).replace(/[\ufe0f\u20e3]/g, '');
  const all = ALL.exec(plain);
  if (all !== null && EVERYTHING.test(plain)) return everything(labels, all.groups?.count);
  const except = EXCEPT.exec(plain)?.groups?.but;
  if (except !== undefined) return but(labels, called(labels, except));
  const first = numeral(/^前(?:面)?([一二两三四五六七八九\d]{1,2})个?(?:吧)?$/.exec(plain)?.[1] ?? '');
  if (first !== undefined)
    return first < 1 || first > real(labels).length
      ? { kind: 'range' }
      : { kind: 'taken', indexes: real(labels).flatMap((_, at) => (at < first ? [at] : [])) };
  const right = NOT_BUT.exec(plain)?.groups?.but;
  if (right !== undefined) return one(called(labels, right));
  const numbers = plain.split(AND).filter((part) => part !== '');
  const positions = numbers.map(position);
  if (positions.length > 0 && positions.every((each) => each !== undefined)) {
    const indexes = positions.map((each) => (each < 0 ? real(labels).length + each : each - 1));
    return indexes.every((index) => labels[index] !== undefined)
      ? { kind: 'taken', indexes: [...new Set(indexes)] }
      : { kind: 'range' };
  }
  return one(called(labels, bare));
}

/** 都要 is an option of its own where it was offered. */
function everything(labels: readonly Label[], said: string | undefined): LooseAnswer {
  const each = real(labels);
  const count = said === undefined ? undefined : numeral(said);
  if (count !== undefined && count !== each.length) return { kind: 'range' };
  const whole = labels.findIndex(({ label }) => label === EVERY);
  return { kind: 'taken', indexes: whole === -1 ? each.map((_, index) => index) : [whole] };
}

/** The label of the option that stands for all others. */
export const EVERY = '都要';

function real(labels: readonly Label[]): readonly Label[] {
  return labels.filter(({ label }) => label !== EVERY);
}

function but(labels: readonly Label[], index: number | undefined): LooseAnswer {
  if (index === undefined) return NONE;
  return { kind: 'taken', indexes: real(labels).flatMap((_, at) => (at === index ? [] : [at])) };
}

function one(index: number | undefined): LooseAnswer {
  return index === undefined ? NONE : { kind: 'taken', indexes: [index] };
}

/** 1, 第二个, 2号, 最后一个 (−1). */
function position(said: string): number | undefined {
  if (/^最后(?:那|一)?(?:一)?个$/.test(said)) return -1;
  const found = /^(?:选择?|要|第|no\.?|#)*\s*(\d{1,2}|[一二两三四五六七八九十]{1,3})\s*(?:个|号|项|条|那个)?$/.exec(
    said.normalize('NFKC'),
  );
  return found === null ? undefined : numeral(found[1] ?? '');
}

/** The one option with that name, else the one whose name or place holds it: 渠道 for 获客渠道. */
function called(labels: readonly Label[], said: string): number | undefined {
  const wanted = fold(said.trim().replace(AROUND_BEFORE, '').replace(AROUND_AFTER, ''));
  const ways = [
    ({ label }: Label) => fold(label) === wanted,
    ({ label, detail = '' }: Label) =>
      wanted.length > 1 && (fold(label).includes(wanted) || fold(detail).includes(wanted)),
  ];
  for (const isCalled of ways) {
    const indexes = labels.flatMap((label, index) => (label.label !== EVERY && isCalled(label) ? [index] : []));
    if (indexes.length === 1) return indexes[0];
  }
  return undefined;
}
