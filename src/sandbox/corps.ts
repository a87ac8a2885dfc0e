/** Every app of every corp of the sandbox, and whose a call is: the platform tells them apart by token and secret alone. */
import type { Corp } from './corp.ts';

export class Corps {
  readonly #all: Corp[] = [];

  add(corp: Corp): void {
    this.#all.push(corp);
  }

  /**
   * The app that the call comes from. What nobody has a claim to is the first one's to refuse: an unknown token, corp id
   * or secret.
   */
  called(path: string, query: URLSearchParams): Corp {
    const [first] = this.#all;
    if (first === undefined) throw new Error('the sandbox has no corp');
    if (!path.endsWith('/gettoken')) {
      const token = query.get('access_token') ?? '';
      return this.#all.findLast((corp) => corp.access.knows(token)) ?? first;
    }
    const ofCorp = this.#all.filter((corp) => corp.access.isFor(query.get('corpid') ?? ''));
    const secret = query.get('corpsecret') ?? '';
    return ofCorp.findLast((corp) => corp.access.opensWith(secret)) ?? ofCorp.at(-1) ?? first;
  }
}
