/** What is answered to questions about the bot and the library (command/asked.ts); nothing is changed by any of it. */

import type { Asked } from '../../command/asked.ts';
import { helpTopic } from '../../command/help.ts';
import { code, line, name, nameList, quiet, type Reply } from '../../reply/reply.ts';
import { MAX_NAME_LENGTH, TAG_QUOTA } from '../../tags/tag.ts';
import type { Context } from '../context.ts';
import { mayUse } from './guide.ts';
import { namesMentioned, STAND_INS } from './mentioned.ts';

/** undefined: the words do not ask that after all; they are read as a command. */
export function answerAsked(ctx: Context, asked: Asked): Reply | undefined {
  switch (asked.about) {
    case 'how':
      return how(ctx, asked.topic, asked.rest);
    case 'move':
      return howToMove(asked.tag);
    case 'customer':
      return onCustomers(ctx, asked);
    case 'place':
      return place(ctx);
    default:
      return { tone: 'info', ...ANSWERS[asked.about] };
  }
}

type Answer = Pick<Reply, 'title' | 'lines' | 'hint'>;

const ANSWERS: Readonly<Record<Exclude<Asked['about'], 'how' | 'move' | 'customer' | 'place'>, Answer>> = {
  recovery: {
    title: line`删除的标签可以重建，但恢复不到客户身上`,
    lines: [
      line`24 小时内回复${code('撤销')}，或写上名字，如「恢复 VIP」，会重建同名标签，排在原来的位置。`,
      line`重建的是新标签：客户身上原来的标记不会回来，需要重新打。`,
    ],
    hint: line`发${code('历史')}看最近的改动和编号`,
  },
  customersAfterDelete: {
    title: line`标签删除后，客户身上的这个标签也会一起去掉`,
    lines: [line`撤销只能重建同名标签，客户要重新打。只想换个叫法，请用改名：客户身上的标记会留着。`],
  },
  groupAfterDelete: {
    title: line`删除标签组，里面的标签会一起删掉，客户身上的也会去掉`,
    lines: [line`反过来，组里最后一个标签删掉后，标签组也会消失（企业微信的规定）。删除前会先给你看计划。`],
  },
  whatIf: {
    title: line`删除会让客户身上的这些标签一起去掉`,
    lines: [line`删除前我会先列出会删掉哪些标签，你回复「确认」才执行；现在什么都没有改。`],
  },
  merge: {
    title: line`企业微信不支持合并标签`,
    lines: [
      line`可以留一个、删一个：先在客户详情里给客户打上要留的标签，再删掉另一个。`,
      line`只是叫法要统一，可以改名；同一个组里不能有两个同名标签。`,
    ],
    hint: line`发${code('统计')}可以看有哪些名字很像的标签`,
  },
  copy: {
    title: line`我不能一步把标签复制到另一边，可以这样搬名字`,
    lines: [
      line`先发${code('华东 导出 文本')}（写你的规则组，或者企业标签），会得到一段文字。`,
      line`再把要的几行发回来，第一行写${code('导入到企业标签')}（或者规则组的名字）。会先给你看计划。`,
      line`那边建的是新标签：客户身上原来的不会跟过去。`,
    ],
  },
  libraries: {
    title: line`企业标签全公司一份；规则组标签每个规则组各有一份`,
    lines: [
      line`企业标签：所有用客户联系的同事都能用，应用只改得动它自己建的。`,
      line`规则组标签：只有这个规则组管的同事能用，应用能改它自己新建的规则组里的全部标签。`,
    ],
    hint: line`发${code('规则组 列表')}看有哪些，发${code('切换到企业标签')}换过去`,
  },
  madeElsewhere: {
    title: line`企业微信不告诉我企业标签是谁建的`,
    lines: [
      line`经过我建的我记得；别的要改一次才知道。可能改不了的，计划里会先提醒。`,
      line`改不了的，请到手机端工作台的「企业客户标签」或管理后台去改。`,
    ],
  },
  nameLength: {
    title: line`标签和标签组的名字最多 ${MAX_NAME_LENGTH} 个字`,
    lines: [line`空格、字母、表情也算字。`],
  },
  howMany: {
    title: line`一条消息里可以写很多个，用、隔开或每行一个`,
    lines: [
      line`超过十步的会先给你看计划，确认后分批执行。`,
      line`整个企业最多 ${TAG_QUOTA} 个标签（企业标签和别的应用建的也算）。`,
    ],
  },
  tidy: {
    title: line`清理可以分几步来，删除前都会先给你看计划`,
    lines: [
      line`${code('统计')}看一共多少个、哪些名字很像；${code('导出')}留一份底。`,
      line`一次删几个，用、隔开或每行一个：${code('标签 删除 甲、乙、丙')}`,
      line`从一个组里挑着删：${code('删除地区里的标签')}；整个组不要了：${code('标签组 删除 地区')}（写你的组名）。`,
    ],
    hint: line`删掉的标签，客户身上的也会去掉；只想换个叫法请用改名`,
  },
  undoOrDelete: {
    title: line`删除是去掉标签，撤销是把刚才的改动退回去`,
    lines: [
      line`删除：标签没了，客户身上的也一起去掉，会先请你确认。`,
      line`撤销：加的去掉，改名的改回来，删的重建同名标签（客户要重新打）；24 小时内有效。`,
    ],
  },
  whoBears: {
    title: line`我只管标签库，看不到哪些客户用了哪个标签`,
    lines: [line`在企业微信的「客户联系 - 客户」里按标签筛选，就能看到有哪些客户。`],
  },
  cannotAdd: {
    title: line`加不上、删不掉，多半是这几种情况`,
    lines: [
      line`没有权限：发${code('我')}看自己能做什么。`,
      line`不是我建的：企业微信只让我改由本应用建的规则组和标签。`,
      line`名字重复，或超过 ${MAX_NAME_LENGTH} 个字；或者企业的 ${TAG_QUOTA} 个标签用完了。`,
    ],
    hint: line`把你要加的整句话发给我，我会告诉你是哪一种`,
  },
};

