/**
 * message/send (doc 90236) and message/update_template_card (doc 94888): who gets a message, what is cut, refused or
 * silently dropped, and the one-time codes that update a card.
 */
import { checkCard, isInteractive, isUpdatable } from './cards.ts';
import type { Chats } from './chats.ts';
import type { Directory } from './directory.ts';
import { messageId, randomText } from './ids.ts';
import type { Media } from './media.ts';
import type { MessageBody } from './protocol.ts';
import { type Body, isBody, optionalInteger, refuse, requiredString, stringList } from './refusal.ts';

export const MAX_TEXT_BYTES = 2048;
const PER_MINUTE = 30;
const PER_HOUR = 1000;
const CODE_LIFE_MS = 72 * 3_600_000;

/** One sent card: the bubbles it made, by userid. */
interface SentCard {
  readonly card: Body;
  readonly bubbles: ReadonlyMap<string, string>;
}

interface Surroundings {
  readonly agentId: number;
  readonly directory: Directory;
  readonly chats: Chats;
  readonly media: () => Media;
  readonly now: () => number;
  readonly hasCallback: () => boolean;
  /** Hears of what the platform does quietly: a cut text, a message dropped for frequency. */
  readonly quietly: (what: 'cut' | 'dropped', member: string) => void;
}

export class Messages {
  readonly #at: Surroundings;
  readonly #sentAt = new Map<string, number[]>();
  readonly #cards: SentCard[] = [];
  readonly #taskIds = new Set<string>();
  readonly #codes = new Map<string, { readonly sent: SentCard; readonly until: number }>();
  readonly #recent = new Map<string, number>();

  constructor(surroundings: Surroundings) {
    this.#at = surroundings;
  }

