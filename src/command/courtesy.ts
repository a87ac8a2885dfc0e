/**
 * Politeness, filler and emoticons around a sentence: taken off before reading, kept as a second thought for names that
 * need it. What dictation leaves (嗯, 那个, 就是, 呃, 姐) counts as filler at the edges, never inside.
 */

import { slice, type Text, trimmed } from './tokens.ts';

/** A word of one character is filler only in front of something that starts a command. */
const BEFORE_COMMAND =
  '(?=\\s*(?:帮|把|将|给|在|从|往|向|你|加|添|删|新|建|增|创|改|重|更|移|去|清|查|列|导|撤|标|规|置|排|麻|看|搜|找|切|显|统))';

const HEADS: readonly RegExp[] = [
  /^(?:嗯+|呃+|啊)?[\s,，]*(?:那个|这个|就是)(?=标签组?\s*(?:添加|新增|删除|改名|置顶|排序|新建|列表))/,
  /^(?:即日起|自即日起|从现在起|现在起|现(?!在)|特|兹)(?:需要?|申请|拟|要)?[,，]?\s*(?=请|在|将|把|给|从|往|新增|增加|新建|添加)/,
  /^(?:烦请|请|麻烦)(?:各位)?(?:协助|帮忙|处理|办理)(?:一下|如下)?[:：,，]\s*/,
  /^(?:请问|请你|请您|烦请|敬请|恳请|还请|请(?:尽快|协助|帮助|务必|立即|马上|及时)|麻烦(?:帮忙|尽快|协助)|请帮忙|请帮我|麻烦你|麻烦您|麻烦帮我|麻烦|劳烦|劳驾|拜托你?|帮忙|帮我们|帮我|帮下我?|帮帮我|替我|给我|我想要|我想请你|我想|我要|我需要|我希望|想要|需要|你帮我|你给我|你把它?(?=把))/,
  /^(?:那就|那么|嗯+|哦+|噢|哎|喂|好的|好滴|好啊|好吧|行吧|行|ok|okay|对了|是的|没错|最后|首先|第一步)[\s,，:：。!]+/,
  /^批量(?=(?:添加|新增|增加|删除|删掉|移除|改名|重命名|置顶|新建)(?:标签)?\s*[:：]?\s*\S)/,
  /^(?:你好啊?|您好|大家好|早上好|早安|早|上午好|中午好|下午好|晚上好|嗨|哈喽|hi|hello|hey|hi there|在吗|在不在|亲|亲爱的|宝|同学|老师|师傅|小姐姐|大哥|兄弟|小助手|助手|小助理|机器人|标签机器人|标签助手|bot)(?:[\s,，!！。.~～、:：?？]+|(?=请|麻烦|帮))/,
  /^(?:唔该|麻烦晒|同我|帮手|帮我手|我想将(?=将))\s*/,
  /^(?:please|pls|plz|kindly|just|now|i want to|i wanna|i'd like to|i would like to|i need to|let's|lets|hey bot|go ahead and|help me(?: to)?)\b[\s,]*/,
  /^[\s,，。.!！~～、]+/,
];

/** Says that it is more of the same, or last of all: filler where a sentence stands by itself. */
const LINKS: readonly RegExp[] = [
  /^(?:所以|因此|那就|那么|并且|并|同时|另外|还有|再|然后|接着|其次|最后|首先|先)\s*(?=请|麻烦|把|将|给|在|从|帮|加|添|删|改|新[增建]|置顶|建)/,
  /^(?:另外|还有|顺便|顺手|然后|接着|并且|同时|算了吧?)[\s,，:：。!]+(?=\S{2})/,
  new RegExp(`^(?:请|再|快|那就|那你|那请|那|就|还是|先|来|帮|想|要)${BEFORE_COMMAND}`),
  /^(?:顺便|顺手|然后|接着|并且|同时|最后(?!一?[个条那])|首先|现在|马上|立刻|立即|赶紧|赶快|快点|尽快|直接)(?=\s*\S{2})/,
];

