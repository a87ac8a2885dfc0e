/**
 * The app menu: one tap for what is done most. A click sends the text after `say:`, so a button is a command like any
 * other. Limits (doc 90231): three buttons, five below each, names of 16 and 40 bytes.
 */

export interface MenuLeaf {
  readonly type: 'click';
  readonly name: string;
  readonly key: string;
}

export interface MenuBranch {
  readonly name: string;
  readonly sub_button: readonly MenuLeaf[];
}

function say(name: string, text: string): MenuLeaf {
  return { type: 'click', name, key: `say:${text}` };
}

export const MENU: readonly MenuBranch[] = [
  {
    name: '查标签',
    sub_button: [
      say('标签列表', '标签 列表'),
      say('标签组列表', '标签组 列表'),
      say('怎么查找', '帮助 查'),
      say('统计', '统计'),
    ],
  },
  {
    name: '常用',
    sub_button: [say('怎么添加', '帮助 添加'), say('最近修改', '历史'), say('撤销上一步', '撤销'), say('导出', '导出')],
  },
  {
    name: '更多',
    sub_button: [say('帮助', '帮助'), say('规则组', '规则组 列表'), say('我的权限', '我'), say('回复格式', '设置')],
  },
];

/** Any published button, also of kinds that this bot does not make. */
interface Published {
  readonly name: string;
  readonly key?: string;
  readonly url?: string;
  readonly sub_button?: readonly Published[];
}

/** What publishing `wanted` would change, one readable line each; empty when it is published already. */
export function menuDifferences(published: readonly object[], wanted: readonly MenuBranch[] = MENU): string[] {
  const before = flat(published as readonly Published[]);
  const after = flat(wanted);
  const out: string[] = [];
  for (const [path, what] of after)
    if (before.get(path) !== what) out.push(before.has(path) ? `改动：${path}` : `新增：${path}`);
  for (const path of before.keys()) if (!after.has(path)) out.push(`去掉：${path}`);
  if (out.length === 0 && [...before.keys()].join() !== [...after.keys()].join()) out.push('改动：按钮的顺序');
  return out;
}

function flat(buttons: readonly Published[]): Map<string, string> {
  const out = new Map<string, string>();
  for (const button of buttons) {
    if (!button.sub_button?.length) out.set(button.name, button.key ?? button.url ?? '');
    for (const leaf of button.sub_button ?? []) out.set(`${button.name} › ${leaf.name}`, leaf.key ?? leaf.url ?? '');
  }
  return out;
}
