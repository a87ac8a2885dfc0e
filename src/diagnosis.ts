/** What the bot needs, one by one: for `doctor` on the command line and 诊断 in the chat. Reads only. */

import { misnamed } from './bot/misnamed.ts';
import type { CorpConfig } from './config.ts';
import { callbacksSeen } from './diagnosis/callback-notes.ts';
import { type Check, type Finding, runChecks } from './diagnosis/check.ts';
import { BotError } from './errors.ts';
import type { Clock } from './message.ts';
import type { NoteName } from './store/store.ts';
import { countTags, TAG_QUOTA } from './tags/tag.ts';
import type { AgentInfo } from './wecom/directory.ts';
import type { Wecom } from './wecom/wecom.ts';

export type { Finding } from './diagnosis/check.ts';

/** Of what is checked. */
export interface Surroundings {
  readonly config: CorpConfig;
  readonly wecom: Pick<Wecom, 'reach' | 'clockAhead' | 'token' | 'directory' | 'ruleGroups' | 'tags'>;
  readonly now: Clock;
  /** Of the program and of Node. */
  readonly versions: string;
  /** Throws BotError `store.*`. */
  store(): Promise<StoreView>;
  /** How the published menu differs. */
  menu(): Promise<readonly string[]>;
  /** When the library in use was read, ms; undefined where none is in use. */
  readonly libraryReadAt?: () => number | undefined;
}

export interface StoreView {
  /** Chinese: which kind, which version. */
  readonly about: string;
  readonly freeBytes: number | undefined;
  readonly notes: ReadonlyMap<NoteName, string>;
}

const CLOCK_TOLERANCE_MS = 5 * 60_000;
const LITTLE_SPACE = 100 * 1024 * 1024;
const MINUTE_MS = 60_000;

interface Named {
  readonly id: number;
  readonly name: string;
}

/** Everything the later checks learn from the earlier ones. */
interface Found extends Surroundings {
  agent?: AgentInfo;
  notes?: ReadonlyMap<NoteName, string>;
  ruleGroups?: readonly Named[];
  /** How many. */
  ofRuleGroups?: Counts;
  ofCorp?: Counts;
}

interface Counts {
  readonly groups: number;
  readonly tags: number;
}

const NONE: Counts = { groups: 0, tags: 0 };

