/** What sort of app it is, and what it has been allowed: an app of the corp's own has every right there is. */

export type AppKind = 'own' | 'customized' | 'third-party';

/** 管理企业客户标签 · 管理客户联系规则组 · 客户基础信息 · 姓名 · 部门名 (docs 99052, 99543, 96320) */
export const RIGHTS = ['corpTags', 'ruleGroups', 'customers', 'userNames', 'departmentNames'] as const;
export type Right = (typeof RIGHTS)[number];

/** An app as the corp has it now; what can change is asked anew each time. */
export interface AppProfile {
  readonly kind: AppKind;
  /** By which name the sandbox marks what this app makes. */
  readonly key: string;
  readonly name: string;
  may(right: Right): boolean;
  /** False: the corp's admin has switched it off. */
  isEnabled(): boolean;
  /** False: the corp has taken back its authorisation. */
  isThere(): boolean;
}

export const ownApp = (key: string, name: string): AppProfile => ({
  kind: 'own',
  key,
  name,
  may: () => true,
  isEnabled: () => true,
  isThere: () => true,
});
