/** The first words to whoever has installed the app, and to whoever may manage it where that is not told. */

import type { Corps } from '../corps/corps.ts';
import { codeOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Authorisation } from '../store/suite-store.ts';
import { keyOf, type Suite } from './suite.ts';

/** More are not greeted; they see the app in their list. */
const MOST = 5;

/** A push that fails is told in the log, and keeps nothing from going on. */
export async function greet(
  { config }: Suite,
  { suiteId, corpId, admins }: Authorisation,
  { corps, log }: { readonly corps: Corps; readonly log: Log },
): Promise<void> {
  const key = keyOf(suiteId, corpId);
  if (admins.length === 0) log.warn({ corp: key }, 'nobody to greet: neither an installer nor an admin was told');
  for (const admin of admins.slice(0, MOST)) {
    try {
      await corps.with(key, ({ corp }) =>
        corp.tell(admin, config.installerIsAdmin ? WELCOME : welcomeWithoutRights(admin)),
      );
    } catch (error) {
      log.warn({ corp: key, code: codeOf(error) }, 'whoever installed the app could not be greeted');
    }
  }
}

const WELCOME = `标签助手装好了，可以用了。
你是第一个管理员，什么都能做：发「诊断」看看权限齐不齐，发「帮助」看看可以怎么说。`;

function welcomeWithoutRights(admin: string): string {
  return `标签助手装好了，可以查标签了。
谁能改标签由服务商设置，请把你的账号告诉他们：${admin}
发「帮助」看看可以怎么说。`;
}
