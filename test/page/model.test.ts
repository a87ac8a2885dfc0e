import { describe, expect, it } from 'vitest';
import { deliveryLabel, needsTime, preview, sizeLabel, timeLabel } from '../../src/sandbox/page/labels.js';
import { librariesOf } from '../../src/sandbox/page/libraries.js';
import {
  applyEvent,
  isNewcomer,
  PATIENCE_MS,
  saidTexts,
  WIRE_LIMIT,
  waitingUntil,
} from '../../src/sandbox/page/model.js';
import { treeDiff, withRemoved } from '../../src/sandbox/page/tree-diff.js';
import { pretty, wireLine, wireProblem } from '../../src/sandbox/page/wire-format.js';
import type { ChatMessage, Delivery, SandboxGroup, SandboxState, WireEntry } from '../../src/sandbox/protocol.ts';

const off = { on: false };
const EMPTY: SandboxState = {
  app: 'app',
  apps: [],
  corpName: '未来零售',
  agentName: '标签助手',
  members: [],
  departments: [],
  corpTags: [],
  ruleGroups: [],
  chats: {},
  menu: [],
  faults: {
    busy: off,
    slow: { on: false, ms: 0 },
    rateLimited: off,
    errcode: { on: false, code: 0 },
    expiredToken: off,
    wrongSecret: off,
    brokenBefore: off,
    brokenAfter: off,
    landsLate: { on: false, ms: 0 },
    untrustedIp: off,
    badGateway: off,
    wrongShape: off,
  },
  variants: {
    addExisting: 'all',
    foreignStrategy: 60030,
    unknownIds: 'error',
    optionIds: 'OptionIds',
    eventStrategyId: true,
    foreignTag: 40068,
    addToForeign: 'allow',
    deletedFlags: 'shown',
    emptyLists: 'sent',
  },
  wire: [],
  tagCount: 0,
};

let count = 0;
function said(text: string, state: Delivery['state'] = 'delivered', at = 0): ChatMessage {
  return {
    id: `m${count++}`,
    member: 'w',
    from: 'member',
    at,
    body: { msgtype: 'text', text: { content: text } },
    delivery: { state, attempt: 1 },
  };
}
function answered(text = '好'): ChatMessage {
  return { id: `m${count++}`, member: 'w', from: 'bot', at: 0, body: { msgtype: 'text', text: { content: text } } };
}
function entered(): ChatMessage {
  return {
    id: `m${count++}`,
    member: 'w',
    from: 'member',
    at: 0,
    body: { msgtype: 'event', event: 'enter_agent' },
    delivery: { state: 'delivered', attempt: 1 },
  };
}

describe('the state folded from events', () => {
  it('adds a bubble, and changes the one with the same id in its place', () => {
    const first = said('一', 'sending');
    const second = said('二');
    let state = applyEvent(EMPTY, { type: 'message', message: first });
    state = applyEvent(state, { type: 'message', message: second });
    state = applyEvent(state, { type: 'message', message: { ...first, delivery: { state: 'delivered', attempt: 1 } } });
    expect(state.chats.w?.map((message) => [message.id, message.delivery?.state])).toEqual([
      [first.id, 'delivered'],
      [second.id, 'delivered'],
    ]);
  });

  it('keeps the latest part of the wire', () => {
    let state = EMPTY;
    for (let i = 0; i <= WIRE_LIMIT; i++) {
      const entry: WireEntry = {
        id: `w${i}`,
        at: i,
        direction: 'api',
        line: '',
        status: 200,
        ms: 0,
        request: '',
        response: '',
      };
      state = applyEvent(state, { type: 'wire', entry });
    }
    expect(state.wire).toHaveLength(WIRE_LIMIT);
    expect(state.wire.at(-1)?.id).toBe(`w${WIRE_LIMIT}`);
  });

  it('is replaced as a whole by a new state', () => {
    const state = applyEvent({ ...EMPTY, tagCount: 9 }, { type: 'state', state: EMPTY });
    expect(state).toBe(EMPTY);
  });
});

