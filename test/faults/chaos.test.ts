/**
 * kill -9 at random points over two hundred writes, again and again on the same database, while the platform is slow and
 * breaks connections. Afterwards the platform's own record of its calls is the judge of everything the bot has said.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { randomFrom } from './random.ts';
import { openSite, type Site, timeOfStart } from './site.ts';

const WRITES = 200;
/** Afterwards, and after so many kills, what is left is written in peace. */
const KILLING_MS = 60_000;
const LEAST_KILLS = 12;
const MEMBERS = ['wangzong', 'zhangsan', 'lisi', 'chenjie', 'wangwu'] as const;
/** These two get markdown by push, at most a few a minute; the others plain text inside the callback. */
const PUSHED: ReadonlySet<string> = new Set(['wangzong', 'lisi']);

interface Write {
  readonly member: string;
  readonly kind: 'add' | 'rename' | 'delete';
  /** Occurs in no other write. */
  readonly name: string;
  /** The platform has the message that makes the write happen. */
  accepted: boolean;
  /** The member was told that the record was busy and nothing was changed. */
  nothingDone: boolean;
  /** They have confirmed once more after that. */
  again: boolean;
}

/** Another program that occupies the record now and then, at the moment of a confirmation. */
interface Busy {
  now: boolean;
  times: number;
  readonly random: () => number;
}

/** Names that share no part with each other, so that a sentence names one write. */
const nameOf = (kind: string, i: number) => `${kind}${String(i).padStart(3, '0')}号`;

function writesOf(random: () => number): Write[] {
  return Array.from({ length: WRITES }, (_, i): Write => {
    const kind = random() < 0.6 ? 'add' : random() < 0.6 ? 'rename' : 'delete';
    const letter = { add: '甲', rename: '乙', delete: '丙' }[kind];
    // Few go to those who are pushed to: the platform drops more than 30 pushes a minute.
    const roll = random();
    const member =
      roll < 0.04 ? 'wangzong' : roll < 0.08 ? 'lisi' : (['zhangsan', 'chenjie', 'wangwu'][i % 3] as string);
    return { member, kind, name: nameOf(letter, i), accepted: false, nothingDone: false, again: false };
  });
}

