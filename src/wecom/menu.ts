/** The app's menu (docs 90231, 90232, 90233): at most three buttons with at most five below each. */
import { BotError } from '../errors.ts';
import type { Client } from './client.ts';
import { isObject, listOrNone, text } from './shape.ts';

export type MenuButton = { readonly name: string; readonly sub_button: readonly MenuLeaf[] } | MenuLeaf;

export type MenuLeaf =
  | { readonly type: 'click'; readonly name: string; readonly key: string }
  | { readonly type: 'view'; readonly name: string; readonly url: string }
  /** Kinds this bot does not make but may find published. */
  | { readonly type: 'other'; readonly name: string };

export interface MenuApi {
  /** What is published; empty when nothing is. */
  get(): Promise<MenuButton[]>;
  /** Replaces the whole menu. Throws BotError `menu.invalid` before calling when a limit is broken. */
  create(buttons: readonly MenuButton[]): Promise<void>;
}

/** Of a 第三方 app, which has no menu that could be read or published (doc 90231). Throws BotError. */
export const NO_MENU: MenuApi = { get: noMenu, create: noMenu };

async function noMenu(): Promise<never> {
  throw new BotError('menu.third-party', 'user', {
    meaning: '第三方应用没有菜单接口，菜单看不到也发布不了。',
    advice: '不影响使用：直接发文字就行，发「帮助」看可以怎么说。',
  });
}

const NEVER_PUBLISHED = 46003;
const LIMITS = { top: 3, sub: 5, topName: 16, subName: 40, key: 128, url: 1024 } as const;

export function createMenuApi(client: Client, agentId: number): MenuApi {
  const query = { agentid: agentId };
  return {
    async get() {
      try {
        return await client.call('menu/get', undefined, {
          query,
          idempotent: true,
          read: (answer) => listOrNone(answer.button, 'button').map(readButton),
          expected: (errcode) => errcode === NEVER_PUBLISHED,
        });
      } catch (error) {
        if (error instanceof BotError && error.errcode === NEVER_PUBLISHED) return [];
        throw error;
      }
    },
    async create(buttons) {
      const problems = validateMenu(buttons);
      if (problems.length > 0) {
        throw new BotError('menu.invalid', 'bug', { meaning: `菜单不合要求：${problems.join('；')}。` });
      }
      await client.call('menu/create', { button: buttons }, { query, idempotent: true, read: () => undefined });
    },
  };
}

/** Every broken limit in Chinese, empty when the menu can be published. Lengths are bytes of UTF-8. */
export function validateMenu(buttons: readonly MenuButton[]): string[] {
  const problems: string[] = [];
  if (buttons.length < 1 || buttons.length > LIMITS.top) problems.push(`一级菜单要有 1 到 ${LIMITS.top} 个`);
  for (const button of buttons) {
    if (!('sub_button' in button)) problems.push(...leafProblems(button, LIMITS.topName));
    else {
      problems.push(...nameProblems(button.name, LIMITS.topName));
      const below = button.sub_button.length;
      if (below < 1 || below > LIMITS.sub) problems.push(`「${button.name}」下面要有 1 到 ${LIMITS.sub} 个`);
      for (const leaf of button.sub_button) problems.push(...leafProblems(leaf, LIMITS.subName));
    }
  }
  return problems;
}

function leafProblems(leaf: MenuLeaf, nameLimit: number): string[] {
  const problems = nameProblems(leaf.name, nameLimit);
  if (leaf.type === 'click' && !fits(leaf.key, LIMITS.key))
    problems.push(`「${leaf.name}」的 key 要有 1 到 ${LIMITS.key} 字节`);
  if (leaf.type === 'view' && !(fits(leaf.url, LIMITS.url) && /^https?:\/\//.test(leaf.url))) {
    problems.push(`「${leaf.name}」的网址要以 http 开头，最多 ${LIMITS.url} 字节`);
  }
  if (leaf.type === 'other') problems.push(`「${leaf.name}」的类型不能由机器人发布`);
  return problems;
}

function nameProblems(name: string, limit: number): string[] {
  return fits(name, limit) ? [] : [`菜单名「${name}」要有 1 到 ${limit} 字节（一个汉字 3 字节）`];
}

function fits(value: string, limit: number): boolean {
  return value !== '' && Buffer.byteLength(value) <= limit;
}

function readButton(value: unknown): MenuButton {
  if (!isObject(value)) return { type: 'other', name: '' };
  const below = listOrNone(value.sub_button, 'sub_button');
  return below.length > 0 ? { name: text(value.name), sub_button: below.map(readLeaf) } : readLeaf(value);
}

function readLeaf(value: unknown): MenuLeaf {
  const button = isObject(value) ? value : {};
  const name = text(button.name);
  if (button.type === 'click') return { type: 'click', name, key: text(button.key) };
  if (button.type === 'view') return { type: 'view', name, url: text(button.url) };
  return { type: 'other', name };
}
