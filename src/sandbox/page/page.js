/**
 * Entry of the chat page: holds what is known, hands it to the views, sends what the member does.
 *
 * `?member=<userid>` opens the page as that member, so that two windows can be two people; `?app=<key>` in the chat of
 * that app, where several stand in the corps of the sandbox.
 *
 * Stable hooks for tests:
 *   data-testid  member-<userid>, input, send, more, extra-<kind>, menu-toggle, menu-<0…2>, example, typing, offline,
 *                members-open, tools-open (phone width), tab-tree, tab-wire, tab-faults, tab-console, tree, tree-filter,
 *                fault-<name>, fault-<name>-<times|path|ms|code>, variant-<name>, wire-entry (data-line), toast, dialog-yes,
 *                console-<rule-group|name|tags|create|group|target|new-name|rename|more-tags|add|shuffle|delete>,
 *                reset-tags, reset, apps, tab-provider, provider and what provider.js names
 *   messages     data-testid=message data-id data-from=member|bot data-type=text|markdown|template_card|file|event
 *                data-via=passive|push data-state=sending|retrying|delivered|failed
 *   cards        .card with data-card=<card_type> and data-disabled; buttons and menu items data-key,
 *                options data-option, dropdowns data-question
 *   tree         data-kind=rule-group|group|tag with data-name; data-change=added|renamed|moved|removed while lit
 *   page         html[data-ready] once the first state is drawn
 */

import { createApps } from './apps.js';
import { createChat } from './chat.js';
import { createComposer } from './composer.js';
import { listen, sandbox } from './connection.js';
import { createConsole } from './console.js';
import { part } from './dom.js';
import { createFaults } from './faults.js';
import { icon } from './icons.js';
import { createMembers } from './members.js';
import { createMenu } from './menu.js';
import { activeFaults, applyEvent } from './model.js';
import { createSheet, createTabs, toast } from './panels.js';
import { createProvider } from './provider.js';
import { startTheme } from './theme.js';
import { createTree } from './tree.js';
import { createWire } from './wire.js';

/** @import { SandboxEvent, SandboxState } from '../protocol.ts' */

startTheme();

/** @type {SandboxState | undefined} */
let state;
const asked = new URLSearchParams(location.search);
let current = asked.get('member') ?? '';
/** @type {Map<string, number>} */
const unread = new Map();

/**
 * @param {Promise<unknown>} call
 * @returns {Promise<boolean>} whether it got out; when not, the reason has been shown
 */
async function attempt(call) {
  try {
    await call;
    return true;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error));
    return false;
  }
}

const chat = createChat({
  say: (text) => void attempt(sandbox.say(current, text)),
  press: (message, key, selected) => attempt(sandbox.press(message.member, message.id, key, selected)),
});
const composer = createComposer({
  say: (text) => attempt(sandbox.say(current, text)),
  sendExtra: (extra) => {
    if (extra === 'enter') void attempt(sandbox.enter(current));
    else if (extra === 'subscribe') void attempt(sandbox.subscribe(current));
    else void attempt(sandbox.media(current, extra));
  },
});
const menu = createMenu({
  click: (key) => void attempt(sandbox.click(current, key)),
  unsupported: (button) => toast(`「${button.name}」要在手机上的企业微信里使用`),
  onKeyboard: () => composer.focus(),
});
const tree = createTree();
const wire = createWire();
const faults = createFaults();
const webConsole = createConsole();
const provider = createProvider((key) => {
  showApp(key);
  toolsSheet.close();
});
const apps = createApps((key) => showApp(key));

for (const [id, name] of /** @type {const} */ ([
  ['members-open', 'people'],
  ['tools-open', 'panels'],
])) {
  part(id, HTMLElement).prepend(icon(name));
}
for (const button of document.querySelectorAll('[data-close]')) button.append(icon('close'));
part('newer', HTMLElement).append(icon('down'));

const membersSheet = createSheet(part('members', HTMLElement), part('members-open', HTMLButtonElement));
const toolsSheet = createSheet(part('tools', HTMLElement), part('tools-open', HTMLButtonElement));
const showTab = createTabs(part('tabs', HTMLElement), () => {
  if (state) showPanels(state);
});

