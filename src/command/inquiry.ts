/**
 * Questions that a command answers, however they are put: 我有哪些标签啊, 查一下都有啥标签, 帮我看看昨天谁删东西了, 最近谁动过客户分级,
 * 我能改哪些. Whole sentences only, and nothing but reading ever comes of them.
 */

import type { Reading } from './reading.ts';
import type { Text } from './tokens.ts';

const MOST_LENGTH = 40;

/** What is asked; undefined for anything else. `text` without courtesies at its ends. */
export function inquiryIn(text: Text): Reading | undefined {
  if (text.plain.length > MOST_LENGTH) return undefined;
  const bare = text.plain.replace(/[\s,，。.!！?？~～]+/g, '');
  for (const [pattern, reading] of WHOLE) if (pattern.test(bare)) return reading;
  return countedIn(text) ?? historyIn(text);
}

const WISH = '(?:(?:我们?|咱们?|俺|大家)?(?:就|先)?(?:想|想要|要|需要))?';
const SHOW =
  '(?:(?:能不能|可不可以|能|可以)?(?:帮我|帮忙|帮下我|帮|给我们?|替我|麻烦|请|同我|再)*(?:看看|看一看|看一?下|看一?眼|看|查查|查一?下|查|列出来?|列一?下|列举|列|瞧瞧|瞧一?下|瞅瞅|数数|数一?下|说说|说一?下|问一?下|睇睇|睇下|睇|揾下|显示|展示|打开|告诉我|讲下|show(?:me)?|list)(?:下|一下|给我)?)';
const LEAD = `${WISH}${SHOW}?(?:知道)?`;
/** Says where or how much, and narrows nothing down. */
const LOOSE =
  '(?:我们?|咱们?|咱家|你们?|[这那](?:[里边儿]|(?![里边儿]))|俺|公司|企业|目前|现在|当前|眼下|里面|里头|库里|系统里|到底|究竟|都|全|已经|还|一共|总共|总计|共|合计|的|就|里)*';
const WHICH = '(?:些|了)?(?:啥|什么|哪些|哪几个|边啲|乜嘢|乜|咩|嘛)(?:个|样的)?';
const MANY = '(?:多少|几多|好多|几)(?:个|条)?';
const ALL = '(?:所有|全部|全|整个|一下|下|all|the|my|都|的|这里|这边|现在|目前|当前|有)*';
const OUT = '(?:都|全部|全|统统|给我|帮我|一起)*(?:列|看|拿|发|调|晒|展示|显示|show)(?:出来|一下|下|一眼|看|给我|我)*';
const TAGS = '(?:客户)?(?:标签|tags?|labels?)';
const GROUPS = '(?:客户)?(?:标签组|分组|组别|组|taggroups?|groups?)';
const END = '(?:来着|有|啊|呀|呢|哦|喔|吗|嘛|哈|了|吧|的|先|列表|清单|呗)*';

function listed(noun: string): RegExp {
  return new RegExp(
    [
      `${LEAD}${LOOSE}有?${WHICH}${noun}${END}`,
      `${LEAD}${LOOSE}${noun}${LOOSE}(?:有|是)${WHICH}${END}`,
      `(?:what|which)(?:are)?(?:all)?(?:the)?${noun}(?:do(?:we|i|you)have|arethere)?`,
      `${LOOSE}${noun}${WHICH}${END}`,
      `(?:标签)${LOOSE}有${WHICH}${noun}${END}`,
      `${WISH}${SHOW}{1,3}${ALL}${noun}${END}`,
      `${LOOSE}(?:所有|全部|全)?(?:的)?${noun}(?:${OUT}){1,3}${END}`,
    ]
      .map((form) => `^${form}$`)
      .join('|'),
  );
}

function counted(noun: string): RegExp {
  return new RegExp(`^${LEAD}${LOOSE}有?${MANY}${noun}${END}$|^${LEAD}${LOOSE}${noun}${LOOSE}有?${MANY}${END}$`);
}

/** 查标签 is no wish to see all of them: it asks which. */
const ASKS_WHICH = '(?!(?:查|查一?下|查查)(?:客户)?(?:标签|tags?)$)';

const MAY =
  '(?:能|可以|能够|可|有权限?|有资格|能不能|可不可以|有没有权限?|得唔得)(?:去|来)?(?:用|做|干|改|动|管|删|加|建|操作|弄|看到|看见|看|用到|管理|修改|删除|添加|新建|编辑|搞)*';
const MINE = '(?:那|请问)?(?:我|咱|俺|本人)(?:自己)?(?:现在|目前|到底|究竟|都|在这里|在这儿)*';

const WHOLE: readonly (readonly [RegExp, Reading])[] = [
  [
    new RegExp(
      `^(?:${WISH}${SHOW})?${MINE}(?:${MAY}(?:些)?(?:哪些|什么|啥|嘛|哪几个|乜嘢|乜|咩)(?:标签|组|标签组|东西|操作|事情?|库|地方)?|${MAY}(?:标签|标签组|组|东西)?(?:吗|么|不)?(?<=吗|么|不|能不能.*|可不可以.*|有没有.*)|(?:的)?(?:权限|身份|角色)(?:是|有)?(?:什么|啥|哪些|多大|怎么样)?|(?:有|是)(?:什么|啥|哪些|乜)(?:样的)?(?:权限|身份|角色|权力)|(?:能|可以)(?:做|干)些?|(?:是|算)(?:不是|不算)?(?:管理员|负责人)(?:吗|不|么)?|有没有权限?)${END}$`,
    ),
    { command: 'me' },
  ],
  [counted(GROUPS), { command: 'group.list' }],
  [listed(GROUPS), { command: 'group.list' }],
  [counted(TAGS), { command: 'stats' }],
  [new RegExp(`${ASKS_WHICH}(?:${listed(TAGS).source})`), { command: 'tag.list' }],
];

