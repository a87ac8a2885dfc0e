/** What is unsure about providers, as switches. */
import { h } from './dom.js';

/** @import { ProviderState, ProviderVariants } from '../protocol.ts' */

/** @type {readonly { name: keyof ProviderVariants, title: string, choices: readonly (readonly [ProviderVariants[keyof ProviderVariants], string])[] }[]} */
const VARIANTS = [
  {
    name: 'checkSealedFor',
    title: '校验地址时加密给',
    choices: [
      ['provider', '服务商'],
      ['suite', '套件'],
      ['corp', '授权企业'],
      ['other', '别的 id'],
    ],
  },
  {
    name: 'createAuthTo',
    title: 'create_auth 外层 ToUserName',
    choices: [
      ['suite', '套件'],
      ['provider', '服务商'],
    ],
  },
  {
    name: 'authUserInfo',
    title: '换码时的授权人',
    choices: [
      ['sent', '返回'],
      ['empty', '字段为空'],
      ['missing', '不返回'],
    ],
  },
  {
    name: 'adminList',
    title: '应用管理员列表',
    choices: [
      ['sent', '返回'],
      ['empty', '空的'],
    ],
  },
  {
    name: 'appInCorp',
    title: '授权后企业里的应用',
    choices: [
      ['made', '已经有了'],
      ['not-yet', '还没有建'],
    ],
  },
  {
    name: 'oldExchangeMs',
    title: '旧换码接口',
    choices: [
      [0, '马上回答'],
      [3000, '慢 3 秒'],
      [8000, '慢 8 秒'],
    ],
  },
  {
    name: 'olderTickets',
    title: '不是最新的 ticket',
    choices: [
      ['refused', '拒绝 40085'],
      ['accepted', '30 分钟内可用'],
    ],
  },
  {
    name: 'resetEndsOld',
    title: '重置后旧 secret',
    choices: [
      ['at-once', '马上失效'],
      ['at-exchange', '换到新的才失效'],
    ],
  },
  {
    name: 'cancelledToken',
    title: '取消授权后的 token',
    choices: [
      [48004, '48004'],
      [40014, '40014'],
    ],
  },
  {
    name: 'userIdCase',
    title: '加密 userid 的大小写',
    choices: [
      ['exact', '区分'],
      ['ignored', '不区分'],
    ],
  },
  {
    name: 'hiddenNames',
    title: '不给看的名字',
    choices: [
      ['id', '返回 id'],
      ['omitted', '没有字段'],
    ],
  },
];

/** @param {(variants: Partial<ProviderVariants>) => void} change */
export function providerVariants(change) {
  const rows = VARIANTS.map(({ name, title, choices }) => {
    const id = `provider-variant-${name}`;
    const control = h(
      'select',
      { id, 'data-testid': id },
      ...choices.map(([value, label]) => h('option', { value: String(value) }, label)),
    );
    control.addEventListener('change', () => {
      const choice = choices[control.selectedIndex];
      if (choice) change({ [name]: choice[0] });
    });
    return { name, control, element: h('label', { class: 'variant', for: id }, h('span', {}, title), control) };
  });
  return {
    element: h('section', {}, h('h3', {}, '文档没有写明的行为'), ...rows.map((row) => row.element)),
    /** @param {ProviderState} provider */
    show({ variants }) {
      for (const { name, control } of rows) control.value = String(variants[name]);
    },
  };
}
