/**
 * `sandbox`: the bot beside a simulated WeCom. The bot is the one that `serve` runs; it reaches the simulation only
 * through WECOM_API_BASE_URL, and the simulation reaches the bot only through sealed callbacks.
 */

import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from './server.ts';

interface Bot {
  start(): Promise<{ readonly port: number }>;
  stop(): Promise<void>;
}

export interface SandboxRun {
  /** Of the chat page; 0 takes any free one. */
  readonly port: number;
  readonly logLevel?: string | undefined;
  /** Starts with a library of this many tags instead of the small one. */
  readonly tags?: number;
  /** The real program, configured through its environment as in production. */
  createBot(env: Readonly<Record<string, string>>): Promise<Bot>;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export async function runSandbox(options: SandboxRun): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const credentials = {
    corpId: `ww${randomBytes(8).toString('hex')}`,
    agentId: 1000002,
    secret: letters(43),
    token: letters(24),
    encodingAesKey: letters(43),
  };
  const sandbox = await startSandbox({ ...credentials, port: options.port });
  if (options.tags !== undefined) sandbox.reset({ tags: options.tags });
  const directory = mkdtempSync(join(tmpdir(), 'wecom-tag-bot-'));
  const bot = await options.createBot({
    WECOM_CORP_ID: credentials.corpId,
    WECOM_AGENT_ID: String(credentials.agentId),
    WECOM_SECRET: credentials.secret,
    WECOM_TOKEN: credentials.token,
    WECOM_ENCODING_AES_KEY: credentials.encodingAesKey,
    WECOM_API_BASE_URL: sandbox.url,
    DATABASE_URL: `file:${join(directory, 'bot.db')}`,
    BOT_ADMINS: 'wangzong',
    DEFAULT_STRATEGY_ID: '1',
    HOST: '127.0.0.1',
    PORT: '0',
    OPERATOR_PORT: '0',
    LOG_LEVEL: options.logLevel ?? 'warn',
  });
  const { port } = await bot.start();
  sandbox.setCallbackUrl(`http://127.0.0.1:${port}/wecom/callback`);
  return {
    url: sandbox.url,
    stop: async () => {
      await sandbox.stop();
      await bot.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function letters(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}
