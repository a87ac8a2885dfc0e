/**
 * The one kind of failure the program knows, and what each means to a member and to the operator.
 *
 * Codes are stable and never reused. `wecom.<errcode>` is a refusal by the platform: the sentence travels with the error
 * (wecom/errcodes.ts writes it). All other codes have their sentence in the catalogue below.
 */

/**
 * The kind alone decides sentence, log level and retry:
 * `user` the member's input or right; `busy` the platform wants a pause; `token` credentials; `unknown-outcome` a write
 * whose effect is not known; `setup` something an admin must configure; `callback` a refused callback; `bug` ours.
 */
export type ErrorKind = 'user' | 'busy' | 'token' | 'unknown-outcome' | 'setup' | 'callback' | 'bug';

export type Facts = Readonly<Record<string, string | number>>;

export class BotError extends Error {
  override readonly name = 'BotError';
  /** A code of the catalogue, stable, never reused: `wecom.40071`, `callback.signature`, `api.timeout` … */
  readonly code: string;
  readonly kind: ErrorKind;
  /** WeCom's errcode when the platform answered with one. */
  readonly errcode: number | undefined;
  /** Facts for the log and the sentence (egress IP, path, count); never a secret, a token or a message text. */
  readonly facts: Facts;
  /** What happened, in Chinese, when the catalogue below does not say it. May hold {placeholders} of facts. */
  readonly meaning: string | undefined;
  /** The next step, in Chinese, for those who can take it: members for `user` and `busy`, admins otherwise. */
  readonly advice: string | undefined;
  /** What whoever runs the bot is told instead of the advice; may hold {placeholders} of facts. */
  readonly operator: OperatorsView | undefined;

