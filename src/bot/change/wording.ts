/**
 * Plans, outcomes and problems in words. Every sentence about a change is here, so that a plan, its result, the history
 * and an undo speak alike.
 */

import { type BotError, explain } from '../../errors.ts';
import { good, type Line, line, name, nameList, quiet, type Span, strong, warn } from '../../reply/reply.ts';
import type { StepOutcome } from '../../tags/change/outcome.ts';
import type { Note, Problem, Step } from '../../tags/change/step.ts';
import { CORP_LIBRARY, type Library } from '../../tags/library.ts';
import { byPosition, type LibraryId, MAX_NAME_LENGTH, MAX_ORDER, type RangeNode, TAG_QUOTA } from '../../tags/tag.ts';

export interface Names {
  /** A member's name, or the userid. */
  person(userid: string): string;
  department(id: number): string;
}

/** 规则组「华东大区」, or 企业标签, of which there is one. */
export function libraryWords(library: Library, id: LibraryId): Line {
  return id === 'corp' ? line`${CORP_LIBRARY}` : line`规则组${name(library.libraryName(id))}`;
}

/** What a step is going to do, for a plan: 添加到「客户分级」:VIP、SVIP. */
export function intended(step: Step, names: Names): Line {
  switch (step.do) {
    case 'addTags':
      return step.creates
        ? line`新建标签组${name(step.group.name)}，添加 ${strong(step.tags.length)} 个标签：${nameList(step.tags.map((tag) => tag.name))}`
        : line`添加到${name(step.group.name)}：${nameList(step.tags.map((tag) => tag.name))}`;
    case 'renameTag':
      return line`${name(step.group.name)}里的${name(step.from)}改名为${name(step.to)}`;
    case 'renameGroup':
      return line`标签组${name(step.from)}改名为${name(step.to)}`;
    case 'orderTag':
      return step.makesRoom
        ? line`为腾出位置，${name(step.name)}的排序值 ${step.from} 降为 ${step.to}`
        : line`${name(step.group.name)}里的${name(step.name)}排序值 ${step.from} → ${step.to}`;
    case 'orderGroup':
      return step.makesRoom
        ? line`为腾出位置，标签组${name(step.name)}的排序值 ${step.from} 降为 ${step.to}`
        : line`标签组${name(step.name)}排序值 ${step.from} → ${step.to}`;
    case 'deleteTags':
      return line`从${name(step.group.name)}删除 ${strong(step.tags.length)} 个标签：${nameList(step.tags.map((tag) => tag.name))}`;
    case 'deleteGroup':
      return line`删除标签组${name(step.name)}和里面的 ${strong(step.tags.length)} 个标签：${nameList(step.tags.map((tag) => tag.name))}`;
    case 'createRule':
      return line`新建规则组${name(step.name)}，负责人 ${people(step.admins, names)}，范围 ${rangeText(step.range, names)}`;
    case 'editRule':
      return line`规则组${name(step.name)}：${ruleEdit(step, names)}`;
    case 'deleteRule':
      return line`删除规则组${name(step.name)}，包括 ${strong(step.groups)} 个标签组、${strong(step.tags)} 个标签`;
  }
}

/** What vanishes along with the step although nobody named it. */
export function consequences(steps: readonly Step[]): Line[] {
  const out: Line[] = [];
  for (const step of steps) {
    if (step.do === 'deleteTags' && step.takesGroup)
      out.push(line`${warn('注意')} 这是${name(step.group.name)}里最后的标签，整个标签组会一起消失`);
  }
  if (steps.some((step) => step.do === 'deleteTags' || step.do === 'deleteGroup')) {
    out.push(line`${warn('注意')} 客户身上的这些标签会一起去掉，删除后不能找回（撤销只能重建同名标签，客户要重新打）`);
  }
  if (steps.some((step) => step.do === 'deleteRule'))
    out.push(line`${warn('注意')} 规则组删除后不能恢复，里面的标签会从客户身上去掉`);
  return out;
}

