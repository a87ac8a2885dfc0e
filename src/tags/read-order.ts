/**
 * Which of several reads has begun last: what a later one has seen is never overwritten by an earlier one that took longer.
 * Every read takes a number when it begins; per family and per group the highest is kept whose result was taken.
 */

import { FAMILIES, type Family, familyOf, type GroupKey } from './tag.ts';

export class ReadOrder {
  #last = 0;
  readonly #ofFamilies: Record<Family, number> = { corp: 0, 'rule-groups': 0 };
  readonly #ofGroups = new Map<string, number>();

  /** The number of a read that begins now. */
  begin(): number {
    return ++this.#last;
  }

  /** Whether this group alone was taken from a later read than this one. */
  isNewer(groupId: string, than: number): boolean {
    return (this.#ofGroups.get(groupId) ?? 0) > than;
  }

  /** Whether nothing that has begun as late has told of the group, alone or with its family. */
  isLatest({ id, libraryId }: GroupKey, read: number): boolean {
    return Math.max(this.#ofGroups.get(id) ?? 0, this.#ofFamilies[familyOf(libraryId)]) < read;
  }

  takeGroup(id: string, read: number): void {
    this.#ofGroups.set(id, read);
  }

  takeFamilies(families: ReadonlySet<Family>, read: number): void {
    for (const family of families) this.#ofFamilies[family] = read;
    if (families.size < FAMILIES.length) return;
    for (const [id, of] of this.#ofGroups) if (of < read) this.#ofGroups.delete(id);
  }
}
