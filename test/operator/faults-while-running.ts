/** Faults with which the bot runs: what its log then says, and what a member and an admin hear. */
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect } from 'vitest';
import type { Faults } from '../../src/sandbox/protocol.ts';
import { type Chat, openChat, refused } from '../chat.ts';
import { makeCertificate } from '../wecom/certificate.ts';
import { raw, startPlatform } from '../wecom/platform.ts';
import { startProxy } from '../wecom/proxy.ts';
import { fewAtATime, found, inDoctor, shown } from './asking-doctor.ts';

const MEMBER = 'zhangsan';
const ADMIN = 'wangzong';
const MINUTE = 60_000;

interface Fault {
  readonly what: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Opens what the bot is led to; resolves with how it is, and what closes it. */
  readonly somebody?: () => Promise<readonly [env: Readonly<Record<string, string>>, close: () => unknown]>;
  /** ms that this machine's clock is ahead. */
  readonly ahead?: number;
  /** Of the platform, from before the bot starts. */
  readonly faults?: Partial<Faults>;
  /** The same, but only while one message is answered. */
  readonly strikes?: Partial<Faults>;
  /** Done to the running bot before the first message; resolves with what ends it. */
  readonly done?: (chat: Chat) => () => unknown;
  /** What member and admin say; 标签 列表. */
  readonly says?: readonly [member: string, admin: string];
}

const ADD = ['标签 添加 甲 到 客户分级', '标签 添加 乙 到 客户分级'] as const;
const DELETE = ['标签 删除 老客', '标签 删除 重点'] as const;
const onAdd = (faults: { code?: number; name?: keyof Faults }): Partial<Faults> =>
  faults.code === undefined
    ? { [faults.name ?? 'busy']: { on: true, path: 'add_strategy_tag' } }
    : { errcode: { on: true, code: faults.code, path: 'add_strategy_tag' } };

/** An HTTP server in the platform's place that says the same to everything. */
const says = (status: number, text: string) => async () => {
  const platform = await startPlatform();
  platform.tokenSays(raw(status, text));
  return [{ WECOM_API_BASE_URL: platform.url }, () => platform.close()] as const;
};
const proxy = (status: number) => async () => {
  const { host, close } = await startProxy(0, { status });
  return [{ HTTPS_PROXY: `http://${host}`, WECOM_API_BASE_URL: 'https://qyapi.weixin.qq.com' }, close] as const;
};

export const NETWORK: readonly Fault[] = [
  { what: '域名查不到', env: { WECOM_API_BASE_URL: 'https://wecom.invalid' } },
  { what: '没有程序在听', env: { WECOM_API_BASE_URL: 'http://127.0.0.1:9' } },
  {
    what: '防火墙把包丢掉',
    somebody: async () => {
      const mute = createServer().listen(0, '127.0.0.1');
      await once(mute, 'listening');
      const { port } = mute.address() as AddressInfo;
      return [{ WECOM_API_BASE_URL: `https://127.0.0.1:${port}` }, () => mute.close()];
    },
  },
  {
    what: '代理拆开了加密的连接',
    somebody: async () => {
      const tls = createHttpsServer(makeCertificate('localhost', { issuer: 'Company Root CA' })).listen(0, '127.0.0.1');
      await once(tls, 'listening');
      const { port } = tls.address() as AddressInfo;
      return [{ WECOM_API_BASE_URL: `https://localhost:${port}` }, () => tls.close()];
    },
  },
  { what: '上网认证页', somebody: says(200, '<html><head><title>请先登录访客网络</title></head></html>') },
  { what: '中转服务器要登录', somebody: says(401, '') },
  { what: '中转服务器不放行', somebody: says(403, '') },
  { what: '接口地址多写了路径', somebody: says(404, '') },
  { what: '网关出错', somebody: says(502, '') },
  { what: '出口代理要登录', somebody: proxy(407) },
  { what: '出口代理不放行', somebody: proxy(403) },
  { what: '出口代理自己出错', somebody: proxy(503) },
  {
    what: '出口代理没有在运行',
    env: { HTTPS_PROXY: 'http://127.0.0.1:9', WECOM_API_BASE_URL: 'https://qyapi.weixin.qq.com' },
  },
  { what: '时钟快了半小时', ahead: 30 * MINUTE },
  { what: '时钟慢了七分钟', ahead: -7 * MINUTE },
];

