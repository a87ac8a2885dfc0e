/**
 * The one list of all settings, and the only place to add one: its place in the tree is its place in the file and in
 * Config; its name in the environment, what it must look like, its default and its line of docs/configuration.md stand
 * beside it. The checks are written by hand: a schema library would take longer to load than the whole program.
 */

import { LOG_LEVELS, type LogLevel } from '../log.ts';
import type { ReplyFormat } from '../message.ts';
import {
  apiUrl,
  callbackPath,
  flag,
  host,
  hosts,
  integer,
  library,
  matching,
  oneOf,
  proxyUrl,
  roles,
  timeZone,
  USUAL_ZONE,
  userids,
  webUrl,
} from './checks.ts';
import { corpId, credentialKeys, credentialText, encodingAesKey, secret, token } from './credentials.ts';
import { credential, listInFile, optional, type Placed, placed, setting, type Values } from './setting.ts';

export const SETTINGS = {
  wecom: {
    corpId: credential('WECOM_CORP_ID', '企业 ID，「我的企业」最下面', credentialText(corpId)),
    agentId: credential('WECOM_AGENT_ID', '应用详情页上的 AgentId，是个数字', credentialText(integer(1, 2 ** 31 - 1))),
    secret: credential('WECOM_SECRET', '应用详情页上的 Secret', credentialText(secret)),
    token: credential('WECOM_TOKEN', '「接收消息」里的 Token，1 到 32 个字母或数字', credentialText(token)),
    encodingAesKey: credential(
      'WECOM_ENCODING_AES_KEY',
      '「接收消息」里的 EncodingAESKey，正好 43 个字母或数字',
      credentialText(encodingAesKey),
    ),
    apiBaseUrl: setting(
      'WECOM_API_BASE_URL',
      '企业微信的接口地址；经过出口代理时才改，不带结尾的 `/`',
      apiUrl,
      'https://qyapi.weixin.qq.com',
    ),
    apiAllowHttp: setting(
      'WECOM_API_ALLOW_HTTP',
      '`http://` 的接口地址只能是本机；要不加密地连内网里的代理，写 `true`（Secret 会明文经过网络）',
      flag,
      'false',
    ),
  },
  server: {
    host: setting('HOST', '监听的地址；前面有反向代理时写 `127.0.0.1`', host, '0.0.0.0'),
    port: setting('PORT', '监听的端口；`0` 是任意空闲端口', integer(0, 65_535), '3000'),
    callbackPath: setting(
      'CALLBACK_PATH',
      '回调的路径，要和管理后台填的 URL 一致；大小写、结尾都要一样',
      callbackPath,
      '/wecom/callback',
    ),
    publicUrl: optional('PUBLIC_URL', '手机能打开的本服务网址，不带结尾的 `/`；有它才会发带链接的卡片', webUrl),
  },
  network: {
    proxy: {
      ...optional(
        'HTTPS_PROXY',
        '出公网的代理，`http://主机:端口` 或 `http://用户:密码@主机:端口`；只用于 `https://` 的接口。也认 `https_proxy`',
        proxyUrl,
      ),
      aliases: ['https_proxy'],
    },
    noProxy: {
      ...setting('NO_PROXY', '不经过代理的主机，用逗号分开，`.域名` 包括下级，`*` 是全部。也认 `no_proxy`', hosts, ''),
      aliases: ['no_proxy'],
    },
  },
  operator: {
    host: setting(
      'OPERATOR_HOST',
      '运维端口监听的地址；监控在别的机器上时写内网的地址，不要对公网开放',
      host,
      '127.0.0.1',
    ),
    port: setting(
      'OPERATOR_PORT',
      '运维端口：`/metrics`、`/readyz`、`/healthz`；`0` 是任意空闲端口。同一台机器上有几个机器人时各写各的',
      integer(0, 65_535),
      '9464',
    ),
  },
  databaseUrl: setting(
    'DATABASE_URL',
    '记录存在哪里：`file:路径`（一个进程）或 `postgres://…`（可以几个副本）',
    matching(/^(file:.+|postgres(ql)?:\/\/.+)$/, '要写成 file:路径 或 postgres://…'),
    'file:./data/bot.db',
    true,
  ),
  access: {
    botAdmins: {
      ...setting('BOT_ADMINS', '什么都能做的人，写 userid，用逗号分开；文件里写成列表', userids, ''),
      entries: (list: readonly unknown[]) => userids(list.join(',')),
    },
    readAccess: setting(
      'READ_ACCESS',
      '谁可以查：`everyone` 是应用可见范围里的所有人；`admins` 是只有管理员、规则组负责人和有角色的人',
      oneOf<'everyone' | 'admins'>('everyone', 'admins'),
      'everyone',
    ),
    roles: listInFile('谁在哪个规则组里能做什么，见「谁能做什么」', roles),
  },
  corps: listInFile(
    '几个企业用一个进程：除了上面五项的那个，再有哪些企业，见「几个企业」',
    (list: readonly unknown[]) => list,
  ),
  suites: listInFile('服务商的代开发模板和第三方应用，见 [服务商](provider.md)', (list: readonly unknown[]) => list),
  credentialKeys: {
    ...optional(
      'CREDENTIAL_KEY',
      '服务商才要：把企业的永久授权码和 suite_ticket 加密存放的密钥，32 字节的 base64；换密钥时第二行写旧的。要放在文件里（`CREDENTIAL_KEY_FILE`）',
      credentialKeys,
    ),
    mounted: true,
  },
  defaultStrategyId: {
    ...optional(
      'DEFAULT_STRATEGY_ID',
      '成员没有切换过时在哪里工作：规则组的编号，或者 `corp`（企业标签）；不写就用唯一的规则组，一个也没有就用企业标签，有几个就问。也认 `DEFAULT_LIBRARY`',
      library,
    ),
    aliases: ['DEFAULT_LIBRARY'],
    once: true,
  },
  replyFormat: setting('REPLY_FORMAT', '回答的样子，见下', oneOf<ReplyFormat>('markdown', 'text', 'plain'), 'markdown'),
  timeZone: setting('TIME_ZONE', '所有日期用的时区', timeZone, USUAL_ZONE),
  retentionDays: setting('JOURNAL_RETENTION_DAYS', '消息原文保留多少天；改动的记录一直留着', integer(1, 36_500), '365'),
  logLevel: setting(
    'LOG_LEVEL',
    '`debug`、`info`、`warn`、`error`、`silent`。`info` 给每条消息记一行（谁、听成了什么命令、结果、怎么回答的、用了多少毫秒，不含内容），还有每一次改动和每一个问题；`debug` 另外记重复的消息',
    oneOf<LogLevel>(...LOG_LEVELS),
    'info',
  ),
} as const;

/** The value of every setting, in its place. */
export type Given = Values<typeof SETTINGS>;

/** Every setting with its place in the file, in the order of the documents. */
export const settings: readonly Placed[] = placed(SETTINGS);
