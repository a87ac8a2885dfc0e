/** 故障: switches for trouble, and for what the platform's documentation leaves open. */

import { sandbox } from './connection.js';
import { h, part } from './dom.js';
import { toast } from './panels.js';

/** @import { Faults, SandboxState, Variants } from '../protocol.ts' */

/**
 * @typedef {'times' | 'path' | 'ms' | 'code'} Extra
 * @typedef {{ name: keyof Faults, title: string, note: string, extras: readonly Extra[] }} FaultRow
 * @typedef {{ name: keyof Variants, title: string, choices: readonly (readonly [Variants[keyof Variants], string])[] }} VariantRow
 */

/** @type {readonly FaultRow[]} */
const FAULTS = [
  { name: 'busy', title: '系统繁忙', note: '接口返回 -1', extras: ['times', 'path'] },
  { name: 'slow', title: '接口变慢', note: '每次回答都晚到', extras: ['ms', 'path'] },
  { name: 'rateLimited', title: '调用超频', note: '接口返回 45009', extras: ['times', 'path'] },
  { name: 'errcode', title: '指定错误码', note: '例如 45033、6000、48002', extras: ['code', 'times', 'path'] },
  { name: 'expiredToken', title: 'token 过期', note: '42001，直到重新获取', extras: [] },
  { name: 'wrongSecret', title: 'Secret 错误', note: 'gettoken 返回 40001', extras: [] },
  { name: 'brokenBefore', title: '执行前断线', note: '连接在调用生效之前断开', extras: ['times', 'path'] },
  { name: 'brokenAfter', title: '执行后断线', note: '已经生效，但回答丢失', extras: ['times', 'path'] },
  { name: 'landsLate', title: '迟到生效', note: '连接先断，过一会儿才执行', extras: ['ms', 'times', 'path'] },
  { name: 'untrustedIp', title: 'IP 不可信', note: '60020', extras: [] },
  { name: 'badGateway', title: '网关错误', note: 'HTTP 502，正文是网页', extras: ['times', 'path'] },
  { name: 'wrongShape', title: '回答缺字段', note: 'HTTP 200，内容不完整', extras: ['times', 'path'] },
];

/** @type {readonly VariantRow[]} */
const VARIANTS = [
  {
    name: 'addExisting',
    title: '添加已存在的标签',
    choices: [
      ['all', '返回全部 id'],
      ['onlyNew', '只返回新建的'],
      ['refuse', '拒绝 40071'],
    ],
  },
  {
    name: 'foreignStrategy',
    title: '别人的或下级规则组',
    choices: [
      [60030, '60030'],
      [40058, '40058'],
      [40068, '40068'],
    ],
  },
  {
    name: 'unknownIds',
    title: '查询不存在的 id',
    choices: [
      ['error', '报错 40068'],
      ['omit', '略过'],
    ],
  },
  {
    name: 'optionIds',
    title: '卡片事件里的拼写',
    choices: [
      ['OptionIds', 'OptionIds'],
      ['OpitonIds', 'OpitonIds'],
    ],
  },
  {
    name: 'foreignTag',
    title: '改后台建的企业标签',
    choices: [
      [40068, '40068'],
      [40058, '40058'],
    ],
  },
  {
    name: 'addToForeign',
    title: '往后台建的组里加标签',
    choices: [
      ['allow', '可以'],
      ['refuse', '拒绝'],
    ],
  },
  {
    name: 'deletedFlags',
    title: '按 id 查已删除的企业标签',
    choices: [
      ['shown', '带 deleted 标记'],
      ['hidden', '查不到'],
    ],
  },
  {
    name: 'emptyLists',
    title: '空列表',
    choices: [
      ['sent', '发送空数组'],
      ['omitted', '省略字段'],
    ],
  },
  {
    name: 'eventStrategyId',
    title: '标签事件带 StrategyId',
    choices: [
      [true, '带'],
      [false, '不带'],
    ],
  },
];