/** What a step has done, with positions from the fresh library. */
export function done(
  step: Step,
  outcome: Extract<StepOutcome, { state: 'done' }>,
  library: Library | undefined,
  names: Names,
): Line {
  const checked: Span[] = outcome.checked ? [quiet('（没收到回执，已核对生效）')] : [];
  return [...doneWords(), ...checked];

  function doneWords(): Line {
    switch (step.do) {
      case 'addTags': {
        const added = step.tags.map((tag) => tag.name);
        return step.creates
          ? line`已新建标签组${name(step.group.name)}，含 ${nameList(added)}`
          : line`已添加到${name(step.group.name)}：${nameList(added)}`;
      }
      case 'renameTag':
        return line`${name(step.group.name)}里的${name(step.from)}已改名为${name(step.to)}`;
      case 'renameGroup':
        return line`标签组${name(step.from)}已改名为${name(step.to)}`;
      case 'orderTag': {
        if (step.makesRoom) return line`${name(step.name)}的排序值已降为 ${step.to}`;
        const group = library?.tag(step.id)?.group;
        const position = group ? group.tags.findIndex((tag) => tag.id === step.id) + 1 : 0;
        const where: Span[] = position > 0 && group ? [`，现在排第 ${position}（共 ${group.tags.length} 个）`] : [];
        return [...line`${name(step.group.name)}里的${name(step.name)}排序值已设为 ${strong(step.to)}`, ...where];
      }
      case 'orderGroup': {
        if (step.makesRoom) return line`标签组${name(step.name)}的排序值已降为 ${step.to}`;
        const groups = library ? [...library.groupsOf(step.libraryId)].sort(byPosition) : [];
        const position = groups.findIndex((group) => group.id === step.id) + 1;
        const where: Span[] = position > 0 ? [`，现在排第 ${position}（共 ${groups.length} 个）`] : [];
        return [...line`标签组${name(step.name)}排序值已设为 ${strong(step.to)}`, ...where];
      }
      case 'deleteTags':
        return [
          ...line`已从${name(step.group.name)}删除：${nameList(step.tags.map((tag) => tag.name))}`,
          ...(step.takesGroup && library && step.group.id !== undefined && !library.group(step.group.id)
            ? line`。标签组${name(step.group.name)}已空，随之消失`
            : []),
        ];
      case 'deleteGroup':
        return line`已删除标签组${name(step.name)}和里面的 ${strong(step.tags.length)} 个标签`;
      case 'createRule':
        return line`已新建规则组${name(step.name)}，负责人 ${people(step.admins, names)}，范围 ${rangeText(step.range, names)}`;
      case 'editRule':
        return line`规则组${name(step.name)}已更新：${ruleEdit(step, names)}`;
      case 'deleteRule':
        return line`已删除规则组${name(step.name)}`;
    }
  }
}

/** One line for any outcome, told truthfully. */
export function outcomeLine(
  step: Step,
  outcome: StepOutcome,
  library: Library | undefined,
  names: Names,
  admin: boolean,
  now: number,
): Line {
  switch (outcome.state) {
    case 'done':
      return [good('✓ '), ...done(step, outcome, library, names)];
    case 'failed':
      if (outcome.rangeDone !== undefined) {
        const words = [warn('✗ 只做了一部分 '), ...intended(step, names)];
        return [...words, `。范围只写进了前 ${outcome.rangeDone} 个，其余没有：${reason(outcome.error, admin, now)}`];
      }
      if (outcome.foreign) return foreignLine(step, outcome.foreign, outcome.deleted ?? [], names);
      return [
        warn('✗ 没有做成 '),
        ...intended(step, names),
        '。',
        outcome.checked ? '没收到回执，隔几秒又核对过：没有生效，可以再发一次。' : reason(outcome.error, admin, now),
      ];
    case 'unknown':
      return [warn('? 不确定 '), ...intended(step, names), '。没收到回执，也没能核对清楚，请稍后发「标签 列表」看看。'];
    case 'skipped':
      return [quiet('- 没有执行 '), ...intended(step, names)];
  }
}

/** The words about a step, after the line of the member's message that it comes from, when that had several. */
export function numberedLine(step: Step, words: Line): Line {
  return step.line === undefined ? words : line`${step.line}. ${words}`;
}

/** Refused because somebody else has made it: it is there, and can be changed elsewhere. */
function foreignLine(
  step: Step,
  foreign: readonly string[],
  deleted: readonly { readonly name: string }[],
  names: Names,
): Line {
  const kept = step.do === 'deleteTags' ? step.tags.filter(({ id }) => foreign.includes(id)) : [];
  const head: Line =
    deleted.length > 0
      ? [
          warn('✗ 只做了一部分 '),
          ...line`已删除：${nameList(deleted.map((tag) => tag.name))}。没能删除：${nameList(kept.map((tag) => tag.name))}`,
        ]
      : [warn('✗ 没有做成 '), ...intended(step, names)];
  const what =
    step.do === 'addTags'
      ? '这个标签组是后台建的，企业微信不让应用往里面加'
      : '后台建的企业标签，企业微信只让应用改它自己建的';
  return [...head, `。${what}。请超级管理员在手机端「工作台 → 客户联系 → 工具 → 企业客户标签」或管理后台改。`];
}

/** Why it was refused and what to do about it; `admin` hears addresses and numbers. `now`: ms. */
export function reason(error: BotError, admin: boolean, now: number): string {
  const { sentence, advice } = explain(error, { admin, now });
  return `${sentence}${advice}`;
}

