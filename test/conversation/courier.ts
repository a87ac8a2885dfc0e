/** Sealed callbacks by hand: the very same bytes again, as WeCom repeats them, at a moment of the test's choosing. */

import { createEnvelope } from '../../src/callback/envelope.ts';
import { type Chat, CREDENTIALS } from '../chat.ts';

const { corpId, agentId, token, encodingAesKey } = CREDENTIALS;
const envelope = createEnvelope({ token, encodingAesKey, receiveId: corpId });

export interface Parcel {
  /** Posts it; what comes back, opened: '' for a bare 200. */
  deliver(chat: Chat): Promise<{ readonly status: number; readonly reply: string }>;
  /** Posts it and hangs up as soon as `until` resolves, without having heard anything. */
  breakOff(chat: Chat, until: () => Promise<unknown>): Promise<void>;
}

let lastId = 7_300_000_000_000_000_000n;

/** A text message with a MsgId of its own, written so many seconds ago. */
export function letter(member: string, text: string, ago = 0): Parcel {
  lastId += 1n;
  return sealed(
    `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><FromUserName><![CDATA[${member}]]></FromUserName>` +
      `<CreateTime>${seconds() - ago}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${text}]]></Content>` +
      `<MsgId>${lastId}</MsgId><AgentID>${agentId}</AgentID></xml>`,
  );
}

/** A press on the card with this task id, as doc 90240 has it, made so many seconds ago. */
export function pressed(member: string, taskId: string, eventKey: string, ago = 0): Parcel {
  return sealed(
    `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><FromUserName><![CDATA[${member}]]></FromUserName>` +
      `<CreateTime>${seconds() - ago}</CreateTime><MsgType><![CDATA[event]]></MsgType>` +
      `<Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[${eventKey}]]></EventKey>` +
      `<TaskId><![CDATA[${taskId}]]></TaskId><CardType><![CDATA[button_interaction]]></CardType>` +
      `<ResponseCode><![CDATA[code]]></ResponseCode><AgentID>${agentId}</AgentID></xml>`,
  );
}

/** change_external_tag (doc 92130): no MsgId, nothing that tells two of them apart but what they say. */
export function tagEvent(id: string): Parcel {
  return sealed(
    `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>` +
      `<CreateTime>${seconds()}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_tag]]></Event>` +
      `<Id><![CDATA[${id}]]></Id><TagType><![CDATA[tag]]></TagType><ChangeType><![CDATA[update]]></ChangeType></xml>`,
  );
}

function sealed(plaintext: string): Parcel {
  const { encrypt, signature, timestamp, nonce } = envelope.seal(plaintext, String(seconds()), '1372623149');
  const query = new URLSearchParams({ msg_signature: signature, timestamp: String(timestamp), nonce });
  const body = `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`;
  const post = ({ botUrl }: Chat, signal?: AbortSignal) =>
    fetch(`${botUrl}/wecom/callback?${query}`, { method: 'POST', body, signal: signal ?? null });
  return {
    deliver: async (chat) => {
      const response = await post(chat);
      return { status: response.status, reply: opened(await response.text()) };
    },
    breakOff: async (chat, until) => {
      const hangUp = new AbortController();
      const answered = post(chat, hangUp.signal).then(
        () => true,
        () => false,
      );
      await until();
      hangUp.abort();
      if (await answered) throw new Error('answered before it was broken off');
    },
  };
}

function opened(body: string): string {
  const part = (name: string) =>
    new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`).exec(body)?.[1] ?? '';
  if (body === '') return '';
  const query = { msg_signature: part('MsgSignature'), timestamp: part('TimeStamp'), nonce: part('Nonce') };
  const plaintext = envelope.open(query, part('Encrypt'));
  return /<Content><!\[CDATA\[([\s\S]*?)\]\]><\/Content>/.exec(plaintext)?.[1] ?? plaintext;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
