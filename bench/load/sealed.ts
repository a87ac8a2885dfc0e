/** Requests as WeCom sends them, sealed by the product's own envelope, and the check of what comes back. */
import { createEnvelope, type Envelope } from '../../src/callback/envelope.ts';
import { CALLBACK_PATH, type Credentials } from '../corp.ts';
import type { RawAnswer } from './connection.ts';

export interface Prepared {
  /** Whose message it is, and who can open the answer. */
  readonly sealer: Sealer;
  readonly request: Buffer;
  readonly member: string;
  readonly expect: string;
}

export class Sealer {
  readonly #credentials: Credentials;
  readonly #envelope: Envelope;
  readonly #path: string;
  #sequence = 0;

  constructor(credentials: Credentials, path = CALLBACK_PATH) {
    this.#credentials = credentials;
    this.#path = path;
    this.#envelope = createEnvelope({ ...credentials, receiveId: credentials.corpId });
  }

  /** A text message with a MsgId of its own and the time of now. */
  text(member: string, text: string, expect: string): Prepared {
    const content = `<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${text}]]></Content><MsgId>${this.#nextId()}</MsgId>`;
    return { sealer: this, request: this.#request(member, content), member, expect };
  }

  /** The platform's word that the tag library was changed by hand (doc 92130); answered by an empty 200. */
  tagsChanged(library: 'corp' | number): Prepared {
    const content =
      '<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_tag]]></Event>' +
      '<ChangeType><![CDATA[shuffle]]></ChangeType><Id><![CDATA[]]></Id>' +
      (library === 'corp' ? '' : `<StrategyId>${library}</StrategyId>`);
    return { sealer: this, request: this.#request('sys', content), member: 'sys', expect: '' };
  }

  /** What is wrong with an answer; undefined when nothing is. */
  fault(prepared: Prepared, answer: RawAnswer): string | undefined {
    if (answer.status !== 200) return `status ${answer.status}`;
    if (prepared.expect === '') return undefined;
    let plain: string;
    try {
      plain = this.#opened(answer);
    } catch (error) {
      return `not to be opened: ${String(error)} (${answer.body.length} bytes)`;
    }
    if (element(plain, 'ToUserName') !== prepared.member) return `addressed to ${element(plain, 'ToUserName')}`;
    return plain.includes(prepared.expect) ? undefined : `expected ${prepared.expect} in ${plain}`;
  }

  /** What a passive reply says; '' for an answer without one. Throws when it cannot be opened. */
  words(answer: RawAnswer): string {
    return answer.body.length === 0 ? '' : element(this.#opened(answer), 'Content');
  }

  #opened(answer: RawAnswer): string {
    const body = answer.body.toString();
    const query = {
      msg_signature: element(body, 'MsgSignature'),
      timestamp: element(body, 'TimeStamp'),
      nonce: element(body, 'Nonce'),
    };
    return this.#envelope.open(query, element(body, 'Encrypt'));
  }

  #nextId(): string {
    this.#sequence++;
    return `${Date.now()}${String(this.#sequence % 1_000_000).padStart(6, '0')}`;
  }

  #request(member: string, content: string): Buffer {
    const { corpId, agentId } = this.#credentials;
    const seconds = Math.floor(Date.now() / 1000);
    const xml =
      `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><FromUserName><![CDATA[${member}]]></FromUserName>` +
      `<CreateTime>${seconds}</CreateTime>${content}<AgentID>${agentId}</AgentID></xml>`;
    const { encrypt, signature, timestamp, nonce } = this.#envelope.seal(
      xml,
      seconds,
      String(1_000_000 + this.#sequence),
    );
    const body =
      `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt>` +
      `<AgentID><![CDATA[${agentId}]]></AgentID></xml>`;
    return Buffer.from(
      `POST ${this.#path}?msg_signature=${signature}&timestamp=${timestamp}&nonce=${nonce} HTTP/1.1\r\n` +
        `Host: 127.0.0.1\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  }
}

function element(xml: string, name: string): string {
  const found = new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([\\s\\S]*?)(?:\\]\\]>)?</${name}>`).exec(xml);
  return found?.[1] ?? '';
}
