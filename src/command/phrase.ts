/** An intent said back in canonical words, for suggestions. */

import { commandRow } from './grammar.ts';
import type { Intent } from './intent.ts';

/** e.g. 标签 添加 金卡 到 客户分级 */
export function phrase(intent: Intent): string {
  const words = commandRow(intent.command).words[0];
  switch (intent.command) {
    case 'tag.add':
      return join(words, intent.tags.join('、'), intent.group && `到 ${intent.group}`);
    case 'tag.delete':
    case 'tag.move':
      return join(words, intent.group && `${intent.group} 里的`, intent.tags.join('、'));
    case 'tag.rename':
      return join(words, intent.tag, intent.to && `为 ${intent.to}`);
    case 'group.create':
      return intent.tags.length === 0
        ? join(words, intent.group)
        : `${join(words, intent.group)}：${intent.tags.join('、')}`;
    case 'group.delete':
      return join(words, intent.groups.join('、'));
    case 'group.rename':
      return join(words, intent.group, intent.to && `为 ${intent.to}`);
    case 'rule.rename':
      return join(words, intent.rule, intent.to && `为 ${intent.to}`);
    case 'rule.create':
    case 'rule.delete':
      return join(words, intent.rule);
    case 'tag.top':
      return join(words, intent.tag);
    case 'tag.order':
      return join(words, intent.tag, intent.order === undefined ? undefined : String(intent.order));
    default:
      return words;
  }
}

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