export const CHECKS: readonly Check<Found>[] = [
  {
    id: 'config',
    title: '配置',
    needs: [],
    run: async ({ versions }) => `读得懂（${versions}）`,
  },
  {
    id: 'store',
    title: '记录库',
    needs: [],
    run: async (found) => {
      const { about, freeBytes, notes } = await found.store();
      found.notes = notes;
      if (freeBytes !== undefined && freeBytes < LITTLE_SPACE)
        throw new BotError('store.full', 'setup', { facts: { reason: `只剩 ${megabytes(freeBytes)}` } });
      return freeBytes === undefined ? about : `${about}；磁盘还有 ${megabytes(freeBytes)}`;
    },
  },
  {
    id: 'network',
    title: '网络',
    needs: [],
    run: async ({ wecom, config }) => {
      await wecom.reach();
      return `${new URL(config.wecom.apiBaseUrl).host} 连得上`;
    },
  },
  {
    id: 'clock',
    title: '时钟',
    needs: ['network'],
    run: async ({ wecom }) => {
      assertClock(wecom.clockAhead());
      const seconds = Math.round((wecom.clockAhead() ?? 0) / 1000);
      return `和企业微信的差 ${Math.abs(seconds)} 秒`;
    },
  },
  {
    id: 'token',
    title: '应用凭证',
    needs: ['network'],
    run: async ({ wecom }) => {
      await wecom.token.get();
      return 'access_token 正常';
    },
  },
  {
    id: 'ip',
    title: '可信 IP',
    needs: ['token'],
    run: async (found) => {
      try {
        found.agent = await found.wecom.directory.agent();
      } catch (error) {
        // What else is wrong with the app is the next one's to tell.
        if (error instanceof BotError && error.errcode === NOT_FROM_HERE) throw error;
        if (!(error instanceof BotError) || error.errcode === undefined) throw error;
      }
      return '这台机器可以调用';
    },
  },
  {
    id: 'agent',
    title: '应用',
    needs: ['ip'],
    run: async (found) => {
      const { name, closed, visible } = found.agent ?? (await found.wecom.directory.agent());
      if (closed)
        throw new BotError('setup.agent-closed', 'setup', {
          meaning: '应用在管理后台被停用了。',
          advice: '请管理员到后台启用它。',
        });
      return `${name}，可见 ${visible.users.length} 人、${visible.departments.length} 个部门`;
    },
  },
  {
    id: 'rule-groups',
    title: '规则组',
    needs: ['ip'],
    run: async (found) => {
      const ids = await found.wecom.ruleGroups.list();
      found.ruleGroups = await Promise.all(ids.map((id) => found.wecom.ruleGroups.get(id).catch(withheld(id))));
      found.ofRuleGroups = await tagsOf(found.wecom, 'rule-groups');
      const readAt = found.libraryReadAt?.();
      const age = readAt === undefined ? '' : `；标签是 ${Math.round((found.now() - readAt) / 1000)} 秒前读的`;
      if (ids.length === 0) return '还没有由本应用新建的，成员在企业标签里工作；要用就在聊天里发「规则组 新建」';
      return `${ids.length} 个${age}`;
    },
  },
  {
    id: 'corp-tags',
    title: '企业标签',
    needs: ['ip'],
    run: async (found) => {
      found.ofCorp = await tagsOf(found.wecom, 'corp');
      return `读得到，${found.ofCorp.tags} 个`;
    },
  },
  {
    id: 'admins',
    title: '管理员',
    needs: ['agent', 'rule-groups'],
    first: ({ config }) => {
      if (config.access.botAdmins.length > 0) return;
      const [where, what] =
        config.app === 'self-built' ? ['BOT_ADMINS', '写上'] : ['管理员', '在 suites 的 corps 里写上'];
      throw new BotError('setup.no-admin', 'user', {
        meaning: `${where} 是空的，没有人能新建规则组。`,
        advice: `请${what}管理员的 userid（在聊天里发「我」可以看到）后重启。`,
      });
    },
    run: admins,
  },
  {
    id: 'default-library',
    title: '默认的标签库',
    needs: ['rule-groups'],
    run: async ({ config: { defaultStrategyId: id }, ruleGroups = [] }) => {
      if (id === undefined && ruleGroups.length === 0) return '没有设，也没有规则组：在企业标签里工作';
      if (id === undefined) return ruleGroups.length > 1 ? '没有设，成员要先选一个' : '没有设，用唯一的那个';
      if (id === 'corp') return '企业标签';
      const chosen = ruleGroups.find((each) => each.id === id);
      if (chosen !== undefined) return `${chosen.name}（编号 ${id}）`;
      throw new BotError('setup.no-default', 'setup', {
        meaning: `DEFAULT_STRATEGY_ID 是 ${id}，本应用没有这个规则组。`,
        advice: listed(ruleGroups),
      });
    },
  },
  { id: 'callback', title: '回调', needs: ['store'], run: callback },
  {
    id: 'menu',
    title: '菜单',
    needs: ['agent'],
    run: async ({ menu, config }) => {
      if (config.app === 'third-party') return '第三方应用没有菜单接口，不用发布';
      const differences = await menu();
      return differences.length === 0
        ? '已发布'
        : `和这个版本的有 ${differences.length} 处不同，用 menu --publish 发布`;
    },
  },
  {
    id: 'push',
    title: '推送',
    needs: ['agent'],
    run: async ({ agent }) => {
      const { users = [], departments = [], tags = 0 } = agent?.visible ?? {};
      if (users.length + departments.length + tags > 0) return '可以发给可见范围里的成员（没有真的发）';
      throw new BotError('setup.nobody', 'setup', {
        meaning: '应用的可见范围是空的，没有人能用它。',
        advice: '请在管理后台的应用详情里加上成员或部门。',
      });
    },
  },
  {
    id: 'quota',
    title: '用量',
    needs: ['rule-groups', 'corp-tags'],
    run: async ({ ofCorp = NONE, ofRuleGroups = NONE }) => {
      const groups = ofCorp.groups + ofRuleGroups.groups;
      const tags = ofCorp.tags + ofRuleGroups.tags;
      if (tags < TAG_QUOTA) return `${groups} 个标签组，${tags} 个标签（上限 ${TAG_QUOTA}，企业标签和规则组标签共用）`;
      throw new BotError('setup.quota', 'setup', {
        meaning: `标签有 ${tags} 个，到了上限（${TAG_QUOTA}）。`,
        advice: '请清理不用的标签，之后才能再加。',
      });
    },
  },
];