export const SETTINGS: readonly Fault[] = [
  { what: 'BOT_ADMINS 是空的', env: { BOT_ADMINS: '' }, says: ['我', '规则组 新建 华北大区 负责人 张三 范围 销售部'] },
  { what: 'BOT_ADMINS 写了不存在的人', env: { BOT_ADMINS: 'wangzong,nobody1' } },
  { what: 'DEFAULT_STRATEGY_ID 没有这个规则组', env: { DEFAULT_STRATEGY_ID: '99' } },
];

export const STORES: readonly Fault[] = [
  {
    what: '数据库文件在运行中被移走',
    says: ADD,
    done: (chat) => {
      const path = pathOf(chat);
      renameSync(path, `${path}.away`);
      return () => renameSync(`${path}.away`, path);
    },
  },
  {
    what: '别的程序一直占着数据库',
    says: ADD,
    done: (chat) => {
      const other = new DatabaseSync(pathOf(chat));
      other.exec('BEGIN IMMEDIATE');
      return () => other.close();
    },
  },
];

export const PLATFORM: readonly Fault[] = [
  { what: 'Secret 不对（40001）', faults: { wrongSecret: { on: true } } },
  { what: '企业 ID 不对（40013）', faults: { errcode: { on: true, code: 40013, path: 'gettoken' } } },
  { what: '出口 IP 没有加进可信 IP（60020）', faults: { untrustedIp: { on: true } } },
  { what: '应用不在「可调用接口的应用」里（48002）', faults: { errcode: { on: true, code: 48002, path: 'list' } } },
  { what: '规则组超出了可见范围（60030）', faults: { errcode: { on: true, code: 60030, path: 'strategy_tag_list' } } },
  { what: '接口调用太多（45009）', faults: { rateLimited: { on: true } } },
  { what: '企业微信忙（−1）', faults: { busy: { on: true } } },
  { what: '同一份数据正被别处修改（45035）', faults: { errcode: { on: true, code: 45035, path: 'list' } } },
  { what: '企业微信的网关出错', faults: { badGateway: { on: true } } },
  { what: '连接总是断', faults: { brokenBefore: { on: true } } },
  { what: '回答缺了内容', faults: { wrongShape: { on: true, path: 'externalcontact/customer_strategy/list' } } },
  {
    what: 'AgentId 和 Secret 不是同一个应用的（301002）',
    faults: { errcode: { on: true, code: 301002, path: 'agent/get' } },
  },
  {
    what: '推送被拒绝：成员不在可见范围（81013）',
    env: { REPLY_FORMAT: 'markdown' },
    faults: { errcode: { on: true, code: 81013, path: 'message/send' } },
  },
  {
    what: '推送被拒绝：没有配置接收消息（43012）',
    env: { REPLY_FORMAT: 'text' },
    says: DELETE,
    faults: { errcode: { on: true, code: 43012, path: 'message/send' } },
  },
];

/** Only writes fail. */
export const WRITES: readonly Fault[] = [
  { what: '名字刚刚被别人加了（40071）', says: ADD, strikes: onAdd({ code: 40071 }) },
  { what: '不是本应用建的（40068）', says: ADD, strikes: onAdd({ code: 40068 }) },
  { what: '标签满了（40126）', says: ADD, strikes: onAdd({ code: 40126 }) },
  { what: '没有写的权限（48002）', says: ADD, strikes: onAdd({ code: 48002 }) },
  { what: '规则组超出可见范围（60030）', says: ADD, strikes: onAdd({ code: 60030 }) },
  { what: '写的次数太多（45009）', says: ADD, strikes: onAdd({ name: 'rateLimited' }) },
  { what: '写的时候企业微信忙（−1）', says: ADD, strikes: onAdd({ name: 'busy' }) },
  { what: '写的时候网关出错', says: ADD, strikes: onAdd({ name: 'badGateway' }) },
  { what: '写到一半断了，没有做成', says: ADD, strikes: onAdd({ name: 'brokenBefore' }) },
  { what: '做成了，回答断在路上', says: ADD, strikes: onAdd({ name: 'brokenAfter' }) },
];

