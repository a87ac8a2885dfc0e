/** Checks in order, each told as soon as it is done; one that rests on a failed one is not made and blames that one. */

import { BotError, explain, explainToOperator } from '../errors.ts';

/** Stable: scripts read them. */
export type CheckId =
  | 'config'
  | 'store'
  | 'network'
  | 'clock'
  | 'token'
  | 'ip'
  | 'agent'
  | 'rule-groups'
  | 'corp-tags'
  | 'admins'
  | 'default-library'
  | 'callback'
  | 'menu'
  | 'push'
  | 'quota'
  // Of a provider's suite.
  | 'suite-key'
  | 'suite-ticket'
  | 'suite-token'
  | 'suite-corps';

export interface Finding {
  readonly id: CheckId;
  readonly ok: boolean;
  /** What was checked, e.g. 应用凭证. */
  readonly title: string;
  /** What came out. */
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
  /** The platform's errcode, else a code of ours; `blocked.<id>` when it was not made because of that one. */
  readonly code?: string;
}

export interface Check<S> {
  readonly id: CheckId;
  readonly title: string;
  /** Checks without whose success this one cannot be made. */
  readonly needs: readonly CheckId[];
  /** What can be told all the same; throws BotError. */
  readonly first?: (surroundings: S) => void;
  /** Resolves with what came out; throws, best a BotError, for what is wrong. Reads only. */
  readonly run: (surroundings: S) => Promise<string>;
}

export interface Reader {
  /** Hears what must be configured, with addresses and numbers; others are sent to an admin. */
  readonly admin: boolean;
  /** ms. */
  readonly now: number;
}

/** `broken` are checks that have failed already, such as the configuration itself. */
export async function* runChecks<S>(
  checks: readonly Check<S>[],
  surroundings: S,
  reader: () => Reader,
): AsyncGenerator<Finding> {
  /** Check → the one that is to blame for it. */
  const failed = new Map<CheckId, CheckId>();
  for (const { id, title, needs, first, run } of checks) {
    const blamed = needs.map((need) => failed.get(need)).find((each) => each !== undefined);
    try {
      first?.(surroundings);
      if (blamed === undefined) {
        const message = await run(surroundings);
        yield { id, ok: true, title, message: reader().admin ? message : '正常' };
        continue;
      }
      yield blocked({ id, title }, checks.find((check) => check.id === blamed) ?? { id: blamed, title: blamed });
    } catch (error) {
      yield { id, ok: false, title, ...told(error, reader()) };
    }
    failed.set(id, blamed ?? id);
  }
}

/** All but the first were not made because of it. */
export function allBlockedBy<S>(checks: readonly Check<S>[], first: Finding): Finding[] {
  return [first, ...checks.filter(({ id }) => id !== first.id).map((check) => blocked(check, first))];
}

function blocked({ id, title }: Pick<Finding, 'id' | 'title'>, by: Pick<Finding, 'id' | 'title'>): Finding {
  return { id, ok: false, title, message: `没有查：先要解决「${by.title}」`, code: `blocked.${by.id}` };
}

function told(error: unknown, { admin, now }: Reader): Pick<Finding, 'message' | 'advice' | 'code'> {
  if (!admin) {
    const { sentence, advice } = explain(error, { admin, now });
    return { message: sentence, advice };
  }
  const { cause, step } = explainToOperator(error, now);
  const code = error instanceof BotError ? String(error.errcode ?? error.code) : 'bug.unexpected';
  return { message: cause, advice: step, code };
}
