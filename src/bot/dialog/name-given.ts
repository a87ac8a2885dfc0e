/**
 * Whether an answer to „what name?“ is one. Only a clean name is: not a question, an emoticon, 同上, 随便, a sentence, or
 * somebody's wish to think about it. What people put around a name (就叫…, 名字叫…吧, 里面有…) is taken off.
 */

import { isEmoticon, withoutHead, withoutTail } from '../../command/courtesy.ts';
import { soundsLikeTalk } from '../../command/guard.ts';
import { numeral } from '../../command/numerals.ts';
import { listOf, nameOf, plainOf, textOf } from '../../command/tokens.ts';
import type { MissingSlot } from '../../resolve/order.ts';

export type NameGiven =
  | { readonly kind: 'name'; readonly name: string }
  /** Meant for the question, but no name. */
  | { readonly kind: 'noName' }
  /** Asks something. */
  | { readonly kind: 'question' };

/** What people put in front of the bare answer: 加到客户分级, 改成大客户, 就叫钻石卡. */
const LEAD_IN: Partial<Record<MissingSlot, RegExp>> = {
  group:
    /^(?:就)?(?:加|放|添加|加入|建|归)?(?:到|进|在|入)?\s*(?:标签组\s*)?(?=\S{2})|^(?:标签组\s*|to\s+|in\s+)(?=\S)/iu,
  to: /^(?:就|那就|还是)?(?:把?名字|把(?:它|这个)(?:的名字)?)?(?:改名|改|换|叫|命名|用|新名字?|名称)?(?:成|为|叫|做|是|用)\s*|^(?:就|那就)?(?:叫|用)\s*|^to\s+(?=\S)/iu,
  tags: /^(?:就|那就)?(?:(?:标签|里面|下面)?(?:名字|名称)?(?:叫做?|是|有|放|包括|包含)|加上?|要)\s*(?=\S{2})/iu,
  order: /^(?:设?(?:为|成)|排到?)\s*/u,
};
/** A new group is asked for its name. */
const CALLED = /^(?:就|那就)?(?:名字|名称|组名)?(?:叫做?|是|用)\s*(?=\S{2})/u;

const ASKS =
  /[?？]$|[吗么呢]$|^(?:现在)?(?:都|里面)*有(?:啥|什么|哪些|几个)|(?:啥|什么|怎么|如何|哪个|哪些|多少|几个字|最多|最长|为什么|([\u4e00-\u9fff])不\1)/;
const NO_NAME =
  /^(?:同上|一样|照旧|随便.*|都行|都可以|无所谓|看着.*|你.*|我.*|他.*|她.*|跟.+|和.+一样|像.+|类似.*|差不多.*|不知道|不清楚|没想好|想想|没有了?|还没.*|先.*|等.*|再.*|还叫.*|还是.*|看看.*|看情况|请.*|帮.*|这个|那个|它|刚才.*|上面.*|第[一二三四五六七八九十\d]+个|一个|两个|.{1,4}(?:定|说了算|决定|看着办|想)|好听的.*|简单点.*|忘了.*|算了.*|别.*|不.*)$/;
const NO_NAME_AT_END = /(?:那种|那样的?|差不多|一样的?|都行|再说|的话|就可以|好了没)$/;
/** 钻石卡，不对，叫白金卡: the last word counts. */
const TAKEN_BACK = /^.*[\s,，]*(?:不对|哦不|不是|错了|写错了|打错了)[\s,，]*(?:应该)?(?:叫|是|改成|改为)?/u;
const COUNT_BEHIND = /[\s,，]*(?:这|共|一共)?([两二三四五六七八九十\d]{1,2})个(?:标签)?$/u;

/** `known`: whether the slot is for something that exists, so that its name may look like anything. */
export function nameGiven(slot: MissingSlot, text: string, known: boolean): NameGiven {
  if (isEmoticon(text)) return { kind: 'noName' };
  const trimmed = text.trim();
  if (nameOf(trimmed).literal) return { kind: 'name', name: trimmed };
  const bare = withoutTail(withoutHead(textOf(trimmed))).raw;
  const plain = plainOf(bare);
  if (ASKS.test(plainOf(trimmed)) || ASKS.test(plain)) return { kind: 'question' };
  const name = withoutCount(leadless(slot, bare.replace(TAKEN_BACK, ''), known));
  if (name === '' || NO_NAME.test(plainOf(name)) || NO_NAME_AT_END.test(plainOf(name))) return { kind: 'noName' };
  if (!known && [plain, plainOf(trimmed)].some((each) => NO_NAME.test(each))) return { kind: 'noName' };
  return isTalk(name) ? { kind: 'noName' } : { kind: 'name', name };
}

function leadless(slot: MissingSlot, bare: string, known: boolean): string {
  const lead = slot === 'group' && !known ? CALLED : LEAD_IN[slot];
  const rest = lead === undefined ? bare : bare.replace(lead, '').trim();
  return rest === '' ? bare : rest;
}

/** 钻石卡和白金卡两个: the count says nothing when it is right. */
function withoutCount(names: string): string {
  const count = numeral(COUNT_BEHIND.exec(names)?.[1] ?? '');
  const rest = names.replace(COUNT_BEHIND, '');
  return count !== undefined && rest.split(/[、,，\s和与跟及]+/u).length === count ? rest : names;
}

function isTalk(answer: string): boolean {
  return listOf(textOf(answer))
    .map(nameOf)
    .some(({ name, literal }) => !literal && soundsLikeTalk(name));
}
