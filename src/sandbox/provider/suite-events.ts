/**
 * The plaintext XML of what a suite hears on its 指令 or template URL (docs 90628, 90642, 97175, 92277) before it is
 * sealed. create_auth and reset_permanent_code do not tell the corp: that is known only after the exchange.
 */
import type { TagEvent } from '../console.ts';

interface Head {
  readonly suiteId: string;
  /** Unix seconds. */
  readonly timeStamp: number;
}

export function ticketXml(head: Head, ticket: string): string {
  return info(head.suiteId, 'suite_ticket', head, `<SuiteTicket>${cdata(ticket)}</SuiteTicket>`);
}

export function createAuthXml(head: Head, code: string, state: string): string {
  return (
    `<xml><SuiteId>${cdata(head.suiteId)}</SuiteId><AuthCode>${cdata(code)}</AuthCode>` +
    `<InfoType><![CDATA[create_auth]]></InfoType><TimeStamp>${head.timeStamp}</TimeStamp>` +
    `<State>${cdata(state)}</State><ExtraInfo></ExtraInfo></xml>`
  );
}

export function resetXml(head: Head, code: string): string {
  return (
    `<xml><SuiteId>${cdata(head.suiteId)}</SuiteId><AuthCode>${cdata(code)}</AuthCode>` +
    `<InfoType><![CDATA[reset_permanent_code]]></InfoType><TimeStamp>${head.timeStamp}</TimeStamp></xml>`
  );
}

export function authXml(head: Head, type: 'change_auth' | 'cancel_auth', corpId: string): string {
  return (
    `<xml><SuiteId>${cdata(head.suiteId)}</SuiteId><AuthCorpId>${cdata(corpId)}</AuthCorpId>` +
    `<InfoType>${cdata(type)}</InfoType><TimeStamp>${head.timeStamp}</TimeStamp></xml>`
  );
}

/** Of a 第三方 app: neither MsgType nor Event nor CreateTime. */
export function tagInfoXml(head: Head, corpId: string, tag: TagEvent, withStrategyId: boolean): string {
  const type = tag.type === undefined ? '' : `<TagType>${cdata(tag.type)}</TagType>`;
  const named = tag.strategyId !== undefined && (tag.change === 'shuffle' || withStrategyId);
  const strategy = named ? `<StrategyId>${cdata(String(tag.strategyId))}</StrategyId>` : '';
  const body = `<Id>${cdata(tag.id)}</Id>${type}${strategy}<ChangeType>${cdata(tag.change)}</ChangeType>`;
  return ofCorp(head, corpId, 'change_external_tag', body);
}

/** A member of the corp has changed; of a 第三方 app. */
export function memberInfoXml(head: Head, corpId: string, userid: string): string {
  const body = `<ChangeType><![CDATA[update_user]]></ChangeType><UserID>${cdata(userid)}</UserID>`;
  return ofCorp(head, corpId, 'change_contact', body);
}

/** The same in the form of an app of the corp's own (doc 97165: 代开发 hears of it there). */
export function memberEventXml(corpId: string, createTime: number, userid: string): string {
  return event(
    corpId,
    createTime,
    'change_contact',
    `<ChangeType><![CDATA[update_user]]></ChangeType><UserID>${cdata(userid)}</UserID>`,
  );
}

/** Comes to the suite's URL although it has the form of an app's event and is sealed for the corp. */
export function appAdminXml(corpId: string, agentId: number, createTime: number): string {
  return event(corpId, createTime, 'change_app_admin', `<AgentID>${agentId}</AgentID>`);
}

function ofCorp(head: Head, corpId: string, type: string, body: string): string {
  return info(head.suiteId, type, head, body, `<AuthCorpId>${cdata(corpId)}</AuthCorpId>`);
}

function info(suiteId: string, type: string, head: Head, body: string, corp = ''): string {
  return (
    `<xml><SuiteId>${cdata(suiteId)}</SuiteId>${corp}<InfoType>${cdata(type)}</InfoType>` +
    `<TimeStamp>${head.timeStamp}</TimeStamp>${body}</xml>`
  );
}

function event(corpId: string, createTime: number, name: string, body: string): string {
  return (
    `<xml><ToUserName>${cdata(corpId)}</ToUserName><FromUserName><![CDATA[sys]]></FromUserName>` +
    `<CreateTime>${createTime}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event>${cdata(name)}</Event>${body}</xml>`
  );
}

const cdata = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