/** @type {Readonly<Record<Extra, { label: string, placeholder: string }>>} */
const EXTRAS = {
  times: { label: '次数', placeholder: '一直' },
  path: { label: '只对路径', placeholder: '全部接口' },
  ms: { label: '毫秒', placeholder: '3000' },
  code: { label: 'errcode', placeholder: '45033' },
};

export function createFaults() {
  const faultRows = FAULTS.map(faultRow);
  const variantRows = VARIANTS.map(variantRow);
  part('faults', HTMLElement).append(
    h('h3', {}, '接口故障'),
    ...faultRows.map((row) => row.element),
    h('h3', {}, '文档没有写明的行为'),
    ...variantRows.map((row) => row.element),
  );
  return {
    /** @param {SandboxState} state */
    show(state) {
      for (const row of faultRows) row.show(state.faults);
      for (const row of variantRows) row.show(state.variants);
    },
  };
}

/** @param {Promise<unknown>} call */
function report(call) {
  call.catch((/** @type {unknown} */ error) => toast(error instanceof Error ? error.message : String(error)));
}

/** @param {FaultRow} row */
function faultRow(row) {
  const id = `fault-${row.name}`;
  const toggle = h('input', { type: 'checkbox', role: 'switch', id, 'data-testid': id });
  const inputs = row.extras.map((extra) => {
    const { label, placeholder } = EXTRAS[extra];
    const numeric = extra !== 'path';
    const input = h('input', {
      type: numeric ? 'number' : 'text',
      min: extra === 'code' ? undefined : 1,
      placeholder,
      'aria-label': `${row.title}：${label}`,
      'data-testid': `${id}-${extra}`,
      spellcheck: 'false',
    });
    return {
      extra,
      numeric,
      input,
      field: h('label', { class: numeric ? 'field' : 'field wide' }, h('span', {}, label), input),
    };
  });
  const element = h(
    'div',
    { class: 'fault' },
    h(
      'label',
      { class: 'switch-row', for: id },
      h('span', {}, row.title, h('span', { class: 'quiet' }, row.note)),
      toggle,
    ),
    inputs.length > 0 && h('div', { class: 'fault-extras' }, ...inputs.map((one) => one.field)),
  );

  const send = () => {
    /** @type {Record<string, unknown>} */
    const fault = { on: toggle.checked };
    for (const { extra, numeric, input } of inputs) {
      const value = input.value.trim() || (extra === 'ms' || extra === 'code' ? input.placeholder : '');
      if (value !== '') fault[extra] = numeric ? Number(value) : value;
    }
    report(sandbox.faults({ [row.name]: fault }));
  };
  toggle.addEventListener('change', () => {
    element.classList.toggle('on', toggle.checked);
    send();
  });
  for (const { input } of inputs) {
    input.addEventListener('change', () => {
      if (toggle.checked) send();
    });
  }
  return {
    element,
    /** @param {Faults} faults */
    show(faults) {
      /** @type {Readonly<Record<string, unknown>>} */
      const fault = faults[row.name];
      toggle.checked = fault.on === true;
      element.classList.toggle('on', toggle.checked);
      for (const { extra, input } of inputs) {
        if (input === document.activeElement || !toggle.checked) continue;
        input.value = fault[extra] === undefined ? '' : String(fault[extra]);
      }
    },
  };
}

/** @param {VariantRow} row */
function variantRow(row) {
  const id = `variant-${row.name}`;
  const control = h(
    'select',
    { id, 'data-testid': id },
    ...row.choices.map(([value, label]) => h('option', { value: String(value) }, label)),
  );
  control.addEventListener('change', () => {
    const choice = row.choices[control.selectedIndex];
    if (choice) report(sandbox.variants({ [row.name]: choice[0] }));
  });
  return {
    element: h('label', { class: 'variant', for: id }, h('span', {}, row.title), control),
    /** @param {Variants} variants */
    show(variants) {
      control.value = String(variants[row.name]);
    },
  };
}
