/**
 * Questions about the bot and the library that no command of the table answers: 标签删了还能恢复吗, 能合并标签吗, 我在哪个规则组,
 * 名字最长几个字; and the wish to put a tag on a customer, which is not what this bot does. Decides from the words what
 * is asked; what is answered is bot/commands/answer-asked.ts's business.
 */

import { spoken } from './courtesy.ts';
import { type Text, textOf } from './tokens.ts';

export type Asked =
  | {
      readonly about:
        | 'recovery'
        | 'customersAfterDelete'
        | 'groupAfterDelete'
        | 'merge'
        | 'copy'
        | 'libraries'
        | 'madeElsewhere'
        | 'place'
        | 'nameLength'
        | 'howMany'
        | 'undoOrDelete'
        | 'whoBears'
        | 'cannotAdd'
        | 'tidy';
    }
  /** 怎么把抖音移到别的组. */
  | { readonly about: 'move'; readonly tag: string }
  /** 怎么删除标签, 怎么切到华南: how a command is said; `rest` is what stood beside the verb. */
  | { readonly about: 'how'; readonly topic: string; readonly rest: string }
  /** 如果把会员级别整个删了会怎样. */
  | { readonly about: 'whatIf' }
  /** 给张姐打上金卡标签. `sure`: the words say so; otherwise it depends on what the names are. */
  | { readonly about: 'customer'; readonly who: string; readonly tag: string; readonly sure: boolean };

const MOST_LENGTH = 60;

/** What the sentence asks; undefined for a command, a name, or a question that commands answer. */
export function askedIn(sentence: string): Asked | undefined {
  if (sentence.includes('\n')) return undefined;
  const text = spoken(textOf(sentence.trim()));
  if (text.plain === '' || text.plain.length > MOST_LENGTH) return undefined;
  const plain = text.plain.replace(/[\s,，。.!！?？~～]+/g, '');
  for (const [pattern, about] of PLAIN_QUESTIONS) if (pattern.test(plain)) return { about };
  return moveIn(text) ?? howIn(text, plain) ?? customerIn(text);
}

type PlainQuestion = Exclude<Asked['about'], 'move' | 'how' | 'customer'>;

const KINDS = '(?:企业标签|规则组标签|规则组)库?';

