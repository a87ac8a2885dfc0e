/** The platform for a command that looks once: no log, no waiting beyond five seconds, no second try on a silent network. */

import type { CorpConfig } from '../config.ts';
import { createLog } from '../log.ts';
import type { Clock } from '../message.ts';
import { createMetrics } from '../metrics.ts';
import type { TokenNotes } from '../wecom/shared-token.ts';
import type { AskToken } from '../wecom/token.ts';
import { createWecom, type Wecom } from '../wecom/wecom.ts';

const PATIENCE_MS = 5_000;

export type Print = (text: string) => void;

/** `asking`: of a 第三方 app, whose token comes from its suite. */
export function connect(config: CorpConfig, now: Clock, notes?: TokenNotes, asking?: AskToken): Wecom {
  const { apiBaseUrl, corpId, agentId, secret } = config.wecom;
  return createWecom({
    baseUrl: apiBaseUrl,
    egress: config.network,
    corpId,
    agentId,
    secret,
    app: config.app,
    ...quietly(now),
    notes,
    asking,
  });
}

/** How a command that looks once sends what it asks. */
export function quietly(now: Clock) {
  return {
    log: createLog('silent', { write: () => {} }),
    metrics: createMetrics(),
    now,
    timeoutMs: PATIENCE_MS,
    networkRepeats: 0,
  };
}