describe('what a chat tells', () => {
  it.each<[string, ChatMessage[], number]>([
    ['nothing said', [], 0],
    ['on its way', [said('一', 'sending')], Number.POSITIVE_INFINITY],
    ['being repeated', [answered(), said('一', 'retrying')], Number.POSITIVE_INFINITY],
    ['arrived and unanswered', [said('一', 'delivered', 1_000)], 1_000 + PATIENCE_MS],
    [
      'an event does not hide the unanswered message before it',
      [said('一', 'delivered', 5), entered()],
      5 + PATIENCE_MS,
    ],
    ['answered', [said('一'), answered()], 0],
    ['never arrived', [said('一', 'failed')], 0],
    ['only entered', [entered()], 0],
  ])('%s', (_, chat, until) => {
    expect(waitingUntil(chat)).toBe(until);
  });

  it('offers examples until the first word', () => {
    expect(isNewcomer([entered(), answered('欢迎')])).toBe(true);
    expect(isNewcomer([entered(), said('帮助')])).toBe(false);
  });

  it('takes a picture for a message, though the sandbox tells of it as an event', () => {
    const picture: ChatMessage = { ...entered(), at: 7, body: { msgtype: 'event', event: '[图片]' } };
    expect(isNewcomer([picture])).toBe(false);
    expect(waitingUntil([picture])).toBe(7 + PATIENCE_MS);
  });

  it('recalls what was said, with line breaks, without repeats', () => {
    expect(saidTexts([said('一'), answered(), said('一'), said('二\n三')])).toEqual(['一', '二\n三']);
  });
});

describe('labels', () => {
  const at = (text: string) => new Date(text).getTime();
  it.each([
    ['2026-11-22T09:05:00', '09:05'],
    ['2026-11-21T23:59:00', '昨天 23:59'],
    ['2026-11-20T08:00:00', '11月20日 08:00'],
    ['2025-12-31T08:00:00', '2025年12月31日 08:00'],
  ])('%s is %s', (then, label) => {
    expect(timeLabel(at(then), at('2026-11-22T10:00:00'))).toBe(label);
  });

  it('shows a time after a pause', () => {
    expect(needsTime(undefined, said('一'))).toBe(true);
    expect(needsTime(said('一', 'delivered', 0), said('二', 'delivered', 300_000))).toBe(false);
    expect(needsTime(said('一', 'delivered', 0), said('二', 'delivered', 300_001))).toBe(true);
  });

  it.each<[Delivery | undefined, string]>([
    [undefined, ''],
    [{ state: 'delivered', attempt: 2 }, ''],
    [{ state: 'sending', attempt: 1 }, '发送中'],
    [{ state: 'retrying', attempt: 2 }, '重试 1/3'],
    [{ state: 'retrying', attempt: 4 }, '重试 3/3'],
    [{ state: 'failed', attempt: 4, note: '超时' }, '未送达：超时'],
    [{ state: 'failed', attempt: 4, status: 500 }, '未送达：HTTP 500'],
    [{ state: 'failed', attempt: 4 }, '未送达'],
  ])('delivery %j is %j', (delivery, label) => {
    expect(deliveryLabel(delivery)).toBe(label);
  });

  it('sizes and previews', () => {
    expect([812, 3_482, 1_258_291].map(sizeLabel)).toEqual(['812 B', '3.4 KB', '1.2 MB']);
    const body = {
      msgtype: 'markdown',
      markdown: { content: '## **好**\n> <font color="info">`VIP`</font>' },
    } as const;
    expect(preview({ ...answered(), body })).toBe('好 VIP');
    expect(preview(entered())).toBe('已进入会话');
    expect(preview(undefined)).toBe('');
  });
});