const PLAIN_QUESTIONS: readonly (readonly [RegExp, PlainQuestion])[] = [
  [
    /^(?:如果|要是|假如|万一).*删.*(?:会怎样|会怎么样|怎么办|会不会.*|有影响吗|有什么影响|什么后果)$|^(?:我|要|把|这个|那个|它|这些|那些|标签|整个|都|真的)*删(?:除|掉|了)*(?:它|这个|标签|以后|之后|后|的话|是)*(?:会|有)?(?:怎样|怎么样|咋样|点样|(?:什么|啥|咩)(?:影响|后果)|出事|发生(?:什么|啥))(?:啊|呀|呢)*$/,
    'whatIf',
  ],
  [
    /^(?:现在|咱们?|我们?|企业|里面|的)*(?:标签|组)(?:太|好|有点|非常|实在|越来越|都)*(?:多|乱|杂|旧|重复)(?:了|的|得很)*(?:要|应该|该)?(?:怎么|怎样|如何|咋|点样|点)(?:办|才能|样|可以|去|把)*(?:清理|整理|收拾|精简|归类|梳理|去重|减少|瘦身|弄|搞|整|处理)?(?:一下|掉)?(?:好|比较好)?$|^(?:要|应该|该)?(?:怎么|怎样|如何|咋|点样|点)(?:才能|可以|去|把|将)*(?:批量|一次性?)?(?:重复的?|没用的?|不用的?|多余的?|旧的?|所有|标签)*(?:清理|清掉|清一清|处理掉|整理|收拾|精简|归类|梳理|去重|瘦身)(?:一下|掉)?(?:重复的?|没用的?|不用的?|多余的?|旧的?|标签|标签库)*$/,
    'tidy',
  ],
  [
    /^(?:怎么|怎样|如何|咋|点样|点|能不能|可不可以|可以|能|有没有办法|支不支持|支持)(?:才能|可以|把)?(?:标签)?(?:批量|一次性?|一下子|一口气|同时|一起)(?:地|的|把)?(?:标签)?(?:删除?|去掉|清理|清掉|移除)(?:掉|除|了)?(?:好?几个|多个|很多|好多|一堆|一批|一些|[一两二三四五六七八九十百\d]{1,3}个|标签|的)*(?:吗|么|不|呢)?$|^(?:怎么|怎样|如何|咋|点样|点|能不能|可不可以|可以|能)(?:才能|可以)?(?:删除?|去掉|清理)(?:掉|除)?(?:好几个|几个|多个|很多|好多|一堆|一批)(?:标签|的)*(?:吗|么|不|呢)?$/,
    'tidy',
  ],
  [
    /(?:标签)?组.*删.*(?:里面|下面|组里)的?(?:标签)?.*(?:还在|怎么办|会.*[吗不]|没了吗|也.*吗)|^删(?:除|掉|了)?(?:标签)?组.*(?:标签).*(?:还在|吗$)/,
    'groupAfterDelete',
  ],
  [
    /^(?:这样|这|那|删了?)?(?:会不会|会|有没有)?(?:影响|动)(?:到)?客户(?:吗|么|不)?$|^(?:对)?客户(?:会|那边会)?(?:不会)?(?:有|受)(?:没有)?(?:到)?(?:什么|啥)?影响(?:吗|么|不)?$/,
    'customersAfterDelete',
  ],
  [
    /删.*客户.*(?:还在|会怎样|怎么样|还有|影响|会不会|掉吗|没了|吗$)|客户身上.*(?:标签)?.*(?:还在|没了|会.*)吗$/,
    'customersAfterDelete',
  ],
  [
    /^(?:还)?(?:能不能|可不可以|能|可以|怎么|如何|咋|点样)(?:再|才能)?(?:恢复|找回来?|还原|复原|反悔|后悔)(?:回来|标签)?(?:吗|么|不|呢)?$|^(?:不小心|手滑|一不小心)?(?:误删|删错|错删)(?:了|掉)*(?:标签|东西|一个)?(?:要|该)?(?:怎么|咋|如何|点)(?:办|整|弄|搞|样|算)?$/,
    'recovery',
  ],
  [
    /删.*(?:恢复|找回|找得回|复原|还原|回来|撤销|反悔|后悔).*(?:吗|么|不|没|呢)$|(?:能不能|可不可以|怎么|如何|能|可以)(?:恢复|找回|还原).*删|删(?:错)?.*(?:怎么|如何|咋|点样|能不能|可不可以)(?:才能|再)?(?:恢复|找回|还原|撤销)/,
    'recovery',
  ],
  [
    /(?:合并|合成|并成|合到一起|合在一起).*(?:标签|一个)?.*(?:吗|么|不|呢)$|(?:能|可以|怎么|如何|想|能不能)(?:把)?.{0,10}(?:合并|合成一个|并成一个)|^(?:把|将).{2,30}(?:合并|合成一个|并成一个|合到一起)(?:成一个|到一起|起来|掉|一下|吧|了)*$|^(?:把|将).{1,30}(?:合并|并)(?:到|进|入|给)去?.{1,24}$|^合并.{1,20}[和跟与、].{1,20}$/,
    'merge',
  ],
  [
    /^(?:能不能|可不可以|可以|怎么|如何|能)?(?:把|将).{2,30}(?:复制|拷贝|同步|克隆|照搬)(?:一份|一下)?(?:到|去|给|进|过去|过来)|^.{2,24}(?:复制|拷贝|同步|克隆|照搬)(?:一份)?到(?:企业标签库?|规则组.*)(?:吗)?$/,
    'copy',
  ],
  [
    new RegExp(
      `^(?:什么|啥)(?:是|叫)${KINDS}$|^${KINDS}(?:是(?:什么|啥|干嘛的|干什么的)|什么意思|有什么用)(?:意思)?$|^${KINDS}[和跟与]${KINDS}(?:有|的)?(?:什么|啥)?(?:区别|不同|差别|不一样)(?:是什么|在哪)?$`,
    ),
    'libraries',
  ],
  [
    /^(?:哪些|哪几个|什么)(?:企业)?标签是?(?:在)?(?:后台|控制台|手机上?|别人|其他人)里?(?:建|加|做|弄)的$|^(?:后台|控制台)(?:里)?(?:建|加)的(?:企业)?标签(?:有哪些|是哪些)$/,
    'madeElsewhere',
  ],
  [
    /^(?:我|咱)?(?:们)?(?:现在|当前|目前)?(?:是)?(?:在|用的?是?|处于)?(?:哪个|什么|哪一个)(?:规则组|规则|标签库|库)(?:里|下|里面)?$|^(?:我|咱)?(?:们)?(?:现在|当前|目前)?(?:是)?(?:在|用的?是?)?(?:企业标签|规则组)(?:里)?(?:还是|或者)(?:企业标签|规则组)(?:里)?$|^(?:现在|当前|目前)(?:是|在)?(?:哪个|什么)?(?:规则组|规则)(?:是哪个|是什么|是啥)?$/,
    'place',
  ],
  [
    /(?:名|名字|名称|标签).*(?:最长|最多|能写|可以写|限制|不能超过|能有|多长).*(?:几个|多少)?(?:个)?字|(?:名字|名称|标签名|组名).*(?:最长|最多)(?:是|能|可以)?(?:多少|几|多长)?$|(?:名字|名称|标签名).*(?:几个字|多少字|多少个字|字数|多长)/,
    'nameLength',
  ],
  [
    /(?:一次|一回|同时|一下子|一条|每次).*(?:能|可以|最多).*(?:加|导入|删|添加|建|发).*(?:多少|几个|几条)|(?:最多|上限).*(?:多少|几个)(?:个)?(?:标签|组)|标签.*最多.*(?:多少|几)个|(?:多少|几个)(?:个)?标签.*(?:上限|封顶)|标签.*(?:上限|数量限制)(?:是)?(?:多少|几)?/,
    'howMany',
  ],
  [/(?:删除?|撤销).*(?:和|跟|与).*(?:删除?|撤销).*(?:区别|不同|差别|不一样)/, 'undoOrDelete'],
  [
    /(?:都)?有(?:哪些|多少|几个|多少个)(?:客户|人)(?:在)?(?:用|有|打了|带)?(?:了)?(?:它|这个|吗)?$|都有谁$|(?:几个|多少|哪些)(?:客户|人)(?:在)?(?:用|有|打了|带)|(?:客户|人)(?:在)?用(?:它|这个|着)?[吗不么没]$|里面有客户吗$/,
    'whoBears',
  ],
  [
    /(?:为什么|为啥|咋|怎么)(?:老|总|又|就|都|还)?(?:是)?.{0,12}?(?:加不上|加不了|添加不了|删不掉|删不了|改不了|建不了|不能加|不能删|不能改|没加上|没反应)/,
    'cannotAdd',
  ],
];

