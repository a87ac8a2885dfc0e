/**
 * What the bot says, as a value that no renderer has touched yet: neutral about text, markdown and cards.
 * Names typed by people are spans of their own, so that each renderer can quote and escape them in its way.
 */

export type Span =
  | string
  /** A tag, group, rule group or person as stored; shown so that its borders are visible. */
  | { readonly name: string }
  /** Worth seeing at a glance: counts, outcomes. */
  | { readonly strong: string }
  /** Something the member can type or copy literally. */
  | { readonly code: string }
  /** Beside the point: ids, hints, positions. */
  | { readonly quiet: string }
  | { readonly good: string }
  | { readonly warn: string };

/** One line on the screen. */
export type Line = readonly Span[];

export type Tone = 'info' | 'done' | 'ask' | 'warn' | 'error';

export interface Choice {
  /** What a press or a typed number stands for; opaque to the renderers. */
  readonly key: string;
  /** Shown on the button or after the number. */
  readonly label: string;
  readonly detail?: string;
}

/** A question that is answered with a press, a number, or a word. */
export interface Question {
  /** task_id of the card and identity of the open question; `[0-9A-Za-z_\-@]`, at most 128 bytes. */
  readonly id: string;
  /** confirm: 确认/取消 buttons. choice: one of ≤ 10. pick: several of ≤ 20. slot: free text is asked for; no card. */
  readonly kind: 'confirm' | 'choice' | 'pick' | 'slot';
  readonly choices: readonly Choice[];
  /** Label of the confirming button when `kind` is confirm, e.g. 确认删除. */
  readonly confirmLabel?: string;
  /** The confirmed step destroys something: the button is drawn as a warning. */
  readonly destructive?: boolean;
}

export interface Reply {
  readonly tone: Tone;
  /** First line, what happened; short. */
  readonly title: Line;
  readonly lines: readonly Line[];
  /** What to do next; last line. */
  readonly hint?: Line;
  readonly question?: Question;
  /** Facts for a card's key-value list, at most 6 (keyname ≤ 5 characters). */
  readonly facts?: readonly { readonly key: string; readonly value: string }[];
  /** Set by the bot when `lines` is one page of a longer answer. */
  readonly page?: { readonly number: number; readonly more: boolean };
  /** Text to show on the pressed card's buttons afterwards (≤ 10 characters). */
  readonly outcome?: string;
  /** An uploaded file that is pushed instead of words; the words are seen only when it cannot be. */
  readonly file?: { readonly name: string; readonly mediaId: string };
  /** Never as a markdown push even when that is preferred, e.g. because the member should copy it. */
  readonly plain?: true;
}

export const name = (value: string): Span => ({ name: value });
export const strong = (value: string | number): Span => ({ strong: String(value) });
export const code = (value: string): Span => ({ code: value });
export const quiet = (value: string): Span => ({ quiet: value });
export const good = (value: string): Span => ({ good: value });
export const warn = (value: string): Span => ({ warn: value });

/** Tagged template for a line: `` line`已删除 ${name(tag)}` ``; a list of spans is spliced in. */
export function line(strings: TemplateStringsArray, ...inserts: (Span | number | Line)[]): Line {
  const out: Span[] = [];
  strings.forEach((text, i) => {
    if (text !== '') out.push(text);
    const insert = inserts[i];
    if (insert === undefined) return;
    if (typeof insert === 'number') out.push(String(insert));
    else if (isLine(insert)) out.push(...insert);
    else out.push(insert);
  });
  return out;
}

function isLine(insert: Span | Line): insert is Line {
  return Array.isArray(insert);
}

/** 、-separated names as spans, at most `limit`, then 等 n 个. */
export function nameList(names: readonly string[], limit = 20): Span[] {
  const out: Span[] = [];
  for (const [i, n] of names.slice(0, limit).entries()) {
    if (i > 0) out.push('、');
    out.push({ name: n });
  }
  if (names.length > limit) out.push(` 等 ${names.length} 个`);
  return out;
}