/** How a command is said, with the names that the member mentioned and no others. */
function how(ctx: Context, topic: string, words: string): Reply | undefined {
  const page = helpTopic(topic, { ...STAND_INS, ...namesMentioned(ctx, words) }, mayUse(ctx));
  if (!page) return undefined;
  return {
    tone: 'info',
    title: line`可以这样说（现在什么都没有改）：`,
    lines: page.rows.slice(0, 3).map(({ say, does }) => line`${code(say)} ${quiet(does)}`),
    hint: line`发「帮助」看全部用法`,
  };
}

function howToMove(tag: string): Reply {
  return {
    tone: 'info',
    title: line`企业微信不支持把标签移到别的组`,
    lines: [
      line`可以在新组里建一个同名标签：${code(`标签 添加 ${tag} 到 组名`)}`,
      line`它是一个新标签：原来客户身上的${name(tag)}不会跟过去，要重新打；旧的可以之后再删。`,
    ],
  };
}

function place(ctx: Context): Reply {
  const { library } = ctx.snapshot;
  const others = [...ctx.rights.readable].filter((id) => id !== ctx.libraryId).map((id) => library.libraryName(id));
  const hint: Pick<Reply, 'hint'> = others.length > 0 ? { hint: line`发「规则组 切换 名称」可以换` } : {};
  const lines = others.length > 0 ? [line`还可以切换到：${nameList(others, 5)}`] : [];
  const title =
    ctx.libraryId === undefined
      ? line`你还没有选规则组`
      : line`现在在${ctx.libraryId === 'corp' ? '' : '规则组'}${name(library.libraryName(ctx.libraryId))}`;
  return { tone: 'info', title, lines, ...hint };
}

/** A tag for a customer: told where it is done. What names a group of the library is an order to this bot. */
function onCustomers(ctx: Context, { who, tag, sure }: Extract<Asked, { about: 'customer' }>): Reply | undefined {
  const { library } = ctx.snapshot;
  const isGroup = [who, tag].some(
    (word) => word !== '' && isNamedIn(word, (each) => library.groupsNamed(each).length > 0),
  );
  if (isGroup) return undefined;
  const isTag = library.tagsNamed(tag).length > 0;
  if (!sure && !isTag) return undefined;
  if (!sure && library.tagsNamed(who).length > 0) return undefined;
  return {
    tone: 'info',
    title: line`给客户打标签不在我这里做：我管的是标签库`,
    lines: [
      line`在企业微信里打开客户的聊天，点右上角进客户详情，选「标签」就能打上或去掉${isTag ? name(tag) : '标签'}。`,
      line`多个客户一起打，可以在「客户联系 - 客户」里多选。`,
    ],
    hint: line`什么都没有改。要管理标签本身，例如${code('标签 列表')}`,
  };
}

/** 客户分级里, 客户分级的: a group's name with its particle. */
function isNamedIn(said: string, isGroup: (name: string) => boolean): boolean {
  const bare = said.replace(/(?:这个|那个)?(?:标签)?组?(?:里面|里|下面|下|中|的)?$/u, '');
  return isGroup(said) || (bare !== '' && isGroup(bare));
}
