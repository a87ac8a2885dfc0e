import { describe, expect, it } from 'vitest';
import { referenceIn } from '../../src/command/reference.ts';

/** What a reading says of the sentence, in short: the kind, then what it names. */
function read(sentence: string): string {
  const reference = referenceIn(sentence);
  if (reference === undefined) return '-';
  const { refers, ...rest } = reference;
  return `${refers} ${Object.entries(rest)
    .map(([key, value]) => `${key}:${typeof value === 'object' ? JSON.stringify(Object.values(value)) : value}`)
    .join(' ')}`;
}

describe('sentences that refer', () => {
  it.each([
    ['再加一个银卡', 'add tags:银卡'],
    ['再来两个 年货节、开学季', 'add tags:年货节、开学季'],
    ['还有舞蹈', 'add tags:舞蹈 verbless:true'],
    ['里面再加个教育', 'add tags:教育 into:["group","里面"]'],
    ['银卡也加', 'too names:银卡 verb:add'],
    ['3-6岁也一样', 'too names:3-6岁 verb:same'],
    ['华南的也删', 'too names:华南 verb:delete'],
    ['铜卡不要了', 'drop names:铜卡'],
    ['删掉它', 'delete what:["one","它"]'],
    ['第一个和第三个删了', 'delete what:["nth","第一个和第三个",[1,3]]'],
    ['最后一个改成信奥', 'rename what:["nth","最后一个",[-1]] to:信奥'],
    ['改成钻石卡', 'rename what:["one",""] to:钻石卡'],
    ['上面那个改名叫大油皮', 'rename what:["one","上面那个"] to:大油皮'],
    ['华南的那个删掉', 'delete what:["one","华南的那个","华南"]'],
    ['不对，是钻卡', 'instead name:钻卡'],
    ['不是，是华南的', 'instead name:华南的'],
    ['不是铜卡，是漏发', 'instead name:漏发 not:铜卡'],
    ['改回来', 'undo which:["last",true]'],
    ['删错了，快恢复', 'undo which:["last","delete",true]'],
    ['加错了', 'undo which:["last","add"]'],
    ['两个都撤销', 'undo which:["several",2]'],
    ['撤销第二条', 'undo which:["nth",2,false]'],
    ['恢复老客', 'undo which:["named","老客",false]'],
    ['把老客这个标签找回来', 'undo which:["named","老客",false]'],
    ['恢复「VIP 客户」', 'undo which:["named","VIP 客户",false]'],
    ['产后恢复', 'undo which:["named","产后",true]'],
    ['它在哪个组', 'find what:["one","它"]'],
  ])('%s', (sentence, expected) => {
    expect(read(sentence)).toBe(expected);
  });

  it.each([
    '别删它',
    '这个有多少人用了',
    '没加错吧',
    '删它之前要注意啥',
    '标签 改名 SVIP 为 至尊VIP',
    '撤销',
    '删除',
    '客户分级里的VIP删掉',
    '还有效吗',
  ])('%s stands by itself', (sentence) => {
    expect(referenceIn(sentence)).toBeUndefined();
  });
});