/** Hesitation and calling out; 那个 and 这个 only in front of something, as they may also point at something. */
const FILLERS: readonly RegExp[] = [
  /^(?:嗯+|呃+|额+|啊+|哦+|噢+|诶+|欸|唉|哎[呀哟]?|喂|嘿|咳|就是说|就是|然后呢|然后|那什么|那啥|我想想|对了|话说|是这样的?|不好意思|打扰一下?|同样的?|在不在|在吗|辛苦(?:一下|了)?(?=把|帮|给|在|请))(?:啊|呢|吧|哈|哦)?[\s,，。、.…~～]*(?=\S)/,
  /^(?:[\u4e00-\u9fff]{0,2}(?:哥|姐|总|老师|经理|主任|店长|主管|亲))(?:[\s,，、。!！~～]+|(?=帮|麻烦|请|把|给我))/,
  /^@[^\s@]{1,12}\s+(?=\S)/,
];
const HESITATION =
  /^(?:(?:那个|这个)[\s,，、.…]*)+(?=\S{2})(?!(?:也|再|就|都|给我)*(?:删|改|置顶|放|排|挪|移|不要|组|标签|是|在|有|加|要))/;

/** What WeChat and WeCom make of their built-in emoticons, in text. */
export const EMOTICON =
  '(?:\\[(?:微笑|撇嘴|色|发呆|得意|流泪|害羞|闭嘴|睡|大哭|尴尬|发怒|调皮|呲牙|惊讶|难过|酷|冷汗|抓狂|吐|偷笑|愉快|白眼|傲慢|饥饿|困|惊恐|流汗|憨笑|悠闲|大兵|奋斗|咒骂|疑问|嘘|晕|疯了|衰|骷髅|敲打|再见|擦汗|抠鼻|鼓掌|糗大了|坏笑|左哼哼|右哼哼|哈欠|鄙视|委屈|快哭了|阴险|亲亲|吓|可怜|菜刀|西瓜|啤酒|篮球|乒乓|咖啡|饭|猪头|玫瑰|凋谢|嘴唇|示爱|爱心|心碎|蛋糕|闪电|炸弹|刀|足球|瓢虫|便便|月亮|太阳|礼物|拥抱|强|弱|握手|胜利|抱拳|勾引|拳头|差劲|爱你|NO|OK|爱情|飞吻|跳跳|发抖|怄火|转圈|磕头|回头|跳绳|挥手|激动|街舞|献吻|左太极|右太极|笑脸|生病|破涕为笑|脸红|恐惧|失望|无语|嘿哈|捂脸|奸笑|机智|皱眉|耶|吃瓜|加油|汗|天啊|Emm|社会社会|旺柴|好的|打脸|哇|翻白眼|666|让我看看|叹气|苦涩|裂开|合十|鸡|福|烟花|爆竹|红包|發|小狗|庆祝|礼炮)\\])';
const PICTURE = '(?:[\\p{Extended_Pictographic}\\u{1f3fb}-\\u{1f3ff}\\u{1f1e6}-\\u{1f1ff}\\ufe0f\\u200d])';
const EMOTICON_AT_END = new RegExp(`(?:${EMOTICON}|${PICTURE})$`, 'iu');
/** Faces, hands and flowers: sent along with a sentence, and seldom meant as part of a name. */
const ONLY_POLITE =
  /^(?:[\u{1f600}-\u{1f64f}\u{1f910}-\u{1f93f}\u{1f970}-\u{1f97a}\u{1f442}-\u{1f450}\u270a-\u270d]|[\u{1f337}-\u{1f33a}\u{1f490}\u{1f495}\u{1f496}\u2764\u2615\u{1f389}\u{1f4aa}]|[\u{1f3fb}-\u{1f3ff}]|[\u2640\u2642]|\ufe0f|\u200d|\s|\[[^[\]]*\])*$/u;
const PICTURE_INSIDE = /\p{Extended_Pictographic}/u;
/** The longest emoticon in text. */
const MOST_EMOTICON = 8;
const NOTHING_BUT_EMOTICONS = new RegExp(`^(?:${EMOTICON}|${PICTURE}|[\\s。.!！~～])+$`, 'iu');

