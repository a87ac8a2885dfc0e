/**
 * How the simulated platform says no, and how it reads a request body: every check that is the same for all calls.
 * `refuse` is the only way an API call of the sandbox fails; api.ts turns it into `{errcode, errmsg}` with HTTP 200.
 */

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly errcode: number;

  constructor(errcode: number, reason: string) {
    super(reason);
    this.errcode = errcode;
  }
}

/** Ends the call with an errcode of the platform's table (doc 90313). */
export function refuse(errcode: number, reason: string): never {
  throw new Refusal(errcode, reason);
}

export type Body = Readonly<Record<string, unknown>>;

export const UINT32_MAX = 2 ** 32 - 1;

export function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The string at `key`; undefined when absent. A wrong type is 40035; an empty string 40058, as the platform does. */
export function optionalString(body: Body, key: string): string | undefined {
  const value = body[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') refuse(40035, `invalid parameter, ${key} should be a string`);
  if (value === '') refuse(40058, `param ${key} unexpected empty string`);
  return value;
}

/** The string at `key`; absent is refused with `missing`. */
export function requiredString(body: Body, key: string, missing = 40058): string {
  return optionalString(body, key) ?? refuse(missing, `missing param ${key}`);
}

/** The integer at `key`; a wrong type is 40035, out of range 40058. */
export function optionalInteger(body: Body, key: string, min: number, max: number): number | undefined {
  const value = body[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value))
    refuse(40035, `invalid parameter, ${key} should be integer`);
  if (value < min || value > max) refuse(40058, `param ${key} out of range [${min}, ${max}]`);
  return value;
}

export function requiredInteger(body: Body, key: string, min: number, max: number): number {
  return optionalInteger(body, key, min, max) ?? refuse(40058, `missing param ${key}`);
}

/** The strings at `key`, empty when absent. Not an array or not strings is 40035, an empty string in it 40058. */
export function stringList(body: Body, key: string): readonly string[] {
  const value = body[key];
  if (value === undefined) return [];
  if (!Array.isArray(value)) refuse(40035, `invalid parameter, ${key} should be an array`);
  return value.map((item) => {
    if (typeof item !== 'string') refuse(40035, `invalid parameter, ${key} should hold strings`);
    if (item === '') refuse(40058, `param ${key} unexpected empty string`);
    return item;
  });
}

/** The objects at `key`, empty when absent. */
export function objectList(body: Body, key: string): readonly Body[] {
  const value = body[key];
  if (value === undefined) return [];
  if (!Array.isArray(value)) refuse(40035, `invalid parameter, ${key} should be an array`);
  return value.map((item) => (isBody(item) ? item : refuse(40035, `invalid parameter, ${key} should hold objects`)));
}

/** A page of `all` as the paged calls cut it (cursor, limit ≤ 1000): the cursor is opaque, an unknown one is 50100. */
export function pageOf<T>(
  all: readonly T[],
  body: Body,
): { readonly page: readonly T[]; readonly next: string | undefined } {
  const limit = optionalInteger(body, 'limit', 1, 1000) ?? 1000;
  const cursor = optionalString(body, 'cursor');
  let start = 0;
  if (cursor !== undefined) {
    const match = /^after:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString());
    start = match ? Number(match[1]) : -1;
    if (start <= 0 || start >= all.length) refuse(50100, 'invalid cursor');
  }
  const end = start + limit;
  return {
    page: all.slice(start, end),
    next: end < all.length ? Buffer.from(`after:${end}`).toString('base64url') : undefined,
  };
}
