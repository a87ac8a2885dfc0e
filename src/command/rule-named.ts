/** The rule group, or 企业标签, that is named in a sentence: 华南的渠道来源加知乎, 标签 添加 视频号 到 渠道来源 在华南区. */

import type { Known } from './known.ts';
import { slice, type Text, textOf } from './tokens.ts';

const COMMANDS_ABOUT_RULES = /规则|负责人|管理员|范围|切换|切到|切回|切成|换到|进入|strategy|\brule\b|switch/;
/** What may follow a rule group's name before what it narrows. */
const TAIL = /^(?:规则组)?(?:那边|这边|那里|这里|里面|里|下面|下|中)?\s*(?:的|嘅|个)?(?:那个|那一个|那组)?\s*/;
const BEFORE =
  /(?:^|[\s,。;!~(]|帮我|帮忙|请|麻烦|你|给|把|将|看看|看下|查查?|导出|统计|那个|嗯|呃|删除|删掉|删|在|从|到|往|于|给|是)$/;
const IN_FRONT = /\s*(?:[,(]|在|从|到|于|是|@|from|in)?\s*$/;
const GOES_ON = /^(?:$|[\s,。;!~)]|有|都|新建|建|加|添加|新增|删|把|将|标签|查|看|列|的|所有|全部)/;

/** The one library that narrows the sentence, and the sentence without it. */
export function ruleNamedIn(text: Text, known: Known): { readonly name: string; readonly rest: Text } | undefined {
  const { plain } = text;
  if (COMMANDS_ABOUT_RULES.test(plain)) return undefined;
  const found = mentions(plain, known);
  const [only] = found;
  if (only === undefined || new Set(found.map(({ name }) => name)).size > 1) return undefined;
  const tail = TAIL.exec(plain.slice(only.to))?.[0] ?? '';
  const ahead = plain.slice(0, only.from);
  const behind = plain.slice(only.to + tail.length);
  if (ahead === '' && behind === '') return undefined;
  const named = known.namesIn(behind)[0]?.from === 0;
  if (!BEFORE.test(ahead)) return undefined;
  const bare = tail.trim() === '' && tail === '';
  if (!named && !GOES_ON.test(behind) && bare) return undefined;
  if (/^(?:$|[,。;!)])/.test(behind)) {
    const cut = ahead.length - (IN_FRONT.exec(ahead)?.[0].length ?? 0);
    const rest = text.raw.slice(0, cut) + text.raw.slice(only.to + tail.length).replace(/^[)）]/u, '');
    return { name: only.name, rest: textOf(rest.trim()) };
  }
  const leads = /(?:在|从|给|往|于)\s*$/.exec(ahead)?.[0].length ?? 0;
  const keepsLead = leads === 0 || named;
  const head = slice(text, 0, ahead.length - (keepsLead ? 0 : leads));
  return { name: only.name, rest: textOf(`${head.raw}${text.raw.slice(only.to + tail.length)}`.trim()) };
}

interface Mention {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

const TAIL_OF_NAME = /^(?:大区|区域|事业部|分公司|公司|片区|区|部)/;

const NOUN = '标签';

/**
 * 企业标签 ends in the noun that the sentence may go on with: 企业标签 添加 … is 标签 添加 … in that place, 企业标签的VIP and
 * (企业标签) are the place alone.
 */
function sharesNoun(stem: string, ahead: string, behind: string, known: Known): boolean {
  if (!stem.endsWith(NOUN) || /^\s*(?:[的嘅里中下,]|那|这)/.test(behind)) return false;
  const [first] = known.namesIn(behind.trimStart());
  if (first?.from === 0) return false;
  return !/^(?:$|[。;!)])/.test(behind) || !/(?:[,(@]|在|从|到|于|是|from|in)\s*$/.test(ahead);
}

/** Where libraries are named; what belongs to a longer name of a tag or group is none. */
function mentions(plain: string, known: Known): Mention[] {
  const out: Mention[] = [];
  let others: ReturnType<Known['namesIn']> | undefined;
  for (const { name, stem } of known.rules) {
    for (let from = plain.indexOf(stem); from >= 0; from = plain.indexOf(stem, from + stem.length)) {
      const end = from + stem.length;
      const noun = sharesNoun(stem, plain.slice(0, from), plain.slice(end), known) ? NOUN.length : 0;
      const to = end - noun + (TAIL_OF_NAME.exec(plain.slice(end))?.[0].length ?? 0);
      others ??= known.namesIn(plain);
      if (!others.some((other) => other.from <= from && other.to >= end && other.to - other.from > stem.length))
        out.push({ from, to, name });
    }
  }
  return out;
}
