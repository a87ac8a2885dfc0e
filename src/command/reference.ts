/**
 * Sentences that mean something only after what was said before: 再加一个银卡, 银卡也加, 删掉它, 第二个改成…, 改回来,
 * 加错了, 不是，是华南的. Decides from the words alone that a sentence refers, and to what kind of thing; what it refers
 * to is looked up elsewhere (bot/reference/). Only a whole sentence of one of these forms refers; a question or a
 * denial never does.
 */

import { spoken } from './courtesy.ts';
import { NUMERAL, type Pointer, pointerIn } from './pointer.ts';
import { nameOf, splitAt, type Text, textOf } from './tokens.ts';
import { type Undone, undoneIn } from './undone.ts';

export type Reference =
  /** `last`: to the end of its group. */
  | { readonly refers: 'delete' | 'top' | 'last' | 'find' | 'list'; readonly what: Pointer }
  | { readonly refers: 'rename'; readonly what: Pointer; readonly to?: string }
  /** 把金卡放到最后; 把换货挪到售后问题的最前面: an order of its own that no form of the table has. */
  | { readonly refers: 'toFront' | 'toEnd'; readonly name: string; readonly group?: string }
  /** 银卡也一样 改成白银会员; 不要轮滑了 换成滑板. */
  | { readonly refers: 'renameToo'; readonly tag: string; readonly to: string }
  /**
   * 再加一个银卡, 还有银卡; `into` is the place when it is pointed at. Without tags the name is still to come. `verbless`:
   * nothing says that something is to be made.
   */
  | { readonly refers: 'add'; readonly tags: string; readonly into?: Pointer; readonly verbless?: true }
  /** 会员级别加个标签: the name is still to come. */
  | { readonly refers: 'addTo'; readonly place: string }
  /** 华南的呢: `look`. 银卡也加 (银卡 may be a tag, a group, a rule group), 3-6岁也一样, 华南的也删. */
  | {
      readonly refers: 'too';
      readonly names: string;
      readonly verb: 'add' | 'same' | 'look' | 'rename' | 'delete' | 'top';
    }
  /** 两边的, 两边都加: the last thing for both libraries. */
  | {
      readonly refers: 'both';
      readonly said: string;
      readonly verb: 'any' | 'look' | 'add' | 'rename' | 'delete' | 'top';
    }
  /** 不对，是钻卡; 不是，是华南的. `loose`: 还是昆山吧, which need not put anything right. */
  | { readonly refers: 'instead'; readonly name: string; readonly not?: string; readonly loose?: true }
  /** 铜卡不要了; 还是删银卡吧. */
  | { readonly refers: 'drop'; readonly names: string }
  | { readonly refers: 'undo'; readonly which: Undone };

const GAP = '[\\s,，。、!！.~～…:：]*';
const COUNT = `(?:${NUMERAL}?[个条款](?![体人性])|[俩仨])`;
/** Adverbs that say nothing here. */
const JUST = '(?:也|都|全|再|就|给我|帮我|给|先|直接|还是|还|又|重新|赶紧|一起|一并|全部|统统)*';
const END = '(?:吧|呗|了|掉|一下|下|去|哈|啊|呀|哦|嘛|好了|就行|就好|算了)*';
const TAKE = '(?:把|将|让|给|那就?把|请把|麻烦把)?';

const DELETE = '(?:删除掉|删除|删掉|删了|删去|删|移除|去掉|拿掉|清掉|撤掉)';
const RENAME = '(?:改名为|改名成|改名叫|改叫做|改叫|改为|改成|改做|换成|换名为|重命名为|更名为|变成)';
const ADD = '(?:添加|新增|增加|新加|新建|加上|加入|加|补|建|整|弄|放)';
const PLACE = '(?:排|放|挪|移|提|调|顶|摆|弄|拉)(?:到|在|去|至)?';
const FIRST = `(?:置顶|${PLACE}(?:第一(?:个|位|名)?|最前面?|最前边|最上面?|首位|头一个|顶部|顶上|前面去))`;
const LAST = `(?:${PLACE}(?:最后(?:面|边|一个|一位)?|最末尾?|末尾|最下面?|底部|后面去))`;
/** Said first when the last thing was not right. */
const OOPS = `(?:(?:啊|哎呀?|哦|噢|呃|嗯|诶)?(?:[打写说弄搞点发操加删改选建]?错了?|不对|不是|手滑了?|手抖了?|糟了|糟糕|坏了|等等|不不|哦不|啊不|算了|不[删加改]了|先不删)${GAP})`;

