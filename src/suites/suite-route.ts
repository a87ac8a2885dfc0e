/**
 * The callback addresses of a suite (docs 97165, 90642): the one of the suite itself, and the one to which members write,
 * for all companies together. Who it is for is decided by the id inside the seal and by nothing beside it.
 */

import { createSeal, type Seal } from '../callback/envelope.ts';
import { type CallbackRoute, callbackRoute, type Receiver } from '../callback/route.ts';
import { SUITE_PATH } from '../config/suites.ts';
import type { CorpConfig } from '../config.ts';
import { type CorpRouteDeps, corpReceiver } from '../corps/corp-route.ts';
import { complaintsOf } from '../log.ts';
import type { Authorised } from './authorised.ts';
import { appPathOf } from './corp-config.ts';
import type { Suite } from './suite.ts';

export interface SuiteRouteDeps extends CorpRouteDeps {
  readonly authorised: Pick<Authorised, 'find'>;
  /** Takes what is sealed for the suite itself. */
  readonly receiver: Receiver;
}

/** What the platform wants to read; anything else it takes for an error (doc 97172). */
export const SUCCESS = { type: 'text/plain', body: 'success' } as const;

export function suiteRoutes(suite: Suite, deps: SuiteRouteDeps): CallbackRoute[] {
  const { config } = suite;
  const { name, kind } = config;
  const { authorised, receiver, metrics, now } = deps;
  const listed = [config.providerCorpId, ...config.acceptIds];
  const isSuites = (receiveId: string) => receiveId === config.suiteId || config.acceptIds.includes(receiveId);
  const shared = { now, metrics, complaints: complaintsOf(name, deps.complaints, 'suite') };
  const receivers = new Map<string, { readonly of: CorpConfig; readonly receiver: Receiver }>();

  async function corpsReceiver(receiveId: string, seal: Seal): Promise<Receiver | undefined> {
    const corp = await authorised.find(suite, receiveId);
    if (!corp) {
      receivers.delete(receiveId);
      return undefined;
    }
    const known = receivers.get(receiveId);
    if (known?.of === corp) return known.receiver;
    const made = corpReceiver(corp, seal, deps);
    receivers.set(receiveId, { of: corp, receiver: made });
    return made;
  }

  const suiteSeal = createSeal(config);
  const ofSuite = {
    ...shared,
    path: `${SUITE_PATH}/${name}`,
    seal: suiteSeal,
    verifies: (receiveId: string) => listed.includes(receiveId),
  };
  if (kind === 'third-party') {
    // Its two addresses may be one.
    const receiverOf = (receiveId: string) => (isSuites(receiveId) ? receiver : corpsReceiver(receiveId, suiteSeal));
    return [
      callbackRoute({ ...ofSuite, receiverOf }),
      callbackRoute({ ...ofSuite, receiverOf, path: appPathOf(config), above: true }),
    ];
  }
  const appSeal = createSeal(config.app ?? config);
  return [
    callbackRoute({
      ...ofSuite,
      receiverOf: async (receiveId) => {
        if (isSuites(receiveId)) return receiver;
        return (await authorised.find(suite, receiveId)) && HEARD;
      },
    }),
    callbackRoute({
      ...shared,
      path: appPathOf(config),
      seal: appSeal,
      verifies: async (receiveId) =>
        listed.includes(receiveId) || (await authorised.find(suite, receiveId)) !== undefined,
      receiverOf: (receiveId) => corpsReceiver(receiveId, appSeal),
    }),
  ];
}

/** What is sealed for a company and comes to the suite's address all the same, such as change_app_admin: of no use here. */
const HEARD: Receiver = { take: async () => SUCCESS };
