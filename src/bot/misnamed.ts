/**
 * What the configuration names and is not there. A misspelt userid or rule group gives nobody a wider right, but takes
 * one from whoever was meant, and nobody would notice.
 */

import type { LibraryId } from '../tags/tag.ts';
import { type AccessConfig, adminsSetting, isNamed } from './rights.ts';

export interface Misnamed {
  readonly setting: string;
  readonly value: string;
  /** Chinese: what is wrong with it. */
  readonly why: string;
}

const NOBODY = '没有这个账号，或者不在应用的可见范围里';
const NOTHING = '没有这个规则组，或者不是由本应用新建的';

/**
 * `ruleGroups`: undefined while they cannot be read, and so nobody can say what is not there. `isSeen`: whether the app sees
 * somebody of that userid; what it throws is thrown.
 */
export async function misnamed(
  config: { readonly access: AccessConfig; readonly defaultStrategyId: LibraryId | undefined },
  ruleGroups: readonly { readonly id: number; readonly name: string }[] | undefined,
  isSeen: (userid: string) => Promise<boolean>,
): Promise<Misnamed[]> {
  const { access, defaultStrategyId } = config;
  const nobody = new Set<string>();
  for (const userid of new Set([...access.botAdmins, ...access.roles.map(({ member }) => member)]))
    if (!(await isSeen(userid))) nobody.add(userid);
  const isThere = (written: string) =>
    written === '*' ||
    ruleGroups === undefined ||
    isNamed(written, 'corp', undefined) ||
    ruleGroups.some(({ id, name }) => isNamed(written, id, name));
  const roles = new Set(access.roles.map(({ member }) => member).filter((member) => nobody.has(member)));
  const written = new Set(access.roles.map(({ ruleGroup }) => ruleGroup).filter((each) => !isThere(each)));
  const isDefaultThere =
    defaultStrategyId === undefined ||
    defaultStrategyId === 'corp' ||
    ruleGroups === undefined ||
    ruleGroups.some(({ id }) => id === defaultStrategyId);
  return [
    ...access.botAdmins
      .filter((userid) => nobody.has(userid))
      .map((value): Misnamed => ({ setting: adminsSetting(access), value, why: NOBODY })),
    ...[...roles].map((value): Misnamed => ({ setting: 'access.roles', value, why: NOBODY })),
    ...[...written].map((value): Misnamed => ({ setting: 'access.roles', value, why: NOTHING })),
    ...(isDefaultThere
      ? []
      : [{ setting: 'DEFAULT_STRATEGY_ID', value: String(defaultStrategyId), why: NOTHING } as const]),
  ];
}
