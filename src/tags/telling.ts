/**
 * Tells the other replicas which libraries have been changed. What cannot be told now is remembered and told as soon as
 * that works: until then they know no better than what they have read.
 */

/** ms; asked of the database alone, which refuses at once while it is away. */
const AGAIN_MS = 2_000;

/** `raise` rejects when it cannot be told now; `pause` resolves with false when the program is about to end. */
export interface TellingDeps {
  raise(libraries: readonly string[]): Promise<void>;
  pause(ms: number): Promise<boolean>;
}

/** Returns what tells it; that rejects as `raise` does, and goes on trying all the same. */
export function createTelling({ raise, pause }: TellingDeps): (libraries: readonly string[]) => Promise<void> {
  const untold = new Set<string>();
  let isTrying = false;

  async function keepTrying(): Promise<void> {
    if (isTrying) return;
    isTrying = true;
    while (untold.size > 0 && (await pause(AGAIN_MS))) {
      const libraries = [...untold];
      untold.clear();
      await raise(libraries).catch(() => remember(libraries));
    }
    isTrying = false;
  }

  function remember(libraries: readonly string[]): void {
    for (const library of libraries) untold.add(library);
  }

  return async (libraries) => {
    try {
      await raise(libraries);
    } catch (error) {
      remember(libraries);
      void keepTrying();
      throw error;
    }
  };
}