describe('changes of the tag tree', () => {
  const library = (tags: readonly [string, string, number][]): { id: string; groups: SandboxGroup[] }[] => [
    {
      id: '1',
      groups:
        tags.length === 0
          ? []
          : [
              {
                group_id: 'g',
                group_name: '客户分级',
                order: 1,
                ownApp: true,
                tag: tags.map(([id, name, order]) => ({ id, name, order, ownApp: true })),
              },
            ],
    },
  ];
  const before = library([
    ['a', '重点', 3],
    ['b', '普通', 2],
    ['c', '老客', 1],
  ]);

  it('tells added, renamed, moved and removed', () => {
    const after = library([
      ['a', '重要', 3],
      ['c', '老客', 9],
      ['d', 'VIP', 0],
    ]);
    const marks = treeDiff(before, after);
    expect(Object.fromEntries(marks)).toEqual({ a: 'renamed', b: 'removed', c: 'moved', d: 'added' });
    expect(withRemoved(before, after, marks)[0]?.groups[0]?.tag.map((tag) => tag.id)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps a vanished group with its tags in sight', () => {
    const marks = treeDiff(before, library([]));
    expect(withRemoved(before, library([]), marks)[0]?.groups[0]?.tag).toHaveLength(3);
    expect(marks.get('g')).toBe('removed');
  });

  it('puts the corp tags before the rule groups, in one shape', () => {
    const ruleGroup = { strategy_id: 7, parent_id: 3, strategy_name: '上海一部', admin_list: ['li'], ownApp: false };
    const members = [{ userid: 'li', name: '李四', department: 1, role: '同事' }];
    const corpTags = library([['a', '重点', 3]])[0]?.groups ?? [];
    const [corp, rule] = librariesOf({ corpTags, ruleGroups: [{ ...ruleGroup, groups: [] }], members });
    expect(corp).toMatchObject({
      id: 'corp',
      name: '企业标签',
      strategyId: undefined,
      foreign: false,
      groups: corpTags,
    });
    expect(rule).toMatchObject({ id: '7', strategyId: 7, owners: '负责人 李四', foreign: true });
    expect(rule?.badges).toEqual(['下级，不能有标签', '本应用看不到']);
  });

  it('says nothing when nothing changed', () => {
    expect(treeDiff(before, structuredClone(before)).size).toBe(0);
  });
});

describe('the wire made readable', () => {
  it('indents JSON and one-line XML, and leaves the rest alone', () => {
    expect(pretty('{"errcode":0}')).toBe('{\n  "errcode": 0\n}');
    expect(pretty('<xml><A><![CDATA[<b>]]></A><L><I>1</I><I>2</I></L></xml>')).toBe(
      '<xml>\n  <A><![CDATA[<b>]]></A>\n  <L>\n    <I>1</I>\n    <I>2</I>\n  </L>\n</xml>',
    );
    for (const other of ['{broken', '<html><body>502</body></html>', '<xml>\n<A>1</A>\n</xml>', ''])
      expect(pretty(other)).toBe(other);
  });

  it('names the call', () => {
    expect(wireLine('POST /cgi-bin/externalcontact/add_strategy_tag?access_token=a…').name).toBe(
      'externalcontact/add_strategy_tag',
    );
    expect(wireLine('POST /wecom/callback?nonce=1')).toEqual({
      method: 'POST',
      name: 'wecom/callback',
      path: '/wecom/callback?nonce=1',
    });
  });

  it.each<[Partial<WireEntry>, string | undefined]>([
    [{ response: '{"errcode":0,"errmsg":"ok"}' }, undefined],
    [{ response: '{"errcode":-1}' }, 'errcode -1'],
    [{ response: '{ "errcode": 40071 }' }, 'errcode 40071'],
    [{ status: 502, response: '<html>' }, 'HTTP 502'],
    [{ status: 0 }, '连接中断'],
    [{ direction: 'callback', response: '"errcode":5' }, undefined],
  ])('problem of %j', (part, problem) => {
    const entry: WireEntry = {
      id: 'w',
      at: 0,
      direction: 'api',
      line: '',
      status: 200,
      ms: 0,
      request: '',
      response: '',
      ...part,
    };
    expect(wireProblem(entry)).toBe(problem);
  });
});
