/**
 * What the platform's error codes mean to the people who use this bot (doc 90313), and which of them may be repeated.
 *
 * Rows that ask for the same next step stand together. `errcode` decides, never `errmsg`; from errmsg only the caller's
 * IP and the support hint are read.
 */
import { BotError, type ErrorKind } from '../errors.ts';

/**
 * `soon`: the client repeats it itself, with backoff. `refresh`: once, with a new access token.
 * `later`: a window has to pass first, so the member comes back. `never`: pointless until somebody changes something.
 */
export type Retry = 'soon' | 'refresh' | 'later' | 'never';

export interface Refusal {
  readonly kind: ErrorKind;
  readonly retry: Retry;
  readonly meaning: string;
  /** For members when kind is user or busy, for admins otherwise. */
  readonly advice: string;
  /** Instead, where the app is a provider's. */
  readonly providerAdvice?: string | undefined;
}

interface Family {
  readonly kind: ErrorKind;
  readonly retry?: Retry;
  readonly advice: string;
  readonly providerAdvice?: string;
  readonly rows: Readonly<Record<number, string>>;
}

const SHOW_LIST = '请发送「标签 列表」看看现在有哪些，再试一次。';
const CHECK_PERSON = '请核对姓名或账号：要在职，并且在应用的可见范围里。';
const REPORT = '请把错误码 {errcode} 和服务器日志一起报给维护者。';
const FOREIGN = '这个机器人用不到这类接口；请把错误码 {errcode} 和服务器日志一起报给维护者。';
const REWORD = '请换个说法再试。';
const WIDEN = '请在管理后台打开这个应用，把「可见范围」扩大到相关的成员和部门。';
const CREDENTIALS = '请核对 WECOM_CORP_ID 和 WECOM_SECRET（管理后台「我的企业」和应用详情页），改好后重启机器人。';
const AUTHORISE_ANEW = '请企业管理员重新授权；代开发应用也可以在服务商后台点「重新获取 secret」。';
const FIX_MENU = '请按错误提示修改菜单，再发布一次。';
const FIX_DOMAIN = '请在管理后台检查这个应用的可信域名。';
const FIX_CALLBACK = '请在管理后台检查应用的「接收消息」配置：URL、Token、EncodingAESKey。';

