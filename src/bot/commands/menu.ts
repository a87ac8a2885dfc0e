/**
 * The app menu: one tap for what is done most. A click sends the text after `say:`, so a button is a command like any
 * other. Limits (doc 90231): three buttons, five below each, names of 16 and 40 bytes.
 */

import { commands } from '../../command/table/grammar.ts';
import { MENU_BRANCHES } from '../../command/table/row.ts';

/** The published menu, as far as it is ours to read and replace. */
export interface PublishedMenu {
  get(): Promise<readonly object[]>;
  create(buttons: readonly MenuBranch[]): Promise<void>;
}

export interface MenuLeaf {
  readonly type: 'click';
  readonly name: string;
  readonly key: string;
}

export interface MenuBranch {
  readonly name: string;
  readonly sub_button: readonly MenuLeaf[];
}

/** Every row of the command table that is a button, in the order of the table. */
export const MENU: readonly MenuBranch[] = MENU_BRANCHES.map((branch) => ({
  name: branch,
  sub_button: commands.flatMap(({ menu, words }): MenuLeaf[] =>
    menu?.under === branch ? [{ type: 'click', name: menu.name, key: `say:${menu.says ?? words[0]}` }] : [],
  ),
}));

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

/** Brings the published menu up to date unless it is a `dryRun`; says what is different, one readable line each. */
export async function publishMenu(menu: PublishedMenu, dryRun: boolean): Promise<string[]> {
  const differences = menuDifferences(await menu.get());
  if (!dryRun && differences.length > 0) await menu.create(MENU);
  return differences;
}

function flat(buttons: readonly Published[]): Map<string, string> {
  const out = new Map<string, string>();
  for (const button of buttons) {
    if (!button.sub_button?.length) out.set(button.name, button.key ?? button.url ?? '');
    for (const leaf of button.sub_button ?? []) out.set(`${button.name} › ${leaf.name}`, leaf.key ?? leaf.url ?? '');
  }
  return out;
}
