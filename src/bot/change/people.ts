/** The people and departments that steps of rule groups mention, by name. */

import type { Step } from '../../tags/change/step.ts';
import type { Context } from '../context.ts';
import type { Names } from './wording.ts';

/** The names of everyone the steps mention, read beforehand so that wording stays pure. */
export async function namesFor(ctx: Context, steps: readonly Step[]): Promise<Names> {
  const { directory } = ctx.deps;
  const userids = new Set<string>();
  const departments = new Set<number>();
  for (const step of steps) {
    if (step.do !== 'createRule' && step.do !== 'editRule') continue;
    const admins = step.do === 'createRule' ? step.admins : [...(step.admins?.from ?? []), ...(step.admins?.to ?? [])];
    for (const userid of admins) userids.add(userid);
    const range = step.do === 'createRule' ? step.range : [...(step.rangeAdd ?? []), ...(step.rangeDelete ?? [])];
    for (const node of range) node.type === 'member' ? userids.add(node.userid) : departments.add(node.id);
  }
  const people = new Map(
    await Promise.all([...userids].map(async (userid) => [userid, await directory.name(userid)] as const)),
  );
  const places = new Map(
    await Promise.all(
      [...departments].map(
        async (id) => [id, (await directory.findDepartments(String(id)).catch(() => []))[0]?.name] as const,
      ),
    ),
  );
  return {
    person: (userid) => personWithId(userid, people.get(userid) ?? userid),
    department: (id) => places.get(id) ?? `部门 ${id}`,
  };
}

/** 张三（zhangsan）: names are not unique, and rights go by the userid. A userid alone where there is no name. */
export function personWithId(userid: string, called: string): string {
  return called === userid ? userid : `${called}（${userid}）`;
}
