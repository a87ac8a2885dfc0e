/** Which names of the library stand in the member's words: for examples that speak of what the member spoke of. */

import type { HelpContext } from '../../command/help.ts';
import { fold } from '../../text.ts';
import type { Context } from '../context.ts';

/** What an example says where the member has named nothing. */
export const STAND_INS = { tag: '名字', group: '组名', ruleGroup: '规则组名' } as const;

/** The longest of each kind; a rule group also by the beginning of its name (华南 for 华南区). */
export function namesMentioned(ctx: Context, words: string): HelpContext {
  const said = fold(words);
  const { library } = ctx.snapshot;
  const readable = library.groups.filter(({ libraryId }) => ctx.rights.readable.has(libraryId));
  const group = longest(readable.map(({ name }) => name).filter((name) => stands(name, said)));
  const tag = longest(readable.flatMap(({ tags }) => tags.flatMap(({ name }) => (stands(name, said) ? [name] : []))));
  const ruleGroup = longest(
    library.ruleGroups.flatMap(({ id, name }) =>
      ctx.rights.readable.has(id) && (stands(name, said) || stands(name.replace(/大?区$/u, ''), said)) ? [name] : [],
    ),
  );
  return {
    ...(tag === undefined ? {} : { tag }),
    ...(group === undefined ? {} : { group }),
    ...(ruleGroup === undefined ? {} : { ruleGroup }),
  };
}

function stands(name: string, said: string): boolean {
  const wanted = fold(name);
  return wanted.length > 1 && said.includes(wanted);
}

function longest(names: readonly string[]): string | undefined {
  return names.reduce<string | undefined>(
    (best, name) => (best && best.length >= name.length ? best : name),
    undefined,
  );
}
