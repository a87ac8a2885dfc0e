/**
 * Why the platform could not be reached, in the words of whoever runs the bot: name, connection, certificate, proxy, or a
 * page of somebody in between. Pure; see transport.ts for where the facts come from.
 */
import type { OperatorsView } from '../errors.ts';
import type { Certificate, HttpAnswer, TransportError, Way } from './transport.ts';

export interface Trouble {
  /** For the log: a code of the system or of TLS, a status. Never an address with credentials. */
  readonly facts: Readonly<Record<string, string | number>>;
  readonly operator: OperatorsView;
}

const NO_NAME: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'ESERVFAIL',
  'ETIMEOUT',
]);
const NO_ROUTE: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENETDOWN',
  'EHOSTDOWN',
]);
const CERTIFICATE =
  /^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET)_|CERT_|ERR_TLS_CERT|INVALID_CA|HOSTNAME_MISMATCH)/;

/** Of an exchange that ended without an answer. */
export function troubleOf(error: TransportError, way: Way): Trouble {
  const code = codeIn(error.cause);
  const reason = code ?? error.reason;
  const to = way.proxy === undefined ? way.host : `代理 ${way.proxy}`;
  return {
    facts: { ...(code === undefined ? {} : { why: code }), ...(error.sent ? {} : { host: way.proxy ?? way.host }) },
    operator: view(error, reason, to, way),
  };
}

function view(error: TransportError, reason: string, to: string, way: Way): OperatorsView {
  const address = way.proxy === undefined ? addressSetting(way) : 'HTTPS_PROXY';
  if (NO_NAME.has(reason))
    return {
      cause: `查不到 ${to} 的地址（DNS，${reason}）。`,
      step: `请检查服务器的 DNS 和网络${address === undefined ? '' : `，以及 ${address}`}；容器里要能解析外网的名字。`,
    };
  if (reason === 'ECONNREFUSED')
    return {
      cause: `${to} 拒绝连接（ECONNREFUSED）。`,
      step: address === undefined ? '请检查防火墙。' : `请检查 ${address}，以及那里的程序有没有在运行。`,
    };
  if (NO_ROUTE.has(reason))
    return { cause: `没有到 ${to} 的路由（${reason}）。`, step: '请检查服务器的网关、路由和防火墙。' };
  if (CERTIFICATE.test(reason)) return certificateView(error.certificate, reason, way);
  if (/^(EPROTO|ERR_SSL_)/.test(reason))
    return {
      cause: `和 ${to} 建不起加密的连接（TLS，${reason}）。`,
      step:
        address === undefined
          ? '请检查中间有没有网络设备。'
          : `请检查 ${address}：那个端口说的可能不是 TLS（http 写成了 https）。`,
    };
  if (error.reason === 'timeout' && !error.sent)
    return {
      cause: `连 ${to} 没有回音（超时）。`,
      step:
        way.proxy === undefined
          ? '多半是防火墙丢掉了出去的连接：请放行 443 端口，或者用 HTTPS_PROXY 指定公司的代理。'
          : '请检查 HTTPS_PROXY 的主机和端口。',
    };
  if (error.reason === 'timeout')
    return {
      cause: `${way.host} 连上了，但是一直没有回答（超时）。`,
      step: '请过一会儿再试；一直这样就检查中间的网络设备。',
    };
  return { cause: `和 ${to} 的连接断了（${reason}）。`, step: '请过一会儿再试；一直这样就检查中间的网络设备。' };
}

function certificateView(certificate: Certificate | undefined, reason: string, way: Way): OperatorsView {
  const shown =
    certificate === undefined
      ? ''
      : `证书属于 ${certificate.subject}，由 ${certificate.issuer} 签发，有效到 ${certificate.validTo}。`;
  const step =
    reason === 'CERT_HAS_EXPIRED' || reason === 'CERT_NOT_YET_VALID'
      ? '请先看服务器的时钟对不对；时钟对的话，是那边的证书要换。'
      : reason === 'ERR_TLS_CERT_ALTNAME_INVALID'
        ? `证书不是给 ${way.host} 的：请检查 WECOM_API_BASE_URL 和 DNS。`
        : '要是公司的代理会拆开加密的连接，请把它的根证书存成文件，设 NODE_EXTRA_CA_CERTS=/路径/证书.pem 后重启。';
  return { cause: `不信任 ${way.host} 的证书（TLS，${reason}）。${shown}`, step };
}

/** Of an answer that is not one of the platform's interface. */
export function oddAnswer(answer: HttpAnswer, way: Way): Trouble {
  const { status } = answer;
  const title = /<title[^>]*>([^<]{1,200})/i.exec(answer.text.slice(0, 20_000))?.[1]?.trim().slice(0, 60);
  const page = title === undefined ? '' : `，网页标题「${title}」`;
  const facts = {
    status,
    ...(title === undefined ? {} : { title }),
    ...(answer.location === undefined ? {} : { location: answer.location }),
  };
  const who = answer.fromProxy && way.proxy !== undefined ? `代理 ${way.proxy}` : way.host;
  return {
    facts,
    operator: {
      cause: `${saidBy(status, who, answer.location)}（HTTP ${status}${page}）。`,
      step: stepFor(answer, way),
    },
  };
}

function saidBy(status: number, who: string, location: string | undefined): string {
  if (status === 407) return `${who} 要求登录`;
  if (status === 401) return `${who} 要求登录`;
  if (status === 403) return `${who} 不放行`;
  if (status >= 300 && status < 400) return `${who} 把请求转去了 ${location ?? '别处'}`;
  if (status >= 500 || status === 429) return `${who} 暂时出错`;
  if (status >= 400) return `${who} 没有这个接口`;
  return `${who} 回答的不是企业微信的接口`;
}

function stepFor({ status, fromProxy }: HttpAnswer, way: Way): string {
  if (status === 407 || (status === 401 && fromProxy))
    return '请在 HTTPS_PROXY 里写上用户和密码：http://用户:密码@主机:端口。';
  if (status === 403 && fromProxy) return `请让管代理的人放行 ${way.host}:443，或者用 NO_PROXY 绕过它。`;
  if (fromProxy) return '请检查 HTTPS_PROXY 指的代理。';
  if (way.usual)
    return status >= 500 || status === 429
      ? '请过一会儿再试。'
      : '多半是中间的网络设备（上网认证、防火墙）插了话，请找管网络的人放行。';
  if (status >= 500 || status === 429) return '请过一会儿再试；一直这样就检查那台中转服务器。';
  if (status === 401) return '请核对 WECOM_API_BASE_URL 里的用户和密码：https://用户:密码@主机。';
  if (status === 403) return '请在那台中转服务器上放行这台机器。';
  return '请检查 WECOM_API_BASE_URL：它后面不要多写路径，中转服务器要把 /cgi-bin/ 原样转给企业微信。';
}

/** The setting that says where to; undefined when it is the default one. */
function addressSetting(way: Way): string | undefined {
  return way.usual ? undefined : 'WECOM_API_BASE_URL';
}

/** The first code in the chain of causes; of several tried addresses, the first that has one. */
function codeIn(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null) return undefined;
  const { code } = cause as { code?: unknown };
  if (typeof code === 'string') return code;
  const inner = cause instanceof AggregateError ? cause.errors : [(cause as { cause?: unknown }).cause];
  return inner.map(codeIn).find((found) => found !== undefined);
}
