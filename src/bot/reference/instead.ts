/** What is put right after it was said or done: 不对，是钻卡; 不是铜卡，是漏发; 不是，是华南的. */

import type { Reference } from '../../command/reference.ts';
import { fold } from '../../text.ts';
import type { Context } from '../context.ts';
import type { Focus } from '../focus.ts';
import { inOther, inOtherGroup } from './elsewhere.ts';
import { drop } from './more.ts';
import { ofSeveral, onTags } from './on-pointed.ts';
import { meantBy } from './pointed.ts';
import { clear, isPointing, nothingBefore, placeCalled, type Referred, understood } from './referred.ts';

/** undefined: nothing that could be put right was spoken of, and the words are read as they stand. */
export function instead(
  ctx: Context,
  { name, not, loose }: Extract<Reference, { refers: 'instead' }>,
  focus: Focus | undefined,
): Referred | undefined {
  const said = placeAhead(ctx, name, focus) ?? name;
  if (loose && focus?.order === undefined) return undefined;
  if (focus === undefined) return not === undefined ? nothingBefore(said) : undefined;
  const { order } = focus;
  const place = placeCalled(ctx, said);
  if (place.library !== undefined) return inOther(ctx, focus, place.library, true);
  const done = focus.change !== undefined;
  if (place.group !== undefined && order !== undefined) return inOtherGroup(ctx, focus, place.group, done);
  switch (order?.command) {
    case 'tag.add':
    case 'group.create':
    case 'tag.rename': {
      const meant = meantBy(ctx, { points: 'one', said: '' }, focus);
      const tags = meant.kind === 'tags' ? meant.tags : [];
      const wrong = not === undefined || isPointing(not) ? tags : tags.filter((tag) => fold(tag.name) === fold(not));
      if (wrong.length !== 1 && not !== undefined) return undefined;
      if (wrong.length === 0) return undefined;
      const rename = { refers: 'rename', what: { points: 'one', said: '' }, to: said } as const;
      return wrong.length === 1
        ? onTags(ctx, rename, wrong)
        : ofSeveral(ctx, rename, { kind: 'tags', tags: wrong }, rename.what);
    }
    case 'tag.delete':
      return drop(ctx, said, focus);
    case 'tag.top':
      return clear(ctx, focus, (group) => ({ command: 'tag.top', tag: said, ...group }), false);
    case 'tag.find':
    case 'tag.list':
      return understood(ctx, [{ command: 'tag.find', query: said }], undefined, { refers: 'find' });
    default:
      return undefined;
  }
}

/** 华南的 in 是华南的抖音, when 抖音 is what was spoken of. */
function placeAhead(ctx: Context, said: string, focus: Focus | undefined): string | undefined {
  const spoken = focus?.tags.find(({ name }) => said.endsWith(name) && said.length > name.length)?.name;
  if (spoken === undefined) return undefined;
  const ahead = said.slice(0, -spoken.length).trim();
  const { group, library } = placeCalled(ctx, ahead);
  return /(?:的|里面?|那个|那边)$/u.test(ahead) && (group ?? library) !== undefined ? ahead : undefined;
}
