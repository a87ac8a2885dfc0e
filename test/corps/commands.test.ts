/** The command line with several corps, while the bot runs. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../program.ts';
import { until } from '../until.ts';
import { identity, openSite, type Site } from './two-corps.ts';

const HUA = identity('hua');
const DONG = identity('dong');
let site: Site;

beforeEach(async () => {
  site = await openSite([HUA, DONG], { app: { takeOverEveryMs: 50 } });
});
afterEach(() => site.stop());

const command = (...words: string[]) => run(words, { env: site.env as Record<string, string> });

it('lists, and shows one without its secrets', async () => {
  await site.say('hua', 'wangzong', '列表');
  const { out, code } = await command('corps', 'list');
  expect(code).toBe(0);
  expect(out).toMatch(/hua.*wwcorp-hua.*\/wecom\/callback\/hua.*正常/);
  expect(out).toMatch(/dong.*wwcorp-dong.*还没有收到过消息/);

  const shown = await command('corps', 'show', 'hua');
  expect(shown.out).toContain('管理员：wangzong');
  expect(shown.out).toMatch(/最近一条消息：\d{4}-/);
  for (const hidden of [HUA.secret, HUA.token, HUA.encodingAesKey]) expect(shown.out).not.toContain(hidden);
});

it('pauses one and lets it go on, under the running bot', async () => {
  expect(await command('corps', 'pause', 'dong')).toMatchObject({ code: 0 });
  await until(() => expect(site.log.some(({ msg }) => msg === 'corp paused by the operator')).toBe(true));
  expect(await site.say('dong', 'wangzong', '标签 添加 钻石 到 客户分级')).toContain('暂停');
  expect((await command('corps', 'list')).out).toMatch(/dong.*暂停/);
  expect(await site.say('hua', 'wangzong', '列表')).toContain('客户分级');

  expect(await command('corps', 'pause', DONG.corpId, '--off')).toMatchObject({ code: 0 });
  await until(() => expect(site.log.some(({ msg }) => msg === 'corp resumed by the operator')).toBe(true));
  expect(await site.say('dong', 'wangzong', '列表')).toContain('客户分级');
});

it('a corp that is not there is a matter of usage, and so is which of several', async () => {
  for (const words of [
    ['corps', 'show', 'nobody'],
    ['corps', 'pause', 'nobody'],
    ['doctor', '--corp', 'nobody'],
    ['menu'],
    ['journal'],
  ]) {
    const { code, err } = await command(...words);
    expect([words, code]).toEqual([words, 64]);
    expect(err).toContain('hua、dong');
  }
});

it('the journal is that of the one that is named', async () => {
  await site.say('hua', 'wangzong', '标签 添加 只在华 到 客户分级');
  expect((await command('journal', '--corp', 'hua')).out).toContain('只在华');
  expect((await command('journal', '--corp', HUA.corpId)).out).toContain('只在华');
  expect((await command('journal', '--corp', 'dong')).out).not.toContain('只在华');
});

it('doctor looks at each, or at one', async () => {
  const checks = async (...words: string[]) =>
    (JSON.parse((await command('doctor', '--json', ...words)).out) as { checks: { id: string; corp?: string }[] })
      .checks;
  const all = await checks();
  expect(new Set(all.map(({ corp }) => corp))).toEqual(new Set(['hua', 'dong']));
  expect(all.filter(({ id }) => id === 'token')).toHaveLength(2);
  expect(new Set((await checks('--corp', 'dong')).map(({ corp }) => corp))).toEqual(new Set(['dong']));
});
