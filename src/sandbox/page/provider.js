/**
 * 服务商: the provider's console, and what admins of corps do about its apps. What is pushed because of it stands first,
 * and every byte of it in the wire view.
 *
 * Hooks: data-testid suite-<name> with verify-<name>, ticket-<name>, foreign-ticket-<name>, expire-<name>, again-<name>;
 * corp-<suite>-<corp> with data-state=none|waiting|open|off and, inside, install, install-site, chat, grant, right-<right>,
 * department-<id>, enabled, save, reset-secret, change-admin, change-member, cancel; tickets-on, hold, release, reversed,
 * provider-event with data-state, provider-variant-<name>.
 */
import { KINDS } from './apps.js';
import { sandbox } from './connection.js';
import { h, part, plainButton } from './dom.js';
import { deliveryLabel, preciseTime } from './labels.js';
import { confirmed, copyText, toast } from './panels.js';
import { createGrant } from './provider-grant.js';
import { providerVariants } from './provider-variants.js';

/** @import { ProviderEvent, ProviderInstallation, ProviderOrder, ProviderState, ProviderSuite, SandboxState } from '../protocol.ts' */

/** @param {ProviderOrder} order */
async function act(order) {
  try {
    return await sandbox.provider(order);
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** @param {(key: string) => void} openChat with the key of an app */
export function createProvider(openChat) {
  const place = part('provider', HTMLElement);
  /** @type {{ element: HTMLElement, show: (provider: ProviderState) => void }[] | undefined} */
  let sections;
  return {
    /** @param {SandboxState} state */
    show({ provider }) {
      if (!provider) return;
      if (!sections) {
        sections = [
          eventSection(),
          ...provider.suites.map((suite) => suiteSection(suite, provider, openChat)),
          providerVariants((variants) => void act({ act: 'variants', variants })),
        ];
        place.append(
          h('p', { class: 'quiet intro' }, '像服务商和客户企业的管理员那样操作，企业微信会把事件推给机器人。'),
          ...sections.map((section) => section.element),
        );
      }
      for (const section of sections) section.show(provider);
    },
  };
}

/**
 * @param {ProviderSuite} suite
 * @param {ProviderState} provider
 * @param {(key: string) => void} openChat
 */
function suiteSection({ name, kind, suiteId }, provider, openChat) {
  const foreign = provider.suites.find((other) => other.name !== name);
  const ticket = h('span', { class: 'quiet' });
  const urls = h('p', { class: 'quiet provider-urls' });
  const rows = provider.companies.map((company) => corpRow(name, kind, company, provider, openChat));
  const element = h(
    'section',
    { class: 'suite', 'data-testid': `suite-${name}` },
    h('h3', {}, kind === 'customized' ? '代开发模板' : '第三方应用', h('code', {}, suiteId)),
    urls,
    h(
      'div',
      { class: 'provider-buttons' },
      ticket,
      plainButton('校验地址', `verify-${name}`, () => act({ act: 'verify', suite: name })),
      plainButton('推送 ticket', `ticket-${name}`, () => act({ act: 'ticket', suite: name })),
      ...(foreign
        ? [
            plainButton('推送另一套的 ticket', `foreign-ticket-${name}`, () =>
              act({ act: 'ticket', suite: name, of: foreign.name }),
            ),
          ]
        : []),
      plainButton('ticket 过期', `expire-${name}`, () => act({ act: 'expire', suite: name })),
      plainButton('重发上一条', `again-${name}`, () => act({ act: 'again', suite: name })),
    ),
    h('ul', { class: 'corp-rows' }, ...rows.map((row) => row.element)),
  );
  return {
    element,
    /** @param {ProviderState} now */
    show(now) {
      const suite = now.suites.find((one) => one.name === name);
      urls.textContent = suite?.url ? `${suite.url} · ${suite.appUrl ?? '没有填消息地址'}` : '没有填回调地址';
      ticket.textContent = suite?.ticketAt ? `ticket ${preciseTime(suite.ticketAt).slice(0, 8)}` : '没有有效的 ticket';
      for (const row of rows) row.show(now);
    },
  };
}

/** @type {Readonly<Record<string, string>>} */
const STATES = { none: '未安装', waiting: '等待换取永久授权码', open: '已授权', off: '已停用' };

/** @param {ProviderInstallation | undefined} installation */
function stateOf(installation) {
  if (!installation) return 'none';
  if (!installation.enabled) return 'off';
  return installation.exchanged ? 'open' : 'waiting';
}

/**
 * @param {string} suite
 * @param {ProviderSuite['kind']} kind
 * @param {string} company
 * @param {ProviderState} provider
 * @param {(key: string) => void} openChat
 */
function corpRow(suite, kind, company, provider, openChat) {
  const of = { suite, company };
  /** @type {ProviderInstallation | undefined} */
  let installation;
  const badge = h('span', { class: 'badge' });
  const id = h('code', { class: 'corp-id' });
  const installFromSite = async () => {
    const answer = await act({ act: 'install', ...of, fromSite: true });
    if (answer?.authCode) await copyText(answer.authCode);
  };
  const cancel = async () => {
    if (await confirmed(`${company} 取消对${KINDS[kind]}应用的授权？`, '取消授权')) await act({ act: 'cancel', ...of });
  };
  const absent = h(
    'div',
    { class: 'provider-buttons' },
    plainButton('安装', 'install', () => act({ act: 'install', ...of })),
    ...(kind === 'third-party' ? [plainButton('从服务商网站安装', 'install-site', installFromSite)] : []),
  );
  const grant = createGrant(kind, provider.departments, (change) => act({ act: 'change', ...of, ...change }));
  const present = h(
    'div',
    {},
    h(
      'div',
      { class: 'provider-buttons' },
      plainButton('打开聊天', 'chat', () => installation && openChat(installation.key)),
      ...(kind === 'customized'
        ? [plainButton('重置 secret', 'reset-secret', () => act({ act: 'reset', ...of }))]
        : []),
      plainButton('换负责人', 'change-admin', () => act({ act: 'admin', ...of })),
      plainButton('改成员', 'change-member', () => act({ act: 'member', ...of, member: 'zhangsan' })),
      plainButton('取消授权', 'cancel', cancel, 'danger'),
    ),
    grant.element,
  );
  const element = h(
    'li',
    { class: 'corp-row', 'data-testid': `corp-${suite}-${company}` },
    h('p', { class: 'corp-head' }, h('span', {}, company), badge, id),
    absent,
    present,
  );
  return {
    element,
    /** @param {ProviderState} now */
    show(now) {
      installation = now.installations.find((one) => one.suite === suite && one.company === company);
      const state = stateOf(installation);
      element.dataset.state = state;
      badge.textContent = STATES[state] ?? '';
      badge.className = `badge ${state === 'open' ? 'good' : state === 'off' ? 'bad' : ''}`;
      id.textContent = installation ? installation.corpId : '';
      id.title = installation ? `AgentID ${installation.agentId}` : '';
      const [shown, gone] = installation ? [present, absent] : [absent, present];
      const hadFocus = gone.contains(document.activeElement);
      shown.hidden = false;
      gone.hidden = true;
      // A button that vanishes under the finger takes the focus out of the sheet, and Esc with it.
      if (hadFocus) shown.querySelector('button')?.focus();
      if (installation) grant.show(installation);
    },
  };
}

function eventSection() {
  const toggle = h('input', { type: 'checkbox', role: 'switch', id: 'tickets-on', 'data-testid': 'tickets-on' });
  toggle.addEventListener('change', () => void act({ act: 'tickets', on: toggle.checked }));
  const list = h('ul', { class: 'provider-events' });
  const hold = plainButton('压住事件', 'hold', () => act({ act: 'hold' }));
  const release = plainButton('放行', 'release', () => act({ act: 'release', order: 'as-sent' }));
  const reversed = plainButton('倒序放行', 'reversed', () => act({ act: 'release', order: 'reversed' }));
  return {
    element: h(
      'section',
      { class: 'suite' },
      h('h3', {}, '事件'),
      h(
        'label',
        { class: 'switch-row', for: 'tickets-on' },
        h('span', {}, '每 10 分钟推送 ticket', h('span', { class: 'quiet' }, '关掉就是停推')),
        toggle,
      ),
      h('div', { class: 'provider-buttons' }, hold, release, reversed),
      list,
    ),
    /** @param {ProviderState} provider */
    show(provider) {
      toggle.checked = provider.pushesTickets;
      hold.hidden = provider.holds;
      release.hidden = reversed.hidden = !provider.holds;
      const rows = provider.events.toReversed().map(eventRow);
      list.replaceChildren(...(rows.length > 0 ? rows : [h('li', { class: 'empty' }, '还没有事件。')]));
    },
  };
}

/** @param {ProviderEvent} event */
function eventRow({ at, what, suite, delivery }) {
  const words = delivery ? deliveryLabel(delivery) || '已送达' : '压住了';
  const look = delivery?.state === 'failed' ? 'bad' : delivery?.state === 'delivered' ? 'good' : '';
  return h(
    'li',
    { 'data-testid': 'provider-event', 'data-state': delivery?.state ?? 'held' },
    h('span', { class: 'quiet' }, preciseTime(at).slice(0, 8)),
    h('span', { class: 'provider-what' }, what, h('span', { class: 'quiet' }, ` ${suite}`)),
    h('span', { class: `badge ${look}` }, words),
  );
}
