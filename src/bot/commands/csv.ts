/** Rows for a spreadsheet (RFC 4180), with cells that it would run as a formula disarmed. */

/** Excel and its kin start a formula with these, in some locales with the full-width forms, too. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

/** One line, without its line break. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(cell).join(',');
}

function cell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The bytes of a file that Excel opens as UTF-8: it wants to see a byte order mark. */
export function csvFile(rows: readonly (readonly string[])[]): Uint8Array {
  return new TextEncoder().encode(`\uFEFF${rows.map((row) => `${csvLine(row)}\r\n`).join('')}`);
}
