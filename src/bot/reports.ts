/** Answers about the library as a whole: 统计, 导出, and 导入 as its way back. */

import { type Line, line, name, quiet, type Reply, strong } from '../reply/reply.ts';
import type { Write } from '../tags/plan.ts';
import { TAG_QUOTA, type TagGroup } from '../tags/tag.ts';
import { fold } from '../text.ts';
import { change } from './confirmation.ts';
import type { Context } from './context.ts';
import { localDay } from './history.ts';
import type { ResolvedOf } from './resolved.ts';

/** The web console allows so many tags in a group; the API does not say (console help 2022). */
const CONSOLE_GROUP_LIMIT = 100;
const LARGEST = 10;
const BAR = 10;
const WARN_QUOTA = 0.8;
const MAX_TWINS = 20;

export function stats(ctx: Context): Reply {
  const { library } = ctx.snapshot;
  const groups = library.groups.filter((group) => ctx.rights.readable.has(group.strategyId));
  const largest = [...groups].sort((a, b) => b.tags.length - a.tags.length).slice(0, LARGEST);
  const tags = groups.reduce((sum, group) => sum + group.tags.length, 0);
  const most = largest[0]?.tags.length ?? 0;
  const share = library.tagCount / TAG_QUOTA;
  const lines: Line[] = [
    line`${strong(new Set(groups.map((group) => group.strategyId)).size)} 个规则组，${strong(groups.length)} 个标签组，${strong(tags)} 个标签`,
    line`企业额度：本应用已用 ${library.tagCount} / ${TAG_QUOTA}（企业标签和规则组标签合计，别的应用建的看不到）${share >= WARN_QUOTA ? '，快满了' : ''}`,
  ];
  if (largest.length > 0) {
    lines.push(line`最大的标签组：`);
    // Full blocks keep their width in a phone's proportional font; the number comes first so that columns need no spaces.
    for (const group of largest)
      lines.push(
        line`${'█'.repeat(Math.max(1, Math.round((group.tags.length / most) * BAR)))} ${group.tags.length} ${name(group.name)}`,
      );
  }
  const full = groups.filter((group) => group.tags.length >= CONSOLE_GROUP_LIMIT * 0.9);
  if (full.length > 0)
    lines.push(
      line`接近 ${CONSOLE_GROUP_LIMIT} 个（网页后台的上限）：${full.map((group) => `${group.name} ${group.tags.length}`).join('、')}`,
    );
  const twins = nearDuplicates(groups);
  if (twins.length > 0) {
    lines.push(line`名字很像，也许是重复的：`);
    for (const { a, b, group } of twins.slice(0, MAX_TWINS))
      lines.push(line`${name(a)} 和 ${name(b)} ${quiet(`(${group})`)}`);
    if (twins.length > MAX_TWINS) lines.push(line`……共 ${twins.length} 对`);
  }
  return { tone: 'info', title: line`标签统计`, lines };
}

/** Pairs within a group that differ only in width, case, spaces or one character. */
export function nearDuplicates(
  groups: readonly TagGroup[],
): { readonly a: string; readonly b: string; readonly group: string }[] {
  const out: { a: string; b: string; group: string }[] = [];
  for (const group of groups) {
    const seen = new Map<string, string>();
    for (const tag of group.tags) {
      const chars = [...fold(tag.name)];
      // Two names that differ in one character agree in one pattern with that character left out.
      const patterns = [
        chars.join(''),
        ...(chars.length >= 4
          ? chars.map((_, i) => `${i}:${[...chars.slice(0, i), '*', ...chars.slice(i + 1)].join('')}`)
          : []),
      ];
      const twin = patterns
        .map((pattern) => seen.get(pattern))
        .find((other) => other !== undefined && other !== tag.name);
      if (twin !== undefined && !differsInDigits(twin, tag.name)) out.push({ a: twin, b: tag.name, group: group.name });
      for (const pattern of patterns) if (!seen.has(pattern)) seen.set(pattern, tag.name);
    }
  }
  return out;
}

