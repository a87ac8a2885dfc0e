/**
 * Reading the platform's JSON: lenient with numbers (they come as text at times) and with what is merely missing,
 * strict where guessing would be a lie. Written by hand because loading a schema library costs more than the whole start.
 */

/** The answer lacks what it must have, or has it in another form. The client turns it into a BotError. */
export class WrongShape extends Error {
  override readonly name = 'WrongShape';
}

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws WrongShape. */
export function object(value: unknown, what: string): Json {
  if (isObject(value)) return value;
  throw new WrongShape(`${what} is not an object`);
}

/** The named list of an answer. A success without it means an empty one; what says not even `errcode` is no answer. */
export function listIn(answer: Json, name: string): readonly unknown[] {
  return answer.errcode === undefined ? list(answer[name], name) : listOrNone(answer[name], name);
}

/** An array that must be there. */
export function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new WrongShape(`${what} is not an array`);
}

/** An array that may be left out. */
export function listOrNone(value: unknown, what: string): readonly unknown[] {
  return value === undefined || value === null ? [] : list(value, what);
}

/** A non-empty text, or a number that should have been one. */
export function id(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw new WrongShape(`${what} is missing`);
}

/** '' for what is neither text nor number. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** A finite number, also from text; undefined for anything else. */
export function numberOrNone(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Throws WrongShape. */
export function number(value: unknown, what: string): number {
  const found = numberOrNone(value);
  if (found === undefined) throw new WrongShape(`${what} is not a number`);
  return found;
}
