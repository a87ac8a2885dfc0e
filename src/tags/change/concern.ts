/** What writes are about: the libraries whose other writes must wait, and what has to be re-read beforehand. Pure. */

import type { Library } from '../library.ts';
import type { GroupKey, LibraryId } from '../tag.ts';
import type { Write } from './step.ts';

export interface Concern {
  readonly libraryIds: readonly LibraryId[];
  /** Libraries to be read whole: names and positions of sibling groups matter. */
  readonly whole: readonly LibraryId[];
  /** Groups to be read, of other libraries than those. */
  readonly groups: readonly GroupKey[];
}

/** What is not in `library` any more concerns nobody. */
export function concernOf(writes: readonly Write[], library: Library): Concern {
  const libraryIds = new Set<LibraryId>();
  const whole = new Set<LibraryId>();
  const groups = new Map<string, GroupKey>();
  for (const write of writes) {
    switch (write.command) {
      case 'tag.add':
        if (write.target.kind === 'existing') group(write.target.group);
        else all(write.target.libraryId);
        break;
      case 'group.create':
        all(write.libraryId);
        break;
      case 'tag.delete':
        for (const target of write.targets) group(library.tag(target.id)?.group);
        break;
      case 'tag.rename':
      case 'tag.order':
      case 'tag.top':
        group(library.tag(write.target.id)?.group);
        break;
      case 'group.delete':
        for (const target of write.targets) group(library.group(target.id));
        break;
      case 'group.rename':
      case 'group.order':
      case 'group.top':
        all(library.group(write.target.id)?.libraryId);
        break;
    }
  }
  const alone = [...groups.values()].filter(({ libraryId }) => !whole.has(libraryId));
  return { libraryIds: [...libraryIds], whole: [...whole], groups: alone };

  function all(libraryId: LibraryId | undefined): void {
    if (libraryId === undefined) return;
    libraryIds.add(libraryId);
    whole.add(libraryId);
  }

  function group(found: GroupKey | undefined): void {
    if (!found) return;
    groups.set(found.id, { id: found.id, libraryId: found.libraryId });
    libraryIds.add(found.libraryId);
  }
}