/** What a plan leaves out, or does otherwise than it was asked for. */
export function noteLine(note: Note): Line {
  switch (note.note) {
    case 'exists':
      return note.name === note.as
        ? line`${name(note.name)}在${name(note.group)}里已经有了，没有重复添加`
        : line`${name(note.group)}里已有写法相近的${name(note.as)}，没有再加${name(note.name)}`;
    case 'group-exists':
      return line`标签组${name(note.group)}已经有了，标签加到这个组里`;
    case 'repeated':
      return line`${name(note.name)}写了两遍，按一个算`;
    case 'gone':
      return line`${name(note.name)}已经不在了，跳过`;
    case 'absent':
      return line`没有找到${name(note.name)}，跳过`;
    case 'same-name':
      return line`${name(note.name)}已经是这个名字`;
    case 'same-order':
      return line`${name(note.name)}的排序值已经是 ${note.order}`;
    case 'already-first':
      return note.group === undefined
        ? line`标签组${name(note.name)}已经排在第一`
        : line`${name(note.name)}在${name(note.group)}里已经排在第一`;
    case 'new-id':
      return line`${nameList(note.names)} 是重新建的：标签 ID 是新的，原来客户身上的标记不会回来，需要重新打`;
    case 'changed-since':
      if (note.by)
        return line`${name(note.name)}后来被 ${note.by.person} 改过（改动 ${note.by.change}），现在是${name(note.what)}`;
      return line`${name(note.name)}之后又被改过（现在是${name(note.what)}）`;
  }
}

/** Why nothing was done, and what to do instead. */
export function problemLines(problem: Problem): { title: Line; hint: Line } {
  switch (problem.problem) {
    case 'name-taken':
      return {
        title:
          problem.group === undefined
            ? line`已经有标签组叫${name(problem.name)}`
            : line`${name(problem.group)}里已经有${name(problem.name)}`,
        hint: line`什么都没有改。换一个名字再发一次。`,
      };
    case 'renamed':
      return {
        title: line`${name(problem.name)}现在叫${name(problem.now)}`,
        hint: line`刚刚有人改了名，什么都没有改。要改它，请用现在的名字再发一次。`,
      };
    case 'bad-name':
      if (problem.why === 'too-long') {
        return {
          title: line`名字太长：${strong(problem.length ?? 0)} 个字，最多 ${MAX_NAME_LENGTH} 个`,
          hint: line`什么都没有改。请把${name(problem.name)}缩短后再发。`,
        };
      }
      return {
        title: problem.why === 'empty' ? line`名字不能是空的` : line`名字里有看不见的控制字符`,
        hint: line`什么都没有改。请写好名字再发一次。`,
      };
    case 'bad-order':
      return {
        title: line`排序值 ${problem.order} 用不了`,
        hint: line`排序值是 0 到 ${MAX_ORDER} 的整数，越大越靠前。`,
      };
    case 'child-rule-group':
      return {
        title: line`下级规则组里不能放标签`,
        hint: line`企业微信只允许在一级规则组里建标签。发「规则组 列表」看看，再用「规则组 切换 名称」换到一级规则组。`,
      };
    case 'contradiction':
      return {
        title: line`这几行互相矛盾：${name(problem.name)}又要加又要删`,
        hint: line`什么都没有改。请改成一种做法再发。`,
      };
    case 'no-tags':
      return {
        title: line`标签组${name(problem.group)}至少要有一个标签`,
        hint: line`企业微信不允许空的标签组。例如：标签组 新建 ${problem.group}:标签一、标签二`,
      };
    case 'not-undoable':
      return { title: line`这次改动撤销不了`, hint: [problem.why] };
  }
}

function people(userids: readonly string[], names: Names): Line {
  return userids.length === 0 ? ['无'] : nameList(userids.map((userid) => names.person(userid)));
}

/** Whom a rule group is for, by name; 无 for nobody. */
export function rangeText(range: readonly RangeNode[], names: Names): Line {
  if (range.length === 0) return ['无'];
  return nameList(
    range.map((node) => (node.type === 'member' ? names.person(node.userid) : names.department(node.id))),
  );
}

function ruleEdit(step: Extract<Step, { do: 'editRule' }>, names: Names): Line {
  const parts: Span[] = [];
  const add = (...spans: Span[]) => {
    if (parts.length > 0) parts.push(';');
    parts.push(...spans);
  };
  if (step.rename) add('改名为 ', name(step.rename.to));
  if (step.admins) {
    const { from, to } = step.admins;
    const added = to.filter((userid) => !from.includes(userid));
    const removed = from.filter((userid) => !to.includes(userid));
    if (added.length > 0) add('加负责人 ', ...people(added, names));
    if (removed.length > 0) add('减负责人 ', ...people(removed, names));
  }
  if (step.rangeAdd?.length) add('范围加 ', ...rangeText(step.rangeAdd, names));
  if (step.rangeDelete?.length) add('范围减 ', ...rangeText(step.rangeDelete, names));
  return parts;
}

/** True from 80 % on: every addition then says so. */
export function isQuotaShort(used: number): boolean {
  return used >= TAG_QUOTA * 0.8;
}

/** `readsAll`: whoever may not read every library is not told how much there is in the others. */
export function quotaLine(used: number, readsAll: boolean): Line {
  const left = Math.max(0, TAG_QUOTA - used);
  const state = isQuotaShort(used) ? line`，${strong('快满了')}` : [];
  if (!readsAll) return line`企业额度 ${TAG_QUOTA} 个，企业标签和所有规则组共用${state}；用了多少请问管理员`;
  return line`企业额度 ${TAG_QUOTA} 个，企业标签和规则组标签共用：看得到的用了 ${used}，最多还剩 ${left}${state}（别的应用的规则组标签也算在内，但这里看不到）`;
}
