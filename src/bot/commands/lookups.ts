/** What only reads: lists, search, the member's own rights. One function per command. */

import { listOf, nameOf, textOf } from '../../command/tokens.ts';
import { type Line, line, name, nameList, quiet, type Reply, strong } from '../../reply/reply.ts';
import type { OrderOf } from '../../resolve/order.ts';
import type { Hit } from '../../tags/search/search.ts';
import { countTags, type LibraryId, type Tag, type TagGroup } from '../../tags/tag.ts';
import { unreadable, unreadLines } from '../change/unreadable.ts';
import { libraryWords } from '../change/wording.ts';
import { type Context, MOST_HITS, type SearchedIn } from '../context.ts';
import { offer } from '../dialog/ask.ts';
import { adminsSetting } from '../rights.ts';

/** Hits shown with their neighbours' names up to this many; more are listed group by group. */
const FEW = 3;

/** 标签 列表: the groups of a library with their tags, or the tags of one group. */
export function tagList(ctx: Context, { libraryId, group }: OrderOf<'tag.list'>): Reply {
  const { library } = ctx.snapshot;
  if (group) {
    const now = library.group(group.id);
    return now
      ? groupContents(ctx, now)
      : { tone: 'info', title: line`标签组${name(group.name)}已经不在了`, lines: [] };
  }
  const groups = library.groupsOf(libraryId);
  if (groups.length === 0) return emptyLibrary(ctx, libraryId);
  const tags = countTags(groups);
  return {
    tone: 'info',
    title: line`${name(library.libraryName(libraryId))}：${strong(groups.length)} 个标签组，${strong(tags)} 个标签`,
    lines: groups.map((each) => line`${name(each.name)}（${each.tags.length}）：${allNames(each.tags)}`),
  };
}

function groupContents(ctx: Context, group: TagGroup): Reply {
  return {
    tone: 'info',
    title: line`${name(group.name)}：${strong(group.tags.length)} 个标签${elsewhere(ctx, group.libraryId)}`,
    lines: group.tags.map((tag, i) => line`${i + 1}. ${name(tag.name)}`),
    facts: [
      { key: '标签库', value: ctx.snapshot.library.libraryName(group.libraryId) },
      { key: '标签数', value: String(group.tags.length) },
    ],
  };
}

/** 标签组 列表: names and counts alone. */
export function groupList(ctx: Context, { libraryId }: OrderOf<'group.list'>): Reply {
  const { library } = ctx.snapshot;
  const groups = library.groupsOf(libraryId);
  if (groups.length === 0) return emptyLibrary(ctx, libraryId);
  return {
    tone: 'info',
    title: line`${name(library.libraryName(libraryId))}有 ${strong(groups.length)} 个标签组`,
    lines: groups.map((group, i) => line`${i + 1}. ${name(group.name)}（${group.tags.length} 个标签）`),
    hint: line`发组名看里面的标签`,
  };
}

/** 标签 查: the one that is meant, everything that holds the words, or what is near. */
export function tagFind(ctx: Context, { query, group, libraryId }: OrderOf<'tag.find'>): Reply {
  const where = { groupId: group?.id, libraryId };
  const hits = ctx.search(query, where);
  if (hits.length > 0) return found(ctx, query, hits);
  return eachFound(ctx, listed(query), where) ?? notFound(ctx, query);
}

/** True when the answer would say that there is no such name, or only a similar one: before, the library is re-read. */
export function misses(ctx: Context, { query, group, libraryId }: OrderOf<'tag.find'>): boolean {
  const isThere = (sought: string): boolean =>
    ctx.search(sought, { groupId: group?.id, libraryId }).some(({ rank }) => rank !== 'near');
  if (isThere(query)) return false;
  const parts = listed(query);
  return parts.length < 2 || !parts.every(isThere);
}

/** 金卡、银卡 asks for both, unless a name is written like that. */
function listed(query: string): string[] {
  return listOf(textOf(query)).map((part) => nameOf(part).name);
}

