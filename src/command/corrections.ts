/**
 * Somebody who corrects himself is believed: the last word counts. Finds where a text takes something back
 * (删除老客 不对 新客) and puts what follows into its place; what was taken back is never done, nor offered.
 */

import type { Known } from './known.ts';
import type { Reading } from './reading.ts';
import { namesIn, placedIn } from './slots.ts';
import { listOf, slice, type Text, textOf, trimmed } from './tokens.ts';

const SIGH = '(?:哦|啊|呃|额|哎呀?|唉|噢|诶|嗯|呀|那个|抱歉|不好意思|sorry)';
const TAKES_BACK =
  '(?:不对(?:不对)?|不{2,}|不是不是|不是的?(?=[\\s,。是我把])|(?:我)?(?:说|写|打|搞|弄|发|输|选|看)错(?:字|名字|地方|组)?了|错了|手滑了?|口误|等等|等一?下|慢着|sorry|oops|更正(?:一下)?|改一下|纠正一下|不(?=[,\\s])|算了吧?(?=[\\s,。!~]*(?:还是|不如|那|我?要|就|直接)*[\\s,]*(?:删|加|添|改|换|把|将|用|叫|建|置顶))|(?:还是|不如)(?=(?:删|加|添|改|换|把|将|用|叫)\\S)(?!.*[?吗呢]\\s*$))';
/** Stands between what was said and what is meant; a sigh alone takes nothing back. */
const MARKER = new RegExp(
  `(?:(?:^|[\\s,。;!…~]+)${SIGH}?[\\s,]*${TAKES_BACK}|[\\s,。;!…~]*${SIGH}[\\s,]*(?:不对|不是|不(?=[,\\s]))|[\\s,。;!…~]+(?:抱歉|不好意思|对不起|sorry)[\\s,]*(?=应该是|是|改成|我是说))(?:[\\s,。;!…~:]+|(?=应该|还是|不如|那|就|要|我要|直接|是|改|把|将|删|加|添|在|到|从|换|置|用|叫|建)|$)`,
  'g',
);
/** What the corrected words begin with. */
const INSTEAD =
  /^(?:[\s,。;!…~]|我(?:的意思|要说|说|是说|想说|要)|应该|应当|其实|还是|不如|那|就|直接|的)*(?:(?:就?是|叫|为)(?!否|不是))?\s*(?=\S)/;
const CANCELS =
  /^(?:还是)?(?:算了吧?|(?:先|都)?不(?:删|加|改|动|弄|要|用|建|换|置顶|移|做)了?(?:吧|啦|先)?|(?:先)?别(?:删|加|改|动|弄|建|换|置顶|移)(?:了|吧|它)?|(?:先)?留着吧?|(?:先)?保留吧?|取消吧?|当我没说|先这样吧?|先放着|先不管?|不用管|再说吧?|再想想|我再想想|(?:先|暂时)?(?:不要|别|不用|不)(?:急着)?(?:执行|操作|动手|做|处理|确认|提交|弄|搞))(?:[\s,。!]*(?:算了|不(?:删|加|改|要)了|留着|先不动|谢谢)吧?)*[\s。!~]*$/;
/** 在客户来源里加快手不是是视频号, 加知乎不是知乎是微博. */
const NOT_BUT = /^(.+?)(?:不是|而不是)\s*([^,。;]{0,12}?)[\s,]*(?:而)?是(?!否|不是)([^,。;]{1,30})$/;
/** 不是删热玛吉，是删纹眉. */
const NOT_THIS_BUT = /^不是(?:要|想|让你)?(.+?)[,\s]+(?:而)?是(?:要|想|让你)?(.+)$/;
/** 我要删的是法式不是新中式. */
const BUT_NOT = /^(.+?)(?:的)?是(.+?)[,\s]*(?:而)?不是(.+)$/;

/** A longer text is no sentence that somebody corrects. */
const LONGEST = 300;

export interface Corrected {
  /** What was said first; empty when all of it was taken back. */
  readonly first: Text;
  /** What was said instead. */
  readonly instead: Text;
  /** What of `first` was taken back, when that was said. */
  readonly wrong?: string;
}

/** Whether a text takes back an order without another one: 算了不删了. */
export function cancels(text: Text): boolean {
  return CANCELS.test(text.plain);
}

