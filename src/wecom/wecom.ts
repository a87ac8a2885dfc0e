/** Everything one app can ask of the platform, built together: what the composition root needs to know of this room. */
import { setTimeout as pause } from 'node:timers/promises';
import type { RuleGroupApi, TagApi } from '../tags/tag.ts';
import { type ConnectOptions, connect } from './client.ts';
import { type AppDirectory, createDirectory } from './directory.ts';
import { createMediaApi, type MediaApi } from './media.ts';
import { createMenuApi, type MenuApi } from './menu.ts';
import { createMessages, type Messages } from './messages.ts';
import { listOrNone, object } from './shape.ts';
import { createRuleGroupApi } from './strategies.ts';
import { createTagApi } from './tags.ts';
import type { TokenSource } from './token.ts';

export interface Wecom {
  readonly token: TokenSource;
  /** As in Connection. */
  readonly clockAhead: () => number | undefined;
  readonly reach: () => Promise<void>;
  readonly tags: TagApi;
  readonly ruleGroups: RuleGroupApi;
  readonly messages: Messages;
  readonly menu: MenuApi;
  readonly media: MediaApi;
  readonly directory: AppDirectory;
  /** Tags of the corp's own library (doc 92117): whether they can be read, and how many there are. */
  readonly countCorpTags: () => Promise<number>;
  /** Closes connections; calls under way fail. */
  close(): void;
}

/** Calls nothing: a wrong secret or a missing network shows with the first use. */
export function createWecom(options: ConnectOptions & { readonly agentId: number }): Wecom {
  const { agentId, now, sleep = (ms: number) => pause(ms) } = options;
  const { client, token, clockAhead, reach, close } = connect(options);
  return {
    token,
    clockAhead,
    reach,
    close,
    tags: createTagApi(client, { sleep }),
    ruleGroups: createRuleGroupApi(client),
    messages: createMessages(client, { agentId, now }),
    menu: createMenuApi(client, agentId),
    media: createMediaApi(client),
    directory: createDirectory(client, { agentId, now }),
    countCorpTags: () =>
      client.call(
        'externalcontact/get_corp_tag_list',
        {},
        {
          idempotent: true,
          read: ({ tag_group }) =>
            listOrNone(tag_group, 'tag_group').reduce<number>(
              (sum, group) => sum + listOrNone(object(group, 'tag_group[]').tag, 'tag').length,
              0,
            ),
        },
      ),
  };
}
