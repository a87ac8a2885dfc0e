/**
 * What a provider asks of the platform for one of its suites: a token for the suite's ticket (doc 90600), the exchange of a
 * code for a permanent one (doc 100776), what a company has granted (doc 100795), who looks after the app there, and the
 * tokens of companies that have installed a 第三方 app.
 */

import { BotError } from '../errors.ts';
import { type Client, createClient, type SendOptions, sending, toJson } from './client.ts';
import { id, isObject, listOrNone, numberOrNone, object, text } from './shape.ts';
import { type AskToken, createTokenSource, readToken, type TokenSource } from './token.ts';

export interface SuiteIdentity {
  readonly suiteId: string;
  readonly suiteSecret: string;
}

/** What a code was exchanged for. */
export interface Exchanged {
  readonly corpId: string;
  readonly corpName: string;
  readonly permanentCode: string;
  /** Userid of whoever has authorised; not always told. */
  readonly installer: string | undefined;
}

export interface Granted {
  readonly corpName: string;
  /** Of the app in the company; undefined while there is none. */
  readonly agentId: number | undefined;
}

/** Of a company that has authorised. */
export interface CompanyCredentials {
  readonly corpId: string;
  readonly permanentCode: string;
}

export interface SuiteApi {
  readonly token: TokenSource;
  /** Works once for a code, within ten minutes. */
  exchange(code: string): Promise<Exchanged>;
  granted(corp: CompanyCredentials): Promise<Granted>;
  /** Userids of those who may manage the app there. */
  admins(corpId: string, agentId: number): Promise<string[]>;
  /** How a company's token is asked for by a 第三方 app. */
  askCorpToken(corp: CompanyCredentials): AskToken;
  close(): void;
}

/** May manage, not only send (doc 90605). */
const MANAGES = 1;

/** `ticket`: the newest one. Throws BotError, whose reader may be a member who waits for it. */
export function createSuiteApi(
  { suiteId, suiteSecret }: SuiteIdentity,
  ticket: () => Promise<string>,
  options: SendOptions,
): SuiteApi {
  const { send, close } = sending({ ...options, ofProvider: true });
  const path = 'service/get_suite_token';
  const asking: AskToken = {
    path,
    ask: async () => {
      const body = toJson({ suite_id: suiteId, suite_secret: suiteSecret, suite_ticket: await ticket() });
      return send({ path, method: 'POST', body, idempotent: true, read: readToken('suite_access_token') });
    },
  };
  const { now, log } = options;
  const token = createTokenSource({ corpId: suiteId, secret: suiteSecret, asking, now, log });
  return { ...callsOf(createClient(send, token, 'suite_access_token')), token, close };
}

function callsOf(client: Client): Omit<SuiteApi, 'token' | 'close'> {
  return {
    exchange: (code) =>
      client.call(
        'service/v2/get_permanent_code',
        { auth_code: code },
        {
          // After a silence it is asked again: if the code was spent, nothing else could save what it stood for.
          idempotent: true,
          read: (answer) => {
            const corp = object(answer.auth_corp_info, 'auth_corp_info');
            const { auth_user_info: user } = answer;
            return {
              corpId: id(corp.corpid, 'corpid'),
              corpName: text(corp.corp_name),
              permanentCode: id(answer.permanent_code, 'permanent_code'),
              installer: (isObject(user) && text(user.userid)) || undefined,
            };
          },
        },
      ),
    granted: ({ corpId, permanentCode }) =>
      client.call(
        'service/v2/get_auth_info',
        { auth_corpid: corpId, permanent_code: permanentCode },
        {
          idempotent: true,
          read: ({ auth_corp_info: corp, auth_info: info }) => {
            const [agent] = isObject(info) ? listOrNone(info.agent, 'agent') : [];
            return {
              corpName: isObject(corp) ? text(corp.corp_name) : '',
              agentId: isObject(agent) ? numberOrNone(agent.agentid) : undefined,
            };
          },
        },
      ),
    admins: (corpId, agentId) =>
      client.call(
        'service/get_admin_list',
        { auth_corpid: corpId, agentid: agentId },
        {
          idempotent: true,
          read: ({ admin }) =>
            listOrNone(admin, 'admin')
              .filter((each) => isObject(each) && numberOrNone(each.auth_type) === MANAGES)
              .map((each) => id(object(each, 'admin').userid, 'userid')),
        },
      ),
    askCorpToken({ corpId, permanentCode }) {
      const path = 'service/get_corp_token';
      const body = { auth_corpid: corpId, permanent_code: permanentCode };
      return { path, ask: () => client.call(path, body, { idempotent: true, read: readToken('access_token') }) };
    },
  };
}

/** Without a ticket there is no token, and no company's either. */
export function noTicket(suite: string): BotError {
  return new BotError('suite.no-ticket', 'busy', {
    facts: { suite },
    meaning: '应用正在等企业微信发来凭证，这一步没有做。',
    advice: '一般十分钟之内就好，请到时再发一次。',
    operator: {
      cause: '还没有收到「{suite}」的 suite_ticket，或者最后一个已经过了 30 分钟。',
      step: '企业微信每十分钟推一次；等不到就在服务商后台手动推送，并核对指令（模板）回调的地址、Token 和 EncodingAESKey。',
    },
  });
}