const ASK_HOW =
  /^(?:请问|想问一?下|问一?下|我想知道|你好)?(?:要)?(?:怎么|怎样|如何|咋|怎么样|点样|点)(?:才能|可以|去|来|样)?/;

/** 怎么把抖音移到别的组. */
function moveIn(text: Text): Asked | undefined {
  const found =
    /^(?:请问)?(?:要)?(?:怎么|怎样|如何|咋|能不能|可以|可不可以|能)(?:才能|可以)?(?:把|将)(?<tag>.{1,20}?)(?:标签)?(?:移动|移|挪|换|转移|转|搬|调)(?:到|去|进)?(?<to>.*?)(?:组|里|里面|下面|去|吗|呢|啊)*[?？]?$/d.exec(
      text.plain,
    );
  const span = found?.indices?.groups?.tag;
  if (span === undefined || /第一|最前|最后|前面|后面/.test(found?.groups?.to ?? '')) return undefined;
  return { about: 'move', tag: text.raw.slice(...span).trim() };
}

/** Verbs a how-question is about → the topic of the help. */
const TOPICS: readonly (readonly [RegExp, string])[] = [
  [/改名|换个?名|重命名|改个名|改.*名字|修改名/, '改名'],
  [/切换|切到|切回|换到|换规则组|换个规则组/, '规则组 切换'],
  [/撤销|撤回|反悔/, '撤销'],
  [/批量|导入/, '导入'],
  [/导出|备份|下载/, '导出'],
  [/(?:建|新建|创建|加|添加|新增).{0,6}(?:标签)?组/, '标签组 新建'],
  [/删.{0,10}(?:标签)?组|(?:标签)?组.{0,4}删/, '标签组 删除'],
  [/删|去掉|移除/, '删除'],
  [/排序|置顶|排到|排在|放到最?前|顺序|往前/, '置顶'],
  [/加|添加|新增|新建|创建|建/, '添加'],
  [/查|找|搜|看/, '查'],
];

