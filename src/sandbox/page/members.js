/** The member switch: whose phone is in the middle. Each member can also be opened in a window of their own. */
import { memberAvatar } from './bubble.js';
import { arrange, h, part } from './dom.js';
import { icon } from './icons.js';
import { preview } from './labels.js';

/** @import { SandboxMember, SandboxState } from '../protocol.ts' */

/** @param {(userid: string) => void} pick */
export function createMembers(pick) {
  const list = part('member-list', HTMLElement);
  /** @type {Map<string, { element: HTMLElement, show: (state: SandboxState, current: string, unread: number) => void }>} */
  const rows = new Map();

  return {
    /** Other people bear the same userids. */
    forget: () => rows.clear(),
    /**
     * @param {SandboxState} state
     * @param {string} current userid
     * @param {ReadonlyMap<string, number>} unread
     */
    show(state, current, unread) {
      const nodes = state.members.map((member) => {
        let row = rows.get(member.userid);
        if (!row) {
          row = createRow(member, state, () => pick(member.userid));
          rows.set(member.userid, row);
        }
        row.show(state, current, unread.get(member.userid) ?? 0);
        return row.element;
      });
      arrange(list, nodes);
    },
  };
}

/**
 * @param {SandboxMember} member
 * @param {SandboxState} state
 * @param {() => void} onPick
 */
function createRow(member, state, onPick) {
  const last = h('span', { class: 'member-last' });
  const dot = h('span', { class: 'unread' });
  const department = state.departments.find((one) => one.id === member.department)?.name;
  const button = h(
    'button',
    { type: 'button', class: 'member', 'data-testid': `member-${member.userid}`, title: member.id, onclick: onPick },
    memberAvatar(member, state.members),
    h(
      'span',
      { class: 'member-words' },
      h('span', { class: 'member-name' }, member.name, h('span', { class: 'role' }, member.role)),
      last,
    ),
    dot,
  );
  const address = new URLSearchParams({ ...(state.apps.length > 1 ? { app: state.app } : {}), member: member.userid });
  const ownWindow = h(
    'a',
    {
      class: 'icon-button own-window',
      href: `?${address}`,
      target: '_blank',
      'aria-label': `在新窗口打开 ${member.name}`,
      title: '在新窗口打开',
    },
    icon('window'),
  );
  return {
    element: h('li', {}, button, ownWindow),
    /**
     * @param {SandboxState} now
     * @param {string} current
     * @param {number} unread
     */
    show(now, current, unread) {
      const words = preview(now.chats[member.userid]?.at(-1));
      last.textContent = words || [department, member.id ?? member.userid].filter(Boolean).join(' · ');
      button.setAttribute('aria-current', String(member.userid === current));
      dot.hidden = unread === 0;
      dot.textContent = unread > 99 ? '99+' : String(unread);
      dot.setAttribute('aria-label', `${unread} 条未读`);
    },
  };
}
