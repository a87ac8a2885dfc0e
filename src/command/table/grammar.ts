/**
 * The language: one table of every command, read by the parser, the help, the suggestions, the rights and the menu.
 *
 *   message   = line { newline line } ;                       several command lines are one batch
 *   line      = [ number ] sentence { ( ";" | "；" ) sentence } ;
 *   sentence  = { politeness } ( command | lookup | import ) { politeness } ;
 *   command   = any form of any row below ;                   a form: key words and slots, see forms.ts
 *   import    = name ":" names ;                              组：名、名
 *   lookup    = name ;                                        a bare word
 *   names     = name { separator name } ;
 *   separator = "、" | "," | "，" | newline | ( "和" | "与" | "及" | space, when both sides are names ) ;
 *   name      = quote any text quote | text without separators ;
 *   quote     = “ ” | 「 」 | 『 』 | 【 】 | " | ' ;           only around the whole name
 *
 * The main forms, by what they do (each row lists all of them):
 *
 *   add       = [ 标签 ] 添加 names 到 group | 把 names 加到 group | [ 在 ] group [ 里 ] 添加 names | "+" names "@" group ;
 *   delete    = [ 标签 ] 删除 [ group 的 ] names | 把 names 删掉 | 从 group 删除 names | names 删掉 | "-" names ;
 *   rename    = [ 标签 ] 改名 name 为 name | 把 name 改名为 name | name 改成 name | name ">" name ;
 *   order     = [ 标签 ] 排序 name number | [ 标签 ] 置顶 name | name 排第一 ;
 *   group     = 标签组 ( 新建 name ":" names | 删除 names | 改名 name 为 name | 排序 name number | 置顶 name | 列表 ) ;
 *   rule      = 规则组 ( 列表 | 切换 name | 详情 | 新建 name 负责人 people 范围 people | 改名 … | 删除 name
 *             | ( 负责人 | 范围 ) ( 加 | 减 ) people ) ;
 *   read      = 查 name | name 在哪个组 | 有没有 name | group 有哪些标签 | 有哪些标签组 ;
 *   other     = 撤销 [ number ] | 历史 [ text ] | 统计 | 导出 | 导入 import … | 更多 | 确认 | 取消 | 帮助 [ text ] | 诊断 | 我
 *             | 设置 [ text ] | 菜单 ( 发布 | 预览 ) ;
 *
 * Every form that fits is a reading; the one with most key words is the best. Names may contain key words, so that a
 * text often has several readings; resolve/ keeps the one whose names exist.
 */

import type { CommandId } from '../reading.ts';
import { GROUP_COMMANDS } from './groups.ts';
import { OTHER_COMMANDS } from './others.ts';
import type { CommandRow } from './row.ts';
import { RULE_COMMANDS } from './rules.ts';
import { TAG_COMMANDS } from './tags.ts';

export type { CommandRow, Right, Risk } from './row.ts';

export const commands: readonly CommandRow[] = [
  ...TAG_COMMANDS,
  ...GROUP_COMMANDS,
  ...RULE_COMMANDS,
  ...OTHER_COMMANDS,
];

const byId: ReadonlyMap<CommandId, CommandRow> = new Map(commands.map((row) => [row.id, row]));

/** The row of a command; every CommandId has one. */
export function commandRow(id: CommandId): CommandRow {
  const row = byId.get(id);
  if (row === undefined) throw new Error(`no row for ${id}`);
  return row;
}

/** Readings that must never come from a question, a denial or talk: everything that is not merely shown. */
export function acts(id: CommandId): boolean {
  return ACTING_READS.has(id) || commandRow(id).risk !== 'read';
}

const ACTING_READS: ReadonlySet<CommandId> = new Set(['rule.switch', 'settings', 'tag.move', 'confirm']);
