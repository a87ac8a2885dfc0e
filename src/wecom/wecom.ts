/** Everything one app can ask of the platform, built together: what the composition root needs to know of this room. */
import { setTimeout as pause } from 'node:timers/promises';
import type { RuleGroupApi, TagApi } from '../tags/tag.ts';
import { type Connection, type ConnectOptions, connect } from './client.ts';
import { type AppDirectory, createDirectory } from './directory.ts';
import { createMediaApi, type MediaApi } from './media.ts';
import { createMenuApi, type MenuApi, NO_MENU } from './menu.ts';
import { createMessages, type Messages } from './messages.ts';
import { createRuleGroupApi } from './strategies.ts';
import { createTagApi } from './tags.ts';
import type { TokenSource } from './token.ts';

export interface Wecom {
  readonly token: TokenSource;
  /** As in Connection. */
  readonly clockAhead: () => number | undefined;
  readonly reach: () => Promise<void>;
  readonly renew: Connection['renew'];
  readonly tags: TagApi;
  readonly ruleGroups: RuleGroupApi;
  readonly messages: Messages;
  readonly menu: MenuApi;
  readonly media: MediaApi;
  readonly directory: AppDirectory;
  /** Closes connections; calls under way fail. */
  close(): void;
}

/** Calls nothing: a wrong secret or a missing network shows with the first use. */
export function createWecom(
  options: ConnectOptions & { readonly agentId: number; readonly app?: 'self-built' | 'customized' | 'third-party' },
): Wecom {
  const { agentId, now, sleep = (ms: number) => pause(ms) } = options;
  const isThirdParty = options.app === 'third-party';
  const ofProvider = options.app === 'customized' || isThirdParty;
  const { client, token, clockAhead, reach, renew, close } = connect({ ...options, ofProvider });
  return {
    token,
    clockAhead,
    reach,
    renew,
    close,
    tags: createTagApi(client, { sleep }),
    ruleGroups: createRuleGroupApi(client),
    messages: createMessages(client, { agentId, now, translatesIds: isThirdParty }),
    menu: isThirdParty ? NO_MENU : createMenuApi(client, agentId),
    media: createMediaApi(client),
    directory: createDirectory(client, { agentId, now, hidesNames: isThirdParty }),
  };
}
