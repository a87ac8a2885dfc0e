/**
 * What keeps talk from becoming a write: questions, denials, other people's words, conditions and plans for later,
 * reports of what was done, and calls to wipe everything. Names in quotes are out of its sight.
 */

import type { WordClass } from './lexicon.ts';
import type { CommandId, Refusal } from './reading.ts';
import type { Occurrences, Text } from './tokens.ts';

/** Verbs that change something → the command they speak of. */
const VERBS: readonly (readonly [WordClass, CommandId])[] = [
  ['删除', 'tag.delete'],
  ['删掉', 'tag.delete'],
  ['改名', 'tag.rename'],
  ['改为', 'tag.rename'],
  ['加到', 'tag.add'],
  ['添加', 'tag.add'],
  ['置顶', 'tag.top'],
  ['置顶先', 'tag.top'],
  ['排序', 'tag.order'],
  ['移动', 'tag.move'],
  ['移', 'tag.move'],
  ['撤销', 'undo'],
  ['切换', 'rule.switch'],
];

const ASKS =
  /怎么|怎样|咋|如何|为什么|为啥|为何|什么|啥|什么时候|几时|何时|哪里|哪儿|哪个|哪些|哪位|谁|是不是|是否|有没有|有冇|有无|能不能|能否|可不可以|可否|可以不可以|要不要|该不该|需不需要|用不用|会不会|行不行|好不好|对不对|能删不|难道|请问|想问|问一下|问下|点样|点解|可唔可以|得唔得|系咪|使唔使|边个|\b(?:what|how|why|when|who|which|where|can|could|should|shall|would|may|might|does|do i|do you|do we|did|is it|are|was|were)\b/;
const ASKS_AT_END =
  /[?？]$|吗$|么$|呢$|了没$|没有$|没$|(?:可以|行|好|对|能|会|要|是)[不吧]$|(?:怎么|如何)(?:办|弄|搞|做|操作|用|样|回事)?$|会怎样$|会怎么样$|(?:步骤|方法|流程|教程|办法|影响|后果|权限|意思|区别|原因)$|咩$|嘅$|未$/;
const DENIES_FIRST =
  /^(?:先?别(?!墅|克|致|名|样|院)|不要|不用|不必|不能|不可以|不许|不准|不是|不想|不需要|不应该|不该|不打算|不建议|没让|没有让|没说|没叫|千万|请勿|请不要|请别|请先别|勿|禁止|严禁|切勿|暂时别|暂时不|暂不|先不|无需|毋须|甭|少给我|谁让|唔好|唔使|唔想|咪|don't|don’t|dont|do not|doesn't|never|no need|not|no)(?![a-z])/;