const ASKS =
  /[?？]|[吗么呢没]$|没有$|怎么|如何|能不能|可不可以|是不是|有没有|要不要|多少|多久|几时|谁|为什么|啥|什么|哪|([\u4e00-\u9fff])不\1/;
const DENIES = /^(?:先?别(?!墅|克|致|名|样|院)|先不|不准|不许|勿|不能|不可以|没|暂不|千万)/;
const MOST_LENGTH = 80;

/** What a sentence refers to, and what is to be done with it; undefined for a sentence that stands by itself. */
export function referenceIn(sentence: string): Reference | undefined {
  if (/[\n\t]/.test(sentence)) return undefined;
  const text = spoken(textOf(sentence.trim()));
  if (text.plain === '' || text.plain.length > MOST_LENGTH) return undefined;
  const asked = firstOf(QUESTIONS, text);
  if (asked !== undefined) return asked;
  if (ASKS.test(text.plain) || (DENIES.test(text.plain) && !/^先不删/.test(text.plain))) return undefined;
  const which = undoneIn(text.plain);
  if (which !== undefined) return { refers: 'undo', which: asTyped(which, text) };
  return addedIn(text) ?? firstOf(FORMS, text);
}

/** 恢复「VIP」: its name as it stands in the text, without quotes. */
function asTyped(which: Undone, { raw, plain }: Text): Undone {
  if (which.which !== 'named') return which;
  const at = plain.indexOf(which.name);
  return { ...which, name: nameOf(raw.slice(at, at + which.name.length)).name };
}

/** 少件也加一下，再加个破损: every part adds to what was spoken of. */
function addedIn(text: Text): Reference | undefined {
  const parts = splitAt(text, /[,;。]/)
    .map(spoken)
    .filter(({ plain }) => plain !== '');
  if (parts.length < 2) return undefined;
  const tags = parts.map((part) => {
    const reference = firstOf(FORMS, part);
    if (reference?.refers === 'add' && reference.into === undefined && reference.tags !== '') return reference.tags;
    return reference?.refers === 'too' && reference.verb === 'add' ? reference.names : undefined;
  });
  return tags.every((each) => each !== undefined) ? { refers: 'add', tags: tags.join('、') } : undefined;
}

/** A named part of the match, as typed or in plain characters; '' when it is missing. */
type Part = (name: string) => string;
interface ReferringForm {
  readonly pattern: RegExp;
  readonly read: (raw: Part, plain: Part) => Reference | undefined;
}

function form(pattern: string, read: ReferringForm['read']): ReferringForm {
  return { pattern: new RegExp(`^${pattern}$`, 'd'), read };
}

function firstOf(forms: readonly ReferringForm[], text: Text): Reference | undefined {
  for (const { pattern, read } of forms) {
    const found = pattern.exec(text.plain);
    if (found === null) continue;
    const cut =
      (from: string): Part =>
      (name) => {
        const span = found.indices?.groups?.[name];
        return span === undefined ? '' : from.slice(span[0], span[1]).trim();
      };
    const reference = read(cut(text.raw), cut(text.plain));
    if (reference !== undefined) return reference;
  }
  return undefined;
}

function pointing(said: string, make: (what: Pointer) => Reference | undefined): Reference | undefined {
  const what = pointerIn(said);
  return what === undefined ? undefined : make(what);
}

/** Read before what asks is told apart: 它在哪个组, 两边的呢. */
const QUESTIONS: readonly ReferringForm[] = [
  form(
    `(?:那么?|要|我要|是)?(?<said>两边|两头|两个(?:标签)?库|两个标签库)(?:那边|里面|里)?的?${JUST}(?:(?<look>(?:要|想)?(?:看看?|查查?)(?:一下|下)?)|(?<add>${ADD})|(?<rename>改|换)|(?<delete>${DELETE})|(?<top>${FIRST})|要)?${END}呢?[?？]?`,
    (_, plain) => ({
      refers: 'both',
      said: plain('said'),
      verb: (['look', 'add', 'rename', 'delete', 'top'] as const).find((verb) => plain(verb) !== '') ?? 'any',
    }),
  ),
  form(`(?<what>.{1,12}?)(?:在哪[里儿]?|是哪|属于哪)个?(?:标签)?组?(?:里面?|的|下面)?${END}[?？]?`, (_, plain) =>
    pointing(plain('what'), (what) => (what.points === 'group' ? undefined : { refers: 'find', what })),
  ),
  form(
    '(?:看看|看下|看一下)?(?:现在|目前)?(?<what>里面|里头|里|下面|这个组里?面?|这组|那个组里?面?)?(?:现在|目前)?(?:已经)?都?有(?:些)?(?:啥|什么|哪些|哪几个|几个|多少个?)(?:标签)?(?:来着|啊|呀|呢)?[?？]?',
    (_, plain) => ({ refers: 'list', what: { points: 'group', said: plain('what') } }),
  ),
  form('(?:那么?)?(?<names>.{2,12}?)(?:那边|那个|里面|里)?的?呢[?？]?', (raw) => ({
    refers: 'too',
    names: raw('names'),
    verb: 'look',
  })),
];