test(`${WRITES} writes under kill -9: once, truthfully, answered`, { timeout: 400_000 }, async () => {
  const seed = Number(process.env.FAULT_SEED ?? Date.now() % 100_000);
  const next = randomFrom(seed);
  const writes = writesOf(next);
  const startMs = await timeOfStart();
  const site = await openSite({
    env: { REPLY_FORMAT: 'plain' },
    // So that the platform's three repeats outlast a start, as they do in earnest, however busy this machine is.
    sandbox: { retryDelayMs: Math.max(900, 2 * startMs) },
    prepare: ({ corp }) => {
      for (const kind of ['rename', 'delete'] as const) {
        const names = writes.filter((write) => write.kind === kind).map((write) => write.name);
        corp.library.put(1, kind === 'rename' ? '改名组' : '删除组', [...names, '留着']);
      }
      corp.library.put(1, '添加组', ['留着']);
    },
  });
  try {
    await site.up();
    for (const member of PUSHED) await site.sandbox.say(member, '设置 富文本');
    site.sandbox.setFaults({ slow: { on: true, ms: 5 } });

    let done = false;
    let kills = 0;
    let delivered = 0;
    const busy: Busy = { now: false, times: 0, random: next };
    const began = Date.now();
    // A moment after every few messages have got through, so that a slow machine gets on as well as a fast one.
    const killer = (async () => {
      while (!done && (Date.now() - began < KILLING_MS || kills < LEAST_KILLS)) {
        const enough = delivered + 2 + next() * 4;
        const latest = Date.now() + Math.max(2_500, 1.5 * startMs);
        while (!done && delivered < enough && Date.now() < latest) await pause(5);
        await pause(next() * 150);
        if (done) break;
        // A start that finds the record occupied gives up, as it should.
        while (busy.now) await pause(5);
        await site.kill();
        kills++;
        await site.up();
      }
    })();
    const trouble = (async () => {
      while (!done) {
        await pause(1_500 + next() * 1_500);
        const roll = next();
        const path = next() < 0.7 ? '_strategy_tag' : '/message/send';
        // A late one lands before the bot has looked for the last time.
        if (roll < 0.3) {
          const ms = Math.round(300 + next() * 2_000);
          site.sandbox.setFaults({ landsLate: { on: true, times: 1, ms, path: '_strategy_tag' } });
        } else {
          site.sandbox.setFaults({ [roll < 0.65 ? 'brokenAfter' : 'brokenBefore']: { on: true, times: 1, path } });
        }
      }
    })();
    const through = () => {
      delivered++;
    };
    await Promise.all(
      MEMBERS.map((member) =>
        write(
          site,
          writes.filter((each) => each.member === member),
          through,
          busy,
        ),
      ),
    );
    done = true;
    await Promise.all([killer, trouble]);
    const took = Date.now() - began;
    site.sandbox.setFaults({ brokenAfter: { on: false }, brokenBefore: { on: false }, slow: { on: false, ms: 0 } });
    site.sandbox.setFaults({ landsLate: { on: false, ms: 0 } });
    await settled(site, writes);

    const figures = judge(site, writes);
    const { calls } = site.sandbox;
    console.info(
      `faults: seed ${seed}, ${kills} kills, record busy ${busy.times} times, ${site.output.join('').split('message parked').length - 1} parked in ${Math.round(took / 1000)} s; ${JSON.stringify({ ...figures, calls: calls.length, dropped: site.sandbox.corp.dropped.length })}`,
    );
    expect(figures.twice).toEqual([]);
    expect(deletedTwice(site)).toEqual([]);
    expect(figures.untrue).toEqual([]);
    expect(figures.unanswered).toEqual([]);
    expect(figures.accepted).toBeGreaterThan(WRITES * 0.8);
    expect(figures.effects).toBeGreaterThan(WRITES * 0.4);
    expect(kills).toBeGreaterThanOrEqual(LEAST_KILLS);
    expect(site.sandbox.violations).toEqual([]);
    expect((await site.journal()).filter((row) => row.state === 'intended')).toEqual([]);
  } finally {
    await site.close();
  }
});

/** ms from the start of the program until it listens, on this machine at present. */
/** `through` is called after every message that the bot has taken. */
async function write(site: Site, writes: readonly Write[], through: () => void, busy: Busy): Promise<void> {
  for (const each of writes) {
    const text = {
      add: `标签 添加 ${each.name} 到 添加组`,
      rename: `把${each.name}改名为${each.name}新`,
      delete: `删除标签 ${each.name}`,
    }[each.kind];
    const before = site.heard(each.member).length;
    const sent = await site.sandbox.say(each.member, text);
    each.nothingDone = saidNothingDone(site, each, before);
    if (sent.delivered.state === 'delivered') through();
    each.accepted = sent.delivered.state === 'delivered' && !each.nothingDone;
    if (each.kind !== 'delete' || !each.accepted) continue;
    each.accepted = false;
    const asked = await site.hears(each.member, new RegExp(`要删除.*${each.name}`), 10_000).catch(() => undefined);
    if (asked === undefined) continue;
    const isBusy = !busy.now && busy.random() < 0.3;
    each.accepted = await (isBusy ? confirmWhileBusy(site, each, busy) : confirm(site, each.member));
    if (each.accepted) through();
  }
}

async function confirm(site: Site, member: string): Promise<boolean> {
  return (await site.sandbox.say(member, '确认')).delivered.state === 'delivered';
}

