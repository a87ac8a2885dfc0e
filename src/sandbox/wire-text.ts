/** What the wire view shows of a request or response: bounded, and without anything that opens a door. */

const SHOWN = 20_000;

/** Fields of a query or of JSON that open a door. */
export const SECRETS: ReadonlySet<string> = new Set([
  'access_token',
  'corpsecret',
  'suite_access_token',
  'provider_access_token',
  'suite_secret',
  'provider_secret',
  'suite_ticket',
  'permanent_code',
]);

export function shortened(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}

/** A request line with tokens shortened and the secret left out. */
export function requestLine(method: string, url: URL): string {
  const query = [...url.searchParams].map(([name, value]) => {
    if (name.endsWith('access_token')) return `${name}=${value.slice(0, 6)}…`;
    return name === 'corpsecret' ? `${name}=***` : `${name}=${value}`;
  });
  return `${method} ${url.pathname}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/** The body of a request with secrets shortened. */
export function requestText(text: string): string {
  const veiled = text.replace(/"(\w+)"(\s*:\s*)"([^"\\]*)"/g, (whole, name: string, colon: string, value: string) =>
    SECRETS.has(name) ? `"${name}"${colon}"${value.slice(0, 6)}…"` : whole,
  );
  return shortened(veiled);
}

/** The JSON of an answer with its tokens and codes shortened. */
export function answerText(json: Readonly<Record<string, unknown>>): string {
  const veiled = Object.entries(json).map(([name, value]) =>
    SECRETS.has(name) && typeof value === 'string' ? [name, `${value.slice(0, 6)}…`] : [name, value],
  );
  return shortened(JSON.stringify(Object.fromEntries(veiled)));
}