/** The last correction in a text; undefined when nothing is taken back. `known` names hold no correction. */
export function correctionIn(text: Text, known: Known): Corrected | undefined {
  if (text.plain.length > LONGEST) return undefined;
  const plain = withoutNames(text, known);
  const whole = NOT_THIS_BUT.exec(plain);
  if (whole?.[2] !== undefined) {
    return { first: slice(text, 0, 0), instead: trimmed(slice(text, plain.length - whole[2].length)) };
  }
  let last: { readonly at: number; readonly end: number } | undefined;
  for (const found of plain.matchAll(MARKER)) last = { at: found.index, end: found.index + found[0].length };
  if (last !== undefined && last.at > 0) {
    const rest = trimmed(slice(text, last.end));
    const lead = INSTEAD.exec(rest.plain)?.[0].length ?? 0;
    return { first: trimmed(slice(text, 0, last.at)), instead: trimmed(slice(rest, lead)) };
  }
  const within = NOT_BUT.exec(text.plain);
  if (within?.[3] !== undefined && MENTIONS_VERB.test(within[1] ?? '')) {
    const wrong = within[2] ?? '';
    return {
      first: slice(text, 0, (within[1] ?? '').length),
      instead: trimmed(slice(text, text.plain.length - within[3].length)),
      ...(wrong === '' ? {} : { wrong }),
    };
  }
  return undefined;
}

const MENTIONS_VERB = /删|加|添|改|建|置顶|排/;

/** 我要删的是法式不是新中式 → 我要删法式. */
export function withoutContrast(text: Text): Text | undefined {
  const found = BUT_NOT.exec(text.plain);
  if (found === null || !MENTIONS_VERB.test(found[1] ?? '')) return undefined;
  const [, head = '', meant = ''] = found;
  const at = text.plain.indexOf('是', head.length);
  return textOf(
    `${text.raw.slice(0, head.length).replace(/的$/u, '')} ${text.raw.slice(at + 1, at + 1 + meant.length)}`,
  );
}

function withoutNames(text: Text, known: Known): string {
  let { plain } = text;
  for (const { from, to } of known.namesIn(text.raw)) {
    if (to - from > 1) plain = plain.slice(0, from) + '\uE000'.repeat(to - from) + plain.slice(to);
  }
  return plain;
}

const TO = /^(?:改名?(?:为|成|叫)|叫做?|换成|改叫|名字(?:是|叫|改成))\s*(.+)$/;
const INTO = /^(?:加?到|放到?|进|在|从|到)\s*(.+?)(?:里面|里|中|下面|下)?$/;
const OF = /^(.+?)(?:里面的?|里的?|中的?|下面的?|下的?|的)(?:那个|那一个|标签)?$/;

/** The reading with what was said instead in its place; undefined when it has no place for it. */
export function replaced(reading: Reading, instead: Text, known: Known, wrong?: string): Reading | undefined {
  const to = TO.exec(instead.plain);
  if (to?.[1] !== undefined) {
    const name = instead.raw.slice(instead.raw.length - to[1].length);
    if ('to' in reading && reading.to !== undefined) return { ...reading, to: name } as Reading;
    return undefined;
  }
  const place = INTO.exec(instead.plain)?.[1] ?? OF.exec(instead.plain)?.[1] ?? instead.plain;
  if (known.group(place) && !known.tag(instead.raw)) {
    if ('tag' in reading || namesIn(reading).place !== undefined) return { ...reading, group: place } as Reading;
    if ('tags' in reading) {
      const placed = placedIn(reading, place);
      return placed === reading ? undefined : placed;
    }
  }
  const names = listOf(instead);
  const [only] = names;
  if (only === undefined) return undefined;
  switch (reading.command) {
    case 'tag.add':
    case 'tag.delete':
    case 'tag.move': {
      const at =
        wrong === undefined ? reading.tags.length - 1 : reading.tags.findIndex((tag) => textOf(tag).plain === wrong);
      const tags = reading.tags.length <= 1 ? names : [...reading.tags.filter((_, index) => index !== at), ...names];
      return { ...reading, tags };
    }
    case 'tag.rename':
    case 'group.rename':
      if (names.length > 1) return undefined;
      if (reading.to !== undefined) return { ...reading, to: only };
      return reading.command === 'tag.rename' ? { ...reading, tag: only } : { ...reading, group: only };
    case 'tag.top':
    case 'tag.order':
      return names.length > 1 ? undefined : { ...reading, tag: only };
    case 'group.create':
      return reading.tags.length === 0 ? { ...reading, group: only } : { ...reading, tags: names };
    case 'group.delete':
      return { ...reading, groups: names };
    case 'group.top':
    case 'group.order':
      return names.length > 1 ? undefined : { ...reading, group: only };
    default:
      return undefined;
  }
}
