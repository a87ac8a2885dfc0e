/** What the values of settings must look like. */

import { type Check, Problem } from './setting.ts';
import { isTree } from './source.ts';

export type Role = 'reader' | 'editor' | 'admin';

/** A right given in the config file, beside those of the rule group's own admins. */
export interface RoleGrant {
  readonly member: string;
  /** Name or id of a rule group, or `*` for all. */
  readonly ruleGroup: string;
  readonly role: Role;
}

const ROLES: readonly Role[] = ['reader', 'editor', 'admin'];
const USERID = /^[\w.@-]{1,64}$/;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
export const USUAL_ZONE = 'Asia/Shanghai';

export function matching(pattern: RegExp, problem: string): Check<string> {
  return (raw) => (pattern.test(raw) ? raw : new Problem(problem));
}

export function integer(min: number, max: number): Check<number> {
  return (raw) => {
    const value = /^\d{1,10}$/.test(raw) ? Number(raw) : Number.NaN;
    return value >= min && value <= max ? value : new Problem(`要是 ${min} 到 ${max} 的整数`);
  };
}

/** 企业标签, which few write as `corp`, or the number of a rule group. */
export function library(raw: string): 'corp' | number | Problem {
  if (/^(?:corp|企业标签库?)$/i.test(raw)) return 'corp';
  const id = integer(1, 2 ** 32 - 1)(raw);
  return id instanceof Problem ? new Problem('要写规则组的编号，或者 corp（企业标签）') : id;
}

export function oneOf<T extends string>(...choices: readonly T[]): Check<T> {
  return (raw) => choices.find((choice) => choice === raw) ?? new Problem(`要是 ${choices.join('、')} 之一`);
}

export function flag(raw: string): boolean | Problem {
  return raw === 'true' || raw === 'false' ? raw === 'true' : new Problem('要是 true 或 false');
}

function parseUrl(raw: string): URL | undefined {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined;
}

export function webUrl(raw: string): string | Problem {
  return parseUrl(raw) === undefined ? new Problem('要是以 http:// 或 https:// 开头的网址') : raw.replace(/\/+$/, '');
}

export function apiUrl(raw: string): string | Problem {
  const url = parseUrl(raw);
  if (url === undefined || url.search !== '' || url.hash !== '')
    return new Problem('要是以 https:// 开头的网址，不带参数');
  if (url.protocol === 'http:' && url.hostname.endsWith('.qq.com')) return new Problem('企业微信的接口只能用 https://');
  return wrongLogin(url) ?? raw.replace(/\/+$/, '');
}

export function proxyUrl(raw: string): string | Problem {
  const url = parseUrl(raw);
  if (url === undefined) return new Problem('要写成 http://主机:端口 或 http://用户:密码@主机:端口；不支持 socks');
  return wrongLogin(url) ?? raw;
}

/** A user and a password that cannot be sent as they stand. */
function wrongLogin({ username, password }: URL): Problem | undefined {
  try {
    decodeURIComponent(username + password);
  } catch {
    return new Problem('用户或密码里的 % 要写成 %25');
  }
  return username === '' && password !== '' ? new Problem('有密码，没有用户') : undefined;
}

/** Names and addresses, parted by commas or spaces. */
export function hosts(raw: string): readonly string[] | Problem {
  const names = raw.split(/[\s,]+/).filter((name) => name !== '');
  const wrong = names.find((name) => name.includes('/'));
  return wrong === undefined ? names : new Problem('要写主机名、IP 或 .域名，用逗号分开；不认识网段和网址');
}

const SYSTEM_TRIPLET = /^\w+-\w+-(linux|darwin|windows)/;

export function host(raw: string): string | Problem {
  if (SYSTEM_TRIPLET.test(raw))
    return new Problem(`「${raw}」是 shell（例如 conda）设的系统名字，不是地址；请写 HOST=0.0.0.0 或 127.0.0.1`);
  return /^[A-Za-z0-9.:-]+$/.test(raw) ? raw : new Problem('要是主机名或 IP');
}

/** Whether what is sent there can be read on the way: http, and not to this machine. */
export function isOpenOnTheWay(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !LOOPBACK.test(hostname);
}

export function callbackPath(raw: string): string | Problem {
  if (!/^\/[\w./~-]+$/.test(raw) || raw.endsWith('/'))
    return new Problem('要以 / 开头，不以 / 结尾，例如 /wecom/callback');
  return ['/healthz', '/readyz', '/metrics'].includes(raw) ? new Problem(`${raw} 已有别的用途`) : raw;
}

export function userids(raw: string): readonly string[] | Problem {
  const ids = raw.split(/[\s,，、;；]+/).filter((userid) => userid !== '');
  const wrong = ids.find((userid) => !USERID.test(userid));
  if (wrong !== undefined) return new Problem(`「${wrong}」不像成员的账号（userid）；多个账号用逗号分开`);
  return [...new Set(ids)];
}

export function timeZone(raw: string): string | Problem {
  // The first use of Intl costs 20 ms, which a start with the usual zone need not pay.
  if (raw === USUAL_ZONE) return raw;
  try {
    new Intl.DateTimeFormat('zh-CN', { timeZone: raw });
    return raw;
  } catch {
    return new Problem('要是时区的名字，例如 Asia/Shanghai');
  }
}

/** The list `access.roles` of the file. */
export function roles(list: readonly unknown[], where: string): readonly RoleGrant[] | Problem {
  const problems: string[] = [];
  const grants = list.flatMap((entry, index) => {
    const grant = roleGrant(entry);
    if (!(grant instanceof Problem)) return [grant];
    problems.push(...grant.texts.map((text) => `${where} 第 ${index + 1} 条：${text}`));
    return [];
  });
  return problems.length > 0 ? new Problem(...problems) : grants;
}

function roleGrant(entry: unknown): RoleGrant | Problem {
  if (!isTree(entry)) return new Problem('要写 member、ruleGroup、role 三项');
  const { member, ruleGroup, role, ...unknown } = entry;
  const found = ROLES.find((known) => known === role);
  const problems = Object.keys(unknown).map((key) => `不认识 ${key}`);
  if (typeof member !== 'string' || !USERID.test(member)) problems.push('member 要是成员的账号（userid）');
  if (typeof ruleGroup !== 'string' || ruleGroup.trim() === '') problems.push("ruleGroup 要是规则组的名字、编号或 '*'");
  if (found === undefined) problems.push(`role 要是 ${ROLES.join('、')} 之一`);
  if (problems.length > 0 || found === undefined) return new Problem(...problems);
  return { member: String(member), ruleGroup: String(ruleGroup).trim(), role: found };
}
