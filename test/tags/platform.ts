/** The platform's side of the two ports: a corp in memory whose answers can be held back, and that counts its calls. */

import { BotError } from '../../src/errors.ts';
import type { RuleGroup, RuleGroupApi, TagApi, TagFilter, TagGroup } from '../../src/tags/tag.ts';

const NO_RIGHT = 48002;
const refuse = (errcode: number) =>
  new BotError(`wecom.${errcode}`, errcode === NO_RIGHT ? 'setup' : 'user', { errcode });
const unused = () => Promise.reject(new Error('the catalog never writes'));

export class Platform {
  groups: TagGroup[] = [];
  ruleGroups: RuleGroup[] = [];
  /** One entry per call: `list`, `list:g1,g2`, `list@3`, `corp`, `corp:g1`, `rules`, `rule:3`. */
  readonly calls: string[] = [];
  /** errcode by call, for every call that begins so. */
  readonly refusals = new Map<string, number>();
  /** What an unknown group id causes. */
  unknownIds: 'refused' | 'omitted' = 'refused';
  #held: (() => void)[] | undefined;

  /** From now on calls are carried out at once, but answered only when `release` is called. */
  hold(): void {
    this.#held = [];
  }

  /** How many calls are waiting for their answer. */
  get waiting(): number {
    return this.#held?.length ?? 0;
  }

  /** Lets the answers out, of the last `count` calls if told, and holds no more unless some stay back. */
  release(count = this.waiting): void {
    const out = this.#held?.splice(this.waiting - count, count) ?? [];
    if (this.waiting === 0) this.#held = undefined;
    for (const answer of out) answer();
  }

  async #answered<T>(call: string, read: () => T): Promise<T> {
    this.calls.push(call);
    for (const [beginning, errcode] of this.refusals) if (call.startsWith(beginning)) throw refuse(errcode);
    const answer = read();
    if (this.#held) await new Promise<void>((resolve) => this.#held?.push(resolve));
    return answer;
  }

  readonly tags: TagApi = {
    list: ({ groupIds, of }: TagFilter) => {
      const name = of === 'corp' ? 'corp' : 'list';
      const call = groupIds ? `${name}:${groupIds.join()}` : typeof of === 'number' ? `${name}@${of}` : name;
      return this.#answered(call, () => {
        if (groupIds && this.unknownIds === 'refused') {
          if (groupIds.some((id) => !this.groups.some((group) => group.id === id))) throw refuse(40068);
        }
        return this.groups.filter(
          (group) =>
            (groupIds?.includes(group.id) ?? true) &&
            (of === 'rule-groups' ? group.libraryId !== 'corp' : group.libraryId === of),
        );
      });
    },
    add: unused,
    edit: unused,
    delete: unused,
  };

  readonly rules: RuleGroupApi = {
    list: () => this.#answered('rules', () => this.ruleGroups.map((ruleGroup) => ruleGroup.id)),
    get: (id) =>
      this.#answered(`rule:${id}`, () => {
        const found = this.ruleGroups.find((ruleGroup) => ruleGroup.id === id);
        if (!found) throw refuse(40058);
        return found;
      }),
    range: unused,
    create: unused,
    edit: unused,
    delete: unused,
  };
}
