/** The commands that are about neither tags, groups nor rule groups: history, files, help, settings. */

import { type CommandRow, given, integer, row } from './row.ts';

export const OTHER_COMMANDS: readonly CommandRow[] = [
  row('undo', {
    words: ['撤销', '撤回', 'undo'],
    slots: ['第几条'],
    risk: 'write',
    right: 'edit',
    examples: ['撤销', '撤销 3'],
    summary: '撤销上一步，或历史里的某一条',
    menu: { under: '常用', name: '撤销上一步' },
    forms: ['<撤销>', '<撤销> <第>? {change} <条>?'],
    read: (slots) => {
      if (slots.change === undefined) return { command: 'undo' };
      const change = integer(slots.change);
      return change === undefined || change < 0 ? undefined : { command: 'undo', change };
    },
  }),
  row('history', {
    words: ['历史', '操作记录', 'history'],
    slots: ['名字、@成员 或 今天'],
    risk: 'read',
    right: 'read',
    examples: ['历史', '历史 {标签}', '历史 @zhangsan', '谁删了{标签}'],
    summary: '看谁在什么时候改了什么',
    menu: { under: '常用', name: '最近修改' },
    forms: [
      '<历史>',
      '<历史> {filter}',
      '<谁> <改动了> {filter}',
      '<谁> {filter} <改动了>',
      '{filter} <是谁> <的了>',
      '{filter} <的> <历史>',
      '<谁> <改动了> <标签>?',
      '{filter} <谁> <改动了> <标签>?',
      '<改了什么>',
      '{filter} <改了什么>',
    ],
    read: (slots) =>
      slots.filter !== undefined && ANY_TIME.has(slots.filter.plain)
        ? { command: 'history' }
        : { command: 'history', ...given('filter', slots.filter) },
  }),
  row('stats', {
    words: ['统计', '多少标签', 'stats'],
    slots: [],
    risk: 'read',
    right: 'read',
    examples: ['统计', '一共有多少标签'],
    summary: '看标签数量和剩余额度',
    menu: { under: '查标签', name: '统计' },
    forms: ['<统计>', '<标签>? <统计>', '<查> <统计>', '<列表> <统计>'],
    read: () => ({ command: 'stats' }),
  }),
  row('export', {
    words: ['导出', 'export'],
    slots: ['文本'],
    risk: 'read',
    right: 'read',
    examples: ['导出', '导出 文本'],
    summary: '把标签库导出成文件，或导出文本',
    menu: { under: '常用', name: '导出' },
    forms: ['<导出>', '<导出> {form}'],
    read: (slots) => {
      const form = slots.form === undefined ? 'file' : EXPORT_FORMS.get(slots.form.plain);
      return form === undefined ? undefined : { command: 'export', form };
    },
  }),
  row('import', {
    words: ['导入', '批量添加', 'import'],
    slots: ['每行「组：名、名」'],
    risk: 'write',
    right: 'edit',
    examples: ['导入\n会员等级：青铜、白银\n来源：展会、转介绍'],
    summary: '一次加很多：每行写「组：名、名」',
    forms: ['<导入> <含删除>?'],
    read: () => ({ command: 'import', groups: [], withDeletes: false }),
  }),
  row('more', {
    words: ['更多', '下一页', 'more'],
    slots: [],
    risk: 'read',
    right: 'anyone',
    examples: ['更多'],
    summary: '继续看没显示完的内容',
    forms: ['<更多>'],
    read: () => ({ command: 'more' }),
  }),
  row('confirm', {
    words: ['确认', '确定', 'confirm'],
    slots: [],
    risk: 'read',
    right: 'anyone',
    examples: ['确认'],
    summary: '执行刚才给你看的计划',
    forms: ['<确认>'],
    read: () => ({ command: 'confirm' }),
  }),
  row('cancel', {
    words: ['取消', '算了', 'cancel'],
    slots: [],
    risk: 'read',
    right: 'anyone',
    examples: ['取消', '算了'],
    summary: '不做了',
    forms: ['<取消>'],
    read: () => ({ command: 'cancel' }),
  }),
  row('help', {
    words: ['帮助', '怎么用', 'help'],
    slots: ['话题'],
    risk: 'read',
    right: 'anyone',
    examples: ['帮助', '帮助 添加', '怎么用'],
    summary: '看可以怎么说',
    menu: { under: '更多', name: '帮助' },
    forms: ['<帮助>', '?', '??', '<帮助> {topic}', '{topic} <帮助>'],
    read: (slots) => ({ command: 'help', ...given('topic', slots.topic) }),
  }),
  row('doctor', {
    words: ['诊断', 'doctor'],
    slots: [],
    risk: 'read',
    right: 'bot-admin',
    examples: ['诊断'],
    summary: '检查机器人的配置和权限',
    forms: ['<诊断>'],
    read: () => ({ command: 'doctor' }),
  }),
  row('me', {
    words: ['我', '我是谁', 'whoami'],
    slots: [],
    risk: 'read',
    right: 'anyone',
    examples: ['我', '我是谁'],
    summary: '看自己的 userid 和权限',
    menu: { under: '更多', name: '我的权限' },
    forms: ['<我>'],
    read: () => ({ command: 'me' }),
  }),
  row('settings', {
    words: ['设置', 'settings'],
    slots: ['纯文本、文本 或 markdown'],
    risk: 'read',
    right: 'anyone',
    examples: ['设置', '设置 纯文本', '设置 markdown'],
    summary: '选择回复的样子',
    menu: { under: '更多', name: '回复格式' },
    forms: ['<设置>', '<设置> {format}'],
    read: (slots) => {
      const slot = slots.format;
      if (slot === undefined) return { command: 'settings' };
      const wanted = slot.plain.replace(/^(回复)?(格式|方式)?\s*(为|成)?\s*/, '');
      const format = FORMATS.get(wanted);
      return format === undefined ? undefined : { command: 'settings', format };
    },
  }),
  row('menu.publish', {
    words: ['菜单 发布', '菜单 预览'],
    slots: [],
    risk: 'write',
    right: 'bot-admin',
    examples: ['菜单 发布', '菜单 预览'],
    summary: '把应用底部的菜单发布到企业微信',
    forms: ['<菜单>', '<菜单> {what}', '{what} <菜单>'],
    read: (slots) => {
      const what = slots.what?.plain ?? '预览';
      const dryRun = MENU_ACTIONS.get(what);
      return dryRun === undefined ? undefined : { command: 'menu.publish', dryRun };
    },
  }),
];

/** Narrows nothing down: 最近改了什么 asks for the history as it is. */
const ANY_TIME: ReadonlySet<string> = new Set('刚才 刚刚 最近 近期 这几天 大家 都 又 谁 有谁 我们'.split(' '));

const FORMATS: ReadonlyMap<string, 'markdown' | 'text' | 'plain'> = new Map([
  ['纯文本', 'plain'],
  ['plain', 'plain'],
  ['微信', 'plain'],
  ['文本', 'text'],
  ['text', 'text'],
  ['markdown', 'markdown'],
  ['富文本', 'markdown'],
  ['md', 'markdown'],
  ['卡片', 'markdown'],
]);

const EXPORT_FORMS: ReadonlyMap<string, 'file' | 'text'> = new Map([
  ['文本', 'text'],
  ['文字', 'text'],
  ['text', 'text'],
  ['文件', 'file'],
  ['file', 'file'],
  ['csv', 'file'],
  ['excel', 'file'],
]);

/** What is said about the menu → whether it is only shown. */
const MENU_ACTIONS: ReadonlyMap<string, boolean> = new Map([
  ['发布', false],
  ['publish', false],
  ['预览', true],
  ['preview', true],
]);
