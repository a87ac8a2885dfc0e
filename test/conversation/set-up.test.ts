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

describe('what the log says once at the start', () => {
  const warned = () =>
    chat.log.filter(({ level }) => level === 'warn').map(({ msg, code, setting }) => [msg, code ?? setting]);

  test('nothing where nothing is wrong, nor when it stops', async () => {
    chat = await openChat();
    await chat.restart();
    await chat.say('wangzong', '我');
    await chat.app.stop();
    expect(warned()).toEqual([]);
  });

  test('that nobody is an admin, and that the clock is off', async () => {
    chat = await openChat({ env: { BOT_ADMINS: '' }, app: { now: () => Date.now() + 7 * 60_000 } });
    await chat.say('wangzong', '标签 列表');
    expect(warned()).toEqual([
      ['nobody is named as an admin of the bot', 'BOT_ADMINS'],
      ["this machine's clock is not the platform's", 'clock.off'],
    ]);
  });

  test('rule groups that could not be read are not said to be missing', async () => {
    await openBroken({ errcode: { on: true, code: 60030, path: 'get_strategy_tag_list' } });
    await chat.say('wangzong', '标签 列表');
    expect(warned().filter(([msg]) => String(msg).startsWith('the configuration'))).toEqual([]);
  });

  test('who is named and cannot be seen, once, without a failed call', async () => {
    chat = await openChat({ env: { BOT_ADMINS: 'wangzong,nobody1' } });
    await expect
      .poll(warned)
      .toEqual([['the configuration names somebody or something that is not there', 'BOT_ADMINS']]);
  });
});
