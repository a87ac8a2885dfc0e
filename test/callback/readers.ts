/** The strict reader of plain documents against the library that it stands in front of. */
import { expect } from 'vitest';
import { Parser } from 'xml2js';
import { readFlat } from '../../src/callback/flat.ts';

/** What xml2js makes of a document; undefined when it refuses it. */
function readWithLibrary(xml: string): unknown {
  const parser = new Parser({ async: false, explicitRoot: false, explicitArray: true, ignoreAttrs: true });
  const roots: unknown[] = [];
  let failed = false;
  parser.on('end', (root: unknown) => roots.push(root));
  parser.on('error', () => {
    failed = true;
  });
  parser.parseString(xml);
  return failed || roots.length !== 1 ? undefined : roots[0];
}

/** Whatever the strict reader reads, the library reads alike. False: the strict reader left it alone. */
export function expectSame(xml: string): boolean {
  const flat = readFlat(xml);
  if (flat === undefined) return false;
  const expected = Object.fromEntries([...flat].map(([name, text]) => [name, [text]]));
  const library = readWithLibrary(xml);
  // A root without children is its white space for xml2js.
  if (flat.size === 0) expect(library).toMatch(/^\s*$/);
  else expect({ ...(library as object) }).toEqual(expected);
  return true;
}
