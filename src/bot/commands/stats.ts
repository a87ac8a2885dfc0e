/** 统计: how much there is, where it is crowded, and what may be there twice. */

import { type Line, line, name, quiet, type Reply, strong } from '../../reply/reply.ts';
import type { OrderOf } from '../../resolve/order.ts';
import { CORP_LIBRARY } from '../../tags/library.ts';
import { nearDuplicates } from '../../tags/search/near-duplicates.ts';
import { countTags, type LibraryId, type TagGroup } from '../../tags/tag.ts';
import { quotaLine } from '../change/wording.ts';
import type { Context } from '../context.ts';

/** The web console allows so many tags in a group; the API does not say (console help 2022). */
const CONSOLE_GROUP_LIMIT = 100;
const CROWDED = 0.9;
const LARGEST = 10;
/** Blocks of the longest bar; with the number and a name of ten characters it fits a phone's line. */
const BAR = 6;
const MAX_DUPLICATES = 20;

/** 统计: of one library, or of all that may be read. */
export function stats(ctx: Context, { libraryId: named }: OrderOf<'stats'>): Reply {
  const { library } = ctx.snapshot;
  const groups = library.groups.filter(
    ({ libraryId }) => ctx.rights.readable.has(libraryId) && (named === undefined || libraryId === named),
  );
  const tags = countTags(groups);
  const libraries = new Set(groups.map((group) => group.libraryId));
  return {
    tone: 'info',
    title: line`标签统计`,
    lines: [
      line`${named === undefined ? where(libraries) : name(library.libraryName(named))}，${strong(groups.length)} 个标签组，${strong(tags)} 个标签`,
      quotaLine(library.tagCount, ctx.rights.readsAll),
      ...largest(groups, titled),
      ...crowded(groups, titled),
      ...duplicates(groups),
    ],
  };

  /** With the library where there are several, as their groups often bear the same names. */
  function titled(group: TagGroup): Line {
    return libraries.size > 1
      ? line`${name(group.name)} ${quiet(`［${library.libraryName(group.libraryId)}］`)}`
      : line`${name(group.name)}`;
  }
}

function where(libraries: ReadonlySet<LibraryId>): Line {
  const ruleGroups = libraries.has('corp') ? libraries.size - 1 : libraries.size;
  if (!libraries.has('corp')) return line`${strong(ruleGroups)} 个规则组`;
  return ruleGroups === 0 ? [CORP_LIBRARY] : line`${CORP_LIBRARY}和 ${strong(ruleGroups)} 个规则组`;
}

type Titled = (group: TagGroup) => Line;

/** Full blocks are equally wide in a proportional font; what stands after them needs no columns. */
function largest(groups: readonly TagGroup[], titled: Titled): Line[] {
  const shown = [...groups].sort((a, b) => b.tags.length - a.tags.length).slice(0, LARGEST);
  const most = shown[0]?.tags.length ?? 0;
  if (most === 0) return [];
  const bar = (count: number) => '█'.repeat(Math.max(1, Math.round((count / most) * BAR)));
  const title = groups.length > LARGEST ? line`最大的 ${LARGEST} 个标签组：` : line`各标签组：`;
  return [title, ...shown.map((group) => line`${bar(group.tags.length)} ${group.tags.length} ${titled(group)}`)];
}

function crowded(groups: readonly TagGroup[], titled: Titled): Line[] {
  const full = groups.filter((group) => group.tags.length >= CONSOLE_GROUP_LIMIT * CROWDED);
  if (full.length === 0) return [];
  return [
    line`快到每组 ${CONSOLE_GROUP_LIMIT} 个（网页后台的上限）的组：`,
    ...full.slice(0, LARGEST).map((group) => line`${group.tags.length} ${titled(group)}`),
    ...(full.length > LARGEST ? [line`…共 ${full.length} 个组`] : []),
  ];
}

function duplicates(groups: readonly TagGroup[]): Line[] {
  const pairs = nearDuplicates(groups);
  if (pairs.length === 0) return [];
  return [
    line`名字很像，看看是不是重复了：`,
    ...pairs.slice(0, MAX_DUPLICATES).map(({ a, b, group }) => line`${name(a)} / ${name(b)}（${name(group.name)}）`),
    ...(pairs.length > MAX_DUPLICATES ? [line`…共 ${pairs.length} 对`] : []),
  ];
}
