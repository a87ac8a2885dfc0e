/** Variables that were meant for a setting and miss it: a restriction that is not heard must not become a wider right. */

import { distance } from 'fastest-levenshtein';
import type { Environment } from './source.ts';

/** Below this length (HOST, PORT) too many foreign names are near. */
const SHORTEST = 8;
const FAR = 2;

/**
 * The variable of the environment that was perhaps meant for `wanted`: a letter or two off, in another case, or with or
 * without our prefix (WECOM_READ_ACCESS). `known` are the names that are read.
 */
export function meantFor(wanted: string, env: Environment, known: ReadonlySet<string>): string | undefined {
  return Object.keys(env)
    .filter((name) => !known.has(name) && env[name] !== '')
    .find((name) => isNear(name.toUpperCase(), wanted));
}

function isNear(name: string, wanted: string): boolean {
  if (wanted.length < SHORTEST) return false;
  if (distance(name, wanted) <= FAR) return true;
  return /^(WECOM|BOT)_/.test(name) && distance(bare(name), bare(wanted)) <= 1;
}

function bare(name: string): string {
  return name.replace(/^(WECOM_)?(BOT_)?/, '');
}
