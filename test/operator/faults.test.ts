/**
 * docs/faults.md: each fault is turned on, and what `doctor`, the start or the log, a member and an admin then hear is
 * written down. `npx vitest run test/operator/faults.test.ts -u` renews the page.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CREDENTIALS } from '../chat.ts';
import { table } from './asking-doctor.ts';
import { misconfigured, unusableStores } from './faults-before-start.ts';
import { heard, NETWORK, PLATFORM, SETTINGS, STORES, WRITES } from './faults-while-running.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wecom-faults-'));
  // One start is made as another user.
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEAD = `# 故障和说法

这一页由测试生成：每一种故障都真的打开过，写下 \`doctor\`、启动或日志、成员和管理员当时看到的话。怎么处理见 [排错](troubleshooting.md)。

- 「日志」是警告和错误的行：\`msg\`，后面是 \`code\` 或者 \`reason\`。「—」是没有。
- \`doctor\` 写「全部 ✓」的，是它看不到的故障：只在写或者推送的那一刻才有。
`;
const STARTING = ['故障', '`doctor` 说', '启动时'];
const RUNNING = ['故障', '`doctor` 说', '日志', '成员听到', '管理员听到'];

test('docs/faults.md', async () => {
  const rows: (readonly string[])[] = [];
  const part = (title: string, about: string, head: readonly string[], body: readonly (readonly string[])[]) => {
    rows.push(...body);
    return [`## ${title}`, '', ...(about === '' ? [] : [about, '']), ...table(head, body), ''];
  };
  const [network, { setUp, unusable, settings, stores, platform, writes }] = await Promise.all([
    // One of them waits for half a minute: the others go on meanwhile.
    heard(NETWORK),
    (async () => ({
      setUp: await misconfigured(folder),
      unusable: await unusableStores(folder),
      settings: await heard(SETTINGS),
      stores: await heard(STORES),
      platform: await heard(PLATFORM),
      writes: await heard(WRITES),
    }))(),
  ]);
  const page = [
    HEAD,
    ...part(
      '启动之前：配置',
      '机器人不启动，成员和管理员什么都听不到；标准错误上是和 `doctor` 同样的话，末尾再说去哪里看写法。',
      STARTING,
      setUp,
    ),
    ...part('启动之前：记录库', '', STARTING, unusable),
    ...part('网络和时钟', '成员和管理员发 `标签 列表`。', RUNNING, network),
    ...part('设置里的名字', '', RUNNING, settings),
    ...part('记录库，运行中', '成员和管理员发 `标签 添加 …`；只查标签的话照常回答。', RUNNING, stores),
    ...part('企业微信', '成员和管理员发 `标签 列表`。', RUNNING, platform),
    ...part('企业微信，写的时候', '成员和管理员发 `标签 添加 …`。', RUNNING, writes),
  ];
  expect(rows.filter((row) => row.length === RUNNING.length).length).toBeGreaterThanOrEqual(40);
  for (const row of rows) for (const cell of row) expect(cell, row[0]).not.toMatch(/^\s*$|undefined|NaN/);
  const text = `${page.join('\n').trimEnd()}\n`;
  for (const secret of [CREDENTIALS.secret, CREDENTIALS.token, CREDENTIALS.encodingAesKey])
    expect(text).not.toContain(secret);
  await expect(text).toMatchFileSnapshot('../../docs/faults.md');
}, 300_000);
