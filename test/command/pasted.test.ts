import { describe, expect, it } from 'vitest';
import { parse } from '../../src/command/parser.ts';
import { heard } from '../../src/command/typo.ts';

/** What a paste comes to: `组: 名、名` per group of an import, or the commands of its lines. */
function read(text: string): string {
  const parsed = parse(text);
  if (parsed.kind === 'batch')
    return parsed.lines.map(({ readings, rule }) => `${rule ?? ''} ${JSON.stringify(readings[0])}`.trim()).join(' ; ');
  const [reading] = parsed.kind === 'sentence' ? parsed.readings : [];
  if (reading?.command !== 'import') return reading?.command ?? parsed.kind;
  return reading.groups
    .map(({ group, tags }) => `${group}: ${tags.join('、')}`)
    .join(' ; ')
    .replace(/[「」]/g, '');
}

describe('rows from a spreadsheet or a file', () => {
  it.each([
    ['级别\t金卡\n\t银卡\n课程\t钢琴', '级别: 金卡、银卡 ; 课程: 钢琴'],
    ['标签组\t标签\n级别\t金卡\n\t银卡', '级别: 金卡、银卡'],
    ['标签\t标签组\n金卡\t级别', '级别: 金卡'],
    ['序号\t标签组\t标签\t备注\n1\t级别\t金卡\t年费 99', '级别: 金卡'],
    ['帮忙导入一下\n级别\t金卡\n\t银卡\n谢谢', '级别: 金卡、银卡'],
    ['标签组\t标签\n级别\t金卡\n合计\t1', '级别: 金卡'],
    ['标签组,标签\n级别,金卡\n级别,银卡', '级别: 金卡、银卡'],
    ['"标签组","标签"\n"级别","金卡，银卡"', '级别: 金卡，银卡'],
    ['级别\t金卡\t银卡\t年费\n课程\t钢琴\t\t', 'unclear'],
    ['标签组\t标签\n', 'tag.find'],
    ['标签组\t标签\n\t金卡', 'unclear'],
    ['1. 第1次回访：价格有顾虑，暂时不考虑\n2. 第2次回访：价格有顾虑，暂时不考虑', 'tag.find'],
    ['级别：\n１．金卡\n２．银卡\n课程:\n• 钢琴', '级别: 金卡、银卡 ; 课程: 钢琴'],
    ['促销:\n- 7折\n- 6折', '促销: 7折、6折'],
  ])('%j → %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it('names the rule group of every row, and what is to be done with it', () => {
    expect(read('规则组\t标签组\t标签\n华南区\t片区\t番禺店')).toBe(
      '华南区 {"command":"tag.add","tags":["「番禺店」"],"group":"「片区」"}',
    );
    expect(read('原标签\t新标签\n铜卡\t青铜卡')).toBe('{"command":"tag.rename","tag":"「铜卡」","to":"「青铜卡」"}');
    expect(read('操作\t标签组\t标签\n删除\t级别\t铜卡')).toBe(
      '{"command":"tag.delete","tags":["「铜卡」"],"group":"「级别」"}',
    );
  });
});

describe('misheard words', () => {
  it.each([
    ['级别里天加标签儿钻石卡', '级别里添加标签钻石卡'],
    ['标前 三除 铜卡', '标签 删除 铜卡'],
    ['标签 该名 铜卡 为 青铜卡', '标签 改名 铜卡 为 青铜卡'],
  ])('%s → %s', (said, meant) => {
    expect(heard(said)).toBe(meant);
  });

  it.each(['标签 添加 “三除” 到 级别', '添加盟商到级别', '标签 添加 金卡 到 级别'])('%s stays', (said) => {
    expect(heard(said)).toBeUndefined();
  });
});
