/** Small sentences the page says about times, sizes and deliveries. No DOM here. */

/** @import { ChatMessage, Delivery } from '../protocol.ts' */

/** Messages further apart than this get a time above them, as in the client. */
const TIME_GAP_MS = 5 * 60_000;

/** WeCom repeats an unanswered callback three times. */
const REPEATS = 3;

/** @param {number} value */
const two = (value) => String(value).padStart(2, '0');

/**
 * @param {number} at unix ms
 * @param {number} now unix ms
 * @returns {string} 16:04, 昨天 16:04, 11月20日 16:04 or 2025年11月20日 16:04, in the viewer's time zone
 */
export function timeLabel(at, now) {
  const then = new Date(at);
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  const today = new Date(now);
  if (then.toDateString() === today.toDateString()) return clock;
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (then.toDateString() === yesterday.toDateString()) return `昨天 ${clock}`;
  const day = `${then.getMonth() + 1}月${then.getDate()}日 ${clock}`;
  return then.getFullYear() === today.getFullYear() ? day : `${then.getFullYear()}年${day}`;
}

/**
 * @param {number} at unix ms
 * @returns {string} 16:04:09.120
 */
export function preciseTime(at) {
  const t = new Date(at);
  return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}.${String(t.getMilliseconds()).padStart(3, '0')}`;
}

/**
 * @param {ChatMessage | undefined} previous
 * @param {ChatMessage} message
 */
export function needsTime(previous, message) {
  return previous === undefined || message.at - previous.at > TIME_GAP_MS;
}

/**
 * @param {number} bytes
 * @returns {string} 812 B, 3.4 KB, 1.2 MB
 */
export function sizeLabel(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/**
 * @param {Delivery | undefined} delivery
 * @returns {string} empty when there is nothing worth saying
 */
export function deliveryLabel(delivery) {
  switch (delivery?.state) {
    case 'sending':
      return '发送中';
    case 'retrying':
      return `重试 ${Math.min(Math.max(delivery.attempt - 1, 1), REPEATS)}/${REPEATS}`;
    case 'failed': {
      const reason = delivery.note ?? (delivery.status ? `HTTP ${delivery.status}` : '');
      return reason === '' ? '未送达' : `未送达：${reason}`;
    }
    default:
      return '';
  }
}

/** @type {Readonly<Record<string, 'image' | 'voice' | 'video' | 'location' | 'link'>>} */
const MEDIA = { '[图片]': 'image', '[语音]': 'voice', '[视频]': 'video', '[位置]': 'location', '[链接]': 'link' };

/**
 * The sandbox tells of pictures, voices and the like as events; in the chat they are messages like any other.
 * @param {ChatMessage['body']} body
 * @returns {'image' | 'voice' | 'video' | 'location' | 'link' | undefined}
 */
export function mediaKind(body) {
  return body.msgtype === 'event' ? MEDIA[body.event] : undefined;
}

/** @type {Readonly<Record<string, string>>} */
const EVENTS = {
  enter_agent: '已进入会话',
  subscribe: '已进入应用的可见范围',
  unsubscribe: '已离开应用的可见范围',
};

/**
 * @param {string} event as the sandbox names it; what is not known is shown as it is
 * @returns {string}
 */
export function eventLabel(event) {
  return EVENTS[event] ?? event;
}

/**
 * One line for the member list.
 * @param {ChatMessage | undefined} message
 * @returns {string}
 */
export function preview(message) {
  const body = message?.body;
  switch (body?.msgtype) {
    case 'text':
      return body.text.content.replace(/<[^<>]*>/g, '').replace(/\s+/g, ' ');
    case 'markdown':
      return body.markdown.content
        .replace(/<[^<>]*>|[*`]|^[#>]+ ?/gm, '')
        .replace(/\s+/g, ' ')
        .trim();
    case 'template_card': {
      const title = body.template_card.main_title;
      const words = typeof title === 'object' && title !== null && 'title' in title ? title.title : '';
      return `[卡片] ${typeof words === 'string' ? words : ''}`;
    }
    case 'file':
      return `[文件] ${body.file.filename}`;
    case 'event':
      return eventLabel(body.event);
    default:
      return '';
  }
}