/** 第1期 and 第2期 are meant to be alike. */
function differsInDigits(a: string, b: string): boolean {
  return (
    a !== b &&
    a.replace(/[0-9一二三四五六七八九十A-Za-z]/g, '') === b.replace(/[0-9一二三四五六七八九十A-Za-z]/g, '') &&
    fold(a) !== fold(b)
  );
}

export async function exported(ctx: Context, { form }: ResolvedOf<'export'>): Promise<Reply> {
  const { library } = ctx.snapshot;
  const groups = library.groups.filter((group) =>
    ctx.strategyId === undefined ? ctx.rights.readable.has(group.strategyId) : group.strategyId === ctx.strategyId,
  );
  if (groups.length === 0) return { tone: 'info', title: line`没有可以导出的标签`, lines: [] };
  const tags = groups.reduce((sum, group) => sum + group.tags.length, 0);
  if (form === 'text') {
    return {
      tone: 'info',
      plain: true,
      title: line`导入`,
      lines: groups.map(
        (group) => line`${quoted(group.name)}: ${group.tags.map((tag) => quoted(tag.name)).join('、')}`,
      ),
      hint: line`整段复制，改好后发回来就能导入`,
    };
  }
  await ctx.turn.announce({ text: `正在导出 ${groups.length} 个标签组、${tags} 个标签，文件马上发来。` });
  const bytes = csv(groups, ctx);
  const day = localDay(ctx.deps.now(), ctx.deps.timeZone);
  return {
    tone: 'done',
    title: line`已导出 ${strong(groups.length)} 个标签组、${strong(tags)} 个标签`,
    lines: [line`文件可以用 Excel 打开`],
    file: { name: `标签_${day}.csv`, bytes },
  };
}

/** A name that the reader would otherwise split or trim is put into quotes. */
function quoted(value: string): string {
  if (!/[、，,:：;；\s"“”]|^[-+#/]|和|与|及/u.test(value)) return value;
  for (const [open, close] of ['「」', '『』', '【】', '“”', '""'].map((pair) => [...pair] as [string, string])) {
    if (!value.includes(open) && !value.includes(close)) return `${open}${value}${close}`;
  }
  return value;
}

/** UTF-8 with BOM for Excel; cells that a spreadsheet would run as a formula are disarmed. */
function csv(groups: readonly TagGroup[], ctx: Context): Uint8Array {
  const rows = [['规则组', '标签组', '标签', '排序值', '标签ID', '创建时间']];
  for (const group of groups) {
    const ruleGroup = ctx.snapshot.library.ruleGroupName(group.strategyId);
    for (const tag of group.tags)
      rows.push([
        ruleGroup,
        group.name,
        tag.name,
        String(tag.order),
        tag.id,
        tag.createTime > 0 ? localDay(tag.createTime * 1000, ctx.deps.timeZone) : '',
      ]);
  }
  const text = rows.map((row) => row.map(cell).join(',')).join('\r\n');
  return new TextEncoder().encode(`\uFEFF${text}\r\n`);
}

function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Additions for what is missing; removals only when 含删除 was written. */
export function imported(ctx: Context, { groups, strategyId, withDeletes }: ResolvedOf<'import'>): Promise<Reply> {
  const writes: { line: number; write: Write }[] = [];
  for (const [i, { target, tags }] of groups.entries()) {
    writes.push({
      line: i + 1,
      write:
        target.kind === 'existing'
          ? { command: 'tag.add', target, tags }
          : { command: 'group.create', name: target.name, strategyId, tags },
    });
    if (!withDeletes || target.kind === 'new') continue;
    const wanted = new Set(tags.map(fold));
    const surplus = (ctx.snapshot.library.group(target.group.id)?.tags ?? []).filter(
      (tag) => !wanted.has(fold(tag.name)),
    );
    if (surplus.length > 0)
      writes.push({ line: i + 1, write: { command: 'tag.delete', targets: surplus, absent: [] } });
  }
  return change(ctx, { kind: 'writes', writes });
}
