/** The corp of the benchmark: credentials made for this run alone, and the environment that carries them to the children. */
import { randomBytes } from 'node:crypto';

export interface Credentials {
  readonly corpId: string;
  readonly agentId: number;
  readonly secret: string;
  readonly token: string;
  readonly encodingAesKey: string;
}

export const CALLBACK_PATH = '/wecom/callback';

export function newCredentials(): Credentials {
  const letters = (length: number) => randomBytes(length).toString('hex').slice(0, length);
  return {
    corpId: `ww${letters(16)}`,
    agentId: 1000002,
    secret: letters(43),
    token: letters(24),
    encodingAesKey: letters(43),
  };
}

/** The nth further corp of a bot that serves several, all with the same secrets but for its id; and its callback path. */
export function furtherCorp(credentials: Credentials, n: number): Credentials & { readonly name: string } {
  return { ...credentials, corpId: `${credentials.corpId.slice(0, -4)}${String(n).padStart(4, '0')}`, name: `c${n}` };
}

/** As the program reads them. */
export function asEnvironment(credentials: Credentials): Record<string, string> {
  return {
    WECOM_CORP_ID: credentials.corpId,
    WECOM_AGENT_ID: String(credentials.agentId),
    WECOM_SECRET: credentials.secret,
    WECOM_TOKEN: credentials.token,
    WECOM_ENCODING_AES_KEY: credentials.encodingAesKey,
  };
}

/** The way back, in a child. */
export function fromEnvironment(env: NodeJS.ProcessEnv): Credentials {
  const value = (name: string): string => env[name] ?? '';
  return {
    corpId: value('WECOM_CORP_ID'),
    agentId: Number(value('WECOM_AGENT_ID')),
    secret: value('WECOM_SECRET'),
    token: value('WECOM_TOKEN'),
    encodingAesKey: value('WECOM_ENCODING_AES_KEY'),
  };
}
