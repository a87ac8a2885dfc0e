/** 规则组: the commands about rule groups (customer strategies). */

import type { Slots } from './forms.ts';
import { type CommandRow, given, names, row, typed } from './row.ts';

export const RULE_COMMANDS: readonly CommandRow[] = [
  row('rule.list', {
    words: ['规则组 列表', '规则组', 'rule list'],
    slots: [],
    risk: 'read',
    right: 'read',
    examples: ['规则组 列表', '有哪些规则组'],
    summary: '看有哪些规则组，和企业标签',
    menu: { under: '更多', name: '规则组' },
    forms: [
      '<列表>? <规则组> <列尾>?',
      '<规则组> <列表>',
      '<列表>? <全部> <规则组> <列尾>?',
      '<查>? <有哪些> <规则组>',
      '<规则组> <有哪些>',
      '<查>? <有哪些> 标签库',
      '标签库 <有哪些>',
      '标签库 <列表>',
    ],
    read: () => ({ command: 'rule.list' }),
  }),
  row('rule.switch', {
    words: ['规则组 切换', '切换规则组', 'rule switch'],
    slots: ['规则组'],
    risk: 'read',
    right: 'read',
    examples: ['规则组 切换 {规则组}', '切换到{规则组}', '切换到企业标签'],
    summary: '换一个规则组，或换到企业标签来操作',
    forms: [
      '<规则组> <切换> <到>? {rule}',
      '<切换> <到>? <规则组>? {rule} <规则组>?',
      '<规则组> <切换>',
      '<切换> <规则组>?',
    ],
    read: (slots) => ({ command: 'rule.switch', ...given('rule', slots.rule) }),
  }),
  row('rule.show', {
    words: ['规则组 详情', 'rule show'],
    slots: ['规则组'],
    risk: 'read',
    right: 'read',
    examples: ['规则组 详情', '规则组 详情 {规则组}'],
    summary: '看规则组的负责人和范围',
    forms: [
      '<规则组> <详情> {rule}',
      '<规则组> <详情>',
      '<规则组> {rule} <的>? <详情>',
      '<详情> <规则组> {rule}',
      '{rule} <规则组> <的>? <详情>',
      '<规则组> <负责人>',
      '<规则组> <范围>',
    ],
    read: (slots) => ({ command: 'rule.show', ...given('rule', slots.rule) }),
  }),
  row('rule.create', {
    words: ['规则组 新建', '新建规则组', 'rule new'],
    slots: ['规则组', '负责人', '范围'],
    risk: 'write',
    right: 'bot-admin',
    examples: ['规则组 新建 华东区 负责人 张三、lisi 范围 销售部、@wangwu'],
    summary: '新建规则组（会先让你确认）',
    forms: [
      '<规则组> <新建> {rule}',
      '<新建> <量>? <规则组> {rule}',
      '<规则组> <新建>',
      '<新建> <量>? <规则组>',
    ].flatMap((head) =>
      head.endsWith('{rule}')
        ? [
            `${head} <上级> {parent} <负责人> {admins} <范围> {range}`,
            `${head} <负责人> {admins} <范围> {range} <上级> {parent}`,
            `${head} <负责人> {admins} <范围> {range}`,
            `${head} <范围> {range} <负责人> {admins}`,
            `${head} <上级> {parent}`,
            `${head} <负责人> {admins}`,
            `${head} <范围> {range}`,
            head,
          ]
        : [head],
    ),
    read: (slots) => ({
      command: 'rule.create',
      rule: typed(slots.rule),
      ...given('parent', slots.parent),
      admins: people(slots, 'admins'),
      range: people(slots, 'range', true),
    }),
  }),
  row('rule.rename', {
    words: ['规则组 改名', 'rule rename'],
    slots: ['规则组', '新名字'],
    risk: 'write',
    right: 'admin',
    examples: ['规则组 改名 {规则组} 为 华东大区', '把规则组{规则组}改名为华东大区'],
    summary: '给规则组改名',
    forms: [
      '<规则组> <改名> {rule} <为> {to}',
      '<规则组> <改名> {rule} _ {to}',
      '<把> <规则组> {rule} <改为> {to}',
      '<改名> <规则组> {rule} <为> {to}',
      '<规则组> {rule} <改为> {to}',
      '<规则组> <改名> {rule}',
      '<改名> <规则组> {rule}',
      '<规则组> <改名>',
    ],
    read: (slots) => ({ command: 'rule.rename', rule: typed(slots.rule), ...given('to', slots.to) }),
  }),
  row('rule.delete', {
    words: ['规则组 删除', 'rule delete'],
    slots: ['规则组'],
    risk: 'destroy',
    right: 'bot-admin',
    examples: ['规则组 删除 {规则组}'],
    summary: '删除规则组和里面的全部标签（会先让你确认）',
    forms: [
      '<规则组> <删除> {rule}',
      '<删除> <规则组> {rule}',
      '<把> <规则组> {rule} <删掉>',
      '<删除> {rule} <规则组>',
      '<规则组> <删除>',
      '<删除> <规则组>',
    ],
    read: (slots) => ({ command: 'rule.delete', rule: typed(slots.rule) }),
  }),
  row('rule.admins', {
    words: ['规则组 负责人', 'rule admins'],
    slots: ['规则组', '成员'],
    risk: 'write',
    right: 'admin',
    examples: ['规则组 负责人 加 张三', '规则组 负责人 减 lisi', '规则组 {规则组} 负责人 加 张三'],
    summary: '加减规则组的负责人（加人会先让你确认）',
    forms: changeForms('负责人'),
    read: (slots) => ({
      command: 'rule.admins',
      ...given('rule', slots.rule),
      add: people(slots, 'add'),
      remove: people(slots, 'remove'),
    }),
  }),
  row('rule.range', {
    words: ['规则组 范围', 'rule range'],
    slots: ['规则组', '部门或 @成员'],
    risk: 'write',
    right: 'admin',
    examples: ['规则组 范围 加 销售部', '规则组 范围 减 @wangwu'],
    summary: '加减规则组管到的部门和成员',
    forms: changeForms('范围'),
    read: (slots) => ({
      command: 'rule.range',
      ...given('rule', slots.rule),
      add: people(slots, 'add', true),
      remove: people(slots, 'remove', true),
    }),
  }),
];