function howIn({ raw }: Text, plain: string): Asked | undefined {
  const ask = ASK_HOW.exec(plain);
  if (ask === null) return undefined;
  const rest = plain.slice(ask[0].length).replace(/(?:啊|呀|呢|吗|的|了|哦)+$/, '');
  const topic = TOPICS.find(([pattern]) => pattern.test(rest))?.[1];
  return topic === undefined ? undefined : { about: 'how', topic, rest: raw };
}

const PERSON =
  /先生|女士|小姐|太太|阿姨|叔叔?|师傅|老师|客户|顾客|微信|昵称|手机|1\d{10}|这个?人|那个?人|^[他她](?:们)?$|.[总哥姐]$|^(?:老|小|阿)[\u4e00-\u9fff]$/;
const PUTS =
  '(?:打上|打个|打了|打|贴上|贴个|贴(?![吧纸膜图])|标记为|标记成|标记|标为|标成|标上|标注为|标注成|挂上|挂个)';

/** Whom a tag is to be put on, or taken off. */
function customerIn(text: Text): Asked | undefined {
  for (const { pattern, sure, onlyPeople } of CUSTOMER_FORMS) {
    const found = pattern.exec(text.plain);
    if (found === null) continue;
    const part = (name: string) => {
      const span = found.indices?.groups?.[name];
      return span === undefined ? '' : text.raw.slice(...span).trim();
    };
    const who = part('who');
    const isPerson = PERSON.test(who);
    if (onlyPeople && !isPerson) continue;
    return { about: 'customer', who, tag: part('tag'), sure: sure || isPerson };
  }
  return undefined;
}

const CUSTOMER_FORMS: readonly { readonly pattern: RegExp; readonly sure: boolean; readonly onlyPeople?: true }[] = [
  {
    pattern: new RegExp(
      `^(?:给|帮|把|将|为|对)?(?<who>[^,，。;；:：]{1,24}?)(?:都|全部|全|也|已经|一律|再)*${PUTS}(?:一个|个|上)?(?<tag>[^,，。;；:：]{0,20}?)(?:这个|的)?(?:标签|标记)?[吧了]?$`,
      'd',
    ),
    sure: true,
  },
  {
    pattern:
      /^(?:给|帮)(?<who>[^,，。;；:：]{2,16}?)(?:都|全部)?(?:加上|加|添加)(?:一个|个)?(?<tag>[^,，。;；:：]{1,20}?)(?:这个)?(?:标签)?吧?$/d,
    sure: false,
  },
  {
    pattern:
      /^(?:把|将)(?<who>[^,，。;；:：]{2,16}?)(?:都|全部)?(?:加到|加进|放到|放进|归到|归入|拉到|拉进|加入)(?<tag>[^,，。;；:：]{1,20}?)(?:标签)?(?:里面|里|中|下面|下)?(?:去)?吧?$/d,
    sure: false,
  },
  {
    pattern:
      /^(?:把|将)?(?<who>[^,，。;；:：]{2,12}?)(?:的|身上的)(?<tag>[^,，。;；:：]{0,16}?)(?:标签)?(?:去掉|拿掉|取消|摘掉|删掉|删除|删了|改成|换成|从).*$/d,
    sure: false,
    onlyPeople: true,
  },
];
