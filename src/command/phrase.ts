/** A reading said back in canonical words, for suggestions. */

import type { Reading } from './reading.ts';
import { commandRow } from './table/grammar.ts';

/** e.g. 标签 添加 金卡 到 客户分级 */
export function phrase(reading: Reading): string {
  const words = commandRow(reading.command).words[0];
  switch (reading.command) {
    case 'tag.add':
      return join(words, reading.tags.join('、'), reading.group && `到 ${reading.group}`);
    case 'tag.delete':
    case 'tag.move':
      return join(words, reading.group && `${reading.group} 里的`, reading.tags.join('、'));
    case 'tag.rename':
      return join(words, reading.tag, reading.to && `为 ${reading.to}`);
    case 'group.create':
      return reading.tags.length === 0
        ? join(words, reading.group)
        : `${join(words, reading.group)}：${reading.tags.join('、')}`;
    case 'group.delete':
      return join(words, reading.groups.join('、'));
    case 'group.rename':
      return join(words, reading.group, reading.to && `为 ${reading.to}`);
    case 'rule.rename':
      return join(words, reading.rule, reading.to && `为 ${reading.to}`);
    case 'rule.create':
    case 'rule.delete':
      return join(words, reading.rule);
    case 'tag.top':
      return join(words, reading.tag);
    case 'tag.order':
      return join(words, reading.tag, reading.order === undefined ? undefined : String(reading.order));
    default:
      return words;
  }
}

function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