/** In the order in which they are tried: the narrower before the wider. */
const FORMS: readonly ReferringForm[] = [
  form(`不要(?<tag>.{1,20}?)了?[\\s,，、]+(?:换成|改成|改为|换)(?<to>.+)`, renameToo),
  form(`(?<tag>.{1,20}?)不要了?[\\s,，、]+(?:换成|改成|改为|换)(?<to>.+)`, renameToo),
  form(`(?<tag>.{1,20}?)(?:也一样|同样|也)[\\s,，、]*${RENAME}(?<to>.+)`, renameToo),
  form(`${OOPS}*我?(?:要|想|该|应该)${DELETE}的?(?:应该)?是(?<names>.+)`, (raw) => ({
    refers: 'drop',
    names: raw('names'),
  })),
  form(`${OOPS}*还是${DELETE}(?<names>(?![掉了除去]?吧?$).+)`, (raw) => ({ refers: 'drop', names: raw('names') })),
  form(
    `不(?:是|要|删|加)(?<not>[^\\s,，、是].{0,19}?)(?:的|那个)?(?:[\\s,，、]+|(?=是))(?:而?是|应该是|我要|要|删|加)(?<name>.+?)(?:才对|才是)?`,
    (raw) => ({ refers: 'instead', name: raw('name'), not: raw('not') }),
  ),
  form(`${OOPS}*${TAKE}(?<what>.{0,12}?)(?:的?名字)?${JUST}${RENAME}(?<to>.+)`, (raw, plain) =>
    pointing(plain('what'), (what) => ({ refers: 'rename', what, to: raw('to') })),
  ),
  form(`${TAKE}(?<what>.{1,12}?)${JUST}(?:改一下|改下|改个名字?|改名)吧?`, (_, plain) =>
    pointing(plain('what'), (what) => ({ refers: 'rename', what })),
  ),
  form(
    `${OOPS}+(?:我?(?:说|要|指|想)(?:加|改)?的?|应该|其实)*(?:是|叫|改|加到|放到|放在|在)+(?<name>.+?)(?:才对|才是)?`,
    (raw) => ({ refers: 'instead', name: raw('name') }),
  ),
  form(`(?:${OOPS})*我(?:说|要|指|想要?)(?:加|改|删)?的(?:应该)?是(?<name>.+?)(?:才对|才是)?`, (raw) => ({
    refers: 'instead',
    name: raw('name'),
  })),
  form(
    `(?:那|要不|要么)?还是(?:叫|用|换|加|选)?(?<name>(?!算|不|别|删|去掉|移除|先|取消|撤|原|之前|以前|老样|可以|这)[^\\s,，].{0,19}?)吧?`,
    (raw) => ({
      refers: 'instead',
      name: raw('name'),
      loose: true,
    }),
  ),
  form(`${OOPS}+(?<name>[^\\s,，].{1,7}?)的`, (raw) => ({ refers: 'instead', name: raw('name') })),
  form(
    `(?:不用了?|没用了?|不要了?|算了吧?|还是)?${GAP}(?:那|就|请)*(?:删[除掉了]?吧|删掉了?吧|删了?掉|删了|去掉吧|拿掉吧)`,
    () => ({
      refers: 'delete',
      what: { points: 'one', said: '' },
    }),
  ),
  form(`${TAKE}(?<what>.{1,16}?)${JUST}(?:${DELETE}|不要)${END}`, (_, plain) =>
    pointing(plain('what'), (what) => ({ refers: 'delete', what })),
  ),
  form(`(?:那|就|请|也|再)*${DELETE}(?<what>.{1,16}?)${END}`, (_, plain) =>
    pointing(plain('what'), (what) => ({ refers: 'delete', what })),
  ),
  form(`${TAKE}(?<what>.{0,16}?)${JUST}${FIRST}${END}`, (_, plain) =>
    pointing(plain('what'), (what) => ({ refers: 'top', what })),
  ),
  form(`${TAKE}(?<what>.{0,16}?)${JUST}${LAST}${END}`, (_, plain) =>
    pointing(plain('what'), (what) => ({ refers: 'last', what })),
  ),
  form(`${TAKE}(?<name>.+?)(?:往[后下](?:挪|移|放|排|调)一?下?${GAP})?(?:标签)?${JUST}${LAST}${END}`, (raw) => ({
    refers: 'toEnd',
    name: raw('name'),
  })),
  form(
    `${TAKE}(?<name>.+?)(?:标签)?${JUST}${PLACE}(?<group>.{2,20}?)(?:里面|里|下面)?的?(?<to>第一[个位]?|最前面?|最上面?|首位|顶部|最后面?|最后一?[个位]|最下面?|末尾)${END}`,
    (raw, plain) => ({
      refers: /[后末下尾]/.test(plain('to')) ? 'toEnd' : 'toFront',
      name: raw('name'),
      group: raw('group'),
    }),
  ),
  form(
    `(?:在|往|给|到|加到|放到)?(?<into>.{1,12}?)(?:里面|里头|里边|里|下面|中|内|后面|前面|旁边)?${JUST}(?:${ADD}(?:上|入|进)?${COUNT}?|来${COUNT})(?:新?标签)?(?:叫做?)?[\\s:：]*(?<tags>.*)`,
    (raw, plain) => pointing(plain('into'), (into) => ({ refers: 'add', tags: raw('tags'), into })),
  ),
  form(
    `(?:再|另外再?|还|顺便再?|继续|同时再?|也|又)(?:给我|帮我|多)*(?:${ADD}(?:上|一下)?${COUNT}?|来${COUNT}|要${COUNT})(?:新?标签)?(?:叫做?)?[\\s:：]*(?<tags>.*)`,
    (raw) => ({ refers: 'add', tags: raw('tags') }),
  ),
  form(`(?:还有|还要|也要)${COUNT}?[\\s:：]*(?<tags>.+)`, (raw) => ({
    refers: 'add',
    tags: raw('tags'),
    verbless: true,
  })),
  form(
    `(?:顺便|另外)?(?:在|给|往|把|将)?(?<names>.+?)(?:也|同样)${JUST}(?:(?:要|得|想)*${ADD}(?:上去|上|进去|进来|里面|里)?(?:一?个|一下|一份|下)?|要(?:一?个)?|算(?:上)?(?:一?个)?|来一?个|得有)${END}`,
    (raw) => ({ refers: 'too', names: raw('names'), verb: 'add' }),
  ),
  form(`(?<names>.+?)(?:也一样|也是一样|也是|一样处理|也这样|也如此|照样|照旧)(?:吧|的)?`, (raw) => ({
    refers: 'too',
    names: raw('names'),
    verb: 'same',
  })),
  form(`(?<names>.+?)(?:那边|那个)?的?(?:也|同样)${JUST}(?<does>改|换|${DELETE}|${FIRST})${END}`, (raw, plain) => ({
    refers: 'too',
    names: raw('names'),
    verb: /^[改换]/.test(plain('does')) ? 'rename' : new RegExp(`^${DELETE}`).test(plain('does')) ? 'delete' : 'top',
  })),
  form(
    `(?<names>.+?)(?:(?:那个|这个)标签|那个|这个|标签)?(?:都|也|就|先)*(?:不要了|不用了|用不着了|没用了|没人用了|不需要了|用不上了)吧?`,
    (raw) => ({ refers: 'drop', names: raw('names') }),
  ),
  form(
    `(?:在|给|往)?(?<place>.{2,30}?)(?:里面|里头|里边|里|下面|中|内)?${JUST}${ADD}(?:上|一下)?${COUNT}?(?:新?的?标签)?`,
    (raw) => ({ refers: 'addTo', place: raw('place') }),
  ),
];

function renameToo(raw: Part): Reference {
  return { refers: 'renameToo', tag: raw('tag'), to: raw('to') };
}
