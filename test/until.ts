import { vi } from 'vitest';

/** Until `check` no longer throws: looked at often, and for as long as a busy machine may need. */
export function until<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 8_000, interval: 20 });
}