/** The record is busy at the moment of the confirmation; when nothing was changed, it is confirmed again. */
async function confirmWhileBusy(site: Site, write: Write, busy: Busy): Promise<boolean> {
  const { member } = write;
  busy.now = true;
  busy.times++;
  const before = site.heard(member).length;
  const free = site.occupyRecord();
  // Longer than a write to the record is tried, shorter than that and the session's that follows.
  const freed = pause(1_300).then(free);
  const delivered = await confirm(site, member);
  await freed;
  busy.now = false;
  write.again = saidNothingDone(site, write, before);
  return write.again ? confirm(site, member) : delivered;
}

/** Whether the member has heard since that the record was busy and this was not done. */
function saidNothingDone(site: Site, { member, name }: Write, since: number): boolean {
  return site
    .heard(member)
    .slice(since)
    .some((text) => text.includes('什么都没有改') && text.includes(name));
}

/** Until every accepted write has been spoken of, or the longest wait of a restarted bot (20 s) is over. */
async function settled(site: Site, writes: readonly Write[]): Promise<void> {
  const until = Date.now() + 26_000;
  while (Date.now() < until && unanswered(site, writes).length > 0) await pause(500);
  // What could not be delivered then is given with the next message.
  for (const member of MEMBERS) await site.sandbox.say(member, '我');
  for (const member of MEMBERS) await site.sandbox.say(member, '我');
}

/** What was said about one write: the sentences that name it. */
function saidAbout(site: Site, { member, name }: Write): string[] {
  return site
    .heard(member)
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes(name));
}

const DONE = /已添加|已改名|已从|随之消失/;
const NOT_DONE = /没有做成|没有生效|没有执行/;
const OPEN = /不确定/;
/** The record was away, and knows of the message: it may be done by a later run, which would be told. */
const NOT_YET = /还没有做/;

function unanswered(site: Site, writes: readonly Write[]): Write[] {
  return writes.filter(
    (each) =>
      each.accepted &&
      !saidAbout(site, each).some((text) => [DONE, NOT_DONE, OPEN, NOT_YET].some((said) => said.test(text))),
  );
}

/** Ids that more than one call would have deleted. */
function deletedTwice(site: Site): unknown[] {
  const ids = site.sandbox.calls.flatMap(({ path, body, errcode }) => {
    const done = path.endsWith('/del_strategy_tag') && (errcode === 0 || errcode === undefined);
    return done && Array.isArray(body?.tag_id) ? body.tag_id : [];
  });
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}

function judge(site: Site, writes: readonly Write[]) {
  const names = new Set(
    site.sandbox.corp.ruleGroups().flatMap(({ groups }) => groups.flatMap((group) => group.tag.map((tag) => tag.name))),
  );
  const happened = ({ kind, name }: Write) =>
    kind === 'add' ? names.has(name) : kind === 'rename' ? names.has(`${name}新`) : !names.has(name);
  const attempts = (each: Write) =>
    site.sandbox.calls.filter(
      (call) =>
        call.method === 'POST' &&
        (call.errcode === 0 || call.errcode === undefined) &&
        /\/(add|edit|del)_strategy_tag$/.test(call.path) &&
        JSON.stringify(call.body).includes(each.name),
    ).length;
  const untrue = writes.flatMap((each) => {
    const lies = saidAbout(site, each)
      .filter((text) => (happened(each) ? NOT_DONE : DONE).test(text))
      .filter((text) => !(each.again && text.includes('什么都没有改')));
    if (each.nothingDone && happened(each)) lies.push(`什么都没有改: ${each.name}`);
    return lies.map((lie) => `${happened(each) ? 'done' : 'not done'}: ${lie}`);
  });
  return {
    writes: writes.length,
    accepted: writes.filter((each) => each.accepted).length,
    effects: writes.filter(happened).length,
    twice: writes.filter((each) => attempts(each) > 1).map((each) => each.name),
    untrue,
    unanswered: unanswered(site, writes).map(({ member, kind, name }) => `${member} ${kind} ${name}`),
  };
}