const NOT_FROM_HERE = 60020;

/** One finding after the other; never throws. */
export function diagnose(surroundings: Surroundings, reader: { readonly admin: boolean }): AsyncGenerator<Finding> {
  const { now } = surroundings;
  return runChecks(CHECKS, { ...surroundings }, () => ({ ...reader, now: now() }));
}

/** Throws BotError `clock.off` when the clocks are so far apart that callbacks are about to be refused. */
export function assertClock(aheadMs: number | undefined): void {
  if (aheadMs === undefined || Math.abs(aheadMs) <= CLOCK_TOLERANCE_MS) return;
  throw new BotError('clock.off', 'setup', {
    facts: {
      minutes: Math.round(Math.abs(aheadMs) / MINUTE_MS),
      way: aheadMs > 0 ? '快' : '慢',
      ahead: Math.round(aheadMs / MINUTE_MS),
    },
  });
}

async function admins({ config, wecom, ruleGroups = [] }: Found): Promise<string> {
  const { access } = config;
  // The default rule group has a check of its own.
  const wrong = await misnamed({ access, defaultStrategyId: undefined }, ruleGroups, wecom.directory.sees);
  if (wrong.length > 0)
    throw new BotError('setup.misnamed', 'setup', {
      meaning: `${wrong.map(({ setting, value, why }) => `${setting} 写的 ${value}：${why}`).join('；')}。`,
      advice: '请改正后重启。',
    });
  const names = await Promise.all(access.botAdmins.map(wecom.directory.name));
  return access.botAdmins.map((userid, i) => (names[i] === userid ? userid : `${names[i]}（${userid}）`)).join('、');
}

async function tagsOf(wecom: Found['wecom'], of: 'corp' | 'rule-groups'): Promise<Counts> {
  const groups = await wecom.tags.list({ of });
  return { groups: groups.length, tags: countTags(groups) };
}

/** The platform may keep a rule group's details to itself; its number is known all the same. */
function withheld(id: number): (error: unknown) => Named {
  return (error) => {
    if (error instanceof BotError && (error.errcode === 60030 || error.errcode === 60011)) return { id, name: '' };
    throw error;
  };
}

/** From the notes that the bot keeps: whether WeCom has ever got through to it, and what became of that last. */
async function callback({ notes = new Map<NoteName, string>(), config, now }: Found): Promise<string> {
  const ago = (ms: number): string => {
    const minutes = Math.max(0, Math.round((now() - ms) / MINUTE_MS));
    if (minutes === 0) return '刚才';
    return minutes < 120
      ? ` ${minutes} 分钟前`
      : minutes < 48 * 60
        ? ` ${Math.round(minutes / 60)} 小时前`
        : ` ${Math.round(minutes / 1440)} 天前`;
  };
  const { verified, taken, refused } = callbacksSeen(notes);
  if (verified === undefined && taken === undefined)
    throw new BotError('setup.callback-never', 'setup', {
      meaning:
        refused === undefined
          ? '企业微信还没有连到过机器人。'
          : `企业微信还没有成功连到过机器人；${ago(refused.at).trimStart()}拒绝了一次请求，原因是 ${refused.reason}。`,
      advice: `请在管理后台的「接收消息」里填 ${config.server.publicUrl ?? 'https://你的域名'}${config.server.callbackPath} 再保存，保存时机器人要在运行；拒绝的原因见 docs/troubleshooting.md。`,
    });
  const parts = [
    ...(verified === undefined ? [] : [`验证在${ago(verified)}`]),
    taken === undefined ? '还没有收到过消息' : `最近一条消息在${ago(taken)}`,
    ...(refused === undefined ? [] : [`最近一次拒绝在${ago(refused.at)}（${refused.reason}）`]),
  ];
  return parts.join('，');
}

function listed(ruleGroups: readonly Named[]): string {
  if (ruleGroups.length === 0) return '还没有由本应用新建的规则组；先不要设它。';
  const shown = ruleGroups.slice(0, 10).map(({ id, name }) => `${id} ${name}`);
  return `有的是：${shown.join('、')}${ruleGroups.length > 10 ? ' 等' : ''}。`;
}

function megabytes(bytes: number): string {
  const mb = bytes / 1024 / 1024;
  return mb < 10_240 ? `${Math.floor(mb)} MB` : `${Math.floor(mb / 1024)} GB`;
}
