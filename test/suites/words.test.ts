/** What members and admins are told to do where the app is a provider's: not what one would do about an app of one's own. */

import { expect, it, onTestFinished } from 'vitest';
import { until } from '../until.ts';
import { openProviderSite, RETAIL } from './provider-site.ts';

async function installed(
  suite: string,
  before: (site: Awaited<ReturnType<typeof openProviderSite>>) => void = () => {},
) {
  const site = await openProviderSite();
  onTestFinished(() => site.stop());
  before(site);
  const { app } = await site.sandbox.provider.install(suite, RETAIL);
  await site.logs('event of a suite worked off');
  return { site, app };
}

it.each(['template', 'market'])(
  '%s: a right that is missing is asked for in the console of the provider',
  async (suite) => {
    const { site, app } = await installed(suite);
    await site.sandbox.provider.change(suite, RETAIL, { rights: ['customers'] });
    await site.logs('authorisation changed');
    const told = await site.say(app, 'wangzong', '标签 添加 VIP 到 客户分级');
    expect(told).toContain('服务商后台');
    expect(told).not.toContain('可调用接口的应用');
    expect(await site.say(app, 'wangzong', '诊断')).not.toContain('可调用接口的应用');
  },
);

it('an address that is not trusted is entered in the console of the provider', async () => {
  const { site, app } = await installed('template');
  app.setFaults({ untrustedIp: { on: true } });
  const told = await site.say(app, 'wangzong', '标签 添加 VIP 到 客户分级');
  expect(told).toMatch(/服务商后台.*127\.0\.0\.1/);
  expect(told).not.toContain('企业可信IP');
});

it('an admin is one without a word of a setting that they cannot see', async () => {
  const { site, app } = await installed('template');
  const told = await site.say(app, 'wangzong', '我');
  expect(told).toContain('你是机器人管理员');
  expect(told).not.toContain('BOT_ADMINS');
  // The app does not know it, and an id is no name.
  expect(told).not.toContain('姓名：');
});

it('where nobody is an admin, it is said where one is entered', async () => {
  const { site, app } = await installed('template', ({ sandbox }) =>
    sandbox.provider.setVariants({ authUserInfo: 'missing', adminList: 'empty' }),
  );
  for (const text of ['我', '标签 添加 VIP 到 客户分级', '诊断']) {
    const told = await site.say(app, 'wangzong', text);
    expect(told).toContain('suites');
    expect(told).not.toContain('BOT_ADMINS');
  }
});

it('a name that the corp has granted is known at once', async () => {
  const { site, app } = await installed('template');
  expect(await site.say(app, 'wangzong', '我')).not.toContain('王总');
  await site.sandbox.provider.change('template', RETAIL, { rights: ['corpTags', 'userNames'] });
  await site.logs('authorisation changed');
  await until(async () => expect(await site.say(app, 'wangzong', '我')).toContain('姓名：王总'));
});
