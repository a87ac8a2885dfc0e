/** The parts of a message's way, one by one: `npm run bench:micro bench/message.bench.ts`. */

import { bench, describe } from 'vitest';
import { decodeEnvelopeBody, decodeMessage } from '../src/callback/decode.ts';
import { createEnvelope } from '../src/callback/envelope.ts';
import { parse } from '../src/command/parser.ts';
import { paginate, render } from '../src/reply/render.ts';
import { line, name, type Reply } from '../src/reply/reply.ts';
import { resolve } from '../src/resolve/resolve.ts';
import { buildIndex } from '../src/tags/search/search.ts';
import { largeLibrary } from '../test/tags/names.ts';
import { newCredentials } from './corp.ts';

const TEXTS = {
  lookup: 'VIP',
  'formal lookup': '标签 查 小红书',
  add: '标签 添加 金卡、银卡 到 客户分级',
  natural: '帮我把金卡加到客户分级里',
  talk: '今天天气真不错我们一起出去走走吧',
};
const library = largeLibrary();
const index = await buildIndex(library);
const readable = new Set(library.ruleGroups.map(({ id }) => id));

describe('parser', () => {
  for (const [kind, text] of Object.entries(TEXTS)) bench(kind, () => void parse(text));
});

describe('resolver', () => {
  for (const [kind, text] of Object.entries(TEXTS)) {
    const parsed = parse(text);
    bench(kind, () => void resolve(parsed, { library, libraryId: 1, readable, search: index }));
  }
});

describe('envelope', () => {
  const credentials = newCredentials();
  const envelope = createEnvelope({ ...credentials, receiveId: credentials.corpId });
  const xml =
    `<xml><ToUserName><![CDATA[${credentials.corpId}]]></ToUserName><FromUserName><![CDATA[lisi]]></FromUserName>` +
    '<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[标签 查 小红书]]></Content>' +
    '<MsgId>4561255354251345929</MsgId><AgentID>1000002</AgentID></xml>';
  const { encrypt, signature, timestamp, nonce } = envelope.seal(xml, 1_700_000_000, '1372623149');
  const body = `<xml><ToUserName><![CDATA[${credentials.corpId}]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`;
  bench('seal', () => void envelope.seal(xml, 1_700_000_000, '1372623149'));
  bench('open', () => void envelope.open({ msg_signature: signature, timestamp, nonce }, encrypt));
  bench('outer body', () => void decodeEnvelopeBody(body));
  bench('message', () => void decodeMessage(xml, { receivedAt: 0 }));
});

describe('renderers, a list of 100 tags', () => {
  const tags = library.groups.slice(0, 2).flatMap((group) => group.tags);
  const reply: Reply = {
    tone: 'info',
    title: line`${name('客户分级')}：100 个标签`,
    lines: tags.map((tag, i) => line`${i + 1}. ${name(tag.name)}`),
  };
  for (const format of ['text', 'markdown'] as const) {
    bench(format, () => void render(paginate(reply, format, 1).reply, format));
  }
});