/** 客户分级几个标签来着. */
function countedIn(text: Text): Reading | undefined {
  const span = OF_GROUP.exec(text.plain)?.indices?.groups?.group;
  return span && { command: 'tag.list', group: text.raw.slice(...span) };
}

const OF_GROUP =
  /^(?<group>(?!还|最|一|能|可|名)[^\s,，。]{2,20}?)(?:这个|那个)?(?:标签组|分组|组)?(?:里面|里头|里|下面|下)?(?:现在|目前|一共|总共|都|共|有)*(?:几个|几多个?|多少个?)(?:标签|tags?)(?:来着|啊|呀|呢|了)*[?？]?$/d;

// -- who changed what, and when ----------------------------------------------------------------------------------

type Kind = 'who' | 'time' | 'verb' | 'what' | 'thing' | 'past' | 'object' | 'filler';

/** In the order in which they are tried where one begins. */
const WORDS: readonly (readonly [Kind, RegExp])[] = [
  ['who', /(?:到底)?(?:是|被)?(?:谁|边个|哪位|哪个人|什么人|有没有人|有冇人|有人|有谁|who)(?:把|将|给)?/y],
  [
    'time',
    /(?:今天|今日|昨天|昨日|前天|昨晚|今早|今晚|上周|上个?星期|这周|本周|这个?星期|这个月|本月|上个?月|最近一周|最近7天|(?:最近|最后|上)?一次|上次|最近|近期|近来|刚才|刚刚|这两天|这几天|前几天|前两天|today|yesterday|\d{1,2}月\d{1,2}[日号])(?:里|内|以来)?/y,
  ],
  [
    'verb',
    /(?:修改|改动|改名|添加|新增|新建|创建|删除|移除|变更|调整|操作|动|改|删|加|建|做(?=了|过))(?:上去|进去|上|掉|走|除|名)?(?=$|[^天善革装进造期班油盟])/y,
  ],
  ['what', /(?:些|了)?(?:啥|什么|哪些|哪几个|乜嘢|乜|咩)/y],
  ['past', /(?:了|过|咗|(?<=[动改删加建除名去掉])的)/y],
  ['thing', /(?:我们?的|咱们的|里面的?)?(?:标签组|标签|分组|组|东西|tags?)/y],
  ['object', /(?:把|将|给|被)/y],
  [
    'filler',
    /(?:tmd?(?![a-z])|特么|他妈的?|都|吗|啊|呀|呢|又|还|没有?$|有没有|有过|有(?=什么|啥|哪)|来着|的|[\s,，。?？!！~～])/y,
  ],
];

const VAGUE: ReadonlySet<string> = new Set(
  '最近 最近一次 最后一次 上一次 一次 上次 近期 近来 刚才 刚刚 这两天 这几天 前几天 前两天'.split(' '),
);
const SAME_TIME: Readonly<Record<string, string>> = {
  昨晚: '昨天',
  今早: '今天',
  今晚: '今天',
  这周: '本周',
  这星期: '本周',
  这个星期: '本周',
  上星期: '上周',
  上个星期: '上周',
  这个月: '本月',
  上月: '上个月',
};
const NO_NAME = /^(?:能|会|要|可以|应该|来|想|需要|负责|管|说|在)$|让|叫你|怎么|怎样|如何|为$|为什么|为啥|不/;
const LEAD_IN = new RegExp(`^${WISH}${SHOW}?(?:知道|下|一下)?[\\s,，]*`);
/** Behind the name of a group. */
const OF_IT = /(?:这个|那个)?(?:标签组|标签|分组|组)?(?:里面|里)?$/u;

/** Somebody's or something's past: who, when, what and the verb in any order, and at most one name beside them. */
function historyIn(text: Text): Reading | undefined {
  const { plain } = text;
  const said = new Map<Kind, string>();
  let name: { readonly from: number; to: number } | undefined;
  let isNameOver = false;
  let at = LEAD_IN.exec(plain)?.[0].length ?? 0;
  while (at < plain.length) {
    const word = wordAt(plain, at);
    if (word === undefined) {
      if (isNameOver) return undefined;
      name ??= { from: at, to: at };
      name.to = ++at;
      continue;
    }
    const [kind, length] = word;
    if (name !== undefined && kind !== 'filler' && kind !== 'thing') isNameOver = true;
    said.set(kind, plain.slice(at, at + length));
    at += length;
  }
  const isPast = said.has('past') || said.has('time');
  if (!said.has('verb') || !isPast || !(said.has('who') || said.has('what'))) return undefined;
  const named = name === undefined ? '' : text.raw.slice(name.from, name.to).replace(OF_IT, '').trim();
  if (NO_NAME.test(named)) return undefined;
  const time = said.get('time')?.replace(/(?:里|内|以来)$/, '') ?? '';
  const when = VAGUE.has(time) ? '' : (SAME_TIME[time] ?? time);
  const filter = [when, named].filter((each) => each !== '').join(' ');
  return filter === '' ? { command: 'history' } : { command: 'history', filter };
}

function wordAt(plain: string, at: number): readonly [Kind, number] | undefined {
  for (const [kind, pattern] of WORDS) {
    pattern.lastIndex = at;
    const found = pattern.exec(plain)?.[0];
    if (found) return [kind, found.length];
  }
  return undefined;
}
