/** What comes to a provider's addresses, sealed as one likes: also as the platform never would. */

import { createEnvelope } from '../../src/callback/envelope.ts';
import type { ProviderSite } from './provider-site.ts';

export interface SealedWith {
  readonly token: string;
  readonly encodingAesKey: string;
}

/** An event of a suite. `stamp`: unix seconds. */
export function info(
  suiteId: string,
  type: string,
  rest: string,
  stamp: number | string = seconds(Date.now()),
): string {
  return (
    `<xml><SuiteId><![CDATA[${suiteId}]]></SuiteId><InfoType><![CDATA[${type}]]></InfoType>` +
    `<TimeStamp>${stamp}</TimeStamp>${rest}</xml>`
  );
}

/** What a member writes. */
export function written(corpId: string, member: string, text: string): string {
  return (
    `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><FromUserName><![CDATA[${member}]]></FromUserName>` +
    `<CreateTime>${seconds(Date.now())}</CreateTime><MsgType><![CDATA[text]]></MsgType>` +
    `<Content><![CDATA[${text}]]></Content><MsgId>${Math.floor(Math.random() * 2 ** 50)}</MsgId></xml>`
  );
}

/** Status and body of the answer. `at`: ms. */
export async function posted(
  { url }: Pick<ProviderSite, 'url'>,
  path: string,
  keys: SealedWith,
  { receiveId, xml, at = Date.now() }: { readonly receiveId: string; readonly xml: string; readonly at?: number },
): Promise<[number, string]> {
  const { query, encrypt } = sealed(keys, receiveId, xml, at);
  const body = `<xml><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`;
  const response = await fetch(`${url}${path}?${query}`, { method: 'POST', body });
  return [response.status, await response.text()];
}

/** The same for the console's check of an address. */
export async function checked(
  { url }: Pick<ProviderSite, 'url'>,
  path: string,
  keys: SealedWith,
  receiveId: string,
): Promise<[number, string]> {
  const { query, encrypt } = sealed(keys, receiveId, ECHO, Date.now());
  const response = await fetch(`${url}${path}?${query}&echostr=${encodeURIComponent(encrypt)}`);
  return [response.status, await response.text()];
}

export const ECHO = '1616140317555161061';

function sealed(keys: SealedWith, receiveId: string, text: string, at: number) {
  const timestamp = seconds(at);
  const { signature, encrypt } = createEnvelope({ ...keys, receiveId }).seal(text, timestamp, '7');
  const query = new URLSearchParams({ msg_signature: signature, timestamp: String(timestamp), nonce: '7' });
  return { query, encrypt };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
