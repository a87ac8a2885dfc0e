/** What `doctor` says while a fault is on, and how its and the bot's words are written down. */
import { loadConfig } from '../../src/config.ts';
import type { Finding } from '../../src/diagnosis.ts';
import { doctor } from '../../src/operator/doctor.ts';
import { CREDENTIAL_ENV, noFile } from '../chat.ts';

export const ENV: Readonly<Record<string, string>> = {
  ...CREDENTIAL_ENV,
  DATABASE_URL: 'file::memory:',
  BOT_ADMINS: 'wangzong',
};

/** The first thing that doctor finds wrong with a configuration of this environment; `ahead`: ms of this machine's clock. */
export async function found(env: Readonly<Record<string, string>>, ahead = 0): Promise<Finding | undefined> {
  const lines: string[] = [];
  await doctor(() => loadConfig({ ...ENV, ...env }, noFile), {
    json: true,
    version: '0',
    nodeVersion: '0',
    now: () => Date.now() + ahead,
    print: (line) => lines.push(line),
  });
  return wrongIn(lines[0] ?? '');
}

/** Of `doctor --json`, apart from callbacks that have never come. */
export function wrongIn(json: string): Finding | undefined {
  const { checks } = JSON.parse(json) as { checks: Finding[] };
  return checks.find(({ ok, code, id }) => !ok && !code?.startsWith('blocked.') && id !== 'callback');
}

export function inDoctor(finding: Finding | undefined): string {
  if (finding === undefined) return '全部 ✓';
  const { title, message, advice = '', code } = finding;
  return shown(`${title}：${message}${advice}（${code}）`);
}

/** Without what differs from run to run, and fit for a cell of a table. */
export function shown(text: string): string {
  return text
    .replaceAll(/\/tmp\/wecom-faults-\w+/g, '/数据')
    .replace(/(127\.0\.0\.1|localhost):\d+/g, '$1:端口')
    .replace(/有效到 [^。]+。/, '有效到 某日。')
    .replaceAll(/第 \d+ 版，这个程序认识到第 \d+ 版/g, '第 N 版，这个程序认识到第 M 版')
    .replace('EAI_AGAIN', 'ENOTFOUND')
    .replace(/请逐条改好再运行一次，写法见 \S+configuration\.md。（config）/, '')
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** Every item's outcome, in their order, a few at a time. */
export async function fewAtATime<T, R>(items: readonly T[], most: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const outcomes: R[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: most }, async () => {
      while (next < items.length) {
        const at = next++;
        outcomes[at] = await work(items[at] as T);
      }
    }),
  );
  return outcomes;
}
