/**
 * The plaintext XML of what WeCom sends to an app (docs 90239, 90240, 92130) before it is sealed.
 * Written here on its own, so that the bot's reader is tried against a second hand.
 */

import type { TagEvent } from './console.ts';
import { messageId } from './ids.ts';
import type { Variants } from './protocol.ts';

export type MediaKind = 'image' | 'voice' | 'video' | 'location' | 'link';

export interface Press {
  readonly key: string;
  readonly menu: boolean;
  readonly taskId: string;
  readonly cardType: string;
  readonly responseCode: string;
  readonly selected: Readonly<Record<string, readonly string[]>>;
}

interface Head {
  readonly corpId: string;
  readonly agentId: number;
  readonly from: string;
  /** Unix seconds. */
  readonly createTime: number;
}

export function textXml(head: Head, text: string): string {
  return message(head, 'text', `<Content>${cdata(text)}</Content>`);
}

export function mediaXml(head: Head, kind: MediaKind): string {
  const id = '<MediaId><![CDATA[2iJtA4fOvKsY0EgpLsmDZWdC3vT3kq0pYjYzQm1GxPv8]]></MediaId>';
  const url = '<![CDATA[https://wework.qpic.cn/wwpic/sandbox/0]]>';
  const bodies: Readonly<Record<MediaKind, string>> = {
    image: `<PicUrl>${url}</PicUrl>${id}`,
    voice: `${id}<Format><![CDATA[amr]]></Format>`,
    video: `${id}<ThumbMediaId><![CDATA[1pXnT0sWb9c]]></ThumbMediaId>`,
    location:
      '<Location_X>31.230416</Location_X><Location_Y>121.473701</Location_Y><Scale>16</Scale>' +
      '<Label><![CDATA[上海市黄浦区人民广场]]></Label><AppType><![CDATA[wxwork]]></AppType>',
    link:
      '<Title><![CDATA[夏季活动]]></Title><Description><![CDATA[门店活动说明]]></Description>' +
      `<Url><![CDATA[https://example.com/summer]]></Url><PicUrl>${url}</PicUrl>`,
  };
  return message(head, kind, bodies[kind]);
}

export function clickXml(head: Head, key: string): string {
  return event(head, 'click', `<EventKey>${cdata(key)}</EventKey>${agent(head)}`);
}

export function enterXml(head: Head): string {
  return event(head, 'enter_agent', `<EventKey><![CDATA[]]></EventKey>${agent(head)}`);
}

export function subscribeXml(head: Head): string {
  return event(head, 'subscribe', agent(head));
}

/** `spelling` is that of the option ids: the documented sample once had a slip. */
export function pressXml(head: Head, press: Press, spelling: Variants['optionIds']): string {
  const one = spelling === 'OptionIds' ? 'OptionId' : 'OpitonId';
  const items = Object.entries(press.selected).map(([question, options]) => {
    const ids = options.map((option) => `<${one}>${cdata(option)}</${one}>`).join('');
    return `<SelectedItem><QuestionKey>${cdata(question)}</QuestionKey><${spelling}>${ids}</${spelling}></SelectedItem>`;
  });
  const selected = items.length === 0 || press.menu ? '' : `<SelectedItems>${items.join('')}</SelectedItems>`;
  return event(
    head,
    press.menu ? 'template_card_menu_event' : 'template_card_event',
    `<EventKey>${cdata(press.key)}</EventKey><TaskId>${cdata(press.taskId)}</TaskId>` +
      `<CardType>${cdata(press.cardType)}</CardType><ResponseCode>${cdata(press.responseCode)}</ResponseCode>${agent(head)}${selected}`,
  );
}

/** Neither MsgId nor AgentID: events about the tag library come from `sys`. */
export function tagEventXml(head: Head, tag: TagEvent, withStrategyId: boolean): string {
  const type = tag.type === undefined ? '' : `<TagType>${cdata(tag.type)}</TagType>`;
  const named = tag.strategyId !== undefined && (tag.change === 'shuffle' || withStrategyId);
  const strategy = named ? `<StrategyId>${cdata(String(tag.strategyId))}</StrategyId>` : '';
  return event(
    head,
    'change_external_tag',
    `<Id>${cdata(tag.id)}</Id>${type}${strategy}<ChangeType>${cdata(tag.change)}</ChangeType>`,
  );
}

function message(head: Head, type: string, body: string): string {
  return `<xml>${start(head)}<MsgType><![CDATA[${type}]]></MsgType>${body}<MsgId>${messageId()}</MsgId>${agent(head)}</xml>`;
}

function event(head: Head, name: string, body: string): string {
  return `<xml>${start(head)}<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[${name}]]></Event>${body}</xml>`;
}

function start(head: Head): string {
  return (
    `<ToUserName>${cdata(head.corpId)}</ToUserName><FromUserName>${cdata(head.from)}</FromUserName>` +
    `<CreateTime>${head.createTime}</CreateTime>`
  );
}

const agent = (head: Head): string => `<AgentID>${head.agentId}</AgentID>`;

const cdata = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
