/** The same order for another place, in one breath: 客户价值的高意向改成强意向，跟进状态的也改; 华东的加待回访，华南的也加. */

import type { Known } from './known.ts';
import { UNIT } from './library-named.ts';
import { actingIn } from './orders.ts';
import type { BatchLine, CommandId, Parsed, Reading } from './reading.ts';
import { slice, type Text, trimmed } from './tokens.ts';

const TOO =
  /[,;。\s]+(?:然后|还有|另外|顺便|把|将|给|在)*(?<place>[^,;。\s]{2,14}?)(?:那边|这边|那个|那组|里面|里)?的?(?:也|同样)(?:都|给我|帮我|一起|要|得)*(?<verb>改|换|添加|加|删除|删|去掉|移除|置顶|排第一|一样|这样|如此)(?:名字|名|一下|一个|个|上|掉|了|吧|下|的|哈)*[。!~\s]*$/;

const COMMANDS: Readonly<Record<string, readonly CommandId[]>> = {
  改: ['tag.rename'],
  换: ['tag.rename'],
  添加: ['tag.add'],
  加: ['tag.add'],
  删除: ['tag.delete'],
  删: ['tag.delete'],
  去掉: ['tag.delete'],
  移除: ['tag.delete'],
  置顶: ['tag.top'],
  排第一: ['tag.top'],
};
const ANY: readonly CommandId[] = ['tag.rename', 'tag.add', 'tag.delete', 'tag.top'];

export interface Too {
  /** The sentence before it. */
  readonly first: Text;
  readonly group?: string;
  readonly rule?: string;
  readonly commands: readonly CommandId[];
}

/** What a sentence says at its end to be done in another group or library as well. */
export function tooIn(text: Text, known: Known): Too | undefined {
  const found = TOO.exec(text.plain);
  const { place: said = '', verb = '' } = found?.groups ?? {};
  if (found === null || found.index < 3) return undefined;
  const first = trimmed(slice(text, 0, found.index));
  const commands = COMMANDS[verb] ?? ANY;
  const at = text.plain.indexOf(said, found.index);
  const place = text.raw.slice(at, at + said.length);
  if (known.group(place)) return { first, group: place, commands };
  const rule = known.rules.find(({ stem }) => IS_TAIL.test(said.slice(stem.length)) && said.startsWith(stem));
  return rule === undefined ? undefined : { first, rule: rule.name, commands };
}

const IS_TAIL = new RegExp(`^(?:规则组|${UNIT})?$`);

/** The order before it, and the same in the other place; undefined when it is no order that can be given there. */
export function alsoThere(parsed: Parsed, { group, rule, commands }: Too): Parsed | undefined {
  if (parsed.kind !== 'sentence') return undefined;
  const best = actingIn(parsed.readings);
  if (best === undefined || !commands.includes(best.command)) return undefined;
  const { kind: _, typo: __, text = '', formal = false, ...rest } = parsed;
  const readings = parsed.readings.filter(({ command }) => command === best.command);
  const there = group === undefined ? readings : readings.map((reading): Reading => ({ ...reading, group }) as Reading);
  const first: BatchLine = { ...rest, number: 1, text, formal, readings };
  const second: BatchLine = { ...first, number: 2, readings: there, ...(rule === undefined ? {} : { rule }) };
  return { kind: 'batch', lines: [first, second] };
}
