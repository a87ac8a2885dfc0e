/**
 * `npm run test:replicas`: three real processes on one database, callbacks and repeats spread at random, kill -9 at
 * random, the database restarted once. Afterwards the platform's own record of its calls is the judge of everything the
 * bots have said. REPLICAS_SEED repeats a run.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { CREDENTIALS, environment, words } from '../chat.ts';
import { randomFrom } from '../faults/random.ts';
import { freePort } from '../port.ts';
import { type Program, start } from '../program.ts';
import { startPostgres } from '../store/server.ts';
import { Spreader, said } from './spreader.ts';

const WRITES = Number(process.env.REPLICAS_WRITES ?? 500);
const REPLICAS = 3;
const MEMBERS = ['wangzong', 'zhangsan', 'lisi', 'chenjie', 'wangwu'] as const;
/** WeCom comes again after five seconds, at most three times; here a little sooner. */
const RETRY_MS = 900;

interface Write {
  readonly member: string;
  readonly kind: 'add' | 'rename';
  /** Occurs in no other write. */
  readonly name: string;
  accepted: boolean;
  refused: boolean;
  /** ms */
  sentAt: number;
}

const SEED = Number(process.env.REPLICAS_SEED ?? Date.now() % 100_000);
const random = randomFrom(SEED);

