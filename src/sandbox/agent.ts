/** What an app is told about itself: its range (agent/get, doc 90227) and its rights (agent/get_permissions, doc 99052). */
import { RIGHTS, type Right } from './app-kind.ts';
import type { Corp } from './corp.ts';
import { type Body, refuse } from './refusal.ts';

const PERMISSION_KEYS: Readonly<Record<Right, readonly string[]>> = {
  corpTags: ['externalcontact:contact:tag'],
  // In no copy of the list.
  ruleGroups: [],
  customers: ['externalcontact:base:base'],
  userNames: ['contact:sensitive:user_name'],
  departmentNames: ['contact:sensitive:department_name'],
};

/** Members by name where the whole corp could be meant, departments otherwise; ids are those of the app. */
export interface Range {
  readonly userIds: readonly string[];
  readonly departments: readonly number[];
}

export function rangeOf({ directory }: Corp): Range {
  const seen = directory.departments.filter((department) => directory.isInRange(department));
  const top = seen.filter((department) => department.parentId === 0).map((department) => department.id);
  return {
    userIds: directory.members
      .filter((member) => top.includes(member.department))
      .map((member) => directory.idOf(member.userid)),
    departments: seen.map((department) => department.id).filter((id) => !top.includes(id)),
  };
}

export const LOGO = 'https://wework.qpic.cn/wwpic/sandbox/0';

export function agentGet(corp: Corp): Body {
  const { userIds, departments } = rangeOf(corp);
  return {
    agentid: corp.identity.agentId,
    name: corp.app.name,
    square_logo_url: LOGO,
    description: '在聊天里管理客户标签',
    allow_userinfos: { user: userIds.map((userid) => ({ userid })) },
    allow_partys: { partyid: departments },
    allow_tags: { tagid: [] },
    close: corp.app.isEnabled() ? 0 : 1,
    redirect_domain: '',
    report_location_flag: 0,
    isreportenter: 1,
    home_url: '',
    ...(corp.app.kind === 'customized' ? { customized_publish_status: 2 } : {}),
  };
}

/** Of apps of a provider only. */
export function permissionsGet({ app }: Corp): Body {
  if (app.kind === 'own') refuse(48002, 'api forbidden');
  return { app_permissions: RIGHTS.filter((right) => app.may(right)).flatMap((right) => PERMISSION_KEYS[right]) };
}
