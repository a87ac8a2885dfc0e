/** How messages reach one corp: by a callback path of its own. Who is not let in by it builds nothing. */

import { createSeal, type Seal } from '../callback/envelope.ts';
import { type Inbox, messageReceiver } from '../callback/message-receiver.ts';
import { type CallbackRoute, callbackRoute, type Receiver } from '../callback/route.ts';
import type { CorpConfig } from '../config.ts';
import { notingCallbacks } from '../diagnosis/callback-notes.ts';
import { type Complaints, complaintsOf, type Log } from '../log.ts';
import type { Clock, IncomingMessage, PassiveReply } from '../message.ts';
import type { Metrics } from '../metrics.ts';
import type { Corps } from './corps.ts';

export interface CorpRouteDeps {
  readonly corps: Corps;
  readonly log: Log;
  readonly complaints: Complaints;
  readonly metrics: Metrics;
  readonly now: Clock;
}

export function corpRoute(config: CorpConfig, deps: CorpRouteDeps): CallbackRoute {
  const { corpId } = config.wecom;
  const seal = createSeal(config.wecom);
  const metrics = metricsOf(config, deps);
  const receiver = corpReceiver(config, seal, deps, metrics);
  return callbackRoute({
    path: config.server.callbackPath,
    seal,
    verifies: (receiveId) => receiveId === corpId,
    receiverOf: (receiveId) => (receiveId === corpId ? receiver : undefined),
    now: deps.now,
    complaints: complaintsOf(config.key, deps.complaints),
    metrics,
  });
}

/** Takes what is sealed for this corp, whichever way it came. */
export function corpReceiver(
  config: CorpConfig,
  seal: Seal,
  deps: CorpRouteDeps,
  metrics = metricsOf(config, deps),
): Receiver {
  const { corpId, agentId } = config.wecom;
  return messageReceiver({
    seal,
    corpId,
    agentId,
    inbox: inboxOf(config.key, deps.corps),
    now: deps.now,
    complaints: complaintsOf(config.key, deps.complaints),
    metrics,
  });
}

function inboxOf(key: string, corps: Corps): Inbox {
  const knows: Inbox['knows'] = (messageKey) => corps.with(key, ({ corp }) => corp.inbox.knows(messageKey));
  const receive: Inbox['receive'] = (message, sent) => corps.with(key, ({ corp }) => corp.inbox.receive(message, sent));
  /** Where nothing is built, nothing is under way. */
  const known = async (messageKey: string) => corps.storeOf(key) !== undefined && (await knows(messageKey));
  return {
    knows,
    receive: (message, sent) =>
      corps.isPaused(key)
        ? // Of the repeat of one that came before it would not be true.
          known(message.key).then((isKnown) => (isKnown ? receive(message, sent) : paused(message.kind)))
        : receive(message, sent),
  };
}

function metricsOf({ key }: CorpConfig, { corps, metrics, now, log }: CorpRouteDeps) {
  return notingCallbacks(metrics.of(key), {
    // What strangers send to a corp that nobody uses is counted, not kept.
    keep: async (name, value) => {
      const store = corps.storeOf(key);
      if (store) await store.keepNote(name, value);
      else if (name !== 'callback.refused') await corps.with(key, (present) => present.store.keepNote(name, value));
    },
    now,
    log: log.child({ corp: key }),
  });
}

/** On a card there is room for a word only. */
function paused(kind: IncomingMessage['kind']): PassiveReply | undefined {
  if (kind === 'press') return { kind: 'button', replaceName: '没有执行：暂停服务' };
  return PASSIVELY.has(kind) ? { kind: 'text', content: PAUSED } : undefined;
}

const PASSIVELY: ReadonlySet<IncomingMessage['kind']> = new Set(['text', 'click', 'media']);
const PAUSED = '标签助手现在暂停服务，这条消息没有执行。\n请问管理员什么时候恢复，到时再发一次。';