test(`${WRITES} writes on ${REPLICAS} replicas: once, truthfully, answered, in order`, {
  timeout: 600_000,
}, async () => {
  const server = await startPostgres();
  if (!server) throw new Error('no PostgreSQL here');
  const sandbox = await startSandbox({ ...CREDENTIALS, retryDelayMs: RETRY_MS });
  const spreader = await Spreader.open(random);
  sandbox.setCallbackUrl(`${spreader.url}/wecom/callback`);
  const folder = mkdtempSync(join(tmpdir(), 'wecom-replicas-'));
  const databaseUrl = await server.createDatabase();
  const ports = await Promise.all(Array.from({ length: REPLICAS }, freePort));
  const writes = Array.from({ length: WRITES }, (_, i): Write => {
    const kind = random() < 0.7 ? 'add' : 'rename';
    const name = `${kind === 'add' ? '甲' : '乙'}${String(i).padStart(4, '0')}号`;
    return { member: MEMBERS[i % MEMBERS.length] as string, kind, name, accepted: false, refused: false, sentAt: 0 };
  });
  const renamed = writes.filter(({ kind }) => kind === 'rename').map(({ name }) => name);
  for (let at = 0; at * 80 < renamed.length; at++)
    sandbox.corp.library.put(1, `改名组${at}`, [...renamed.slice(at * 80, at * 80 + 80), `留着${at}`]);
  sandbox.corp.library.put(1, '添加组', ['留着']);

  const programs: (Program | undefined)[] = [];
  const output: string[] = [];
  const up = async (at: number) => {
    const program = start(['serve'], {
      cwd: folder,
      env: {
        ...environment(sandbox.url, databaseUrl),
        BOT_ADMINS: MEMBERS.join(),
        REPLY_FORMAT: 'plain',
        PORT: String(ports[at]),
      },
    });
    programs[at] = program;
    await program.logs('listening');
  };
  const down = async (at: number, signal: NodeJS.Signals) => {
    const program = programs[at];
    programs[at] = undefined;
    program?.kill(signal);
    const ended = await program?.ended;
    output.push(ended?.out ?? '', ended?.err ?? '');
  };
  const living = () => {
    spreader.targets = ports.flatMap((port, at) => (programs[at] ? [`http://127.0.0.1:${port}`] : []));
  };

  /** When something died, in ms. */
  const upsets: number[] = [];
  const different: (readonly string[])[] = [];
  let doubled = 0;
  spreader.onAnswers = (answers) => {
    const texts = answers.filter(({ status }) => status === 200).map(said);
    const given = texts.filter((text) => text !== undefined);
    if (answers.length > 1) doubled++;
    // While the database restarts, who cannot reach it says so; who can, answers.
    if (new Set(given).size > 1 && !given.some((text) => NOTHING_DONE.test(text))) different.push(given);
  };

  try {
    for (let at = 0; at < REPLICAS; at++) await up(at);
    living();
    const began = Date.now();
    let done = false;
    let kills = 0;
    let restarts = 0;
    const killer = (async () => {
      while (!done) {
        // After every few writes, so that slow and fast machines see about as many kills.
        const enough = written(writes) + 10 + random() * 20;
        const latest = Date.now() + 8_000;
        while (!done && written(writes) < enough && Date.now() < latest) await pause(20);
        await pause(random() * 200);
        if (done) break;
        if (restarts === 0 && written(writes) > WRITES / 2) {
          restarts++;
          upsets.push(Date.now());
          await server.restart();
          continue;
        }
        const at = Math.floor(random() * REPLICAS);
        upsets.push(Date.now());
        await down(at, 'SIGKILL');
        kills++;
        // The balancer notices a moment later.
        await pause(random() * 300);
        living();
        await up(at);
        living();
      }
    })();
    const trouble = (async () => {
      // Each costs the library five seconds: a lost answer is looked for as long as the call may be on its way.
      while (!done) {
        await pause(10_000 + random() * 10_000);
        const fault = random() < 0.5 ? 'brokenAfter' : 'brokenBefore';
        sandbox.setFaults({ [fault]: { on: true, times: 1, path: '_strategy_tag' } });
      }
    })();
    const lookups = { asked: 0, stale: [] as string[] };
    await Promise.all(MEMBERS.map((member) => talk(sandbox, spreader, writes, member, lookups)));
    done = true;
    await Promise.all([killer, trouble]);
    const seconds = (Date.now() - began) / 1_000;
    sandbox.setFaults({ brokenAfter: { on: false }, brokenBefore: { on: false } });
    await settled(sandbox, spreader, writes);

    const figures = judge(sandbox, writes, upsets);
    console.info(
      `replicas: seed ${SEED}; ${kills} kills, ${restarts} restart of the database in ${Math.round(seconds)} s; ${doubled} messages to all at once, ${different.length} answered differently; ${lookups.asked} look-ups, ${lookups.stale.length} stale; ${JSON.stringify(figures)}`,
    );
    expect(figures.twice).toEqual([]);
    expect(figures.untrue).toEqual([]);
    expect(figures.unanswered).toEqual([]);
    expect(figures.overtaken).toEqual([]);
    expect(lookups.stale).toEqual([]);
    expect(different).toEqual([]);
    expect(figures.accepted).toBeGreaterThan(WRITES * 0.8);
    expect(figures.effects).toBeGreaterThan(WRITES * 0.6);
    expect(kills).toBeGreaterThan(WRITES / 50);
    expect(restarts).toBe(1);
    expect(sandbox.violations).toEqual([]);
  } finally {
    for (let at = 0; at < REPLICAS; at++) await down(at, 'SIGTERM');
    await spreader.close();
    await sandbox.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

function written(writes: readonly Write[]): number {
  return writes.filter(({ accepted }) => accepted).length;
}

/** One member's writes, one after the other; now and then what was just made is looked for. */
async function talk(
  sandbox: Sandbox,
  spreader: Spreader,
  writes: readonly Write[],
  member: string,
  lookups: { asked: number; stale: string[] },
): Promise<void> {
  for (const each of writes.filter((write) => write.member === member)) {
    spreader.next = random() < 0.15 ? 'all' : 'random';
    const { name, kind } = each;
    const before = heard(sandbox, member).length;
    const text = kind === 'add' ? `标签 添加 ${name} 到 添加组` : `把${name}改名为${name}新`;
    each.sentAt = Date.now();
    const sent = await sandbox.say(member, text);
    const since = () => heard(sandbox, member).slice(before).join('\n');
    each.refused = NOTHING_DONE.test(since());
    each.accepted = sent.delivered.state === 'delivered' && !each.refused;
    if (!each.accepted || random() > 0.3 || !DONE.test(since()) || !since().includes(name)) continue;
    const asked = heard(sandbox, member).length;
    await sandbox.say(member, name);
    const answer = heard(sandbox, member).slice(asked).join('\n');
    // Where the answer has not come yet, or the bot could say no more than why it cannot, there is nothing to judge.
    if (answer === '' || !/找到|在标签组/.test(answer)) continue;
    lookups.asked++;
    if (/没有找到/.test(answer)) lookups.stale.push(`${member} ${name}: ${answer}`);
  }
}

const DONE = /已添加|已改名/;
const NOT_DONE = /没有做成|没有生效|没有执行|没有处理/;
const OPEN = /不确定/;
const NOTHING_DONE = /什么都没有改|记录库/;

function heard(sandbox: Sandbox, member: string): string[] {
  return sandbox
    .chat(member)
    .filter((message) => message.from === 'bot')
    .map(words);
}

function saidAbout(sandbox: Sandbox, { member, name }: Write): string[] {
  return heard(sandbox, member)
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes(name));
}

function unanswered(sandbox: Sandbox, writes: readonly Write[]): Write[] {
  const spoken = [DONE, NOT_DONE, OPEN, NOTHING_DONE];
  return writes.filter(
    (each) => each.accepted && !saidAbout(sandbox, each).some((line) => spoken.some((pattern) => pattern.test(line))),
  );
}

/** Until every accepted write has been spoken of; what could not be delivered is given with the next message. */
async function settled(sandbox: Sandbox, spreader: Spreader, writes: readonly Write[]): Promise<void> {
  spreader.next = 'random';
  const until = Date.now() + 30_000;
  while (Date.now() < until && unanswered(sandbox, writes).length > 0) await pause(500);
  for (let i = 0; i < 2; i++) for (const member of MEMBERS) await sandbox.say(member, '我');
}

function judge(sandbox: Sandbox, writes: readonly Write[], upsets: readonly number[]) {
  const tags = sandbox.corp.ruleGroups().flatMap(({ groups }) => groups.flatMap((group) => group.tag));
  const names = tags.map((tag) => tag.name);
  const happened = ({ kind, name }: Write) => names.includes(kind === 'add' ? name : `${name}新`);
  const effects = ({ kind, name }: Write) =>
    sandbox.calls.filter(
      ({ method, errcode, path, body }) =>
        method === 'POST' &&
        (errcode === 0 || errcode === undefined) &&
        path.endsWith(kind === 'add' ? '/add_strategy_tag' : '/edit_strategy_tag') &&
        JSON.stringify(body).includes(name),
    );
  const calledAt = new Map(writes.map((each) => [each, effects(each)[0]?.at] as const));
  // What a replica had in hand when it died is taken up later than what the others were told meanwhile.
  const undisturbed = (each: Write) =>
    !upsets.some((at) => at >= each.sentAt && at <= (calledAt.get(each) ?? Number.POSITIVE_INFINITY));
  return {
    writes: writes.length,
    accepted: written(writes),
    refused: writes.filter(({ refused }) => refused).length,
    effects: writes.filter(happened).length,
    twice: writes.filter((each) => effects(each).length > 1).map(({ name }) => name),
    overtaken: writes.flatMap((each, i) => {
      const at = calledAt.get(each);
      const later = writes.slice(i + 1).filter(({ member }) => member === each.member);
      return at !== undefined && undisturbed(each) && later.some((other) => (calledAt.get(other) ?? at) < at)
        ? [`${each.member} ${each.name}`]
        : [];
    }),
    untrue: writes.flatMap((each) =>
      saidAbout(sandbox, each)
        // A look-up of the name that was in hand twice when its replica was killed is told by the name, too.
        .filter((line) => (happened(each) ? NOT_DONE : DONE).test(line) && !line.includes(`「${each.name}」时`))
        .map((line) => `${happened(each) ? 'done' : 'not done'}: ${line}`),
    ),
    unanswered: unanswered(sandbox, writes).map(({ member, kind, name }) => `${member} ${kind} ${name}`),
  };
}
