/**
 * The chat page in a real browser, used as a person uses it: type, tap, read. Nothing here sleeps; every step waits for
 * what the page shows (its hooks are listed at the head of src/sandbox/page/page.js).
 */

import { accessSync, constants } from 'node:fs';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

export const PHONE = { width: 390, height: 844 } as const;
export const DESKTOP = { width: 1280, height: 800 } as const;

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/**
 * The browser to test in: `CHROMIUM` in the environment, or where systems put it. Without one a notice is printed and
 * the tests are to be skipped; on CI that is an error, as nobody reads notices there.
 */
export function browserHere(places: readonly string[] = PLACES, env = process.env): string | undefined {
  const found = [env.CHROMIUM ?? '', ...places].find(isExecutable);
  if (found !== undefined) return found;
  const notice = `no Chromium found (looked at ${places.join(', ')} and at $CHROMIUM): the browser tests cannot run`;
  if (env.CI) throw new Error(notice);
  process.stderr.write(`\n*** ${notice} and are skipped. Debian: apt-get install chromium fonts-noto-cjk ***\n\n`);
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return path !== '';
  } catch {
    return false;
  }
}

export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}

export interface View {
  readonly size?: { readonly width: number; readonly height: number };
  readonly dark?: boolean;
  /** Device pixels per CSS pixel. */
  readonly scale?: number;
  /** The page's clock stands at this time (unix ms). */
  readonly now?: number;
}

/** One member's window on the chat page at `url`. */
export class Phone {
  readonly page: Page;
  /** What went wrong in the page's own code; empty for a healthy page. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, member: string, view: View = {}): Promise<Phone> {
    const context = await browser.newContext({
      viewport: view.size ?? DESKTOP,
      deviceScaleFactor: view.scale ?? 1,
      colorScheme: view.dark ? 'dark' : 'light',
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
    });
    context.setDefaultTimeout(10_000);
    const phone = new Phone(await context.newPage());
    if (view.now !== undefined) await phone.page.clock.setFixedTime(view.now);
    await phone.page.goto(`${url}/?member=${member}`);
    await phone.page.locator('html[data-ready]').waitFor();
    return phone;
  }

  get answers(): Locator {
    return this.page.locator('[data-testid=message][data-from=bot]');
  }

  /** The last card in the chat. */
  get card(): Locator {
    return this.page.locator('.card').last();
  }

  button(key: string): Locator {
    return this.card.locator(`button[data-key="${key}"]`);
  }

  /** Types and sends; the words of the answer. */
  say(text: string): Promise<string> {
    return this.answerTo(async () => {
      await this.page.getByTestId('input').fill(text);
      await this.page.getByTestId('send').click();
    });
  }

  /** Presses a button of the last card; the words of the answer. */
  press(key: string): Promise<string> {
    return this.answerTo(() => this.button(key).click());
  }

  /** What the bot says next because of `act`. */
  async answerTo(act: () => Promise<void>): Promise<string> {
    const before = await this.answers.count();
    await act();
    return this.answers.nth(before).locator('.bubble').innerText();
  }

  /** The chips of a group in the tree; waits for nothing. */
  tags(group: string, ruleGroup = '华东大区'): Locator {
    return this.page
      .locator(`[data-kind=rule-group][data-name="${ruleGroup}"] [data-kind=group][data-name="${group}"]`)
      .locator('[data-kind=tag]:not([data-change=removed])');
  }

  /** Parts of the page that are wider than their place, as short descriptions. */
  async cutOff(): Promise<string[]> {
    return this.page.evaluate(`[...document.querySelectorAll('body, .scroller, .bubble, .card, .card *, .composer, .panel')]
      .filter((part) => part.clientWidth > 0 && !part.classList.contains('sr') && part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== 'inline')
      .map((part) => part.className + ': ' + part.scrollWidth + ' in ' + part.clientWidth)`);
  }

  /** Nothing moves any more: no typing, no change lit up in the tree, no message under way. */
  async settled(): Promise<void> {
    await this.page.getByTestId('typing').waitFor({ state: 'hidden' });
    await this.page
      .locator('[data-state=sending], [aria-busy=true], [data-change]')
      .first()
      .waitFor({ state: 'detached' });
    await this.page.evaluate('document.fonts.ready.then(() => undefined)');
  }

  /** The fonts that the last answer is really drawn with. */
  async fonts(): Promise<string[]> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('DOM.enable');
    await session.send('CSS.enable');
    const { root } = await session.send('DOM.getDocument');
    const { nodeIds } = await session.send('DOM.querySelectorAll', {
      nodeId: root.nodeId,
      selector: '[data-from=bot] .bubble :is(p, span, button)',
    });
    const used = await Promise.all(nodeIds.map((nodeId) => session.send('CSS.getPlatformFontsForNode', { nodeId })));
    await session.detach();
    return [...new Set(used.flatMap(({ fonts }) => fonts.map((font) => font.familyName)))];
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