  send(body: Body): Body {
    this.#checkAgent(body.agentid, 301002);
    const { members, invalid } = this.#receivers(body);
    const read = this.#read(body);
    const content = this.#asAsked(read, body);
    if (members.length === 0) refuse(81013, 'user & party & tag all invalid');
    const answer = { ...invalid, msgid: messageId() };
    if (this.#isRepeat(body)) return answer;
    const bubbles = new Map<string, string>();
    for (const member of members) {
      if (!this.#meter(member)) this.#at.quietly('dropped', member);
      else bubbles.set(member, this.#at.chats.add({ member, from: 'bot', via: 'push', body: content }).id);
    }
    if (content.msgtype !== 'template_card') return answer;
    const sent = { card: content.template_card, bubbles };
    this.#cards.push(sent);
    const taskId = content.template_card.task_id;
    if (typeof taskId === 'string') this.#taskIds.add(taskId);
    return isUpdatable(content.template_card) ? { ...answer, response_code: this.#newCode(sent) } : answer;
  }

  update(body: Body): Body {
    this.#checkAgent(body.agentid, 42015);
    const code = requiredString(body, 'response_code', 60140);
    const valid = this.#codes.get(code);
    if (valid === undefined || valid.until <= this.#at.now()) refuse(60140, 'invalid response_code');
    const { sent } = valid;
    const userids = stringList(body, 'userids');
    if (userids.length > 1000) refuse(40032, 'invalid userids size');
    const all = body.atall === 1;
    if (!all && userids.length === 0) refuse(82101, 'no user specified');
    const known = new Map([...sent.bubbles].map(([userid, bubble]) => [userid.toLowerCase(), bubble]));
    const bubbleOf = (id: string) => known.get(this.#at.directory.find(id)?.userid.toLowerCase() ?? '');
    const bubbles = all ? [...known.values()] : userids.flatMap((id) => bubbleOf(id) ?? []);
    if (bubbles.length === 0) refuse(82102, 'users are not receivers of the message');

    if (body.template_card !== undefined) {
      const card = body.template_card;
      if (!isBody(card)) refuse(40035, 'invalid parameter, template_card should be an object');
      checkCard(card, () => true);
      const shown = this.#asAsked(card, body);
      for (const bubble of bubbles) this.replaceCard(bubble, shown);
    } else {
      if (!isInteractive(sent.card)) refuse(40058, 'the buttons of this card can not be updated');
      const name = isBody(body.button) ? body.button.replace_name : undefined;
      if (typeof name !== 'string' || name === '') refuse(40058, 'missing button.replace_name');
      for (const bubble of bubbles) this.#at.chats.update(bubble, { disabledText: name });
    }
    this.#codes.delete(code);
    const invaliduser = all ? [] : userids.filter((id) => bubbleOf(id) === undefined).map((id) => id.toLowerCase());
    return invaliduser.length > 0 ? { invaliduser } : {};
  }

  /** A member pressed the card in this bubble: the code that the event carries. */
  pressCode(bubble: string): string {
    const sent = this.#cards.find((each) => [...each.bubbles.values()].includes(bubble));
    return sent === undefined ? randomText(64) : this.#newCode(sent);
  }

  /** Shows another card in the bubble; `replace_text` disables its buttons. */
  replaceCard(bubble: string, card: Body): void {
    const text = card.replace_text;
    this.#at.chats.replaceCard(bubble, card, typeof text === 'string' && text !== '' ? text : undefined);
  }

  #newCode(sent: SentCard): string {
    const code = randomText(64);
    this.#codes.set(code, { sent, until: this.#at.now() + CODE_LIFE_MS });
    return code;
  }

  #checkAgent(agentId: unknown, foreign: number): void {
    if (agentId === undefined) refuse(41011, 'missing agentid');
    if (typeof agentId !== 'number' || !Number.isInteger(agentId)) refuse(40056, 'invalid agentid');
    if (agentId !== this.#at.agentId) refuse(foreign, 'not allow operate another agent with this accesstoken');
  }

  #receivers(body: Body): { readonly members: readonly string[]; readonly invalid: Body } {
    const listOf = (key: string, max: number, tooMany: number): readonly string[] => {
      const value = body[key];
      if (value !== undefined && typeof value !== 'string')
        refuse(40035, `invalid parameter, ${key} should be a string`);
      const parts = (value ?? '').split('|').filter((part) => part !== '');
      return parts.length > max ? refuse(tooMany, `${key} exceeds ${max}`) : parts;
    };
    const users = listOf('touser', 1000, 40032);
    const parties = listOf('toparty', 100, 82002);
    const tags = listOf('totag', 100, 82003);
    if (users.length + parties.length + tags.length === 0) refuse(82001, 'user & party & tag all empty');
    const visible = this.#at.directory.visibleMembers();
    if (users.includes('@all')) return { members: visible.map((member) => member.userid), invalid: {} };

    const members = new Set<string>();
    const invaliduser: string[] = [];
    for (const user of users) {
      const member = this.#at.directory.find(user);
      if (member === undefined || !this.#at.directory.isVisible(member)) invaliduser.push(user.toLowerCase());
      else members.add(member.userid);
    }
    const invalidparty: string[] = [];
    for (const party of parties) {
      const inside = visible.filter((member) => this.#at.directory.lineage(member.department).includes(Number(party)));
      if (inside.length === 0) invalidparty.push(party);
      for (const member of inside) members.add(member.userid);
    }
    const invalid = {
      ...(invaliduser.length > 0 ? { invaliduser: invaliduser.join('|') } : {}),
      ...(invalidparty.length > 0 ? { invalidparty: invalidparty.join('|') } : {}),
      ...(tags.length > 0 ? { invalidtag: tags.join('|') } : {}),
    };
    return { members: [...members], invalid };
  }

  #read(body: Body): MessageBody {
    const type = body.msgtype;
    switch (type) {
      case 'text': {
        const whole = contentOf(body, type);
        const content = cutToBytes(whole, MAX_TEXT_BYTES);
        if (content !== whole) this.#at.quietly('cut', String(body.touser));
        return { msgtype: type, text: { content } };
      }
      case 'markdown': {
        const content = contentOf(body, type);
        if (Buffer.byteLength(content) > MAX_TEXT_BYTES) refuse(45002, 'content size out of limit');
        return { msgtype: type, markdown: { content } };
      }
      case 'file': {
        const part = body.file;
        const id = isBody(part) ? part.media_id : undefined;
        if (typeof id !== 'string' || id === '') refuse(41006, 'missing media_id');
        const file = this.#at.media().find(id);
        if (file?.type !== 'file') refuse(40007, 'invalid media_id');
        return { msgtype: type, file: { media_id: id, filename: file.filename, size: file.bytes.length } };
      }
      case 'template_card': {
        const card = body.template_card;
        if (!isBody(card)) refuse(40035, 'invalid parameter, template_card should be an object');
        checkCard(card, (taskId) => !this.#taskIds.has(taskId));
        if (isInteractive(card) && !this.#at.hasCallback()) refuse(43012, 'callback url is not configured');
        return { msgtype: type, template_card: card };
      }
      default:
        return refuse(40008, 'invalid message type');
    }
  }

  /** With enable_id_trans markers of members and departments become names, which the app may not know (doc 91958). */
  #asAsked<T extends MessageBody | Body>(content: T, { enable_id_trans }: Body): T {
    if (enable_id_trans !== 1) return content;
    const { directory } = this.#at;
    const named = (text: string): string =>
      text
        .replace(/\$userName=([^$\s]+)\$/g, (marker, id: string) => directory.find(id)?.name ?? marker)
        .replace(/\$departmentName=(\d+)\$/g, (marker, id: string) => directory.department(Number(id))?.name ?? marker);
    const inside = (value: unknown): unknown => {
      if (typeof value === 'string') return named(value);
      if (Array.isArray(value)) return value.map(inside);
      if (!isBody(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inside(part)]));
    };
    return inside(content) as T;
  }

  /** With enable_duplicate_check an identical request inside the interval is accepted and not delivered. */
  #isRepeat(body: Body): boolean {
    if (body.enable_duplicate_check !== 1) return false;
    const seconds = optionalInteger(body, 'duplicate_check_interval', 0, 14_400) ?? 1800;
    const key = JSON.stringify(body);
    const now = this.#at.now();
    const last = this.#recent.get(key);
    if (last !== undefined && now - last < seconds * 1000) return true;
    this.#recent.set(key, now);
    return false;
  }

  /** Whether this message to the member is within 30 a minute and 1,000 an hour. */
  #meter(member: string): boolean {
    const now = this.#at.now();
    const sent = (this.#sentAt.get(member) ?? []).filter((at) => now - at < 3_600_000);
    const allowed = sent.length < PER_HOUR && sent.filter((at) => now - at < 60_000).length < PER_MINUTE;
    if (allowed) sent.push(now);
    this.#sentAt.set(member, sent);
    return allowed;
  }
}

function contentOf(body: Body, type: 'text' | 'markdown'): string {
  const part = body[type];
  const content = isBody(part) ? part.content : undefined;
  if (content === undefined || content === '') refuse(44004, `content of ${type} is empty`);
  return typeof content === 'string' ? content : refuse(40035, 'invalid parameter, content should be a string');
}

/** The longest beginning of `text` that fits and splits no character. */
export function cutToBytes(text: string, max: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return text;
  let end = max;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString();
}
