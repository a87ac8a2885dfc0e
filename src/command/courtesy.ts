/** Politeness and filler around a sentence: taken off before reading, kept as a second thought for names that need it. */

import { slice, type Text, trimmed } from './tokens.ts';

/** A word of one character is filler only in front of something that starts a command. */
const BEFORE_COMMAND =
  '(?=\\s*(?:帮|把|将|给|在|从|往|向|你|加|添|删|新|建|增|创|改|重|更|移|去|清|查|列|导|撤|标|规|置|排|麻|看|搜|找|切|显|统))';

const HEADS: readonly RegExp[] = [
  /^(?:请问|请你|请您|请帮忙|请帮我|麻烦你|麻烦您|麻烦帮我|麻烦|劳烦|劳驾|拜托你?|帮忙|帮我们|帮我|帮下我?|帮帮我|替我|给我|我想要|我想请你|我想|我要|我需要|我希望|想要|需要|你帮我|你给我|你把它?(?=把))/,
  /^(?:那就|那么|嗯+|哦+|噢|哎|喂|好的|好滴|好啊|好吧|行吧|行|ok|okay|对了|是的|没错|另外|还有|顺便|顺手|然后|接着|并且|同时|最后|首先|第一步)[\s,，:：。!]+/,
  /^(?:顺便|顺手|然后|接着|并且|同时|最后|首先|现在|马上|立刻|立即|赶紧|赶快|快点|尽快|直接)(?=\s*\S{2})/,
  /^批量(?=(?:添加|新增|增加|删除|删掉|移除|改名|重命名|置顶|新建)(?:标签)?\s*[:：]?\s*\S)/,
  new RegExp(`^(?:请|再|快|那就|那你|那请|那|就|先|来|帮|想|要)${BEFORE_COMMAND}`),
  /^(?:你好啊?|您好|大家好|早上好|早安|早|上午好|中午好|下午好|晚上好|嗨|哈喽|hi|hello|hey|hi there|在吗|在不在|亲|亲爱的|宝|同学|老师|师傅|小姐姐|大哥|兄弟|小助手|助手|小助理|机器人|标签机器人|标签助手|bot)(?:[\s,，!！。.~～、:：?？]+|(?=请|麻烦|帮))/,
  /^(?:唔该|麻烦晒|同我|帮手|帮我手|我想将(?=将))\s*/,
  /^(?:please|pls|plz|kindly|just|now|i want to|i wanna|i'd like to|i would like to|i need to|let's|lets|hey bot|go ahead and|help me(?: to)?)\b[\s,]*/,
  /^[\s,，。.!！~～、]+/,
];

const TAILS: readonly RegExp[] = [
  /(?<![\s,，。.!！~～…、;；])[\s,，。.!！~～…、;；]+$/,
  /(?<=.)(?:谢谢你|谢谢您|谢谢啦|谢谢了|谢谢|多谢|感谢|谢啦|谢了|辛苦了|辛苦啦|辛苦|麻烦了|麻烦你了|麻烦您了|麻烦啦|拜托了|拜托啦|拜托|唔该晒|唔该|谢+)$/,
  /(?<=[\s,，。])(?:thanks|thank you|thx|please|pls|plz|ty|cheers|asap|哈+|ok|好了|就行|就好|即可)$/,
  /(?<=..)(?:就行了?|就好了?|就可以了?|即可|一下吧|一下下?|先)$/,
  /(?<=..)(?<![网酒贴书水氧话迪清茶咖陶吧])吧$/,
  /(?<=..)(?<=[^哈啊呀啦哦噢喔咯嘛呗])[哈啊呀啦哦噢喔咯嘛呗嘞]$/,
  /(?:[🙏👍😊😄🌹❤🥺🤝💪☕]|\ufe0f|[\u{1f3fb}-\u{1f3ff}])+$/u,
];

/** The text without courteous words in front. */
export function withoutHead(text: Text): Text {
  let rest = trimmed(text);
  for (let again = true; again; ) {
    again = false;
    for (const pattern of HEADS) {
      const length = pattern.exec(rest.plain)?.[0].length ?? 0;
      if (length > 0 && length < rest.plain.length) {
        rest = trimmed(slice(rest, length));
        again = true;
      }
    }
  }
  return rest;
}

/** The text without courteous words and punctuation at the end. */
export function withoutTail(text: Text): Text {
  let rest = trimmed(text);
  for (let again = true; again; ) {
    again = false;
    for (const pattern of TAILS) {
      const found = pattern.exec(rest.plain);
      if (found !== null && found.index > 0) {
        rest = trimmed(slice(rest, 0, found.index));
        again = true;
      }
    }
  }
  return rest;
}
