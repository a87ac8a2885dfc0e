/** Groups that a plan makes on its way: later steps know them by library and name only. */

import type { GroupPart } from './step.ts';

export class MadeGroups {
  readonly #ids = new Map<string, string>();
  readonly #failed = new Set<string>();

  /** Its own, or the one that the platform has given it meanwhile; undefined while it is not made. */
  idOf(group: GroupPart): string | undefined {
    return group.id ?? this.#ids.get(keyOf(group));
  }

  note(group: GroupPart, id: string): void {
    this.#ids.set(keyOf(group), id);
  }

  noteFailure(group: GroupPart): void {
    this.#failed.add(keyOf(group));
  }

  /** Whether it was to be made and was not. */
  hasFailed(group: GroupPart): boolean {
    return group.id === undefined && this.#failed.has(keyOf(group));
  }
}

function keyOf({ libraryId, name }: GroupPart): string {
  return `${libraryId}\u0000${name}`;
}
