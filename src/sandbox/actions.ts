/**
 * What people do in the simulated WeCom: members write, press cards, open the app; an admin edits in the console.
 * Each doing makes a bubble in the member's chat and a sealed callback to the bot.
 */

import type { Callbacks, Delivered } from './callbacks.ts';
import { keysOf, questionsOf } from './cards.ts';
import type { TagEvent } from './console.ts';
import type { Corp } from './corp.ts';
import {
  clickXml,
  enterXml,
  type MediaKind,
  mediaXml,
  pressXml,
  subscribeXml,
  tagEventXml,
  textXml,
} from './incoming.ts';
import type { ConsoleEdit, MenuButton, MessageBody } from './protocol.ts';
import type { Question } from './reply-reader.ts';

/** Somebody did what cannot be done: no such member, card or key. */
export class Impossible extends Error {
  override readonly name = 'Impossible';
}

/** The member's bubble, and a promise of what the bot answered. */
export interface Doing {
  readonly id: string;
  readonly done: Promise<Delivered>;
}

export type Selected = Readonly<Record<string, readonly string[]>>;

interface Head {
  readonly corpId: string;
  readonly agentId: number;
  readonly from: string;
  readonly createTime: number;
}

interface Neighbours {
  /** Everything that moves an app of the same corp, this one included. */
  readonly inCorp?: () => Iterable<Actions>;
  /** How this app hears of tags, where that is not by its own callback. */
  readonly tellTags?: (event: TagEvent) => Promise<Delivered>;
}

export class Actions {
  readonly #corp: Corp;
  readonly #callbacks: Callbacks;
  readonly #neighbours: Neighbours;

  constructor(corp: Corp, callbacks: Callbacks, neighbours: Neighbours = {}) {
    this.#corp = corp;
    this.#callbacks = callbacks;
    this.#neighbours = neighbours;
  }

  say(member: string, text: string): Doing {
    if (text === '') throw new Impossible('the text is empty');
    return this.#send(member, { msgtype: 'text', text: { content: text } }, (head) => textXml(head, text));
  }

  media(member: string, kind: MediaKind): Doing {
    const words = { image: '[图片]', voice: '[语音]', video: '[视频]', location: '[位置]', link: '[链接]' } as const;
    return this.#send(member, event(words[kind]), (head) => mediaXml(head, kind));
  }

  /** Any key is possible: clients keep an old menu for a while. */
  click(member: string, key: string): Doing {
    const name = nameInMenu(this.#corp.menu, key) ?? key;
    return this.#send(member, event(`点了菜单「${name}」`), (head) => clickXml(head, key));
  }

  enter(member: string): Doing {
    return this.#send(member, event('打开了应用'), (head) => enterXml(head));
  }

  subscribe(member: string): Doing {
    return this.#send(member, event('加入了应用的可见范围'), (head) => subscribeXml(head));
  }

  /** Presses a key of a card in the member's own chat; a card that has been updated may no longer have it. */
  press(member: string, bubbleId: string, key: string, selected: Selected = {}): Doing {
    const bubble = this.#corp.chats.of(this.#visible(member)).find((each) => each.id === bubbleId);
    if (bubble?.body.msgtype !== 'template_card') throw new Impossible('there is no such card in this chat');
    if (bubble.disabledText !== undefined) throw new Impossible('the card is disabled');
    const card = bubble.body.template_card;
    const pressed = keysOf(card).get(key);
    if (pressed === undefined) throw new Impossible('the card has no such key');
    const questions = questionsOf(card);
    for (const [question, options] of Object.entries(selected)) {
      const known = questions.get(question);
      if (known === undefined) throw new Impossible('the card asks no such question');
      if (!options.every((option) => known.options.includes(option)))
        throw new Impossible('the card has no such option');
      if (options.length > 1 && !known.many) throw new Impossible('only one option can be chosen');
    }
    const press = {
      key,
      menu: pressed.menu,
      taskId: String(card.task_id ?? ''),
      cardType: String(card.card_type),
      responseCode: this.#corp.messages.pressCode(bubbleId),
      selected,
    };
    const xml = (head: Head) => pressXml(head, press, this.#corp.trouble.variants.optionIds);
    return this.#send(member, event(`点了「${pressed.text}」`), xml, pressed.menu ? 'menu-press' : 'press', bubbleId);
  }

  /** All events of one save go out at once, in the same second and without a MsgId, to every app of the corp. */
  console(edit: ConsoleEdit): readonly Promise<Delivered>[] {
    const events = this.#corp.console(edit);
    const others = [...(this.#neighbours.inCorp?.() ?? [])].filter((each) => each !== this);
    return [this, ...others].flatMap((each) => each.tell(events));
  }

  /** The app hears what has been edited, if it may know of tags at all. */
  tell(events: readonly TagEvent[]): readonly Promise<Delivered>[] {
    if (!this.#corp.app.may('corpTags') || !this.#corp.app.isEnabled()) return [];
    const { tellTags } = this.#neighbours;
    if (tellTags !== undefined) return events.map(tellTags);
    const { eventStrategyId } = this.#corp.trouble.variants;
    const head = this.#head('sys');
    return events.map((each) =>
      this.#callbacks.send({ member: 'sys', plaintext: tagEventXml(head, each, eventStrategyId), question: 'sys' }),
    );
  }

  #send(
    userid: string,
    body: MessageBody,
    xml: (head: Head) => string,
    question: Question = 'message',
    card?: string,
  ): Doing {
    const member = this.#visible(userid);
    const plaintext = xml(this.#head(member));
    const { id } = this.#corp.chats.add({ member, from: 'member', body, delivery: { state: 'sending', attempt: 1 } });
    return {
      id,
      done: this.#callbacks.send({ member, plaintext, question, bubble: id, ...(card === undefined ? {} : { card }) }),
    };
  }

  #visible(userid: string): string {
    if (!this.#corp.app.isThere()) throw new Impossible('企业已经没有这个应用了');
    const member = this.#corp.directory.person(userid);
    if (member === undefined || !this.#corp.directory.isVisible(member)) throw new Impossible('这位成员看不到这个应用');
    if (!this.#corp.app.isEnabled()) throw new Impossible('企业停用了这个应用');
    return member.userid;
  }

  #head(from: string): Head {
    const { corpId, agentId } = this.#corp.identity;
    const id = from === 'sys' ? from : this.#corp.directory.idOf(from);
    return { corpId, agentId, from: id, createTime: Math.floor(this.#corp.now() / 1000) };
  }
}

const event = (text: string): MessageBody => ({ msgtype: 'event', event: text });

function nameInMenu(buttons: readonly MenuButton[], key: string): string | undefined {
  for (const button of buttons) {
    const name = button.key === key ? button.name : nameInMenu(button.sub_button ?? [], key);
    if (name !== undefined) return name;
  }
  return undefined;
}
