/**
 * Loaded into the bot before its own code (node --import): the same program with a store that keeps nothing, so that the
 * difference is what messages and journal cost in the path of a write.
 */
import { register } from 'node:module';

const nothing = new URL('./no-store.js', import.meta.url).href;
const hook = `export async function resolve(specifier, context, next) {
  return specifier.endsWith('/store/open.js') ? { url: ${JSON.stringify(nothing)}, shortCircuit: true } : next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
