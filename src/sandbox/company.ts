/**
 * What all apps of one corp share: its people, its rule groups, its tags, its files. Each app sees them its own way
 * (corp.ts); a reset of one of them is a reset for all.
 */
import { type Department, Directory, type Member } from './directory.ts';
import { Media } from './media.ts';
import { crowd, DEPARTMENTS, MEMBERS, seedCorpTags, seedRuleGroups } from './seed.ts';
import { Strategies, StrategyRecords } from './strategies.ts';
import { TagLibrary } from './tag-library.ts';
import { TagRecords } from './tag-shelf.ts';
import { DEFAULT_VARIANTS } from './trouble.ts';

export interface Holdings {
  readonly strategies: StrategyRecords;
  readonly tags: TagRecords;
  readonly media: Media;
}

export class Company {
  readonly name: string;
  readonly members: readonly Member[];
  readonly departments: readonly Department[] = DEPARTMENTS;
  readonly #now: () => number;
  readonly #watchers = new Set<() => void>();
  #holdings: Holdings;

  /** `others`: so many members beside the seeded ones. */
  constructor(name: string, now: () => number, others = 0) {
    this.name = name;
    this.members = [...MEMBERS, ...crowd(others)];
    this.#now = now;
    this.#holdings = this.#empty();
  }

  get holdings(): Holdings {
    return this.#holdings;
  }

  /** Everything the corp had is gone. */
  clear(): void {
    this.#holdings = this.#empty();
  }

  /** `watcher` hears when tags or rule groups have changed, through whichever app. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher);
  }

  changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #empty(): Holdings {
    return { strategies: new StrategyRecords(), tags: new TagRecords(), media: new Media(this.#now) };
  }
}

/** A corp that has worked with tags for a while, through another app than those that are tried here. */
export function stockedCompany(name: string, now: () => number): Company {
  const company = new Company(name, now);
  const { strategies: rules, tags } = company.holdings;
  const variants = () => DEFAULT_VARIANTS;
  const directory = new Directory(company.members, company.departments);
  const strategies = new Strategies(rules, 'another app', directory, variants, now);
  const library = new TagLibrary(tags, 'another app', strategies, variants, now);
  seedCorpTags(library);
  seedRuleGroups(strategies, library, true);
  return company;
}
