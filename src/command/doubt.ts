/**
 * Whether a text that stands where a new name is expected is one. A name is clean or doubtful; quotes make it clean.
 *
 * The inside of a name decides little (已成交, 不要联系, 到店自提 are names): what is looked for here are the marks of
 * talk. `doubtIn` is asked about a name that would be made: a doubtful one is never made without being shown first.
 * `isClause` is asked about what stands beside a name, behind a comma or a space: there less is needed to take it for a
 * remark.
 */

import { soundsLikeTalk } from './guard.ts';

/**
 * Why a name is doubtful. `reference`: it points at something instead of naming it (这个, 同上, 随便), never a name unless it
 * is quoted. `vague`: the same when it stands alone (新, 一个).
 */
export type Doubt = 'reference' | 'vague' | 'mark' | 'count' | 'talk';

const VAGUE =
  /^(?:(?:点|些|几个|一些|一点)?(?:新|旧|别|其他|一样|类似|差不多|合适)的|(?:\d{1,3}|[一二两三四五六七八九十几多]+)(?:个|条|种|类|项|级)(?:新的?)?(?:标签|等级|选项|名字|分组|组|渠道|阶段)?|一些|某个|某些|几个|标签|标签组|新|新标签|新的标签|some|something|anything)$/iu;
const REFERENCE =
  /^(?!(?:一|两|三|几)?个(?:标签)?$)(?:就?(?:这|那|上面|下面|上边|下边|前面|后面|刚才|刚刚|刚加|刚建|刚说|第[一二三四五六七八九十\d]+|最后|上|下)?(?:的|那|这|一)?(?:个|些|几个|两个|三个|俩|仨|种|条|位|项|的)+(?:标签|名字|组|选项)?|它们?|他们?|她们?|这|那|上面|下面|同上|同样的?|一样的?|如上|如下|以上|以下|如下所示|前者|后者|其余的?|剩下的?|别的|其他的|另外的|另一个|什么|啥|哪个|谁|多少|随便.{0,3}|都行|都可以|你(?:看着|定|决定|来|想|说).{0,4}|看着办|看看|名字.{0,3}(?:你|随便)定?|再说|不知道|没想好|待定|(?:上?面|上)(?:的|那|这)[个些]?|请|请把|请将|麻烦|帮忙|帮我|谢谢|都|也|把|将|的|了|吧|this|that|it|them|these|those|whatever)$/iu;

/** Marks that no name holds without quotes, what no keyboard types, and 抖音还是快手, which asks. */
const MARK =
  /(?<=\S{2})还是(?=\S{2})|[,;:?!，；：？！。…~～\n\t\ufffd]|--|\/\/|[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f]|\[[^\]]{1,5}\]$/u;
const CORRECTS =
  /(?:^|\s)(?:不对|哦不|啊不|呃不|不不|不是|说错|写错|打错|搞错|弄错|sorry)|(?:哦不|啊不|不对[，, ]|说错了|写错了|打错了|搞错了|打错字|算了|不是.+是)|等等$/u;
const COUNT =
  /^(?:这|那)?(?:\d{1,3}|[一二两三四五六七八九十几多俩仨]+)(?:个|条|种|类|项)?(?:新|新的)?(?:标签|等级|选项|名字)(?:名)?(?:[:：\s]|$)|^(?:\d{1,3}|[一二两三四五六七八九十几]+)个[:：\s]|(?:这|那)?(?:\d{1,3}|[两三四五六七八九十几]+)个(?:新)?(?:标签)?$|[俩仨]$|^(?:\d{1,3}|[一二两三四五六七八九十几]+)个$/u;

const PEOPLE =
  '(?:老板娘?|领导|总部|集团|公司|上面|总监|经理|主管|店长|校长|院长|老师|同事|客户|顾客|业主|家长|销售|运营|设计|市场|财务|行政|人事|前台|客服|产品|技术|门店|[\\u4e00-\\u9fff]{1,3}部门?|[\\u4e00-\\u9fff]{1,2}(?:总监?|姐|哥|经理|店长|主管|老师)|[老小][\\u4e00-\\u9fff])';
