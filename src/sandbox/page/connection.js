/** Talks to the sandbox: the event stream, which comes back by itself, and the POST calls of protocol.ts. */

/** @import { ConsoleEdit, Faults, ProviderOrder, SandboxEvent, SandboxState, Variants } from '../protocol.ts' */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;

/** Key of the app whose chat is shown; empty: the sandbox's first one. */
let app = '';

const forApp = () => (app === '' ? '' : `?app=${encodeURIComponent(app)}`);

/**
 * Keeps the event stream open. The stream starts with the whole state, so nothing is missed by a break.
 * @param {string} first key of an app, or empty
 * @param {(event: SandboxEvent) => void} onEvent
 * @param {(online: boolean) => void} onOnline
 * @returns {(app: string) => void} shows another app from now on
 */
export function listen(first, onEvent, onOnline) {
  app = first;
  let wait = FIRST_WAIT_MS;
  /** @type {EventSource | undefined} */
  let current;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const open = () => {
    clearTimeout(timer);
    timer = undefined;
    const source = new EventSource(`/sandbox/events${forApp()}`);
    current = source;
    source.onmessage = (message) => {
      wait = FIRST_WAIT_MS;
      onOnline(true);
      onEvent(/** @type {SandboxEvent} */ (JSON.parse(message.data)));
    };
    source.onerror = () => {
      source.close();
      onOnline(false);
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };
  const openNow = () => {
    if (timer !== undefined && document.visibilityState === 'visible') open();
  };
  document.addEventListener('visibilitychange', openNow);
  window.addEventListener('online', openNow);
  open();
  return (key) => {
    app = key;
    current?.close();
    open();
  };
}

/**
 * @param {string} path under /sandbox/
 * @param {unknown} body
 * @returns {Promise<unknown>} the answer's JSON
 * @throws {Error} with a sentence for the person at the page
 */
async function post(path, body) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(`/sandbox/${path}${forApp()}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error('连不上沙箱，请确认 sandbox 命令还在运行');
  }
  /** @type {unknown} */
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const reason = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined;
  throw new Error(typeof reason === 'string' ? reason : `沙箱回答 HTTP ${response.status}`);
}

/** The calls of protocol.ts. Each may throw an Error whose message can be shown. */
export const sandbox = {
  /**
   * @param {string} member
   * @param {string} text
   */
  say: (member, text) => post('say', { member, text }),
  /**
   * @param {string} member
   * @param {string} messageId
   * @param {string} key
   * @param {Record<string, string[]>} selected
   */
  press: (member, messageId, key, selected) => post('press', { member, messageId, key, selected }),
  /**
   * @param {string} member
   * @param {string} key
   */
  click: (member, key) => post('click', { member, key }),
  /** @param {string} member */
  enter: (member) => post('enter', { member }),
  /** @param {string} member */
  subscribe: (member) => post('subscribe', { member }),
  /**
   * @param {string} member
   * @param {'image' | 'voice' | 'video' | 'location' | 'link'} media
   */
  media: (member, media) => post('media', { member, media }),
  /**
   * @param {ConsoleEdit} edit
   * @returns {Promise<number>} how many change_external_tag events it caused
   */
  edit: async (edit) => {
    const answer = /** @type {{ events: number }} */ (await post('console', edit));
    return answer.events;
  },
  /** @param {Partial<Faults>} faults */
  faults: (faults) => post('faults', faults),
  /**
   * An act in the provider's console.
   * @param {ProviderOrder} order
   * @returns {Promise<{ readonly authCode?: string }>}
   */
  provider: async (order) => /** @type {{ authCode?: string }} */ (await post('provider', order)),
  /** @param {Partial<Variants>} variants */
  variants: (variants) => post('variants', variants),
  /**
   * @param {{ tags?: number, ruleGroups?: boolean }} contents
   * @returns {Promise<SandboxState>}
   */
  reset: async (contents) => /** @type {SandboxState} */ (await post('reset', contents)),
};
