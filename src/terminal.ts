/** What may reach a terminal or a log viewer, whoever wrote it. */

/**
 * What steers a terminal or turns the order of characters: C0 but tab and line feed, DEL and C1, marks of direction, the
 * two separators that some viewers take for a line's end.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with every such character spelt as JSON would, so that a line of JSON says the same as before. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
