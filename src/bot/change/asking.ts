/** Which plans are shown before they are carried out, and under what headline. */

import { type Line, line, name, strong } from '../../reply/reply.ts';
import type { Plan, Step } from '../../tags/change/step.ts';
import type { Change } from '../shown-plan.ts';
import type { TakenBack } from './taken-back.ts';

/** A plan with more steps is asked even when it destroys nothing, and tells when it starts. */
export const MANY_STEPS = 10;
/** So many new tags at once are looked at before they are made. */
const MANY_TAGS = 50;

/** Whether the plan is shown before it is carried out. `takesBack`: what it undoes, as far as that is known. */
export function mustAsk(plan: Plan, change: Change, takesBack: TakenBack | undefined): boolean {
  if (plan.steps.length > MANY_STEPS || plan.steps.some(grants) || newTags(plan) > MANY_TAGS) return true;
  if (change.kind === 'undo') {
    // Taking back one's own change is what was asked for; it is asked when it was another's, or more would go than that.
    return (
      takesBack?.own !== true ||
      plan.notes.some((note) => note.note === 'changed-since') ||
      plan.steps.some(
        (step) =>
          step.do === 'deleteRule' || step.do === 'deleteGroup' || (step.do === 'deleteTags' && step.takesGroup),
      )
    );
  }
  if (plan.destroys) return true;
  if (change.kind === 'writes') {
    return (
      change.writes.some(({ write }) => write.command === 'tag.add' && write.target.kind === 'new') &&
      plan.steps.some((step) => step.do === 'addTags' && step.creates)
    );
  }
  return false;
}

function newTags(plan: Plan): number {
  return plan.steps.reduce((sum, step) => sum + (step.do === 'addTags' ? step.tags.length : 0), 0);
}

/** Gives somebody the rights of a 负责人. */
function grants(step: Step): boolean {
  if (step.do === 'createRule') return step.admins.length > 0;
  return step.do === 'editRule' && (step.admins?.to.some((userid) => !step.admins?.from.includes(userid)) ?? false);
}

/** `sure`: it is asked for what it does, not because the words may have meant something else. */
export function askTitle(plan: Plan, takesBack: TakenBack | undefined, sure: boolean): Line {
  if (takesBack)
    return takesBack.own
      ? line`要撤销改动 ${takesBack.ids.join('、')} 吗？`
      : line`改动 ${takesBack.ids.join('、')} 是 ${strong(takesBack.person)} 做的，要撤销吗？`;
  const tags = new Set<string>();
  let groups = 0;
  for (const step of plan.steps) {
    if (step.do === 'deleteTags') for (const tag of step.tags) tags.add(tag.id);
    if (step.do === 'deleteGroup') {
      groups++;
      for (const tag of step.tags) tags.add(tag.id);
    }
  }
  const [only] = plan.steps;
  if (plan.steps.length === 1 && only?.do === 'deleteRule') return line`要删除规则组${name(only.name)}吗？`;
  if (plan.steps.length === 1 && only?.do === 'deleteGroup') return line`要删除标签组${name(only.name)}吗？`;
  if (plan.steps.length === 1 && only?.do === 'deleteTags' && only.tags.length === 1)
    return line`要删除标签${name(only.tags[0]?.name ?? '')}吗？`;
  if (plan.steps.length === 1 && only?.do === 'addTags' && only.creates)
    return line`还没有标签组${name(only.group.name)}，要新建吗？`;
  if (plan.steps.length === 1 && only && grants(only))
    return only.do === 'createRule' ? line`要新建规则组吗？请看清负责人是谁` : line`要改负责人吗？请看清是谁`;
  if (!plan.destroys && !sure) return line`我不敢肯定听对了，是要这样吗？`;
  if (!plan.destroys) return line`共 ${strong(plan.steps.length)} 步，要执行吗？`;
  const what: Line =
    groups > 0 ? line`${strong(groups)} 个标签组、${strong(tags.size)} 个标签` : line`${strong(tags.size)} 个标签`;
  return plan.steps.every((step) => step.do === 'deleteTags' || step.do === 'deleteGroup')
    ? line`要删除 ${what}吗？`
    : line`共 ${strong(plan.steps.length)} 步，其中会删除 ${what}，要执行吗？`;
}
