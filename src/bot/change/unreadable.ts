/** What is said where there is nothing to read: a family that the app has no right to, and no rule group at all. */

import { type Line, line, name, type Reply, warn } from '../../reply/reply.ts';
import { CORP_LIBRARY } from '../../tags/library.ts';
import { type Family, familyOf, type LibraryId } from '../../tags/tag.ts';
import type { Context } from '../context.ts';
import { reason } from './wording.ts';

const FAMILY_WORDS: Readonly<Record<Family, string>> = { corp: CORP_LIBRARY, 'rule-groups': '规则组标签' };

/** The app has no right to read the family that this library is of: the reason, and the one thing to do. */
export function unreadable(ctx: Context, id: LibraryId): Reply | undefined {
  const family = familyOf(id);
  if (!ctx.snapshot.library.unread.has(family)) return undefined;
  return { tone: 'error', title: line`没有读到${FAMILY_WORDS[family]}`, lines: unreadLines(ctx) };
}

/** What could not be read may hold what was not found. */
export function unreadLines(ctx: Context): Line[] {
  const { botAdmin, deps } = ctx;
  return [...ctx.snapshot.library.unread].map(
    ([family, error]) => line`${warn('注意')} ${FAMILY_WORDS[family]}没有读到：${reason(error, botAdmin, deps.now())}`,
  );
}

/** Nothing visible is not the same as no tags: say why, and the first step. */
export function noRuleGroup(ctx: Context): Reply {
  const { rights, snapshot } = ctx;
  const unread = snapshot.library.unread.has('rule-groups') ? unreadLines(ctx) : [];
  if (unread.length > 0) return { tone: 'error', title: line`没有读到规则组`, lines: unread };
  const lines: Line[] = [
    line`机器人只能看到由它自己（本应用）新建的规则组；在企业微信客户端或后台手工建的，它看不到，这是平台的规定。`,
  ];
  if (rights.readable.size === 0 || snapshot.library.ruleGroups.length > 0) {
    return {
      tone: 'warn',
      title: rights.readable.size === 0 ? line`你还没有查看标签的权限` : line`你还没有查看任何规则组的权限`,
      lines: [line`你的账号（userid）是${name(ctx.member)}，请把它发给管理员开通。`],
    };
  }
  lines.push(
    ctx.botAdmin
      ? line`要用规则组标签的话，第一步：规则组 新建 华东大区 负责人 张三 范围 销售部`
      : line`请管理员先用机器人新建规则组。你的账号（userid）是${name(ctx.member)}`,
  );
  return { tone: 'warn', title: line`还没有机器人能管理的规则组`, lines };
}