  constructor(
    code: string,
    kind: ErrorKind,
    options: {
      errcode?: number;
      facts?: Record<string, string | number>;
      cause?: unknown;
      message?: string;
      meaning?: string;
      advice?: string;
      operator?: OperatorsView | undefined;
    } = {},
  ) {
    super(options.message ?? code, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = kind;
    this.errcode = options.errcode;
    this.facts = options.facts ?? {};
    this.meaning = options.meaning;
    this.advice = options.advice;
    this.operator = options.operator;
  }
}

/** Why something does not work and what to do about it, in Chinese, with addresses and numbers; for admins only. */
export interface OperatorsView {
  readonly cause: string;
  readonly step: string;
}

export interface Explanation {
  /** What happened; one sentence, ends with 。 */
  readonly sentence: string;
  /** What to do next; one sentence, ends with 。 */
  readonly advice: string;
}

export interface Audience {
  /** Admins see what must be configured, with addresses and numbers; others are sent to an admin. */
  readonly admin: boolean;
  /** ms, for "in about n minutes". */
  readonly now?: number;
  /** Shows a moment (ms) as a member reads it, e.g. 10:32. */
  readonly time?: (ms: number) => string;
}

interface Entry {
  readonly sentence: string;
  readonly advice: string;
  readonly operator?: OperatorsView;
}

const AGAIN_SOON = '请过一会儿再发一次。';
const TELL_ADMIN = '请联系管理员，并把这句话转给他。';
const LOOK_FIRST = '请先看一下列表里是否已经变了，再决定要不要重发。';
const READ_LOG = '请查看服务器日志；问题一直在就把错误码 {code} 报给维护者。';

/** Our own codes. The part before the dot says who speaks: api (the way to the platform), store, callback. */
const CATALOGUE: Readonly<Record<string, Entry>> = {
  'api.unreachable': {
    sentence: '现在连不上企业微信，这一步没有做。',
    advice: '请过一会儿再发一次；一直这样的话，请管理员检查服务器网络。',
  },
  'api.proxy': {
    sentence: '现在连不上企业微信，这一步没有做。',
    advice: '请过一会儿再发一次；一直这样的话，请管理员检查服务器网络。',
  },
  'api.timeout': { sentence: '企业微信太久没有回应。', advice: AGAIN_SOON },
  'api.broken': { sentence: '和企业微信的连接中途断了。', advice: AGAIN_SOON },
  'api.gateway': { sentence: '企业微信的服务器暂时出错（HTTP {status}）。', advice: AGAIN_SOON },
  'api.stopped': { sentence: '机器人正在重启，这一步没有做。', advice: '请一分钟后再发一次。' },
  'api.not-json': { sentence: '企业微信的回答读不懂，可能是中间的网络设备插了话。', advice: AGAIN_SOON },
  'api.wrong-shape': { sentence: '企业微信的回答缺了该有的内容，我没有采用它。', advice: READ_LOG },
  'api.too-large': { sentence: '企业微信的回答太大，我没有采用它。', advice: READ_LOG },
  'api.http-status': {
    sentence: '请求没有到达企业微信的接口（HTTP {status}）。',
    advice: '请检查 WECOM_API_BASE_URL：要用 https，路径不要多写。',
  },
  'api.unknown-outcome': { sentence: '请求发出后没等到回答，不确定有没有生效；我不会自动重做。', advice: LOOK_FIRST },
  'clock.off': {
    sentence: '服务器的时钟不对，企业微信的消息会被当成过期的。',
    advice: TELL_ADMIN,
    operator: {
      cause: '服务器的时钟比企业微信{way} {minutes} 分钟；差到 10 分钟，所有消息都会被当成过期的拒绝。',
      step: '请在服务器上打开时间同步（timedatectl set-ntp true）。',
    },
  },
  'store.unavailable': storeEntry('记录库用不了（{reason}）。', '请检查 DATABASE_URL、磁盘空间和权限。'),
  'store.url': storeEntry('DATABASE_URL 写法不对。', '要写成 file:路径 或 postgres://用户:密码@主机/库名。'),
  'store.unreachable': storeEntry(
    '打不开数据库（{reason}）。',
    '文件：看路径对不对、目录在不在；服务器：看 DATABASE_URL 的主机和端口、它有没有在运行。',
  ),
  'store.login': storeEntry('数据库服务器不认这个用户或密码（{reason}）。', '请核对 DATABASE_URL 里的用户和密码。'),
  'store.no-database': storeEntry(
    '数据库服务器上没有这个库（{reason}）。',
    '请先建库，或者核对 DATABASE_URL 里的库名。',
  ),
  'store.no-rights': storeEntry(
    '没有权限读写记录库（{reason}）。',
    '文件和目录要属于运行机器人的用户；PostgreSQL 的用户要能建表和写表。',
  ),
  'store.full': storeEntry('放记录库的磁盘满了（{reason}）。', '请腾出空间；之后不用重启。'),
  'store.readonly': storeEntry(
    '记录库只能读不能写（{reason}）。',
    '请看文件系统是不是只读挂载、文件权限，或者数据库是不是只读副本。',
  ),
  'store.corrupt': storeEntry(
    '记录库的文件坏了，或者根本不是数据库。',
    '请核对 DATABASE_URL；真是它坏了就用备份恢复。',
  ),
  'store.foreign': storeEntry('DATABASE_URL 指的是别的程序的数据库，没有动它。', '请换一个文件名。'),
  'store.absent': storeEntry('没有这个数据库文件。', '请核对 DATABASE_URL；还没有启动过机器人的话，先启动一次。'),
  'store.replaced': storeEntry(
    '数据库文件在运行中被删掉或换掉了，再写就会丢，所以停止了所有改动。',
    '请把原来的文件移回去；要用现在这个文件的话，重启机器人。',
  ),
  'store.newer': storeEntry(
    '数据库是更新的版本写的（第 {found} 版，这个程序认识到第 {known} 版）。',
    '请用新版本的程序，或者恢复升级前的备份。',
  ),
  'store.outgrown': storeEntry(
    '数据库已经被新版本升级了，这个程序还是旧的。',
    '请把它换成新版本，或者恢复升级前的备份。',
  ),
  'store.older': storeEntry(
    '数据库还是旧的（第 {found} 版，这个程序用第 {known} 版）。',
    '启动一次新版本的机器人就会升级。',
  ),
  'store.locked': storeEntry(
    '另一个进程正在用这个文件服务同一个企业。',
    '请停掉它；要几个副本一起运行，用 PostgreSQL。',
  ),
  'store.busy': storeEntry('记录库被别的程序占着（{reason}）。', '请过一会儿再试；一直这样就看看是谁开着它。'),
  'store.turn': { sentence: '前面的操作还没做完，这一条没有轮到，什么都没有改。', advice: '请过一会儿再发。' },
  'change.cut-off': {
    sentence: '做到一半，和记录库的连接断了；为了不和别人的改动撞上，后面的没有做。',
    advice: '请把没做的再发一次。',
  },
  'store.taken': { sentence: '这条消息已经在处理了。', advice: '请等它的结果，不用重发。' },
  'media.size': { sentence: '文件的大小不合适（要大于 5 字节，不超过 20 MB）。', advice: '请缩小范围后再导出。' },
};

/** For codes the catalogue does not list. */
const BY_KIND: Readonly<Record<ErrorKind, Entry>> = {
  user: { sentence: '这一步做不了。', advice: '请发送「帮助」看看可以怎么说。' },
  busy: { sentence: '现在太忙，这一步没有做。', advice: AGAIN_SOON },
  token: { sentence: '企业微信没有认出这个应用的凭证。', advice: '请核对 WECOM_CORP_ID 和 WECOM_SECRET。' },
  'unknown-outcome': { sentence: '不确定这一步有没有生效；我不会自动重做。', advice: LOOK_FIRST },
  setup: { sentence: '机器人还没有配置好，这一步做不了。', advice: '请在服务器上运行 doctor 命令看看缺什么。' },
  callback: { sentence: '收到的请求没有通过检查。', advice: '请检查回调配置的 Token 和 EncodingAESKey。' },
  bug: { sentence: '机器人内部出错了，这一步可能没有做完。', advice: READ_LOG },
};

function storeEntry(cause: string, step: string): Entry {
  return { sentence: '机器人的记录库现在用不了，所以什么都没有改。', advice: AGAIN_SOON, operator: { cause, step } };
}

const BY_PREFIX: readonly (readonly [prefix: string, entry: Entry])[] = [
  ['store.', CATALOGUE['store.unavailable'] as Entry],
];

/** What the log calls an error. */
export function codeOf(error: unknown): string {
  return error instanceof BotError ? error.code : 'bug.unexpected';
}

/**
 * The sentence and next step for any error, in Chinese, for one kind of reader.
 * What only an admin can mend (`setup`, `token`, `bug`) is explained to others without addresses and numbers.
 */
export function explain(error: unknown, audience: Audience): Explanation {
  const known = asKnown(error);
  const entry = entryOf(known);
  const operator = audience.admin ? operatorsView(known, entry) : undefined;
  const adminsWork =
    known.kind === 'setup' || known.kind === 'token' || known.kind === 'bug' || known.kind === 'callback';
  const advice =
    operator === undefined
      ? adminsWork && !audience.admin
        ? TELL_ADMIN
        : (known.advice ?? entry.advice)
      : `${operator.cause}${operator.step}`;
  const words = wordsFor(known, audience);
  return { sentence: fill(known.meaning ?? entry.sentence, words), advice: fill(advice, words) };
}

/** The same for a check list: the cause alone where there is one, without what it means to a message. */
export function explainToOperator(error: unknown, now: number): OperatorsView {
  const known = asKnown(error);
  const entry = entryOf(known);
  const view = operatorsView(known, entry) ?? {
    cause: known.meaning ?? entry.sentence,
    step: known.advice ?? entry.advice,
  };
  const words = wordsFor(known, { admin: true, now });
  return { cause: fill(view.cause, words), step: fill(view.step, words) };
}

function asKnown(error: unknown): BotError {
  return error instanceof BotError ? error : new BotError('bug.unexpected', 'bug');
}

function entryOf(known: BotError): Entry {
  return (
    CATALOGUE[known.code] ?? BY_PREFIX.find(([prefix]) => known.code.startsWith(prefix))?.[1] ?? BY_KIND[known.kind]
  );
}

/** What travels with the error wins over the catalogue. */
function operatorsView(known: BotError, entry: Entry): OperatorsView | undefined {
  return known.operator ?? (known.advice === undefined ? entry.operator : undefined);
}

function wordsFor(known: BotError, audience: Audience): Facts {
  return {
    reason: known.code,
    ...known.facts,
    code: known.code,
    errcode: known.errcode ?? '',
    wait: waitingTime(known.facts, audience),
  };
}

/** 「约 2 分钟后」 or 「10:32 之后」, from the fact `retryAt` (ms); a minute when nothing better is known. */
function waitingTime(facts: Facts, audience: Audience): string {
  const { retryAt } = facts;
  if (typeof retryAt === 'number' && audience.time !== undefined) return ` ${audience.time(retryAt)} 之后`;
  if (typeof retryAt === 'number' && audience.now !== undefined) {
    return `约 ${Math.max(1, Math.ceil((retryAt - audience.now) / 60_000))} 分钟后`;
  }
  return '约 1 分钟后';
}

/** {name} → the fact of that name; an unknown one becomes 未知, so that no brace ever reaches a member. */
function fill(template: string, words: Facts): string {
  return template.replace(/\{(\w+)\}/g, (_, word: string) =>
    Object.hasOwn(words, word) ? String(words[word]) : '未知',
  );
}