/** What is wrong; what doctor said; what the log said; what the member and the admin heard. */
export function heard(faults: readonly Fault[]): Promise<string[][]> {
  return fewAtATime(faults, 3, row);
}

async function row(fault: Fault): Promise<string[]> {
  const { what, ahead = 0, faults, strikes, done, says: [toMember, toAdmin] = ['标签 列表', '标签 列表'] } = fault;
  const [led, close] = (await fault.somebody?.()) ?? [{}, () => {}];
  const now = () => Date.now() + ahead;
  const chat = await openChat({
    env: { REPLY_FORMAT: 'plain', ...fault.env, ...led },
    sandbox: { retryDelayMs: 50 },
    app: { now },
  });
  try {
    let before = 0;
    if (faults !== undefined) {
      chat.sandbox.setFaults(faults);
      before = chat.log.length;
      await chat.restart();
    }
    // A silent network is found out once; until then everybody waits for it.
    if (what === '防火墙把包丢掉')
      await expect
        .poll(() => chat.log.map(({ msg }) => msg), { timeout: 60_000 })
        .toContain('the library could not be read yet');
    // What it does at the start is done before.
    if (done !== undefined) await chat.say(ADMIN, '标签 列表');
    const undone = done?.(chat);
    const answers: string[] = [];
    for (const [who, text] of [
      [MEMBER, toMember],
      [ADMIN, toAdmin],
    ] as const) {
      // Read before it strikes.
      if (strikes !== undefined) await chat.say(who, '标签 列表');
      if (strikes !== undefined && before === 0) before = chat.log.length;
      chat.sandbox.setFaults(strikes ?? {});
      answers.push(answer(await chat.say(who, text)));
      for (const name of Object.keys(strikes ?? {}) as (keyof Faults)[])
        chat.sandbox.setFaults({ [name]: { ...chat.sandbox.corp.trouble.faults[name], on: false } });
    }
    const lines = chat.log.slice(before);
    const { WECOM_API_BASE_URL = '', DATABASE_URL = '' } = chat.env;
    const proxied = chat.env.HTTPS_PROXY === undefined ? {} : { HTTPS_PROXY: chat.env.HTTPS_PROXY };
    const own = { BOT_ADMINS: chat.env.BOT_ADMINS ?? '', DEFAULT_STRATEGY_ID: chat.env.DEFAULT_STRATEGY_ID ?? '' };
    const finding = await found({ WECOM_API_BASE_URL, DATABASE_URL, ...proxied, ...own }, ahead);
    undone?.();
    return [what, inDoctor(finding), inLog(lines), ...answers];
  } finally {
    await chat.stop();
    await close();
  }
}

function pathOf(chat: Chat): string {
  return (chat.env.DATABASE_URL ?? '').replace(/^file:/, '');
}

/** What was warned of, each once, with its code or reason; sorted, since it comes in no certain order. */
function inLog(lines: readonly Record<string, unknown>[]): string {
  const told = lines.flatMap(({ level, msg, code, reason }) =>
    level === 'warn' || level === 'error' ? [`\`${msg}\`${(code ?? reason) ? ` ${code ?? reason}` : ''}`] : [],
  );
  return [...new Set(told)].sort().join('；') || '—';
}

/** Whole when something is wrong; else its first line. */
function answer(text: string): string {
  if (text.startsWith('[failed]')) return '没有回答';
  const [first = '', ...more] = text.split('\n');
  return refused(text) || more.length < 3 ? shown(text) : `${shown(first)} ……`;
}