/** In the address of the page. @param {'member' | 'app'} name @param {string} value */
function remember(name, value) {
  const url = new URL(location.href);
  url.searchParams.set(name, value);
  history.replaceState(null, '', url);
}

/** @param {string} key */
function showApp(key) {
  remember('app', key);
  follow(key);
}

const members = createMembers((userid) => {
  current = userid;
  unread.delete(userid);
  remember('member', userid);
  showChat();
  membersSheet.close();
  if (matchMedia('(min-width: 1000px) and (pointer: fine)').matches) composer.focus();
});

/** Wire, faults and console are only kept up to date while they can be seen. @param {SandboxState} now */
function showPanels(now) {
  if (!part('panel-wire', HTMLElement).hidden) wire.show(now.wire);
  if (!part('panel-console', HTMLElement).hidden) webConsole.show(now);
  if (!part('panel-provider', HTMLElement).hidden) provider.show(now);
}

function showChat() {
  if (!state) return;
  if (!state.members.some((member) => member.userid === current)) current = state.members[0]?.userid ?? '';
  const member = state.members.find((one) => one.userid === current);
  part('app-name', HTMLElement).textContent = state.agentName;
  const where = state.apps.length > 1 ? `${state.corpName} · ` : '';
  part('who', HTMLElement).textContent = member ? `${where}${member.name} · ${member.role}` : '';
  chat.show(state, current);
  composer.show(current, state.chats[current] ?? []);
  members.show(state, current, unread);
  const waiting = [...unread.values()].reduce((sum, count) => sum + count, 0);
  const badge = part('members-unread', HTMLElement);
  badge.hidden = waiting === 0;
  badge.textContent = String(waiting);
  document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${state.agentName} · ${member?.name ?? '沙箱'}`;
}

/** @param {SandboxState} now */
function showFaults(now) {
  faults.show(now);
  const count = activeFaults(now.faults);
  for (const id of ['faults-count', 'tools-faults']) {
    const badge = part(id, HTMLElement);
    badge.hidden = count === 0;
    badge.textContent = String(count);
  }
}

/** @param {SandboxEvent} event */
function onEvent(event) {
  if (!state && event.type !== 'state') return;
  const isNew =
    event.type === 'message' && !state?.chats[event.message.member]?.some((one) => one.id === event.message.id);
  state = event.type === 'state' ? event.state : state && applyEvent(state, event);
  if (!state) return;
  switch (event.type) {
    case 'state':
      unread.clear();
      chat.forget();
      members.forget();
      apps.show(state);
      part('tab-provider', HTMLElement).hidden = state.provider === undefined;
      // Whoever starts a provider comes for its console.
      if (state.provider && document.documentElement.dataset.ready === undefined) showTab('tab-provider');
      part('corp-name', HTMLElement).textContent = state.corpName;
      menu.show(state.menu);
      tree.show(state, false);
      showFaults(state);
      showPanels(state);
      showChat();
      document.documentElement.dataset.ready = 'true';
      break;
    case 'message': {
      const { message } = event;
      if (message.member === current) chat.heard(message);
      else if (isNew && message.from === 'bot') unread.set(message.member, (unread.get(message.member) ?? 0) + 1);
      showChat();
      break;
    }
    case 'tree':
      tree.show(state, true);
      showPanels(state);
      break;
    case 'wire':
      showPanels(state);
      break;
    case 'menu':
      menu.show(state.menu);
      break;
    case 'faults':
      showFaults(state);
      break;
    case 'apps': {
      const { app } = state;
      apps.show(state);
      showChat();
      if (state.apps.some((one) => one.key === app)) break;
      toast(`${state.corpName} 已经没有这个应用了`);
      showApp(state.apps[0]?.key ?? '');
      break;
    }
    case 'provider':
      showPanels(state);
      break;
  }
}

const follow = listen(asked.get('app') ?? '', onEvent, (online) => {
  part('offline', HTMLElement).hidden = online;
});
