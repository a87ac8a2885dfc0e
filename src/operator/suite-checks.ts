/** What `doctor` looks at for each suite of a provider, before the companies that have authorised it. */

import type { Config, SuiteConfig } from '../config.ts';
import { type Check, type Finding, runChecks } from '../diagnosis/check.ts';
import { BotError } from '../errors.ts';
import type { Clock } from '../message.ts';
import { place, unopened } from '../suites/suite.ts';
import { type OpenSuite, openSuite } from './suite-open.ts';

interface Surroundings {
  readonly config: Config;
  readonly of: SuiteConfig;
  readonly now: Clock;
  opened?: OpenSuite | undefined;
}

const MINUTE_MS = 60_000;

const CHECKS: readonly Check<Surroundings>[] = [
  {
    id: 'suite-key',
    title: '密钥',
    needs: [],
    run: async (found) => {
      const { config, of, now } = found;
      found.opened = await openSuite(config, of, now);
      if (!found.opened)
        throw new BotError('suite.no-key', 'setup', {
          meaning: '没有 CREDENTIAL_KEY_FILE，这个应用没有被服务。',
          advice: '请用 openssl rand -base64 32 生成一个，见 docs/provider.md。',
        });
      const { store, ring } = found.opened;
      const ours = (await store.sealedValues()).filter(({ suiteId }) => suiteId === of.suiteId);
      const closed = ours.filter(({ of: what, suiteId, key, sealed }) => !ring.open(sealed, place(what, suiteId, key)));
      if (closed.length > 0) throw unopened({ suite: of.name });
      return ours.length === 0 ? '还没有存过什么' : `存的 ${ours.length} 项都打得开`;
    },
  },
  {
    id: 'suite-ticket',
    title: 'suite_ticket',
    needs: ['suite-key'],
    run: async ({ opened, of, now }) => {
      const ticket = await opened?.store.ticket(of.suiteId);
      if (ticket === undefined)
        throw new BotError('suite.no-ticket', 'setup', {
          meaning: '还没有收到过 suite_ticket。',
          advice:
            '请核对服务商后台里指令（模板）回调的地址、Token 和 EncodingAESKey，再手动推送一次；平时每十分钟自己来。',
        });
      const minutes = Math.round((now() - ticket.at) / MINUTE_MS);
      return `${minutes} 分钟前收到的`;
    },
  },
  {
    id: 'suite-token',
    title: '应用凭证',
    needs: ['suite-ticket'],
    run: async ({ opened }) => {
      await opened?.suite.api.token.get();
      return 'suite_access_token 正常';
    },
  },
  {
    id: 'suite-corps',
    title: '授权的企业',
    needs: ['suite-key'],
    run: async ({ opened, of }) => {
      const all = (await opened?.store.authorisations()) ?? [];
      const ours = all.filter(({ suiteId }) => suiteId === of.suiteId);
      const active = ours.filter(({ state }) => state === 'active');
      const waiting = ((await opened?.store.openEvents()) ?? []).filter(({ suiteId }) => suiteId === of.suiteId);
      const rest = [
        ...(ours.length > active.length ? [`${ours.length - active.length} 个取消了，等着删除`] : []),
        ...(waiting.length > 0 ? [`${waiting.length} 个授权事件还没有办完`] : []),
      ];
      return [`${active.length} 个`, ...rest].join('；');
    },
  },
];

/** One finding after the other; never throws. */
export async function* examineSuite(config: Config, of: SuiteConfig, now: Clock): AsyncGenerator<Finding> {
  const surroundings: Surroundings = { config, of, now };
  try {
    yield* runChecks(CHECKS, surroundings, () => ({ admin: true, now: now() }));
  } finally {
    await surroundings.opened?.close();
  }
}
