/**
 * Credentials that cannot be right are told by what is wrong with them, never by their value: most first connections fail
 * here, at a quote, a line too many, or a place holder.
 */

import { type Check, Problem } from './setting.ts';

/** Those of config/example.yaml and docs/configuration.md, and what people write who mean to come back. */
const PLACEHOLDER = /^(ww0+|put-?the-?[\w-]+|<.*>|your[-_ ].*|change-?me|x{4,}|\*+|填.*|请.*)$/i;
/** What cannot be seen: format and control characters, and spaces that do not look like one. */
const INVISIBLE = /[\p{Cf}\p{Cc}\u00a0\u2000-\u200f\u2028-\u202f\u3000\u115f\u1160\u3164\uffa0]/u;

/** Looks for the usual accidents first, so that the problem names the accident and not only the shape it breaks. */
export function credentialText<T>(check: Check<T>): Check<T> {
  return (raw) => {
    const accident = accidentIn(raw);
    return accident === undefined ? check(raw) : new Problem(accident);
  };
}

function accidentIn(raw: string): string | undefined {
  if (raw.includes('\u0000') || raw.includes('\ufffd'))
    return '不是 UTF-8 文字，多半是记事本存成了 UTF-16；请另存为 UTF-8';
  const assigned = /^(?:export\s+)?[A-Z][A-Z0-9_]*\s*[=:]/.exec(raw);
  if (assigned !== null && !/^[A-Za-z0-9]{42,43}=$/.test(raw)) return '前面多了「名字=」，只写值就好';
  if (/^["'“”‘’「」`].*["'“”‘’「」`]$/su.test(raw))
    return '前后多了引号；docker 的 --env-file 会把引号当成内容，请去掉';
  const hidden = INVISIBLE.exec(raw)?.[0];
  if (hidden !== undefined) {
    const point = (hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return hidden === '\n' || hidden === '\r'
      ? '只能有一行，现在有好几行'
      : `里面有看不见的字符（U+${point}），多半是复制时带上的；请重新复制，或者手打`;
  }
  if (/[\uff01-\uff5e]/.test(raw)) return '里面有全角的字符，请改成半角';
  if (PLACEHOLDER.test(raw)) return '还是样例里的占位文字，请换成管理后台里真的值';
  return undefined;
}

export function corpId(raw: string): string | Problem {
  if (/^\d{1,10}$/.test(raw)) return new Problem('像是 AgentId；这里要填管理后台「我的企业」最下面的企业 ID');
  return /^[\w-]{1,64}$/.test(raw) ? raw : new Problem('要是管理后台「我的企业」最下面的企业 ID');
}

export function secret(raw: string): string | Problem {
  return /^\S+$/.test(raw) ? raw : new Problem('不能有空格或换行');
}

export function token(raw: string): string | Problem {
  if (/^[A-Za-z0-9]{43}$/.test(raw)) return new Problem('像是 EncodingAESKey；两项是不是填反了？');
  return /^[A-Za-z0-9]{1,32}$/.test(raw) ? raw : new Problem(`要是 1 到 32 个字母或数字，现在是 ${raw.length} 个字符`);
}

export function encodingAesKey(raw: string): string | Problem {
  if (/^[A-Za-z0-9]{43}=$/.test(raw)) return new Problem('结尾多了一个 =，只要前面的 43 个字符');
  return /^[A-Za-z0-9]{43}$/.test(raw) ? raw : new Problem(`要正好是 43 个字母或数字，现在是 ${raw.length} 个字符`);
}

/** 32 bytes in base64 a line: the key in use, and below it perhaps the one before. */
export function credentialKeys(raw: string): readonly string[] | Problem {
  const keys = raw.split(/\s+/);
  if (keys.length > 2) return new Problem('最多两行：现在用的密钥，和换掉的那个');
  if (
    keys.some(
      (key) => Buffer.from(key, 'base64').toString('base64') !== key || Buffer.from(key, 'base64').length !== 32,
    )
  )
    return new Problem('每一行要正好是 32 字节的 base64（44 个字符），可以用 openssl rand -base64 32 生成');
  if (keys.some((key) => new Set(Buffer.from(key, 'base64')).size === 1)) return new Problem('不是随机的密钥');
  return keys[0] === keys[1] ? new Problem('两行一样；第二行是换掉的那个') : keys;
}
