/** What the wire view shows of a request or response: bounded, and without anything that opens a door. */

const SHOWN = 20_000;

export function shortened(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}

/** A request line with the access token shortened and the secret left out. */
export function requestLine(method: string, url: URL): string {
  const query = [...url.searchParams].map(([name, value]) => {
    if (name === 'access_token') return `${name}=${value.slice(0, 6)}…`;
    return name === 'corpsecret' ? `${name}=***` : `${name}=${value}`;
  });
  return `${method} ${url.pathname}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/** The JSON of an answer with its access token shortened. */
export function answerText(json: Readonly<Record<string, unknown>>): string {
  const token = json.access_token;
  return shortened(
    JSON.stringify(typeof token === 'string' ? { ...json, access_token: `${token.slice(0, 6)}…` } : json),
  );
}
