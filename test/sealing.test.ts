/** What is sealed can be read by whoever has the key, where it belongs, and by nobody else. */
import { describe, expect, test } from 'vitest';
import { createKeyRing } from '../src/sealing.ts';

const NEW = Buffer.alloc(32, 'new key').toString('base64');
const OLD = Buffer.alloc(32, 'old key').toString('base64');
const before = createKeyRing([OLD]);
const rotating = createKeyRing([NEW, OLD]);
const after = createKeyRing([NEW]);

describe('a key ring', () => {
  test('opens what it has sealed, and the same text is never sealed alike', () => {
    const sealed = after.seal('授权码 secret', 'suite');
    expect(after.open(sealed, 'suite')).toBe('授权码 secret');
    expect(after.seal('授权码 secret', 'suite')).not.toBe(sealed);
    expect(sealed).not.toContain('secret');
  });

  test('opens with the former key what is not sealed anew yet, and seals with the new one', () => {
    const old = before.seal('code', 'p');
    expect(rotating.open(old, 'p')).toBe('code');
    expect(rotating.isCurrent(old)).toBe(false);
    expect(after.open(old, 'p')).toBeUndefined();
    const anew = rotating.seal('code', 'p');
    expect(rotating.isCurrent(anew)).toBe(true);
    expect(after.open(anew, 'p')).toBe('code');
    expect(before.open(anew, 'p')).toBeUndefined();
  });

  test('opens nothing in another place, and nothing that was altered', () => {
    const sealed = after.seal('code', 'suite corp A');
    expect(after.open(sealed, 'suite corp B')).toBeUndefined();
    const [id, content = ''] = sealed.split('.');
    for (let at = 0; at < content.length - 2; at += 5) {
      const other = content[at] === 'A' ? 'B' : 'A';
      expect(
        after.open(`${id}.${content.slice(0, at)}${other}${content.slice(at + 1)}`, 'suite corp A'),
      ).toBeUndefined();
    }
    for (const odd of ['', '.', `${id}.`, `${id}.AAAA`, 'no seal', content])
      expect(after.open(odd, 'p')).toBeUndefined();
  });
});