const FAMILIES: readonly Family[] = [
  // -- repeat it ------------------------------------------------------------------------------------------------
  {
    kind: 'busy',
    retry: 'soon',
    advice: '请过一会儿再发一次。',
    rows: {
      [-1]: '企业微信现在有点忙。',
      6000: '同一份数据正被别处修改。',
      45033: '同时发给企业微信的请求太多了。',
      45035: '同一批标签正被别处修改。',
    },
  },
  {
    kind: 'busy',
    retry: 'later',
    advice: '请在{wait}再发。',
    rows: {
      45009: '企业微信限制了调用次数，这次没有做。',
      45011: '企业微信觉得调用太频繁，这次没有做。',
      81026: '企业微信的这个功能正在维护。',
    },
  },
  {
    kind: 'token',
    retry: 'refresh',
    advice: '请核对 WECOM_CORP_ID、WECOM_AGENT_ID 和 WECOM_SECRET 属于同一个应用。',
    providerAdvice: AUTHORISE_ANEW,
    rows: { 40014: '企业微信不认机器人的访问凭证。', 42001: '机器人的访问凭证过期了。' },
  },

  // -- providers: 代开发 and 第三方 -----------------------------------------------------------------------------------
  {
    kind: 'token',
    retry: 'refresh',
    advice: '请稍等下一次 suite_ticket（十分钟之内），或者在服务商后台手动推送一次。',
    rows: {
      40082: '服务商应用的凭证（suite_access_token）无效。',
      42009: '服务商应用的凭证（suite_access_token）过期了。',
    },
  },
  {
    kind: 'busy',
    advice: '应用正在等企业微信的凭证，请十分钟之后再发。',
    rows: { 40085: '企业微信不认服务商应用的 suite_ticket。' },
  },
  {
    kind: 'setup',
    advice: '请核对配置里 suites 的 suiteId 和 suiteSecret，要出自服务商后台的同一个应用或模板。',
    rows: { 40080: '服务商应用的 suite_secret 不对。', 40083: '没有这个 suite_id。' },
  },
  {
    kind: 'setup',
    advice: AUTHORISE_ANEW,
    rows: {
      40078: '临时授权码无效、用过了，或者过了 10 分钟。',
      40084: '永久授权码无效，多半是企业取消了授权。',
    },
  },

  // -- credentials and rights: an admin's work --------------------------------------------------------------------
  {
    kind: 'setup',
    advice: CREDENTIALS,
    providerAdvice: AUTHORISE_ANEW,
    rows: {
      40001: '应用的密钥（Secret）不对，或者应用已停用。',
      40013: '企业 ID（CorpID）不对。',
      40091: '密钥（Secret）不属于这家企业。',
      41002: '机器人没有填企业 ID（CorpID）。',
      41004: '机器人没有填密钥（Secret）。',
    },
  },
  {
    kind: 'setup',
    advice: '请在管理后台重置这个应用的 Secret，填进 WECOM_SECRET，再重启机器人。',
    rows: { 45031: '密钥（Secret）太弱，企业微信要求重置。' },
  },
  {
    kind: 'setup',
    advice: '请核对 WECOM_AGENT_ID：要和 WECOM_SECRET 出自同一个应用的详情页。',
    rows: {
      40056: '应用编号（AgentId）不对，或应用不存在。',
      41011: '机器人没有填应用编号（AgentId）。',
      92003: '应用编号和密钥不是同一个应用的。',
      301002: '应用编号和密钥不是同一个应用的。',
    },
  },
  {
    kind: 'setup',
    advice: '请在管理后台「应用管理」里打开这个应用，把它启用。',
    rows: {
      48006: '应用太久没用，接口权限被收回了。',
      50003: '应用被停用了。',
      50006: '相关的系统应用被停用了。',
      60031: '应用被禁止调用接口。',
    },
  },
  {
    kind: 'setup',
    advice: '请联系企业微信客服，确认企业的状态。',
    rows: {
      43009: '企业还没有完成主体验证。',
      45024: '企业的账号数到了上限。',
      48001: '企业没有开通这个接口。',
      48004: '企业的授权关系已经失效。',
      301007: '企业已解散或被封停。',
    },
  },
  {
    kind: 'setup',
    advice: '请在管理后台打开这个应用的「企业可信IP」，加入 {ip}，约 1 分钟后生效，然后重发。',
    providerAdvice: '请在服务商后台「服务商信息 → 基本信息」的 IP 白名单里加入 {ip}，约 1 分钟后生效，然后重发。',
    rows: {
      60020: '企业微信不接受这台服务器的 IP。',
      301042: '企业微信不接受这台服务器的 IP。',
    },
  },
  {
    kind: 'setup',
    advice: '请在管理后台「客户与上下游 → 客户联系 → 可调用接口的应用」里加上这个应用，然后重发。',
    providerAdvice: '请在服务商后台给应用申请「管理企业客户标签」和「管理客户联系规则组」，企业管理员同意后重发。',
    rows: {
      48002: '这个应用还没有权限管理客户标签。',
      84074: '应用没有客户联系的权限。',
    },
  },
  {
    kind: 'setup',
    advice: '请让应用的「可见范围」包含整个规则组的成员；只有本应用建的规则组能改。',
    rows: { 60030: '这个规则组超出了应用的可见范围。' },
  },
  {
    kind: 'setup',
    advice: WIDEN,
    rows: {
      50002: '这位成员不在应用的可见范围里。',
      60011: '成员、部门或标签不在应用的可见范围里。',
      60021: '这位成员不在应用的可见范围里。',
      81013: '这位成员收不到应用的消息：不在可见范围里。',
      92000: '这位成员不在应用的可见范围里。',
      92001: '应用没有读取敏感信息的权限。',
    },
  },
  {
    kind: 'setup',
    advice: FIX_CALLBACK,
    rows: {
      40057: '回调地址不合要求，或没有通过验证。',
      43012: '应用没有配置接收消息，发不了卡片。',
      85009: '应用的资料没有填完整。',
      85010: '回调参数不合要求。',
      85011: '回调地址没有通过验证。',
    },
  },
  {
    kind: 'setup',
    advice: '请给这位成员分配接口许可。',
    rows: { 701008: '这位成员没有接口许可。' },
  },
  {
    kind: 'setup',
    advice: '请让这位成员登录企业微信并完成实名。',
    rows: { 40098: '这位成员没有实名。', 41054: '这位成员还没有激活。', 43004: '这位成员没有关注微信插件。' },
  },
  {
    kind: 'setup',
    advice: FIX_DOMAIN,
    rows: {
      50001: '网页地址不在可信域名里。',
      80001: '可信域名不对，或没有备案。',
      85004: '这个月修改可信域名的次数用完了。',
      85005: '可信域名没有通过归属验证。',
      85007: 'IP 地址的写法不对。',
      85008: '可信域名的备案没有通过。',
      85111: '可信域名属于别的服务商。',
    },
  },

  // -- tags and rule groups: the member's next try ----------------------------------------------------------------
  {
    kind: 'user',
    advice: '请换一个名字，或者直接用已有的那个。',
    rows: { 40071: '这个名字已经有了。' },
  },
  {
    kind: 'user',
    advice: '请用 1 到 30 个字的名字。',
    rows: { 40072: '名字是空的，或者太长了。', 41018: '没有写标签的名字。' },
  },
  {
    kind: 'user',
    advice: '请先删掉不用的标签；企业标签和规则组标签合起来最多 10,000 个。',
    rows: { 40126: '企业的客户标签已经到了上限。' },
  },
  {
    kind: 'user',
    advice: SHOW_LIST,
    rows: {
      40068: '标签或标签组不存在，或者不是这个应用建的。',
      41017: '没有说是哪个标签。',
      60136: '要找的内容已经不在了。',
      81011: '这个标签不是本应用建的，改不了。',
    },
  },
  {
    kind: 'user',
    advice: REWORD,
    rows: {
      40127: '链接的类型不被允许。',
      40201: '内容被企业微信当作垃圾信息拦下了。',
      40204: '内容被微信当作垃圾信息拦下了。',
      82004: '内容里有可能让手机出错的字符。',
      85002: '名字里有不合规的词。',
    },
  },
  {
    kind: 'user',
    advice: '请分成几次来做。',
    rows: {
      40032: '一次写的成员太多了。',
      40206: '一次写的内容太多了。',
      45029: '要看的内容太多，企业微信没有返回。',
      81003: '范围里的人和部门太多了。',
      81017: '一次写的数量太多了。',
      82002: '一次写的部门太多了。',
      82003: '一次写的标签太多了。',
    },
  },
  {
    kind: 'user',
    advice: CHECK_PERSON,
    rows: {
      40003: '找不到这位成员。',
      40031: '有的成员找不到。',
      46004: '找不到这位成员。',
      60111: '找不到这位成员，可能已离职或不可见。',
      60112: '成员的姓名不合要求。',
      301021: '有的成员不在通讯录里。',
    },
  },
  {
    kind: 'user',
    advice: '请核对部门的名字或编号。',
    rows: {
      40066: '有的部门找不到。',
      40070: '写的成员和部门都找不到。',
      60003: '找不到这个部门。',
      60123: '部门的编号不对。',
    },
  },
  {
    kind: 'user',
    advice: '请核对客户和跟进人。',
    rows: {
      40096: '找不到这位客户，或跟进人不在可见范围里。',
      41035: '没有说是哪位客户。',
      41056: '客户的编号不对。',
      84061: '这位成员没有添加过这位客户。',
      84083: '这位成员不是服务人员。',
      84084: '这位成员不是客户的跟进人。',
    },
  },
  {
    kind: 'user',
    advice: '请再发一次命令，会给出新的卡片。',
    rows: {
      42016: '这张卡片已经不在了。',
      60140: '这张卡片已经用过，或超过了 72 小时。',
      82102: '这张卡片不是发给这位成员的。',
    },
  },
  {
    kind: 'user',
    advice: '请把文件改小，再发一次。',
    rows: {
      40006: '文件的大小不合要求。',
      40009: '图片的大小不合要求。',
      40011: '视频的大小不合要求。',
      45001: '文件太大了。',
      45007: '语音超过了 60 秒。',
    },
  },

  // -- the app menu ---------------------------------------------------------------------------------------------
  {
    kind: 'setup',
    advice: FIX_MENU,
    rows: {
      40016: '一级菜单要有 1 到 3 个。',
      40017: '菜单按钮的类型不支持。',
      40018: '一级菜单的名字超过了 16 字节。',
      40019: '菜单的 key 超过了 128 字节。',
      40020: '菜单的网址超过了 1024 字节。',
      40022: '菜单最多两级。',
      40023: '二级菜单要有 1 到 5 个。',
      40024: '二级菜单的类型不支持。',
      40025: '二级菜单名字的长度不合要求。',
      40026: '二级菜单 key 的长度不合要求。',
      40027: '二级菜单的网址太长。',
      40054: '二级菜单网址的域名不可信。',
      40055: '菜单网址的域名不可信。',
      41102: '菜单没有写名字。',
    },
  },
  {
    kind: 'setup',
    advice: '请先发送「菜单 发布」，或在服务器上运行 menu 命令。',
    rows: { 46003: '这个应用还没有发布过菜单。' },
  },

  // -- what this program sent was not right -------------------------------------------------------------------------
  {
    kind: 'bug',
    advice: REPORT,
    rows: {
      40033: '请求里有企业微信不接受的字符。',
      40035: '请求的参数不对。',
      40058: '请求的参数不合要求。',
      40063: '请求少了必填的参数。',
      40039: '网址超过了 1024 字节。',
      40094: '网址没有写 http 或 https。',
      41001: '请求没有带访问凭证。',
      41009: '请求没有写成员。',
      41010: '请求没有写网址。',
      45034: '网址没有写 http 或 https。',
      48005: '这个接口已经下线。',
      50100: '翻页的位置失效了。',
    },
  },
  {
    kind: 'bug',
    advice: REPORT,
    rows: {
      40004: '文件的类型不被接受。',
      40005: '上传时写的类型不对。',
      40007: '上传的文件已过期（3 天）或不能用。',
      40008: '消息的类型不支持。',
      40074: '这种图文消息不能保密。',
      40123: '图片损坏或格式不对。',
      41006: '消息没有带文件。',
      41016: '消息没有写标题。',
      41033: '消息没有写说明。',
      42052: '消息超过 24 小时，撤不回了。',
      44001: '上传的文件是空的。',
      44004: '消息是空的。',
      45002: '消息太长了。',
      45004: '应用介绍的长度不合要求。',
      45008: '图文消息超过了 8 条。',
      45022: '应用名字的长度不合要求。',
      45032: '图文消息的作者名太长。',
      81012: '消息没有写发给谁。',
      82001: '消息没有写发给谁。',
    },
  },
  {
    kind: 'bug',
    advice: REPORT,
    rows: {
      42014: '卡片的编号不合要求。',
      42015: '卡片不是这个应用发的。',
      42017: '卡片上没有这个按钮。',
      42018: '卡片按钮的 key 不合要求。',
      42019: '卡片按钮没有 key。',
      42020: '卡片按钮没有名字。',
      42027: '卡片的关键信息没有写名目。',
      42028: '卡片少了网址。',
      42029: '卡片的附件没有编号。',
      42030: '卡片少了小程序编号。',
      42031: '卡片的种类不对。',
      42033: '卡片的条目没有标题。',
      42035: '卡片的关键信息超过了 6 条。',
      42036: '卡片的内容超过了 4 条。',
      42037: '卡片选项的个数不合要求。',
      42038: '卡片按钮的文字不合要求。',
      42039: '卡片按钮的 key 不合要求。',
      42040: '卡片选项的编号不合要求。',
      42041: '卡片选项的文字不合要求。',
      42042: '卡片的跳转超过了 3 个。',
      42043: '卡片的问题编号不合要求。',
      42044: '卡片的图片地址不合要求。',
      42045: '卡片少了点击后的去处。',
      42046: '卡片提交按钮的 key 不合要求。',
      42047: '卡片的下拉框超过了 3 个。',
      42049: '卡片提交按钮的文字不合要求。',
      42050: '卡片里的成员账号不合要求。',
      42051: '卡片右上角菜单的 key 重复了。',
      82101: '更新卡片时没有写给谁。',
    },
  },

  // -- calls this bot never makes; named so that a log line is never a bare number ------------------------------------
  {
    kind: 'bug',
    advice: FOREIGN,
    rows: {
      40029: '网页登录的 code 无效。',
      40077: '预授权码无效。',
      40088: '异步任务不存在。',
      40089: '异步任务的结果已清理。',
      40093: '网页签名不对。',
      40125: '第三方的成员编号无效。',
      40073: 'openid 不存在。',
      41008: '没有带授权码。',
      41021: '没有带套件编号。',
      41022: '没有带套件凭证。',
      41023: '没有带套件 ticket。',
      41025: '没有带永久授权码。',
      41050: '欢迎语的 code 失效。',
      41053: '客户没有同意聊天存档。',
      41096: '欢迎语已经在发送。',
      42003: '网页登录的 code 过期。',
      42007: '预授权码过期。',
      42012: '网页的 ticket 不可用。',
      42022: 'code 已经用过。',
      48003: '套件和凭证不匹配。',
      48007: '客服账号没有授权给应用。',
      48008: '通讯录的授权不含这个接口。',
      48009: '通讯录同步助手不能再读详情。',
      49004: '签名不匹配。',
      60028: '第三方应用的主页不能改。',
      60206: '这种消息只给第三方应用用。',
      60208: '第三方应用不能群发。',
      84014: '成员票据过期。',
      84015: '成员票据无效。',
      84071: '外部联系人授权码无效。',
      91040: 'ticket 的类型不对。',
      92002: '不能跨企业调用。',
    },
  },
  {
    kind: 'bug',
    advice: FOREIGN,
    rows: {
      40050: '群聊不存在。',
      86001: '群聊编号不合要求。',
      86003: '群聊编号不存在。',
      86004: '群聊的名字不合要求。',
      86005: '群主不合要求。',
      86006: '群成员太多或太少。',
      86007: '群成员不合要求。',
      86008: '群聊是别的应用建的。',
      86101: '只有群主能做。',
      86215: '会话编号已存在。',
      86216: '会话成员不合要求。',
      86217: '发送者不在会话里。',
      86220: '会话参数不合要求。',
      90201: '小程序通知超过了 10 条。',
      90206: '小程序没有关联到企业。',
      90207: '小程序编号不合要求。',
      90208: '小程序编号不匹配。',
      90500: '群主没有离职。',
      90501: '不是客户群。',
      90502: '群主已离职。',
      93000: '群机器人的地址不对，或已被移出群。',
      93004: '群机器人被停用。',
      93006: '群编号不合要求。',
      93008: '群机器人不在群里。',
      400010: '解除限制用的编号无效。',
      400011: '这次限制已经过去。',
      400012: '这次限制不能自助解除。',
      400013: '自助解除限制的次数用完。',
      846605: '智能机器人的回复编号无效。',
      846608: '智能机器人的消息不能再更新。',
      853000: '智能机器人的凭证不对。',
    },
  },
];

