/** `init`: a config file with a fresh Token and EncodingAESKey, and what to paste where, in the order that works. */

import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { BotError } from '../errors.ts';
import type { Print } from './connect.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const TOKEN_LENGTH = 32;

export interface InitOptions {
  readonly file: string;
  /** Where the bot is reached from outside, e.g. https://bot.example.com. */
  readonly url?: string | undefined;
  /** How this program is called, e.g. `npx wecom-tag-bot`. */
  readonly program: string;
  readonly print: Print;
}

/** Throws BotError `init.*`; a file that is there is left as it is. */
export function init({ file, url, program, print }: InitOptions): void {
  const token = freshToken();
  const key = freshKey();
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content(token, key, url), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw notWritten(file, error);
  }
  print(steps(file, { token, key, url: url ?? 'https://你的域名', program }));
}

/** 1 to 32 letters or digits (doc 96238). */
function freshToken(): string {
  return Array.from({ length: TOKEN_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** 43 letters or digits (doc 96238) that are, with a `=`, the base64 of 32 bytes. */
function freshKey(): string {
  for (;;) {
    const key = randomBytes(32).toString('base64').slice(0, 43);
    if (/^[A-Za-z0-9]{43}$/.test(key)) return key;
  }
}

function content(token: string, key: string, url: string | undefined): string {
  return `# 由 init 生成。里面有密钥：只让运行机器人的用户能读，不要放进版本库。全部设置见 docs/configuration.md。
wecom:
  # 管理后台「我的企业」最下面的企业 ID
  corpId: ww0000000000000000
  # 应用详情页上的 AgentId，是个数字
  agentId: put-the-agent-id-here
  # 应用详情页上的 Secret
  secret: put-the-secret-here
  # 这两项是新的，照抄到管理后台「接收消息 → 设置 API 接收」
  token: ${token}
  encodingAesKey: ${key}
${url === undefined ? '' : `server:\n  publicUrl: ${url}\n`}access:
  # 什么都能做的人；在聊天里给机器人发「我」可以看到自己的账号（userid）
  botAdmins: []
`;
}

interface Pasted {
  readonly token: string;
  readonly key: string;
  readonly url: string;
  readonly program: string;
}

function steps(file: string, { token, key, url, program }: Pasted): string {
  return `已写好 ${file}（只有你能读）。按这个顺序做，每一步的说明在 docs/connect.md：

1. 管理后台 → 应用管理 → 自建，建一个应用（或打开已有的）。
   把企业 ID、AgentId、Secret 填进 ${file} 里的 corpId、agentId、secret。
2. 启动机器人：${program} serve
   前面的反向代理要让外网能打开 ${url}/wecom/callback（打开是 400 就对了）。
3. 应用详情 → 接收消息 → 设置 API 接收，填：
     URL              ${url}/wecom/callback
     Token            ${token}
     EncodingAESKey   ${key}
   勾上用户发送的普通消息、进入应用、外部联系人变更等事件，再点「保存」：这时企业微信会来访问，机器人要在运行。
4. 应用详情 → 企业可信 IP，填服务器的出口 IP（不知道的话，下一步会说）。
5. 客户与上下游 → 客户联系 → 可调用接口的应用，选上这个应用。
6. 检查：${program} doctor
7. 在手机上给应用发「我」，把看到的 userid 写进 ${file} 的 botAdmins，重启。
   企业标签马上就能查；要用规则组标签，再发「规则组 新建」。
8. 发布应用底部的菜单：${program} menu --publish`;
}

function notWritten(file: string, error: unknown): BotError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
  if (code === 'EEXIST')
    return new BotError('init.exists', 'setup', {
      meaning: `${file} 已经有了，没有动它。`,
      advice: '要重新来，请先把它移走，或者写另一个文件名：init 文件名。',
    });
  return new BotError('init.unwritable', 'setup', {
    meaning: `写不了 ${file}（${code}）。`,
    advice: '请检查目录和权限，或者写另一个文件名：init 文件名。',
  });
}
