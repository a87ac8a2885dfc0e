/**
 * Mistyped key words: 填加 for 添加, 删出 for 删除, dlete for delete. A corrected text is only ever suggested.
 */

import { distance } from 'fastest-levenshtein';
import { type Text, textOf } from './tokens.ts';

/** Key words worth correcting. */
const CHINESE =
  '添加 新增 新建 增加 删除 删掉 移除 改名 重命名 更名 排序 置顶 列表 撤销 历史 统计 导出 导入 帮助 查询 标签 标签组 规则组 加到 改成 切换'.split(
    ' ',
  );
const ENGLISH =
  'delete remove rename create list find help undo history export import confirm cancel search group stats'.split(' ');

/** Characters that sound or look alike and slip in on a phone. */
const ALIKE =
  '添填天田甜舔 加佳家嘉夹假价咖架 删山珊衫闪扇煽册 除出初处厨锄徐 新心欣辛薪 增曾赠憎 建件见健键剑 移宜疑依 改盖该概钙 名明铭鸣命 重从虫 更跟 排牌派 序续绪叙需 置制治至志质 顶定丁订鼎 列烈裂例 表彪镖婊裱标 撤车扯彻 销消小削 历利力立厉 史使是始屎 统通同 计记纪既际 导到倒岛道 入如 助住注祝主 帮邦榜绑 标镖彪飙表膘 签千前钱浅牵迁谦鉴 组祖租阻足 规归龟 则泽责择 到道倒 成城程 切且窃 换还环欢 掉吊调 询寻旬 查茶插察差';

const VARIANTS: ReadonlyMap<string, string> = (() => {
  const alike = new Map<string, string>();
  for (const row of ALIKE.split(' ')) alike.set(row.charAt(0), (alike.get(row.charAt(0)) ?? '') + row.slice(1));
  const variants = new Map<string, string>();
  for (const word of CHINESE) {
    for (let i = 0; i < word.length; i++) {
      for (const other of alike.get(word.charAt(i)) ?? '')
        variants.set(word.slice(0, i) + other + word.slice(i + 1), word);
    }
    // 加增程 adds 增程: what begins with a verb of its own is no slip.
    if (word.length === 2 && !/[加删改建移]$/.test(word)) variants.set(word.charAt(1) + word.charAt(0), word);
  }
  for (const word of [...CHINESE, '表列', '家具', '到处', '名该']) variants.delete(word);
  return variants;
})();

/** What dictation makes of the words of a command, and nobody calls a tag: put right without asking. */
const MISHEARD: readonly (readonly [RegExp, string])[] = [
  [/标[前钱签](?:儿|主)|标[前钱]/g, '标签'],
  [/(?:三|山|珊)除/g, '删除'],
  [/[天填田][加家](?!盟|庭|具|居)/g, '添加'],
  [/[该概]名(?=\s|为|成|叫)/g, '改名'],
  [/改明(?=\s|为|成|叫)/g, '改名'],
  [/[指只]顶(?=\s|$)/g, '置顶'],
  [/(?<= )倒(?= )/g, '到'],
  [/新见(?=标签|一个)/g, '新建'],
];

/** The line with its misheard words put right, outside quotes; undefined when there are none. */
export function heard(line: string): string | undefined {
  let text = textOf(line);
  for (const [pattern, meant] of MISHEARD) {
    let raw = '';
    let done = 0;
    for (const found of text.plain.matchAll(pattern)) {
      raw += text.raw.slice(done, found.index) + meant;
      done = found.index + found[0].length;
    }
    if (done > 0) text = textOf(raw + text.raw.slice(done));
  }
  return text.raw === line ? undefined : text.raw;
}

export interface Correction {
  readonly wrote: string;
  readonly meant: string;
  readonly text: Text;
  /** The slip stands where the verb or noun of a command begins. */
  readonly atHead: boolean;
}

const HEAD = /^(?:标签组|标签|规则组|组)?\s*$/;

/** Corrections tried on one text. */
const MOST = 4;

/** Texts in which one or two key words are put right, best first; empty when nothing looks mistyped. */
export function corrections(text: Text): Correction[] {
  const out: Correction[] = [];
  const { plain } = text;
  for (let at = 0; at < plain.length && out.length < MOST; at++) {
    for (const length of [3, 2]) {
      const wrote = plain.slice(at, at + length);
      const meant = VARIANTS.get(wrote);
      if (meant === undefined || wrote.length < length) continue;
      const raw = text.raw.slice(0, at) + meant + text.raw.slice(at + length);
      out.push({
        wrote: text.raw.slice(at, at + length),
        meant,
        text: textOf(raw),
        atHead: HEAD.test(plain.slice(0, at)),
      });
      break;
    }
  }
  const word = /^(?:(?:tag|group|label)s? +)?([a-z]{3,9})(?![a-z])/.exec(plain);
  const wrote = word?.[1];
  if (wrote !== undefined && !ENGLISH.includes(wrote)) {
    const meant = ENGLISH.find((other) => isSlip(wrote, other));
    const at = plain.indexOf(wrote);
    if (meant !== undefined) {
      const raw = text.raw.slice(0, at) + meant + text.raw.slice(at + wrote.length);
      out.push({ wrote: text.raw.slice(at, at + wrote.length), meant, text: textOf(raw), atHead: true });
    }
  }
  return out;
}

/** One letter too many, too few or wrong, or two letters swapped. */
function isSlip(wrote: string, meant: string): boolean {
  if (wrote.charAt(0) !== meant.charAt(0) || meant.length < 4) return false;
  if (distance(wrote, meant) <= 1) return true;
  return wrote.length === meant.length && [...wrote].sort().join('') === [...meant].sort().join('');
}