/** Of several names that are asked for together; undefined when none of them is there. */
function eachFound(ctx: Context, names: readonly string[], where: SearchedIn): Reply | undefined {
  const found = names.map((each) => ({ each, hits: ctx.search(each, where) }));
  if (names.length < 2 || found.every(({ hits }) => hits.length === 0)) return undefined;
  const lines = found.flatMap(({ each, hits }): Line[] => {
    const exact = hits.filter((hit) => hit.rank === 'exact');
    if (exact.length > 0) return grouped(ctx, exact);
    const [best, ...others] = hits.slice(0, FEW).map((hit) => whereItIs(ctx, hit));
    if (!best) return [line`没有${name(each)}`];
    const instead = hits[0]?.rank === 'near' ? line`没有${name(each)}，名字相近的：` : line`和${name(each)}有关的：`;
    return [[...instead, ...best, ...others.flatMap((other): Line => ['、', ...other])]];
  });
  return { tone: 'info', title: line`${strong(names.length)} 个名字的结果`, lines };
}

function found(ctx: Context, query: string, hits: readonly Hit[]): Reply {
  const [best] = hits;
  const exact = hits.filter((hit) => hit.rank === 'exact');
  if (best?.kind === 'group' && exact.length === 1) return groupContents(ctx, best.group);
  if (best?.kind === 'tag' && (hits.length === 1 || exact.length === 1)) {
    const others = hits.slice(1);
    return {
      tone: 'info',
      title: line`${name(best.tag.name)}在标签组${name(best.group.name)}${elsewhere(ctx, best.group.libraryId)}`,
      lines: [
        line`排第 ${position(best.group, best.tag.id)}，共 ${best.group.tags.length} 个标签${best.rank === 'near' ? '（名字相近）' : ''}`,
        ...(others.length > 0 ? [line`名字里也有${name(query)}的：`, ...grouped(ctx, others)] : []),
      ],
    };
  }
  return {
    tone: 'info',
    title: line`找到 ${strong(hits.length >= MOST_HITS ? `${MOST_HITS} 多` : hits.length)} 个和${name(query)}有关的`,
    lines: grouped(ctx, hits),
    ...(hits.every((hit) => hit.rank === 'near') ? { hint: line`没有完全一样的，以上是名字相近的` } : {}),
  };
}

function whereItIs(ctx: Context, hit: Hit): Line {
  const called = hit.kind === 'tag' ? hit.tag.name : hit.group.name;
  return [{ name: called }, quiet(`（${placeOf(ctx, hit.group, hit.kind === 'tag' ? hit.group.name : '标签组')}）`)];
}

/** Hits in the order of their rank, put together by group at the place of the group's best hit. */
function grouped(ctx: Context, hits: readonly Hit[]): Line[] {
  const byGroup = new Map<string, { group: TagGroup; itself: boolean; tags: Tag[] }>();
  for (const hit of hits) {
    let entry = byGroup.get(hit.group.id);
    if (!entry) {
      entry = { group: hit.group, itself: false, tags: [] };
      byGroup.set(hit.group.id, entry);
    }
    if (hit.kind === 'group') entry.itself = true;
    else entry.tags.push(hit.tag);
  }
  const few = hits.length <= FEW;
  const several = new Set(hits.map((hit) => hit.group.libraryId)).size > 1;
  return [...byGroup.values()].map(({ group, itself, tags }): Line => {
    const where = several ? inLibrary(ctx, group.libraryId) : elsewhere(ctx, group.libraryId);
    if (tags.length === 0) return line`标签组${name(group.name)}${quiet(`（${group.tags.length} 个标签）`)}${where}`;
    const list = few
      ? tags.flatMap(
          (tag, i): Line => [...(i > 0 ? ['、'] : []), { name: tag.name }, `（第 ${position(group, tag.id)}）`],
        )
      : allNames(tags);
    return line`${itself ? '标签组' : ''}${name(group.name)}${where}：${list}`;
  });
}

function allNames(tags: readonly { readonly name: string }[]): Line {
  return nameList(
    tags.map((tag) => tag.name),
    Number.POSITIVE_INFINITY,
  );
}

function position(group: TagGroup, tagId: string): number {
  return group.tags.findIndex((tag) => tag.id === tagId) + 1;
}

