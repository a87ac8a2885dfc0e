/** 改权限: what a corp grants to an app, its range, and whether it is switched on; saving makes WeCom push change_auth. */
import { h, plainButton } from './dom.js';

/** @import { ProviderInstallation, ProviderRight, ProviderState, ProviderSuite } from '../protocol.ts' */

/** @type {readonly (readonly [ProviderRight, string])[]} */
const RIGHTS = [
  ['corpTags', '管理企业客户标签'],
  ['ruleGroups', '管理客户联系规则组'],
  ['customers', '客户基础信息'],
  ['userNames', '姓名'],
  ['departmentNames', '部门名'],
];
/** Never granted to an app that is the same for all corps. */
const NAMES = new Set(['userNames', 'departmentNames']);

/**
 * @param {ProviderSuite['kind']} kind
 * @param {ProviderState['departments']} departments
 * @param {(change: { rights: ProviderRight[], departments: number[], enabled: boolean }) => unknown} save
 */
export function createGrant(kind, departments, save) {
  const rights = RIGHTS.map(([right, label]) => {
    const never = kind === 'third-party' && NAMES.has(right);
    return { right, ...checkbox(label, `right-${right}`, never) };
  });
  const range = departments.map(({ id, name }) => ({ id, ...checkbox(name, `department-${id}`) }));
  const enabled = checkbox('启用', 'enabled');
  const element = h(
    'details',
    { class: 'grant' },
    h('summary', { 'data-testid': 'grant' }, '改权限'),
    h('fieldset', {}, h('legend', { class: 'quiet' }, '权限'), ...rights.map(({ label }) => label)),
    h('fieldset', {}, h('legend', { class: 'quiet' }, '可见范围'), ...range.map(({ label }) => label)),
    h('fieldset', {}, h('legend', { class: 'quiet' }, '应用'), enabled.label),
    plainButton('保存，推送 change_auth', 'save', () =>
      save({
        rights: rights.filter(({ box }) => box.checked).map(({ right }) => right),
        departments: range.filter(({ box }) => box.checked).map(({ id }) => id),
        enabled: enabled.box.checked,
      }),
    ),
  );
  /** What was shown last: an edit under way is not overwritten by news about something else. */
  let shown = '';
  return {
    element,
    /** @param {ProviderInstallation} installation */
    show(installation) {
      const now = JSON.stringify([installation.rights, installation.departments, installation.enabled]);
      if (now === shown) return;
      shown = now;
      for (const { right, box } of rights) box.checked = installation.rights.includes(right);
      for (const { id, box } of range) box.checked = installation.departments.includes(id);
      enabled.box.checked = installation.enabled;
    },
  };
}

/**
 * @param {string} words
 * @param {string} testid
 * @param {boolean} [disabled]
 */
function checkbox(words, testid, disabled = false) {
  const box = h('input', { type: 'checkbox', 'data-testid': testid, disabled });
  return { box, label: h('label', { class: 'check' }, box, h('span', {}, words)) };
}