/** 规则组 负责人 加 A 减 B, with the rule group's name anywhere it is natural. */
function changeForms(what: '负责人' | '范围'): string[] {
  const heads = [
    `<规则组> <${what}>`,
    `<规则组> {rule} <的>? <${what}>`,
    `<规则组> <${what}> {rule}`,
    `{rule} <规则组>? <的>? <${what}>`,
  ];
  const changes = ['<加> {add} <减> {remove}', '<减> {remove} <加> {add}', '<加> {add}', '<减> {remove}'];
  return [
    ...heads.flatMap((head) => changes.map((change) => `${head} ${change}`)),
    `<规则组> <加> <${what}> {add}`,
    `<规则组> <减> <${what}> {remove}`,
    `<给> <规则组>? {rule} <加> <量>? <${what}> {add}`,
    `<把> {add} <设为> <规则组>? {rule} <的>? <${what}>`,
    `<把> {add} <加到> <规则组>? {rule} <的>? <${what}> <里>?`,
  ];
}

/** People and departments: also parted by spaces; a leading @ is dropped unless it says that this is a person. */
function people(slots: Slots, slot: string, keepAt = false): string[] {
  return names(slots[slot])
    .flatMap((name) => (/^["“「『【']/.test(name) ? [name] : name.split(/\s+|[和与及]/u)))
    .map((name) => name.replace(/^＠/, '@'))
    .map((name) => (keepAt ? name : name.replace(/^@/, '')))
    .filter((name) => name !== '' && name !== '@');
}