/** Names the library when it is not the one the member works in. */
function elsewhere(ctx: Context, libraryId: LibraryId): Line {
  if (ctx.libraryId === libraryId || ctx.rights.readable.size === 1) return [];
  return inLibrary(ctx, libraryId);
}

function inLibrary(ctx: Context, libraryId: LibraryId): Line {
  return [quiet(`（${ctx.snapshot.library.libraryName(libraryId)}）`)];
}

/** Where something stands, for a numbered option: the group, and the library when it is another one. */
function placeOf(ctx: Context, group: TagGroup, what = group.name): string {
  return ctx.libraryId === group.libraryId ? what : `${what}，${ctx.snapshot.library.libraryName(group.libraryId)}`;
}

function notFound(ctx: Context, query: string): Reply {
  const { index } = ctx.snapshot;
  const options = { limit: 5, libraryFirst: ctx.libraryId, libraryIds: ctx.rights.readable };
  const nearest = [...index.nearest(query, 'tag', options), ...index.nearest(query, 'group', options)]
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, 5);
  const title = line`没有找到${name(query)}`;
  if (nearest.length === 0)
    return { tone: 'info', title, lines: unreadLines(ctx), hint: line`发「标签 列表」看全部标签，发「帮助」看怎么用` };
  return offer(
    ctx,
    { tone: 'info', title: line`${title}，是不是要找：`, lines: unreadLines(ctx) },
    nearest.map((near) =>
      near.kind === 'tag'
        ? {
            label: near.tag.name,
            detail: placeOf(ctx, near.group),
            order: { command: 'tag.find', query: near.tag.name, group: undefined },
          }
        : {
            label: near.group.name,
            detail: placeOf(ctx, near.group, '标签组'),
            order: { command: 'tag.find', query: near.group.name, group: undefined },
          },
    ),
  );
}

function emptyLibrary(ctx: Context, libraryId: LibraryId): Reply {
  const { library } = ctx.snapshot;
  const unread = unreadable(ctx, libraryId);
  if (unread) return unread;
  return {
    tone: 'info',
    title: line`${libraryWords(library, libraryId)}里还没有标签`,
    lines: ctx.rights.can('edit', libraryId)
      ? [line`第一步，新建一个标签组，例如：`, line`标签组 新建 客户分级：普通、重点、VIP`]
      : [],
    ...(libraryId === 'corp'
      ? {}
      : { hint: line`机器人只看得到由它自己（本应用）建的规则组和标签；在客户端手工建的看不到。` }),
  };
}

/** 我: the member's userid, and what they may do where, and why. */
export async function me(ctx: Context): Promise<Reply> {
  const { library } = ctx.snapshot;
  const sources = {
    'bot-admin': ctx.deps.access.adminsIn === undefined ? '你是机器人管理员（BOT_ADMINS）' : '你是机器人管理员',
    role: '配置文件里给了你角色',
    'rule-group-admin': '你是这个规则组的负责人',
    everyone: '所有人都可以查看',
  } as const;
  const rights = { read: '查看', edit: '查看、改标签', admin: '查看、改标签、改规则组设置' } as const;
  const own = await ctx.deps.directory.name(ctx.member);
  const lines: Line[] = own === ctx.member ? [] : [line`姓名：${name(own)}`];
  lines.push(line`账号（userid）：${name(ctx.member)}`);
  for (const id of ['corp' as const, ...library.ruleGroups.map((ruleGroup) => ruleGroup.id)]) {
    const grant = ctx.rights.in(id);
    if (!grant) continue;
    const may = id === 'corp' && grant.right === 'admin' ? rights.edit : rights[grant.right];
    lines.push(line`${name(library.libraryName(id))}：${may} ${quiet(`（${sources[grant.source]}）`)}`);
  }
  if (ctx.rights.readable.size === 0) lines.push(line`你还看不到任何标签`);
  if (ctx.deps.access.botAdmins.length === 0)
    lines.push(line`还没有设机器人管理员：请部署的人把 userid 写进 ${adminsSetting(ctx.deps.access)} 后重启。`);
  const current = ctx.libraryId;
  if (current !== undefined) lines.push(line`当前标签库：${libraryWords(library, current)}`);
  return { tone: 'info', title: line`你能做什么`, lines };
}
