/**
 * A line → its clauses: cut at full stops and commas; at a space only where courtesy, a remark, a reason or another order
 * stands beside it; and where a bracket or a remark is glued to the end. Quoted text is never cut.
 */

import { isClause } from './doubt.ts';
import { isCourtesy, isRemark, remarkGluedTo } from './remarks.ts';
import { slice, type Text, trimmed } from './tokens.ts';

export interface Clause {
  readonly text: Text;
  /** What parts it from the clause before: the beginning, a full stop, a comma, a space. */
  readonly after: 'start' | 'stop' | 'comma' | 'space';
  /** Asked. */
  readonly asked: boolean;
  /** Known for a remark by the way it was cut off. */
  readonly remark?: true;
}

const BORDER =
  /[。!?;…~]+|,|、(?=[^、,。]{1,20}(?:改成|改为|改名为|改叫|换成|置顶))|(?<=[^\sa-z0-9])\s+(?=\S)|(?<=\S)\s+(?=[\u4e00-\u9fff])/g;

/** 1,000 and 9:30 are no borders. */
const WITHIN_NUMBER = /^\d{3}(?!\d)/;

export function clausesOf(text: Text): Clause[] {
  const out: Clause[] = [];
  let from = 0;
  let after: Clause['after'] = 'start';
  const push = (to: number, asked: boolean): void => {
    const piece = trimmed(slice(text, from, to));
    if (piece.raw !== '') out.push({ text: piece, after, asked });
  };
  for (const found of text.plain.matchAll(BORDER)) {
    const [mark] = found;
    const end = found.index + mark.length;
    if (mark === ',' && WITHIN_NUMBER.test(text.plain.slice(end)) && /\d$/.test(text.plain.slice(0, found.index)))
      continue;
    push(found.index, mark.includes('?'));
    after = mark === ',' || mark === '、' ? 'comma' : mark.trim() === '' ? 'space' : 'stop';
    from = end;
  }
  push(text.plain.length, false);
  return joinedAtSpaces(bracketed(out)).flatMap(unglued);
}

/** A bracket at the end of a clause is one of its own: 到 美容项目（周五前弄好）. */
function bracketed(clauses: readonly Clause[]): Clause[] {
  return clauses.flatMap((clause) => {
    const found = /^(.+?)\s*\(([^()]+)\)$/.exec(clause.text.plain);
    const inside = found?.[2] ?? '';
    if (found === null || !(isRemark(inside) || isClause(inside) || ASIDE.test(inside))) return [clause];
    const at = clause.text.plain.lastIndexOf('(');
    return [
      { ...clause, text: trimmed(slice(clause.text, 0, at)), asked: false },
      {
        text: slice(clause.text, at + 1, clause.text.plain.length - 1),
        after: 'space' as const,
        asked: clause.asked,
        remark: true as const,
      },
    ];
  });
}

/** 钻石会员领导要的: the remark is cut off where it begins. */
function unglued(clause: Clause): Clause[] {
  const at = remarkGluedTo(clause.text.plain);
  if (at === undefined) return [clause];
  return [
    { ...clause, text: trimmed(slice(clause.text, 0, at)), asked: false },
    { text: trimmed(slice(clause.text, at)), after: 'space', asked: clause.asked, remark: true },
  ];
}

const ASIDE = /^(?:待定|保留|暂定|新|新增|重要|急|必填|选填|可选|备注.*)$/;

/**
 * A space parts clauses only in front of another order, and where courtesy, a remark or a reason stands at one of the ends:
 * in the middle, and behind a word that wants a name (改名 SVIP 为 加急), it is a name.
 */
function joinedAtSpaces(clauses: readonly Clause[]): Clause[] {
  const out: Clause[] = [];
  let leading = true;
  for (const [index, clause] of clauses.entries()) {
    const last = out.at(-1);
    if (clause.after !== 'space') leading = true;
    if (last !== undefined) leading &&= stands(last.text.plain);
    const parts =
      clause.after !== 'space' ||
      clause.remark ||
      last === undefined ||
      leading ||
      LEADS.test(clause.text.plain) ||
      (!WANTS_A_NAME.test(last.text.plain) && standsToTheEnd(clauses, index));
    if (parts) out.push(clause);
    else out[out.length - 1] = { ...last, text: joinText(last.text, clause.text, ' '), asked: clause.asked };
  }
  return out;
}

function standsToTheEnd(clauses: readonly Clause[], from: number): boolean {
  for (let index = from; index < clauses.length; index++) {
    const clause = clauses[index] as Clause;
    if (index > from && clause.after !== 'space') return true;
    if (!stands(clause.text.plain)) return false;
  }
  return true;
}

const WANTS_A_NAME =
  /(?:为|成|叫做?|到|进|在|从|给|把|将|的|里|和|与|及|:|、|,|(?:^|\s)(?:添加|新增|增加|新建|加|删除|删掉|删|改名|置顶|排序|to|from|in|add|delete|rename))$/;

/** Stands on its own although only a space parts it. */
function stands(plain: string): boolean {
  return isCourtesy(plain) || isRemark(plain) || REASONS.test(plain);
}

const LEADS =
  /^(?:请|麻烦|帮我|帮忙|烦请|劳烦|顺便|然后|另外|还有(?=把|给|在|将)|再(?=把|给|在|将|加|删)|并(?=把|将|在|给))\S*(?:把|将|在|给|从|往|删|加|添|新|改|置|建)|^(?:把|将)\S+?(?:改成|改为|改名|改叫|换成|删|置顶|加到|排到|放到)/;

const REASONS =
  /^(?:经(?:.{0,10}(?:讨论|商量|研究|决定|同意|批准|沟通|商议|会议)).*|(?:因为|由于|鉴于|考虑到|为了?(?:方便|配合|避免|便于|统一|区分)|既然|经过?(?:讨论|商量|研究|沟通|确认)|根据|按照|最近|近期).{3,})/;

export function joinText(a: Text, b: Text, by: string): Text {
  return { raw: `${a.raw}${by}${b.raw}`, plain: `${a.plain}${by === '，' ? ',' : by}${b.plain}` };
}

const CONNECTOR =
  /(?:然后|顺便|顺带|并且|同时|另外|还有(?=把|给|在|将)|接着|随后|并(?=删|加上?|添|把|置顶|改|将|新)|再(?=把|给|将|在)|再(?=加|删|添|新增|置顶)|(?<=[了吧])(?=把|将|给)|(?<=不要了)(?=删))/g;

export function connectorsIn({ plain }: Text): number[] {
  return [...plain.matchAll(CONNECTOR)].map((found) => found.index).filter((at) => at > 1 && at < plain.length - 3);
}
