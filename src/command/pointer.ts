/** Words that stand for something that was named or shown before, without naming it. */

import { numeral } from './numerals.ts';

export type Pointer =
  /** 它, 这个, 刚才那个, 上面那个; or nothing at all (改成钻石卡). `of`: 华南的那个. */
  | { readonly points: 'one'; readonly said: string; readonly of?: string }
  /** 两个, 这些, 都. */
  | { readonly points: 'all'; readonly said: string; readonly count?: number }
  /** 第二个, 第一个和第三个, 最后一个 (−1): of the list that was shown. */
  | { readonly points: 'nth'; readonly said: string; readonly positions: readonly number[] }
  /** 这个组, 里面. */
  | { readonly points: 'group'; readonly said: string };

/** A count or a position as it is typed or said. */
export const NUMERAL = '(?:\\d{1,2}|[一二两三四五六七八九十]{1,3}|[几俩仨])';

const ONE = /^(?:就|还)?(?:[它他她牠其此]|[这那该](?:一?[个条款])?(?:标签)?|(?:就是)?它)$/;
const PAST =
  /^(?:刚才|刚刚|刚|方才|上面|上边|上头|前面|前边|之前|最近)(?:我|咱)?(?:新?加|添加|新增|新?建|改名?|查|说|看|搜|找|发|列|问|提|弄)?(?:过|了|到)?的?(?:[这那])?(?:一?[个条款])?(?:标签)?$|^上一?个(?:标签)?$/;
const GROUP = /^(?:[这那该此]|上面那|刚才那|刚刚那)一?个?(?:标签)?组(?:里面|里头|里边|里|中|下面|下)?$/;
const INSIDE = /^(?:里面|里头|里边|里|[这那]里面?|其中|下面|[这它]下面|它里面)$/;
const ALL =
  /^(?:[它他她]们|这些|那些|以上|上面的|(?:上面|前面|刚才)[这那](?:些|几个)|全部|所有的?|全都?|都|[这那]几个)(?:标签)?$/;
const COUNTED = new RegExp(`^(?:刚才|上面)?(?:就|这|那)*(?:(${NUMERAL})[个条步次]|([俩仨]))(?:标签)?$`);
const OF = /^(.{1,12}?)(?:里面|里|下面|那边)?的?[那这]个$/;
const NTH = new RegExp(`^(?:上面的?|里面的?)?第\\s*(${NUMERAL})\\s*[个条项号行步次]?(?:标签)?组?$`);
const NTH_LAST = new RegExp(`^倒数第(${NUMERAL})个?$`);
const LAST = /^(?:最后|末尾|最下面|最末)(?:面|那|的)*一?[个条](?:标签)?组?$|^后(?:面|边)?那?一?个$/;
const FIRST = /^(?:头一?个|最前面那?一?个)$/;
const AND = /\s*[和跟与及、,，\s]\s*/;

/** What the words point to; undefined when they are no pointer. Nothing at all points to the one thing spoken of. */
export function pointerIn(said: string): Pointer | undefined {
  if (said === '' || ONE.test(said) || PAST.test(said)) return { points: 'one', said };
  if (GROUP.test(said) || INSIDE.test(said)) return { points: 'group', said };
  if (ALL.test(said)) return { points: 'all', said };
  const counted = COUNTED.exec(said);
  if (counted !== null) {
    const count = numeral(counted[1] ?? counted[2] ?? '');
    return { points: 'all', said, ...(count === undefined ? {} : { count }) };
  }
  const of = OF.exec(said)?.[1];
  if (of !== undefined) return { points: 'one', said, of };
  const positions = said.split(AND).map(positionIn);
  return positions.length > 0 && positions.every((position) => position !== undefined)
    ? { points: 'nth', said, positions }
    : undefined;
}

function positionIn(said: string): number | undefined {
  if (LAST.test(said)) return -1;
  if (FIRST.test(said)) return 1;
  const nth = NTH.exec(said)?.[1];
  if (nth !== undefined) return numeral(nth);
  const last = NTH_LAST.exec(said)?.[1];
  const position = last === undefined ? undefined : numeral(last);
  return position === undefined ? undefined : -position;
}
