/**
 * Names as typed → what they stand for in the libraries: the current one first, then the others the member may read. Also
 * parts a list of names where 和 or a space may or may not belong to a name.
 */

import { UNIT } from '../command/library-named.ts';
import { nameOf } from '../command/tokens.ts';
import { CORP_LIBRARY, type Library, type TagEntry } from '../tags/library.ts';
import type { SearchIndex } from '../tags/search/search.ts';
import type { LibraryId, RuleGroup, TagGroup } from '../tags/tag.ts';
import { fold } from '../text.ts';
import { LONGEST_SAID } from './around.ts';
import type { GroupRef, LibraryRef, RuleRef, TagRef } from './order.ts';
import { asDigits } from './spoken.ts';

/** What the member can see while one message is read. */
export interface View {
  readonly library: Library;
  /** The library the member works in; undefined when there are several and none is chosen. */
  readonly libraryId: LibraryId | undefined;
  /** Nobody has chosen it, it is only the likeliest: a name that others bear too is then asked for. */
  readonly unchosen?: boolean;
  /** The one that the sentence names; nothing else is readable then. */
  readonly named?: LibraryId;
  readonly readable: ReadonlySet<LibraryId>;
  readonly search: Pick<SearchIndex, 'nearest'>;
  /** Groups that earlier lines of the same batch create, by folded name. */
  readonly made?: ReadonlyMap<string, { readonly name: string; readonly libraryId: LibraryId }>;
}

export function mayRead(view: View, libraryId: LibraryId): boolean {
  return view.readable.has(libraryId);
}

export function readableRules(view: View): RuleGroup[] {
  return view.library.ruleGroups.filter((rule) => mayRead(view, rule.id));
}

/** 企业标签 first, as it is everywhere. */
export function readableLibraries(view: View): LibraryRef[] {
  const corp = mayRead(view, 'corp') ? [CORP] : [];
  return [...corp, ...readableRules(view).map(ruleRef)];
}

/** Of several, those in the current library if any are there; of those, the ones spelt exactly so, per group. */
function narrowed<T>(found: readonly T[], view: View, libraryOf: (item: T) => LibraryId): T[] {
  const readable = found.filter((item) => mayRead(view, libraryOf(item)));
  if (view.unchosen) return readable;
  const here = readable.filter((item) => libraryOf(item) === view.libraryId);
  return here.length > 0 ? here : readable;
}

export function groupsCalled(name: string, view: View): TagGroup[] {
  const found = narrowed(view.library.groupsNamed(name), view, (group) => group.libraryId);
  const exact = found.filter((group) => group.name === name);
  return exact.length > 0 ? exact : found;
}

/** Tags of that name; in a group, when one is given. Spelling decides only between tags of one group. */
export function tagsCalled(name: string, view: View, within?: ReadonlySet<string>): TagEntry[] {
  const all = tagsWritten(name, view);
  const found = narrowed(
    within === undefined ? all : all.filter((entry) => within.has(entry.group.id)),
    view,
    (entry) => entry.group.libraryId,
  );
  return found.filter(
    (entry) =>
      entry.tag.name === name || !found.some((other) => other.group.id === entry.group.id && other.tag.name === name),
  );
}

/** Of that name, or of the one that is dictated so. */
function tagsWritten(name: string, { library }: View): readonly TagEntry[] {
  if (name.length > LONGEST_SAID) return [];
  const folded = fold(name);
  const found = library.tagsNamed(folded);
  if (found.length > 0) return found;
  const written = asDigits(folded);
  return written === undefined ? found : library.tagsNamed(written);
}

export function rulesCalled(name: string, view: View): RuleGroup[] {
  return view.library.ruleGroupsNamed(name).filter((rule) => mayRead(view, rule.id));
}

/** What people call the library of all, when they speak to this bot. */
const CORP_NAMES: ReadonlySet<string> = new Set(
  [CORP_LIBRARY, '企业标签库', '企业标签组', '企业的标签', '企业'].map(fold),
);
const CORP: LibraryRef = { id: 'corp', name: CORP_LIBRARY };

export function librariesCalled(name: string, view: View): LibraryRef[] {
  const corp = CORP_NAMES.has(fold(name)) && mayRead(view, 'corp') ? [CORP] : [];
  return [...corp, ...rulesCalled(name, view).map(ruleRef)];
}

const RULE_TAIL = new RegExp(`(?:客户)?(?:规则组|${UNIT})$`, 'u');

function stemOf(name: string): string {
  return fold(name).replace(RULE_TAIL, '') || fold(name);
}