/** 别 as in 客户级别, 类别, 性别 denies nothing. */
const DENIES_BEFORE_VERB =
  /(?:先?(?<![级类性区特个分告识鉴派辨])别|不要|不用|不必|不能|不可以?|不许|不准|不想|不需要|不应该|不该|不应|不会|不得|勿|别再|先不|暂不|没必要|没有必要|没让你|唔好|唔使|咪|don't|don’t|dont|do not|never|not)(?:再|去|把|给|被|急着|着急|随便|乱|现在|马上|直接|先|都|要|全|全部|\s)*$/;
const DENIES_WEAKLY = /(?:没有?|未|不|还没有?|唔|冇)\s*$/;
const TELLS =
  /(?<![小传解])说(?!明|唱)|(?<![宣主])讲(?!座|师|课|解)|(?<![访顾询学慰])问(?!卷|题|答|诊|询)|喊|叫我|让我|叫你|让你|要我|逼我|(?<=[\u4e00-\u9fff])让(?=把|将|删|加|改|给|在|置顶)|告诉|回复|提到|提过|要求|表示|认为|觉得|以为|建议|想知道|听说|据说|写着|写了|发来|通知|吩咐|交代|希望|话要|\b(?:said|says|say|asked|asks|told|tells|wants|want|thinks?|wrote)\b/;
const LATER =
  /如果|要是|假如|假设|万一|倘若|若是|若(?!干)|除非|只要|一旦|当.*时|等.*(?:再|就|后|时|了)|明天|后天|明早|今晚|下周|下个?月|下次|下季度|明年|以后|今后|将来|改天|回头|待会|等会|等下|等一下|晚点|晚些|稍后|过几天|过一会|过两天|月底|年底|周[一二三四五六日末]|星期[一二三四五六日天]|到时|准备|打算|计划|考虑|犹豫|本来|应该|应当|最好|听日|遲啲|迟啲|\b(?:if|when|tomorrow|later|tonight|next (?:week|month|year)|will|going to|gonna|planning|maybe|perhaps|might)\b/;
const LATER_AT_END = /的话|的时候|再说$|以后再|再决定|之后再|\b(?:if|when|later|tomorrow|next (?:week|month|year))\b/;
const DONE_BEFORE =
  /已经|已\s*$|刚才|刚刚|刚(?!需)|昨天|前天|昨晚|上周|上个?月|之前|以前|曾经|曾|早就|不小心|误\s*$|居然|竟然|终于|正在|在忙着|被|琴日|寻日|啱啱|\b(?:already|yesterday|just now|have|has|had|was|were|accidentally)\b/;
const SOMEBODY =
  /(?:(?<![给帮替])我们?|咱们?|你们?|(?<!其)(?:他们?|她们?|它)|俺|老板|领导|同事|经理|总监|主管|(?<![^\s,这那个位些的有跟和])客户|有人|别人|小[\u4e00-\u9fff]|[\u4e00-\u9fff](?:总|哥|姐|经理)|佢|我哋|老细|\b(?:i|we|he|she|they|boss|someone|somebody)\b)\s*$/;
/** 删了VIP is an order on a phone (and only ever leads to a plan); 加了VIP tells. */
const DONE_AFTER_VERB = /^(?:过|咗|(?:好|完|掉)?了)(?=\s*\S)|^(?:deleted|removed|added|renamed|created)\b/;
const DONE_AT_END = /(?<![删去除算完]|不要|不用)了$|(?:完|好|掉|错|删除|加完|移除|去掉)了$|过了?$|咗$|\balready$/;

/** How an attempt ended: 添加失败, 地区加不了杭州. */
const OUTCOME =
  /(?:删|删除|加|加到|添加|新增|新建|建|改|改名|重命名|置顶|排序|撤销|移动|切换)\s*(?:标签组|标签|组)?\s*(?:(?:失败|成功|出错|报错|没反应|没成功|未成功|没用|无效|不生效|没生效|有问题|出问题|完成|完毕|错误|不行|不全)(?:$|[,，。!?了的])|不(?:了(?!解)|上(?!海|班|门)|进|掉|动|成(?!交)|到位))/;

const EVERYTHING =
  '(?:所有|全部|一切|全体|整个库?里?|全|每个|每一个)(?:的)?(?:客户)?(?:标签组|标签库|标签|规则组|分组|组|东西|内容|数据)?(?:和.{1,4})?';
const ERASE = '(?:删除掉|删除|删掉|删去|删光|删了|删|移除|清除|清掉|清空|去掉|清理|干掉)';
const SWEEPS: readonly RegExp[] = [
  /清空|删光|清零|删库|清干净|删干净|格式化|全删|一键删|\brm -rf\b|\b(?:wipe|purge)\b|\b(?:delete|remove|clear|drop|erase|rm) (?:all|everything|every)\b/,
  new RegExp(`${ERASE}(?:掉|了)?\\s*${EVERYTHING}(?:都|给|全)*(?:删掉|删了)?$`),
  new RegExp(`^(?:把|将)?\\s*${EVERYTHING}\\s*(?:都|全|全部|给|给我|统统|通通|一起)*\\s*${ERASE}`),
  new RegExp(`^(?:把|将)?\\s*(?:都|全|全部|统统|通通|一起|它们|这些|那些)+\\s*(?:都|全|给我|给)*\\s*${ERASE}`),
  new RegExp(`${ERASE}.*?(?:里面|里|中|下面|下|的)(?:的)?(?:所有|全部|全)?(?:的)?(?:客户)?标签(?:都|全部|全)?$`),
  new RegExp(`${ERASE}.+(?:所有|全部)(?:的)?(?:客户)?标签$`),
  new RegExp(
    `^(?:把|将)?.*?(?:里面|里|中|下面|下|的)(?:的)?(?:所有|全部|全)?(?:的)?(?:客户)?标签\\s*(?:都|全|全部|给|统统|通通|一起)*\\s*${ERASE}`,
  ),
  new RegExp(`^(?:把|将)?.+(?:所有|全部)(?:的)?(?:客户)?标签\\s*(?:都|全|全部|给|统统|通通|一起)*\\s*${ERASE}`),
];

export interface Verdict {
  readonly why: Refusal;
  readonly command: CommandId;
}

/**
 * Why no write may be read from this sentence; undefined when it may be one (or speaks of none at all).
 * `formal`: it begins like 标签 添加 …, so that its words are names rather than talk.
 */
export function guard(text: Text, ended: Text, words: Occurrences, formal: boolean): Verdict | undefined {
  const verbs = verbsIn(text.plain, words);
  const first = verbs[0];
  const { plain } = text;
  const tail = ended.plain;
  if (first === undefined) return told(text) ?? quotedVerb(text);
  const refuse = (why: Refusal): Verdict => ({
    why,
    command: ABOUT_GROUPS.test(plain) ? groupTwin(first.command) : first.command,
  });
  const marked = plain.replace(/(?<![\s。.!！~～])[\s。.!！~～]+$/, '');
  if (ASKS_AT_END.test(marked) || ASKS_AT_END.test(tail)) return refuse('question');
  if (formal) return sweeps(tail) ? refuse('sweep') : undefined;
  if (ASKS.test(plain)) return refuse('question');
  if (DENIES_FIRST.test(plain) || denied(plain, verbs)) return refuse('negation');
  const noun = NOUN.exec(plain)?.[0].length ?? 0;
  if (sweeps(tail) || sweeps(plain) || sweeps(tail.slice(noun))) return refuse('sweep');
  const start = Math.min(first.at, firstOf(words, ['把', '从']) ?? first.at);
  const before = plain.slice(0, start);
  if (TELLS.test(before)) return refuse('quotation');
  if (LATER.test(before) || LATER_AT_END.test(plain.slice(first.at))) return refuse('later');
  if (DONE_BEFORE.test(before) || SOMEBODY.test(before)) return refuse('statement');
  if (
    (first.at === 0 || first.at === noun) &&
    !plain.startsWith('删了', first.at) &&
    DONE_AFTER_VERB.test(plain.slice(first.end))
  )
    return refuse('statement');
  if (DONE_AT_END.test(tail) || OUTCOME.test(tail)) return refuse('statement');
  return undefined;
}

const NOUN = /^(?:标签组|标签|规则组)\s*/;
const ABOUT_GROUPS = /标签组|分组|\bgroup/;

function groupTwin(command: CommandId): CommandId {
  switch (command) {
    case 'tag.delete':
      return 'group.delete';
    case 'tag.rename':
      return 'group.rename';
    default:
      return command;
  }
}

function sweeps(plain: string): boolean {
  return SWEEPS.some((pattern) => pattern.test(plain));
}

interface Verb {
  readonly at: number;
  readonly end: number;
  readonly command: CommandId;
}

function verbsIn(plain: string, words: Occurrences): Verb[] {
  const found: Verb[] = [];
  for (const [cls, command] of VERBS) {
    for (const [at, lengths] of words.get(cls) ?? []) found.push({ at, end: at + (lengths[0] ?? 0), command });
  }
  const sweep = /清空|删光|清零|删库|格式化|清干净|删干净|wipe|purge|clear/.exec(plain);
  if (sweep) found.push({ at: sweep.index, end: sweep.index + sweep[0].length, command: 'tag.delete' });
  return found.sort((a, b) => a.at - b.at);
}

function firstOf(words: Occurrences, classes: readonly WordClass[]): number | undefined {
  const positions = classes.flatMap((cls) => [...(words.get(cls)?.keys() ?? [])]);
  return positions.length === 0 ? undefined : Math.min(...positions);
}

/** A denial right in front of a verb: of any verb for the clear ones, of the first verb for 不 and 没. */
function denied(plain: string, verbs: readonly Verb[]): boolean {
  return verbs.some(({ at }, index) => {
    const before = plain.slice(Math.max(0, at - 12), at);
    return DENIES_BEFORE_VERB.test(before) || (index === 0 && DENIES_WEAKLY.test(before));
  });
}

/** I deleted VIP yesterday: English says it by the form of the verb. */
function told(text: Text): Verdict | undefined {
  const verb = /\b(deleted|removed|added|renamed)\b/.exec(text.plain)?.[1];
  if (verb === undefined) return undefined;
  return { why: 'statement', command: verb === 'added' ? 'tag.add' : verb === 'renamed' ? 'tag.rename' : 'tag.delete' };
}

/** 老板说"删掉VIP": the only verb stands inside somebody else's words. */
function quotedVerb(text: Text): Verdict | undefined {
  if (!TELLS.test(text.plain) || !text.plain.includes('\uE000')) return undefined;
  if (/删|移除|delete|remove/i.test(text.raw)) return { why: 'quotation', command: 'tag.delete' };
  if (/改名|重命名|改成|rename/i.test(text.raw)) return { why: 'quotation', command: 'tag.rename' };
  if (/加|新建|add/i.test(text.raw)) return { why: 'quotation', command: 'tag.add' };
  return undefined;
}

/** Words that stand in talk but hardly in the name of a tag. */
const TALK =
  /我|你|(?<!其)[他她它]|咱|佢|说[了过要把让]|[请想]问|问[我你一下]|(?<![理梦思]|^)想(?!象)|应该|怎么|如何|为什么|什么|吗|呢|啊|的时候|如果|要是|已经|昨天|今天|明天|刚才|把(?!关|手|握|脉)|被[删加改]|让[我他你大]|帮[我忙他]|请[你您大把帮不勿]|谢谢|不要|(?<![级性特区类个分辨识])别(?!墅|克|致|名)|大家(?!电|居|族)|客户要|因为|所以|但是|可是|不过|然后|[。!?；;，,]/;

/** Whether a new name looks like a piece of talk: worth a question before it is written. */
export function soundsLikeTalk(name: string): boolean {
  return TALK.test(name) || LEFT_OVER.test(name);
}

/** Words around a name that the grammar should have understood: the name may have been cut wrongly. */
const LEFT_OVER =
  /^(?:在|把|将|往|从).+(?:加|删|改|移)|^(?:个|一个|两个|这个|那个|几个|一些|新的|新组|叫|名为|里面|下面|了(?!解)|的(?!士)|给|也|到(?!访|店|期|家|场|账|货|岗|院)|进(?!店|群|口|货|阶))|添加|新增|删除|删掉|不要了|不用了|没用了|名字叫|名称是|^(?:标签有|放$)|改名为|重命名|加到|放到|移到|(?:(?<![重必主紧])要|得|该|必须|可以|准备|或|还是|这.?个|那个|标签|标签组|一下|里面|这个组|分组)$/;

/** Everyday objects of 加 and 改, hardly ever meant as a tag when they stand alone: 地区加备注. */
export function isEverydayObject(name: string): boolean {
  return EVERYDAY.test(name);
}

const EVERYDAY =
  /^(?:很多|好多|不少|好|中|完|完毕|锁|权重|密码|权限|说明|描述|备注|注意|回来|回去|去|来|东西|内容|客户|好友|成员|人|群聊|文件夹|班|关注|提醒)$|^.{0,4}[\d一二三四五六七八九十]+[个人条位倍]$|(?:文档|更好|更新|下降|上升|增长|模式)$/;
