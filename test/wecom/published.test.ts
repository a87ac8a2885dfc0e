/** Answers of the real platform as they were published: each must be read, or refused, for what it is. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BotError, explain } from '../../src/errors.ts';
import { createMessages } from '../../src/wecom/messages.ts';
import { isObject } from '../../src/wecom/shape.ts';
import { createRuleGroupApi } from '../../src/wecom/strategies.ts';
import { createTagApi } from '../../src/wecom/tags.ts';
import { type Bench, connectTo, ok, type Platform, startPlatform } from './platform.ts';

interface Published {
  readonly id: string;
  readonly api: string;
  readonly http: { readonly status: number };
  readonly body?: unknown;
  readonly bodyText?: string;
}

const file = new URL('../../../shared/fixtures/api-responses.json', import.meta.url);
const there = existsSync(file);
if (!there) console.log('skipped: the published API answers are not beside the project');
const published = there ? (JSON.parse(readFileSync(file, 'utf8')) as { responses: Published[] }).responses : [];

/** The call of this program that meets such an answer; other paths go through the client as they are. */
function callOf(api: string, { client, token, clock }: Bench): Promise<unknown> {
  const tags = createTagApi(client, { sleep: async () => undefined });
  const ruleGroups = createRuleGroupApi(client);
  switch (api) {
    case 'gettoken':
      return token.get();
    case 'externalcontact/get_strategy_tag_list':
    case 'externalcontact/get_corp_tag_list':
      return tags.list({ of: 'rule-groups' });
    case 'externalcontact/add_strategy_tag':
    case 'externalcontact/add_corp_tag':
      return tags.add({ libraryId: 1, target: { groupId: 'g' }, tags: [{ name: 'x' }] });
    case 'externalcontact/edit_corp_tag':
      return tags.edit({ libraryId: 1, id: 't', name: 'x' });
    case 'externalcontact/del_corp_tag':
      return tags.delete({ libraryId: 1, tagIds: ['t'] });
    case 'externalcontact/customer_strategy/list':
      return ruleGroups.list();
    case 'externalcontact/customer_strategy/get':
      return ruleGroups.get(1);
    case 'message/send':
      return createMessages(client, { agentId: 1, now: () => clock.time }).send('userid9', {
        msgtype: 'text',
        text: { content: 'x' },
      });
    default:
      return client.call(api, {}, { read: (answer) => answer });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe.skipIf(!there)('published answers', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform.close());

  test('are there', () => expect(published.length).toBeGreaterThan(30));

  test.each(published.map((answer) => [answer.id, answer] as const))('%s', async (_, { api, http, body, bodyText }) => {
    const text = bodyText ?? JSON.stringify(body) ?? '';
    const says = (_call: unknown, response: { writeHead(status: number): { end(text: string): void } }) =>
      response.writeHead(http.status).end(text);
    platform.says(says);
    platform.tokenSays(api === 'gettoken' ? says : { ...ok, access_token: 't', expires_in: 7200 });
    const bench = connectTo(platform.url);
    const outcome = await callOf(api, bench).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    bench.close();
    const json = parsed(text);
    const errcode = isObject(json) ? (json.errcode ?? 0) : undefined;
    if (errcode === 0 && http.status === 200) {
      expect(outcome).toHaveProperty('value');
      if (api.endsWith('_tag_list')) expect(JSON.stringify(outcome)).not.toMatch(/"deleted":true/);
      return;
    }
    if (!('error' in outcome) || !(outcome.error instanceof BotError))
      throw new Error('not a BotError', { cause: outcome });
    const { error } = outcome;
    const code =
      errcode === undefined ? (http.status === 404 ? 'api.http-status' : 'api.unknown-outcome') : `wecom.${errcode}`;
    expect(error.code).toBe(code);
    expect(explain(error, { admin: true }).sentence).not.toContain('未知');
    if (text.includes('203.0.113.9')) expect(error.facts.ip).toBe('203.0.113.9');
  });
});
