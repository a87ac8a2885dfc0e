/** What the bot needs, checked one by one: for `doctor` on the command line and 诊断 in the chat. */

import { misnamed } from './bot/misnamed.ts';
import type { Config } from './config.ts';
import { BotError, explain } from './errors.ts';
import type { Clock } from './message.ts';
import type { Store } from './store/store.ts';
import type { Wecom } from './wecom/wecom.ts';

export interface Finding {
  readonly ok: boolean;
  /** Chinese: what was checked, and what came out or what to do. */
  readonly line: string;
}

/** Reads only; never throws. `store` is opened by the caller, whose business it may already be. */
export async function diagnose(
  config: Config,
  wecom: Wecom,
  store: () => Promise<Pick<Store, 'ping'>>,
  now: Clock,
): Promise<Finding[]> {
  const checks: readonly (readonly [string, () => Promise<string>])[] = [
    ['记录库', () => storeWorks(store)],
    ['应用凭证', () => tokenWorks(wecom)],
    ['应用', () => agentState(wecom)],
    ['规则组', () => ruleGroups(wecom)],
    ['标签', () => tags(wecom)],
    ['管理员', () => admins(config)],
    ['权限设置', () => names(config, wecom)],
  ];
  const findings: Finding[] = [];
  for (const [what, check] of checks) {
    try {
      findings.push({ ok: true, line: `${what}：${await check()}` });
    } catch (error) {
      findings.push({ ok: false, line: `${what}：${reason(error, now)}` });
    }
  }
  return findings;
}

async function storeWorks(store: () => Promise<Pick<Store, 'ping'>>): Promise<string> {
  try {
    await (await store()).ping();
    return '可以读写';
  } catch (error) {
    // On the command line, beside a running bot: the lock is held by what it is there for.
    if (error instanceof BotError && error.code === 'store.locked') return '机器人正在运行，正用着它';
    throw error;
  }
}

async function tokenWorks(wecom: Wecom): Promise<string> {
  await wecom.token.get();
  return 'access_token 正常';
}

async function agentState(wecom: Wecom): Promise<string> {
  const agent = await wecom.directory.agent();
  const { users, departments } = agent.visible;
  if (agent.closed)
    throw new BotError('setup.agent-closed', 'setup', {
      meaning: '应用在管理后台被停用了。',
      advice: '请管理员到后台启用它。',
    });
  return `${agent.name}，可见 ${users.length} 人、${departments.length} 个部门`;
}

async function ruleGroups(wecom: Wecom): Promise<string> {
  const ids = await wecom.ruleGroups.list();
  return ids.length === 0 ? '还没有由本应用新建的规则组，请在聊天里发「规则组 新建」开始' : `${ids.length} 个`;
}

async function tags(wecom: Wecom): Promise<string> {
  const groups = await wecom.tags.list({});
  return `${groups.length} 个标签组，${groups.reduce((sum, group) => sum + group.tags.length, 0)} 个标签`;
}

async function admins(config: Config): Promise<string> {
  const { botAdmins } = config.access;
  if (botAdmins.length > 0) return botAdmins.join('、');
  throw new BotError('setup.no-admin', 'setup', {
    meaning: 'BOT_ADMINS 是空的，没有人能新建规则组。',
    advice: '请写上管理员的 userid（在聊天里发「我」可以看到）后重启。',
  });
}

async function names(config: Config, wecom: Wecom): Promise<string> {
  const ids = await wecom.ruleGroups.list();
  const ruleGroups = await Promise.all(ids.map((id) => wecom.ruleGroups.get(id).catch(withheld(id))));
  const wrong = await misnamed(config, ruleGroups, wecom.directory.sees);
  if (wrong.length === 0) return '写到的人和规则组都在';
  throw new BotError('setup.misnamed', 'setup', {
    meaning: wrong.map(({ setting, value, why }) => `${setting} 写的 ${value}：${why}`).join('；'),
    advice: '。请改正后重启。',
  });
}

/** The platform may keep a rule group's details to itself; its number is known all the same. */
function withheld(id: number): (error: unknown) => { readonly id: number; readonly name: string } {
  return (error) => {
    if (error instanceof BotError && (error.errcode === 60030 || error.errcode === 60011)) return { id, name: '' };
    throw error;
  };
}

function reason(error: unknown, now: Clock): string {
  const { sentence, advice } = explain(error, { admin: true, now: now() });
  return `${sentence}${advice}`;
}
