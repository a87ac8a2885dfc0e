/**
 * Keeps the catalog up with what other replicas have changed: whoever changes a library raises its version where all can
 * see it, and who finds a version that he has not read yet reads that library before he answers.
 */

import { Lines } from '../queue.ts';
import type { Catalog } from './catalog.ts';

/** Stands for the rule groups themselves, and for whatever may be meant by a hint that names none. */
export const EVERYTHING = '*';
/** More libraries than this are read as a whole: fewer calls. */
const FEW = 3;

export interface CatchUp {
  /** Resolves when the catalog is as new as these versions. What cannot be read is reported, and tried again next time. */
  to(versions: ReadonlyMap<string, number>): Promise<void>;
  /** These versions came of our own changes, which the catalog knows already. */
  madeByUs(versions: ReadonlyMap<string, number>): void;
}

/** `report` hears why a library could not be read. */
export function createCatchUp(
  catalog: Pick<Catalog, 'fresh' | 'forgetRuleGroups' | 'refreshGroupsIn'>,
  report: (error: unknown) => void,
): CatchUp {
  const seen = new Map<string, number>();
  const lines = new Lines<'reading'>();

  const unread = (versions: ReadonlyMap<string, number>): string[] =>
    [...versions].filter(([library, version]) => version > (seen.get(library) ?? 0)).map(([library]) => library);

  async function read(versions: ReadonlyMap<string, number>): Promise<void> {
    // Another message may have read them while this one waited.
    const libraries = unread(versions);
    if (libraries.length === 0) return;
    try {
      if (libraries.includes(EVERYTHING)) catalog.forgetRuleGroups();
      if (libraries.length > FEW || libraries.includes(EVERYTHING)) await catalog.fresh();
      else
        for (const library of libraries) await catalog.refreshGroupsIn(library === 'corp' ? library : Number(library));
      for (const library of libraries) note(library, versions.get(library) ?? 0);
    } catch (error) {
      report(error);
    }
  }

  function note(library: string, version: number): void {
    seen.set(library, Math.max(version, seen.get(library) ?? 0));
  }

  return {
    async to(versions) {
      if (unread(versions).length > 0) await lines.run(['reading'], () => read(versions));
    },
    madeByUs(versions) {
      // A gap is somebody else's change.
      for (const [library, version] of versions) if (version === (seen.get(library) ?? 0) + 1) note(library, version);
    },
  };
}
