/**
 * What the parser may ask about the library: whether something bears a name. Names of the library hold words of the
 * grammar (不要联系, 改装, 到店自提), so that nobody who has not asked can cut a sentence rightly.
 */

export interface Known {
  tag(name: string): boolean;
  /** As `tag`, also with what is said around a name: 那个铜卡标签, 二零二三. */
  means(name: string): boolean;
  group(name: string): boolean;
  /** 企业标签 and rule groups, each with the beginning by which people call it: 华南 for 华南区. */
  readonly rules: readonly { readonly name: string; readonly stem: string }[];
  /** Where names of tags and groups stand in a text: the longest first, none within another. Positions in `text`. */
  namesIn(text: string): readonly Place[];
}

export interface Place {
  readonly from: number;
  readonly to: number;
  readonly group: boolean;
  readonly tag: boolean;
}

/** While the library cannot be read. */
export const NOTHING_KNOWN: Known = {
  tag: () => false,
  means: () => false,
  group: () => false,
  rules: [],
  namesIn: () => [],
};
