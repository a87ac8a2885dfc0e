/** Everything the program writes while it is used, attacked and broken, searched for what nobody may read there. */
import { expect, test } from 'vitest';
import { CREDENTIALS } from '../chat.ts';
import { openSite } from './site.ts';

const BODIES = [
  '标签 添加 绝密客户甲 到 客户分级',
  '把绝密客户甲改名为绝密客户乙',
  '标签组 新建 绝密标签组：绝密一、绝密二',
  '标签 删除 绝密一、绝密二',
  '确认',
  '撤销',
  '历史 绝密',
  '绝密客户乙',
  '导出',
  '统计',
  '规则组 新建 绝密规则组 负责人 张三 范围 销售部',
  '确认',
  '规则组 负责人 绝密规则组 加 王总',
  '确认',
  '不要删除绝密客户乙',
  '这是一句绝密的话，和标签没有关系',
  '我',
];

test('no secret, token, key, message body or tag name in the log, at level debug', { timeout: 120_000 }, async () => {
  const site = await openSite({ env: { LOG_LEVEL: 'debug', REPLY_FORMAT: 'markdown' } });
  try {
    await site.up();
    for (const text of BODIES) await site.sandbox.say('wangzong', text);
    await site.sandbox.enter('wangzong');
    await site.sandbox.media('wangzong', 'image');
    for (const faults of [
      { errcode: { on: true, code: 40058, times: 3 } },
      { brokenAfter: { on: true, times: 3, path: 'add_strategy_tag' } },
      { badGateway: { on: true, times: 6 } },
      { wrongShape: { on: true, times: 6 } },
      { expiredToken: { on: true } },
      { untrustedIp: { on: true } },
    ]) {
      site.sandbox.setFaults(faults);
      await site.sandbox.say('wangzong', '标签 添加 绝密客户丙 到 客户分级');
      await site.sandbox.say('wangzong', '绝密的查询');
    }
    site.sandbox.setFaults({ untrustedIp: { on: false }, expiredToken: { on: false } });
    const held = site.gate.hold('/add_strategy_tag', 'before');
    await site.kill();
    await site.up();
    const sent = site.sandbox.say('wangzong', '标签 添加 绝密客户戊 到 客户分级');
    await held;
    await site.kill();
    await site.up();
    await sent;
    // Last, since no token is asked for within ten minutes after it, by no later run either.
    site.sandbox.setFaults({ wrongSecret: { on: true }, expiredToken: { on: true } });
    await site.sandbox.say('wangzong', '标签 添加 绝密客户丁 到 客户分级');
    expect((await site.terminate()).code).toBe(0);

    expect(site.gate.tokens.size).toBeGreaterThan(0);
    const output = site.output.join('\n');
    expect(output).toContain('change carried out');
    expect(output.split('\n').length).toBeGreaterThan(30);
    const forbidden = [
      CREDENTIALS.secret,
      CREDENTIALS.token,
      CREDENTIALS.encodingAesKey,
      'access_token=',
      '绝密',
      '客户分级',
      '不要删除',
      ...site.gate.tokens,
    ];
    for (const word of forbidden) expect(output.includes(word), word.slice(0, 12)).toBe(false);
  } finally {
    await site.close();
  }
});
