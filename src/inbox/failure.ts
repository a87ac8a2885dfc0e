/** What an error means for a delivery: whether another try may help, and whether the platform has refused. */

import { BotError } from '../errors.ts';

/** The client has repeated what got no proper answer, twice; what was shown may have been seen already. */
const OUTCOME_UNKNOWN: ReadonlySet<string> = new Set(['api.timeout', 'api.broken', 'api.gateway', 'api.not-json']);

/** Whether the same push, later, may work: the platform wants a pause, or could not be reached at all. */
export function laterMayHelp(error: unknown): boolean {
  return error instanceof BotError && error.kind === 'busy' && !OUTCOME_UNKNOWN.has(error.code);
}

/** Whether the platform has said no to this very message, so that another form of it may be taken. */
export function wasRefused(error: unknown): boolean {
  return error instanceof BotError && error.errcode !== undefined && error.kind !== 'setup' && error.kind !== 'token';
}