const TAILS: readonly RegExp[] = [
  /(?<![\s,，。.!！~～…、;；])[\s,，。.!！~～…、;；]+$/,
  /(?<=.)(?:谢谢你|谢谢您|谢谢啦|谢谢了|谢谢|多谢|感谢|谢啦|谢了|辛苦了|辛苦啦|辛苦|麻烦了|麻烦你了|麻烦您了|麻烦啦|拜托了|拜托啦|拜托|唔该晒|唔该|谢+)$/,
  /(?<=[\s,，。])(?:thanks|thank you|thx|please|pls|plz|ty|cheers|asap|哈+|ok|好了|就行|就好|即可)$/,
  /(?<=..)(?:就行了?|就好了?|就可以了?|即可|一下吧|一下下?|先)$/,
  /(?<=..)(?<![网酒贴书水氧话迪清茶咖陶吧])吧$/,
  /(?<=[网酒贴书水氧茶咖陶]吧)吧$/,
  /(?<=..)(?<=[^哈啊呀啦哦噢喔咯嘛呗])[哈啊呀啦哦噢喔咯嘛呗嘞]$/,
  /(?<=..)(?:[\s,，]+(?:嗯+|呃+|额+|哈+|好吧|好吗|行吗|对吧|行不|这样子?)|(?<=[^哈娃])哈{2,}|这样子|呗|好不好|(?<=[\s,，])(?:好吧|可以吗))$/,
];

const SURROUNDINGS = [...HEADS, ...FILLERS];
const EVERY_HEAD = [...SURROUNDINGS, ...LINKS, HESITATION];

/** Whether the text is nothing but emoticons. */
export function isEmoticon(text: string): boolean {
  return NOTHING_BUT_EMOTICONS.test(text.trim());
}

/** A sentence without what surrounds it; 再, 还有 and 那个 stay, as they may refer to what was said before. */
export function spoken(text: Text): Text {
  return withoutTail(headless(text, SURROUNDINGS));
}

/** The text without courteous words in front. */
export function withoutHead(text: Text): Text {
  return headless(text, EVERY_HEAD);
}

/** Nobody says more than that before and after; every pattern looks no further than this. */
const MOST_ROUNDS = 12;
const REACH = 120;

function headless(text: Text, patterns: readonly RegExp[]): Text {
  let rest = trimmed(text);
  let again = true;
  for (let round = 0; again && round < MOST_ROUNDS; round++) {
    again = false;
    for (const pattern of patterns) {
      const length = pattern.exec(rest.plain.slice(0, REACH))?.[0].length ?? 0;
      if (length > 0 && length < rest.plain.length) {
        rest = trimmed(slice(rest, length));
        again = true;
      }
    }
  }
  return rest;
}

/**
 * The text without courteous words and punctuation at the end. Pictures that may belong to the last name stay: 把VIP改成🌟VIP🌟;
 * unless `withPictures`.
 */
export function withoutTail(text: Text, withPictures = false): Text {
  const withoutEmoticons = withPictures ? withoutPictures : withoutPolitePictures;
  let rest = withoutEmoticons(trimmed(text));
  let again = true;
  for (let round = 0; again && round < MOST_ROUNDS; round++) {
    again = false;
    for (const pattern of TAILS) {
      const from = Math.max(0, rest.plain.length - REACH);
      const at = from + (pattern.exec(rest.plain.slice(from))?.index ?? -from);
      if (at > 0) {
        rest = withoutEmoticons(trimmed(slice(rest, 0, at)));
        again = true;
      }
    }
  }
  return rest;
}

function withoutPolitePictures(text: Text): Text {
  const rest = withoutPictures(text);
  const pictures = text.raw.slice(rest.raw.length);
  const areApart = /^\s/.test(pictures);
  return areApart || (ONLY_POLITE.test(pictures) && !PICTURE_INSIDE.test(rest.raw)) ? rest : text;
}

/** Looked for at the very end, so that a text of nothing else takes no longer. */
function withoutPictures(text: Text): Text {
  let end = text.raw.length;
  for (;;) {
    const tail = text.raw.slice(Math.max(0, end - MOST_EMOTICON), end);
    const length = /\s$/.test(tail) ? 1 : (EMOTICON_AT_END.exec(tail)?.[0].length ?? 0);
    if (length === 0 || length >= end) return end === text.raw.length ? text : trimmed(slice(text, 0, end));
    end -= length;
  }
}
