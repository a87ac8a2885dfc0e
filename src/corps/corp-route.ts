/** The callback path of one corp of the configuration. Who is not let in by it builds nothing. */

import { createEnvelope } from '../callback/envelope.ts';
import { type CallbackRoute, callbackRoute, type Inbox } from '../callback/route.ts';
import type { CorpConfig } from '../config.ts';
import { notingCallbacks } from '../diagnosis/callback-notes.ts';
import { type Complaints, complaintsOf, type Log } from '../log.ts';
import type { Clock } from '../message.ts';
import type { Metrics } from '../metrics.ts';
import type { Corps } from './corps.ts';

export interface CorpRouteDeps {
  readonly corps: Corps;
  readonly log: Log;
  readonly complaints: Complaints;
  readonly metrics: Metrics;
  readonly now: Clock;
}

export function corpRoute(config: CorpConfig, { corps, log, complaints, metrics, now }: CorpRouteDeps): CallbackRoute {
  const { corpId, agentId, token, encodingAesKey } = config.wecom;
  const inbox: Inbox = {
    knows: (key) => corps.with(corpId, ({ corp }) => corp.inbox.knows(key)),
    receive: async (message, sent) => {
      if (corps.isPaused(corpId)) return PASSIVELY.has(message.kind) ? { kind: 'text', content: PAUSED } : undefined;
      return corps.with(corpId, ({ corp }) => corp.inbox.receive(message, sent));
    },
  };
  return callbackRoute({
    path: config.server.callbackPath,
    envelope: createEnvelope({ token, encodingAesKey, receiveId: corpId }),
    corpId,
    agentId,
    inbox,
    now,
    complaints: complaintsOf(corpId, complaints),
    metrics: notingCallbacks(metrics.of(corpId), {
      // What strangers send to a corp that nobody uses is counted, not kept.
      keep: async (name, value) => {
        const store = corps.storeOf(corpId);
        if (store) await store.keepNote(name, value);
        else if (name !== 'callback.refused')
          await corps.with(corpId, (present) => present.store.keepNote(name, value));
      },
      now,
      log: log.child({ corp: corpId }),
    }),
  });
}

const PASSIVELY: ReadonlySet<string> = new Set(['text', 'click', 'media']);
const PAUSED = '标签助手现在暂停服务，这条消息没有执行。\n请问管理员什么时候恢复，到时再发一次。';