const TABLE: ReadonlyMap<number, Refusal> = new Map(
  FAMILIES.flatMap(({ kind, retry = 'never', advice, providerAdvice, rows }) =>
    Object.entries(rows).map(
      ([errcode, meaning]) => [Number(errcode), { kind, retry, meaning, advice, providerAdvice }] as const,
    ),
  ),
);

/** Of a code that has no row. */
export const UNKNOWN: Refusal = {
  kind: 'bug',
  retry: 'never',
  meaning: '企业微信没有接受这一步（错误码 {errcode}）。',
  advice: REPORT,
};

/** What an errcode other than 0 means; unknown ones are never repeated. */
export function refusalOf(errcode: number): Refusal {
  return TABLE.get(errcode) ?? UNKNOWN;
}

/** A block lasts one window; errmsg does not say which, and the shortest is a minute (doc 90312). */
const RATE_WINDOW_MS = 60_000;

/**
 * The error for a refusal by the platform, code `wecom.<errcode>`, with the facts that the sentence needs:
 * `ip` (60020), `retryAt` in ms (45009 and its like), and for the log `hint` and what the platform said.
 */
export function refused(
  errcode: number,
  answer: { readonly path: string; readonly errmsg: string; readonly now: number; readonly ofProvider?: boolean },
): BotError {
  const { kind, retry, meaning, providerAdvice, ...refusal } = refusalOf(errcode);
  const advice = (answer.ofProvider === true ? providerAdvice : undefined) ?? refusal.advice;
  const facts: Record<string, string | number> = { path: answer.path };
  const ip = /from ip:\s*([0-9a-f.:]*[0-9a-f])/i.exec(answer.errmsg)?.[1];
  const hint = /hint:\s*\[([\w-]{1,80})\]/.exec(answer.errmsg)?.[1];
  if (ip !== undefined) facts.ip = ip;
  if (hint !== undefined) facts.hint = hint;
  const said = forLog(answer.errmsg);
  if (said !== '') facts.said = said;
  if (retry === 'later') facts.retryAt = answer.now + RATE_WINDOW_MS;
  return new BotError(`wecom.${errcode}`, kind, { errcode, facts, meaning, advice });
}

/** The first part of errmsg, for support: without what could be a name, an id or a token should it ever quote one. */
function forLog(errmsg: string): string {
  const [first = ''] = errmsg.split(/,?\s*hint:/);
  return first
    .replace(/[^\x20-\x7e]+|[\w-]{24,}/g, '…')
    .slice(0, 120)
    .trim();
}
