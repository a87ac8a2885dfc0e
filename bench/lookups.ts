/** What is looked up, and what the answer must contain. */
import type { Line } from './load/job.ts';
import type { SandboxAnswer } from './servers/sandbox.ts';

/** Floor and hello-world say this to everything. */
export const HELLO: readonly Line[] = [{ text: 'VIP', expect: 'hello' }];

/** Answered in a line. */
export const SHORT: readonly Line[] = [{ text: '标签 查 老客', expect: '客户分级' }];

/** The three kinds of the target table. In the sandbox `VIP` is in a tenth of all names, the worst a bare word can be. */
export const LOOKUPS = {
  VIP: [{ text: 'VIP', expect: 'VIP专享' }],
  '标签 查 X': [
    { text: '标签 查 小红书', expect: '小红书' },
    { text: '标签 查 报价中·618', expect: '报价中·618' },
    { text: '标签 查 老客', expect: '客户分级' },
    { text: '标签 查 上海客户来源', expect: '上海客户来源' },
  ],
  '标签 列表 组': [
    { text: '标签 列表 上海客户来源', expect: '抖音·一月' },
    { text: '标签 列表 渠道来源', expect: '小红书' },
  ],
} as const satisfies Record<string, readonly Line[]>;

/** More texts than the bot keeps answers to, asked in turn: each has to be worked out. */
export function neverKept({ groups }: SandboxAnswer): Line[] {
  const names = [...new Set(groups.flatMap((group) => group.tags))];
  const forms: readonly ((name: string) => string)[] = [
    (name) => name,
    (name) => `查 ${name}`,
    (name) => `标签 查 ${name}`,
  ];
  return forms.flatMap((form) => names.map((name) => ({ text: form(name), expect: name })));
}