const PEOPLE_DO = new RegExp(
  `^${PEOPLE}(?:们|那边|这边|那里|今天|昨天|刚才?|已经|都|也|就|又|还|总|老|天天|一直)*(?:急|着急|要|说|定|让|叫|催|提|觉得|认为|建议|想|问|同意|批|安排|交代|发话|爱|喜欢|嫌|反映|反馈|需要|在用|会|经常|开会|规定|通知|等着?|表示|对|希望|打算|考虑)`,
  'u',
);
const BEGINS =
  /^(?:经(?:过|与|由)?.{0,8}(?:讨论|商量|研究|决定|同意|批准|确认|沟通)|为(?![爱主辅民人何])|成(?![功交人都员单本长熟年品衣效])|因为|由于|毕竟|反正|主要|不然|否则|免得|省得|以便|便于|方便|为了|这样|那样|所以|但是|但|不过|如果|要是|万一|我|你|您|他们|她们|它|咱|俺|大家(?!电|居|族)|这|那|别的|其余|其他的?都|其它的?都|其他先|先不|先这|先放|先弄|不急|不着急|急用|着急|急着|尽快|赶紧|马上|今天|今晚|明天|明早|后天|昨天|昨晚|下周|下个?月|下午(?!茶)|上午|晚上|这周|本周|本月|这个月|月底|年底|月初|周[一二三四五六日天末](?=[要前开用上下之就还都给来再会去搞做交]|$)|星期|\d+[号日点](?!楼|线|店)|回头(?!客)|等(?:我|会|下|一)|有空|以后|到时|最近|现在|目前|暂时|临时(?!客)|已经|刚才|刚刚|听说|据说|好像|应该|可能|没(?:用|人|有?什么|问题|事)|不(?:用了?|要了|能|行|对|好意思|动|变)|要不|就(?:这|行|好|是|叫)|加完|改完|弄好|搞定|记得|帮(?:我|忙)|请|麻烦(?!客)|谢|辛苦|拜托|顺便|然后|再(?:加|把|给|说)|并且|还有|另外|要(?:用|的|看|不)|需要|写在|放在前|needed|please|thanks|asap|for )/iu;
const BEGINS_WITH_A_LABEL = /^(?:时间|日期|地点|备注|说明|负责人|联系人|原因|用途|价格|名额)(?:是|为|[:：])/u;
const ENDS =
  /(?:了(?<!忘不了)|吧(?<![网酒贴书水氧话迪清茶咖陶吧]吧)|呢|吗|啊|哦|呀|嘛|(?<!哈)哈|(?<![目士])的|再说|要用|要看|在用|急用|不动|别动|即可|就行|就好|优先|那种|为准|留着|保留|别删|别改|不变|没人|重|多|[要着等急]用|喜欢|爱看|爱听|爱用|想要|很火|流行|好卖|都这么叫|要讲|要开|要交|[要说定]的)$/u;
const WITHIN =
  /(?<=\S{2})还是(?=\S{2})|的时候|的话|一下|谢谢|拜托|不对|算了|看着办|帮我|给我|我们|你们|他们|咱们|为什么|怎么|什么/u;

/** Whether a text names nothing by itself: 这个, 同上, 随便. */
export function isReference(text: string): boolean {
  return REFERENCE.test(text) || VAGUE.test(text);
}

/** Whether what stands behind a comma or a space is a clause rather than one more name. */
export function isClause(text: string): boolean {
  return (
    BEGINS.test(text) ||
    BEGINS_WITH_A_LABEL.test(text) ||
    ENDS.test(text) ||
    WITHIN.test(text) ||
    PEOPLE_DO.test(text) ||
    CORRECTS.test(text)
  );
}

/** The longest text without any mark of talk that is taken for a name beside others. */
const LONGEST_PLAIN = 14;

/** A text that may stand in a list of names without a second look. */
export function isPlainName(text: string): boolean {
  const length = [...text].length;
  return length > 0 && length <= LONGEST_PLAIN && doubtIn(text, false) === undefined && !isClause(text);
}

/**
 * Why this (unquoted) name is doubtful; undefined for a clean one. In a `formal` sentence (标签 添加 … 到 …) what stands
 * in the slot is a name unless it cannot be one.
 */
export function doubtIn(name: string, formal: boolean): Doubt | undefined {
  if (REFERENCE.test(name)) return 'reference';
  if (VAGUE.test(name)) return 'vague';
  if (MARK.test(name)) return 'mark';
  if (COUNT.test(name)) return 'count';
  if (CORRECTS.test(name)) return 'talk';
  return !formal && isClause(name) ? 'talk' : undefined;
}

/** Whether a text may be offered as the name of a group that is to be made: never people, chats, or a piece of a sentence. */
export function isGroupName(name: string): boolean {
  return (
    [...name].length > 1 &&
    !/[、+]/.test(name) &&
    isPlainName(name) &&
    !soundsLikeTalk(name) &&
    !PEOPLE_AND_CHATS.test(name)
  );
}

const PEOPLE_AND_CHATS =
  /^(?:大家|各位|客户|好友|群|群聊?里?|微信|通讯录|.{0,4}(?:先生|女士|小姐|太太|阿姨|叔叔|老师|老板|经理|[总姐哥爷妈爸]|们))$|^(?:开个?|弄|搞|帮|给|把|将|再|现|需|请|这|那|今|明|昨|又|还|就|都|并)/u;
