/**
 * The simulated WeCom in a process of its own, so that its work is not counted as the bot's. TAGS sizes the library of
 * rule group 1; WRITERS adds so many rule groups, each led by one member and with a tag to rename; CORPS adds so many
 * corps with libraries of that size.
 */
import { startSandbox } from '../../src/sandbox/server.ts';
import { fromEnvironment, furtherCorp } from '../corp.ts';

export interface SandboxReport {
  /** API calls since the last time this was asked. */
  readonly calls: number;
  /** Of all tags of rule group 1. */
  readonly names: readonly string[];
}

const credentials = fromEnvironment(process.env);
const corps = Array.from({ length: Number(process.env.CORPS ?? 0) }, (_, n) => furtherCorp(credentials, n));
const sandbox = await startSandbox({ ...credentials, corps, port: Number(process.env.PORT) });
const { corp } = sandbox;
for (const { corpId } of corps) sandbox.at(corpId).reset({ tags: Number(process.env.TAGS) });
// WeCom takes 10,000 calls a minute of one API, a writing bot on loopback makes more.
corp.access.count = () => {};
sandbox.reset({ tags: Number(process.env.TAGS) });
for (let writer = 0; writer < Number(process.env.WRITERS ?? 0); writer++) {
  const led = corp.strategies.put({
    name: `规则组${writer}`,
    parentId: 0,
    admins: [`m${writer}`],
    range: [{ type: 2, partyid: 2 }],
    rights: ['manage_customer_tag'],
    ownApp: true,
  });
  corp.library.put(led.id, `分级${writer}`, ['甲', '乙', '丙'], 1);
}

let renamed = 0;
process.on('message', (what: 'report' | 'rename all') => {
  if (what === 'rename all') {
    renamed++;
    for (const group of corp.library.groups()) {
      for (const tag of group.tags) tag.name = `${tag.name.replace(/~\d+$/, '')}~${renamed}`;
    }
  }
  const names = corp.library.groupsOf(1).flatMap((group) => group.tags.map((tag) => tag.name));
  process.send?.({ calls: sandbox.calls.length, names } satisfies SandboxReport);
  // A record of a hundred thousand calls would slow the simulation down.
  sandbox.clearCalls();
});