/** How people call the rule groups, 华南 for 华南区: each stem that no other rule group has. */
export function stems(view: View): { readonly name: string; readonly stem: string }[] {
  const all = readableRules(view).map(({ name }) => ({ name, stem: stemOf(name) }));
  return all.filter(({ stem }) => stem.length > 1 && all.filter((other) => other.stem === stem).length === 1);
}

/** The name of the rule group that is called so; the name as it is when none is, or several. */
export function fullName(name: string, view: View): string {
  if (rulesCalled(name, view).length > 0) return name;
  return stems(view).find(({ stem }) => stem === stemOf(name))?.name ?? name;
}

export function ruleRef(rule: RuleGroup): RuleRef {
  return { id: rule.id, name: rule.name };
}

export function groupRef(group: TagGroup): GroupRef {
  return { id: group.id, name: group.name, libraryId: group.libraryId };
}

export function tagRef(entry: TagEntry): TagRef {
  return { id: entry.tag.id, name: entry.tag.name, group: groupRef(entry.group) };
}

const SOFT = /(\s+(?:和|与|與|及|以及|跟|还有|and|&)\s+|(?<=\S)跟\s+|\s+|以及|还有|和|与|與|及)/iu;

/** 抖音 和小红书: what stands beside a space is more likely the word between two names than the first one of a name. */
const AND_AHEAD = /^(?:以及|还有|還有|(?:和|与|與|及|跟)(?!.$))\s*(?=\S)/u;
const MORE_AHEAD = /^(?:以及|还有|還有)\s*(?=\S)/u;
const BEGINS_WITH_AND =
  /^(?:和(?:平|睦|谐|解|气|硕|田|县|服|尚|声|家亲)|[与與](?:会|时|众|否|日|世)|及(?:时|格|早|第|至|笄)|跟(?:单|进|踪|团|拍|妆|班|随|投|队|诊|播|课|练|读|岗|催|价|款))/u;

/**
 * Names of a list in which an unquoted space, 和, 与 or 及 parts two names unless a known name fits the whole.
 * `known` tells whether such a name exists.
 */
export function partedNames(typed: readonly string[], known: (name: string) => boolean): string[] {
  const tokens = typed.reduce((sum, item) => sum + item.split(SOFT).length, 0);
  const longest = tokens > MOST_TOKENS ? 1 : LONGEST_NAME;
  return typed.flatMap((item, at) => {
    const whole = nameOf(at > 0 ? item.replace(MORE_AHEAD, '') : item);
    if (whole.literal || !SOFT.test(whole.name) || known(whole.name)) return [whole.name];
    const rest = at > 0 ? nameOf(whole.name.replace(AND_AHEAD, '')) : whole;
    if (rest.literal || known(rest.name)) return [rest.name];
    return partedName(whole.name, known, longest);
  });
}

function partedName(name: string, known: (name: string) => boolean, longest: number): string[] {
  const tokens = softTokens(name);
  const out: string[] = [];
  for (let from = 0; from < tokens.length; ) {
    let to = from + 1;
    for (let end = Math.min(tokens.length, from + longest); end > to; end -= 2) {
      if (known(tokens.slice(from, end).join(''))) {
        to = end;
        break;
      }
    }
    const { name: part } = nameOf(tokens.slice(from, to).join(''));
    out.push(from > 0 && /^\s+$/u.test(tokens[from - 1] ?? '') ? withoutAnd(part, known) : part);
    from = to + 1;
  }
  return out.filter((part) => part !== '');
}

function withoutAnd(name: string, known: (name: string) => boolean): string {
  const { name: rest } = nameOf(name.replace(AND_AHEAD, ''));
  return known(name) || (BEGINS_WITH_AND.test(name) && !known(rest)) ? name : rest;
}

/** Tokens, separators included, that are tried as one name. */
const LONGEST_NAME = 13;
/** In a longer list only single tokens are names: nobody types so many names with spaces in them. */
const MOST_TOKENS = 200;

/** name, separator, name, …: a separator without a name on both sides belongs to the name beside it. */
function softTokens(name: string): string[] {
  const out: string[] = [];
  let current = '';
  for (const [index, piece] of name.split(SOFT).entries()) {
    const parts = index % 2 === 1 && current !== '';
    if (!parts) {
      current += piece;
      continue;
    }
    out.push(current, piece);
    current = '';
  }
  if (current !== '') return [...out, current];
  const dangling = out.pop() ?? '';
  const last = out.pop() ?? '';
  return [...out, `${last}${dangling}`.trim()];
}
