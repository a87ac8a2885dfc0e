/** What a company that has authorised a suite is configured with: what the suite says, and what is its own. */

import { SUITE_PATH } from '../config/suites.ts';
import type { Config, CorpConfig, SuiteConfig } from '../config.ts';
import type { Authorisation } from '../store/suite-store.ts';
import { keyOf } from './suite.ts';

/** Where the console of the provider sends what members write. */
export function appPathOf({ name, kind }: SuiteConfig): string {
  return `${SUITE_PATH}/${name}/${kind === 'customized' ? 'app' : 'data'}`;
}

export type Served = Pick<Authorisation, 'corpId' | 'corpName' | 'admins'> & {
  readonly agentId: number;
  /** Opened. */
  readonly permanentCode: string;
};

export function corpConfigOf(config: Config, suite: SuiteConfig, served: Served): CorpConfig {
  const { corps: _, suites: __, credentialKeys: ___, ...shared } = config;
  const { corpId, agentId, permanentCode, admins, corpName } = served;
  const own = suite.corps.find((each) => each.corpId === corpId);
  const { token, encodingAesKey } = suite.app ?? suite;
  const first = suite.installerIsAdmin ? admins : [];
  return {
    ...shared,
    name: `${suite.name}:${corpName || corpId}`,
    key: keyOf(suite.suiteId, corpId),
    app: suite.kind,
    wecom: { ...config.wecom, corpId, agentId, secret: permanentCode, token, encodingAesKey },
    server: { ...config.server, callbackPath: appPathOf(suite) },
    access: {
      botAdmins: own !== undefined && own.botAdmins.length > 0 ? own.botAdmins : first,
      adminsIn: `配置文件 suites 里「${suite.name}」的 corps`,
      roles: own?.roles ?? [],
      readAccess: own?.readAccess ?? suite.readAccess,
    },
    defaultStrategyId: own?.defaultLibrary,
  };
}
