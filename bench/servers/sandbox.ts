/**
 * The simulated WeCom in a process of its own, so that its work is not counted as the bot's. TAGS sizes the library of
 * rule group 1, or with RULE_GROUPS that of 企业标签 beside so many rule groups; WRITERS adds so many rule groups, each led by one member and with a tag to rename; CORPS adds so many
 * corps with libraries of that size.
 */
import { startSandbox } from '../../src/sandbox/server.ts';
import { fromEnvironment, furtherCorp } from '../corp.ts';

export interface SandboxReport {
  /** API calls since the last time this was asked. */
  readonly calls: number;
  /** Of all tags of the library. */
  readonly names: readonly string[];
}

const credentials = fromEnvironment(process.env);
const corps = Array.from({ length: Number(process.env.CORPS ?? 0) }, (_, n) => furtherCorp(credentials, n));
const sandbox = await startSandbox({ ...credentials, corps, port: Number(process.env.PORT) });
const { corp } = sandbox;
for (const { corpId } of corps) sandbox.at(corpId).reset({ tags: Number(process.env.TAGS) });
// WeCom takes 10,000 calls a minute of one API, a writing bot on loopback makes more.
corp.access.count = () => {};
const ruleGroups = Number(process.env.RULE_GROUPS ?? 0);
sandbox.reset({ tags: Number(process.env.TAGS), ruleGroups: ruleGroups === 0 });
for (let at = 0; at < ruleGroups; at++) {
  const { id } = put(`区域${at}`, 'lisi');
  corp.library.put(id, '客户分级', ['普通', '重点', '老客'], 2);
  corp.library.put(id, '渠道来源', ['抖音', '小红书', '门店', '转介绍'], 1);
}
for (let writer = 0; writer < Number(process.env.WRITERS ?? 0); writer++) {
  const led = put(`规则组${writer}`, `m${writer}`);
  corp.library.put(led.id, `分级${writer}`, ['甲', '乙', '丙'], 1);
}

function put(name: string, admin: string) {
  return corp.strategies.put({
    name,
    parentId: 0,
    admins: [admin],
    range: [{ type: 2, partyid: 2 }],
    rights: ['manage_customer_tag'],
    ownApp: true,
  });
}

let renamed = 0;
process.on('message', (what: 'report' | 'rename all') => {
  if (what === 'rename all') {
    renamed++;
    for (const group of corp.library.groups()) {
      for (const tag of group.tags) tag.name = `${tag.name.replace(/~\d+$/, '')}~${renamed}`;
    }
  }
  const names = corp.library
    .groupsOf(ruleGroups > 0 ? 'corp' : 1)
    .flatMap((group) => group.tags.map((tag) => tag.name));
  process.send?.({ calls: sandbox.calls.length, names } satisfies SandboxReport);
  // A record of a hundred thousand calls would slow the simulation down.
  sandbox.clearCalls();
});
