/** The libraries of the corp, one shape for both kinds: 企业标签 first, then the rule groups. No DOM here. */

/** @import { SandboxGroup, SandboxState } from '../protocol.ts' */

/**
 * @typedef {object} Library
 * @property {string} id
 * @property {'corp-tags' | 'rule-group'} kind
 * @property {number | undefined} strategyId undefined for corp tags
 * @property {string} name
 * @property {string} note beside the name
 * @property {string} owners who keeps it
 * @property {readonly string[]} badges
 * @property {boolean} foreign the app cannot see it
 * @property {readonly SandboxGroup[]} groups
 */

/**
 * @param {Pick<SandboxState, 'corpTags' | 'ruleGroups' | 'members'>} state
 * @returns {readonly Library[]}
 */
export function librariesOf({ corpTags, ruleGroups, members }) {
  const people = new Map(members.map((member) => [member.userid, member.name]));
  /** @type {Library} */
  const corp = {
    id: 'corp',
    kind: 'corp-tags',
    strategyId: undefined,
    name: '企业标签',
    note: '整个企业共用',
    owners: '虚线的是后台建的，应用只能看',
    badges: [],
    foreign: false,
    groups: corpTags,
  };
  return [
    corp,
    ...ruleGroups.map(
      /** @returns {Library} */
      (one) => ({
        id: String(one.strategy_id),
        kind: 'rule-group',
        strategyId: one.strategy_id,
        name: one.strategy_name,
        note: `规则组 ${one.strategy_id}`,
        owners:
          one.admin_list.length > 0
            ? `负责人 ${one.admin_list.map((userid) => people.get(userid) ?? userid).join('、')}`
            : '没有负责人',
        badges: [...(one.parent_id === 0 ? [] : ['下级，不能有标签']), ...(one.ownApp ? [] : ['本应用看不到'])],
        foreign: !one.ownApp,
        groups: one.groups,
      }),
    ),
  ];
}
