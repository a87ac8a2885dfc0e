/** 诊断, 我 and 帮助 answer just when everything else fails: that is when they are asked. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Faults } from '../../src/sandbox/protocol.ts';
import { type Chat, type ChatOptions, openChat } from '../chat.ts';

let chat: Chat;
afterEach(() => chat.stop());

const TROUBLES: readonly (readonly [what: string, faults: Partial<Faults>])[] = [
  ['60020', { untrustedIp: { on: true } }],
  ['48002', { errcode: { on: true, code: 48002, path: 'list' } }],
  ['40001', { wrongSecret: { on: true } }],
];

/** Without a library from the first moment on. */
async function openBroken(faults: Partial<Faults>, options: ChatOptions = {}): Promise<void> {
  chat = await openChat(options);
  chat.sandbox.setFaults(faults);
  await chat.restart();
}

describe.each(TROUBLES)('the library cannot be read (%s)', (what, faults) => {
  test('an admin is told by 诊断 what is wrong; 我 and 帮助 answer', async () => {
    await openBroken(faults);
    const diagnosis = await chat.say('wangzong', '诊断');
    expect(diagnosis).toMatch(/有 \d+ 处需要处理/);
    expect(diagnosis).toContain('✓ 记录库');
    expect(diagnosis).toMatch(
      {
        '60020': /✗ 可信 IP：.*127\.0\.0\.1/,
        '48002': /✗ 规则组：.*可调用接口/,
        '40001': /✗ 应用凭证：.*WECOM_SECRET/,
      }[what] as RegExp,
    );
    const me = await chat.say('wangzong', '我');
    expect(me).toContain('wangzong');
    expect(me).toContain('现在读不到标签');
    const help = await chat.say('wangzong', '帮助');
    expect(help).toContain('帮助 添加');
  });

  test('a member hears nothing of addresses and settings, and sees the own userid', async () => {
    await openBroken(faults);
    const me = await chat.say('zhangsan', '我');
    expect(me).toContain('zhangsan');
    expect(await chat.say('zhangsan', '诊断')).toContain('没有权限');
    expect(me + (await chat.say('zhangsan', '帮助'))).not.toMatch(/127\.0\.0\.1|WECOM_|企业可信/);
  });

  test('what needs the library still says why it fails', async () => {
    await openBroken(faults);
    expect(await chat.say('wangzong', '标签 列表')).not.toContain('你能做什么');
    expect(await chat.say('wangzong', '标签 添加 VIP 到 客户分级')).not.toContain('✅');
  });
});

describe('while nobody is an admin', () => {
  test('whoever asks is told the next step, without what only an admin should see', async () => {
    await openBroken({ untrustedIp: { on: true } }, { env: { BOT_ADMINS: '' } });
    const told = await chat.say('zhangsan', '诊断');
    expect(told).toMatch(/✗ 管理员：BOT_ADMINS 是空的.*userid/);
    expect(told).toMatch(/✗ 可信 IP/);
    expect(told).not.toContain('127.0.0.1');
    expect(await chat.say('zhangsan', '我')).toContain('BOT_ADMINS');
  });

  test('once there is one, the others are refused', async () => {
    chat = await openChat();
    expect(await chat.say('zhangsan', '诊断')).toContain('没有权限');
    expect(await chat.say('wangzong', '诊断')).toMatch(/✓ 管理员：.*wangzong/);
  });
});

test('/readyz says what keeps the bot from its work, and asks the platform again but now and then', async () => {
  await openBroken({ errcode: { on: true, code: 48002, path: 'list' } });
  const ready = async () => (await (await fetch(`${chat.operatorUrl}/readyz`)).json()) as { checks: object };
  expect((await ready()).checks).toEqual({ store: 'ok', token: 'ok', clock: 'ok', library: 'wecom.48002' });
  chat.sandbox.clearCalls();
  for (let i = 0; i < 3; i++) await ready();
  expect(chat.sandbox.calls.length).toBe(0);
});

test('诊断 where all is well leaves no warning: what it asks to be refused is no failure', async () => {
  chat = await openChat();
  const before = chat.log.length;
  expect(await chat.say('wangzong', '诊断')).toContain('✓ 网络');
  expect(chat.log.slice(before).filter(({ level }) => level !== 'info')).toEqual([]);
});
