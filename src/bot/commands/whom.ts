/**
 * Whom or what a name means where rights hang on it: a whole userid, a whole name, a department's number or whole name.
 * Whatever is less than that, or fits two, is asked. In the orders that a choice leads to people and departments stand as
 * `userid:…` and `部门:…`, which can be typed too and mean nothing else.
 */

import type { Department, Person } from '../../people.ts';
import { type Line, line, name, type Reply } from '../../reply/reply.ts';
import type { Order } from '../../resolve/order.ts';
import type { RangeNode } from '../../tags/tag.ts';
import { personWithId } from '../change/people.ts';
import type { Context } from '../context.ts';
import { offer } from '../dialog/ask.ts';
import { sameUserid } from '../rights.ts';

const BY_USERID = /^userid[:：]\s*(\S+)$/iu;
const BY_NUMBER = /^部门[:：]\s*(\d{1,10})$/u;

/** What a name may stand for: `exact` is what it says, `near` what holds it. */
export interface Meanings<T> {
  readonly exact: readonly T[];
  readonly near: readonly T[];
}

/** Of these people; `query` without a leading @. */
function peopleMeant(query: string, people: readonly Person[]): Meanings<Person> {
  const userid = BY_USERID.exec(query)?.[1];
  const isExact = (person: Person) =>
    sameUserid(person.userid, userid ?? query) || (userid === undefined && person.name.trim() === query);
  return {
    exact: people.filter(isExact),
    near: userid === undefined ? people.filter((person) => !isExact(person) && person.name.includes(query)) : [],
  };
}

/** Of everyone whom the app sees. */
export async function peopleNamed(ctx: Context, query: string): Promise<Meanings<Person>> {
  const people = await ctx.deps.directory.findPeople(BY_USERID.exec(query)?.[1] ?? query);
  const { exact, near } = peopleMeant(query, people);
  // Found by something else than the spelling, such as another case: as near as a part of a name.
  const others = people.filter((person) => !exact.includes(person) && !near.includes(person));
  return { exact, near: BY_USERID.test(query) ? [] : [...near, ...others] };
}

async function departmentsNamed(ctx: Context, query: string): Promise<Meanings<Department>> {
  const id = BY_NUMBER.exec(query)?.[1];
  const departments = await ctx.deps.directory.findDepartments(id ?? query);
  const isExact = (each: Department) =>
    String(each.id) === (id ?? query) || (id === undefined && each.name.trim() === query);
  return {
    exact: departments.filter(isExact),
    near: id === undefined ? departments.filter((each) => !isExact(each)) : [],
  };
}

type Found<T> = { readonly found: readonly T[] } | { readonly reply: Reply };

/**
 * Everyone who is named, or the question who is. `among`: only these can be meant. `again`: the order with other names,
 * for the answer to the question.
 */
export async function findAdmins(
  ctx: Context,
  wanted: readonly string[],
  again: (names: readonly string[]) => Order,
  among?: readonly Person[],
): Promise<Found<Person>> {
  const found: Person[] = [];
  for (const [i, raw] of wanted.entries()) {
    const query = withoutAt(raw);
    const meanings = among ? peopleMeant(query, among) : await peopleNamed(ctx, query);
    const [only, ...others] = meanings.exact;
    if (only && others.length === 0) found.push(only);
    else return { reply: ask(ctx, query, optionsOf(meanings, personOption), (token) => again(wanted.with(i, token))) };
  }
  return { found };
}

/** As findAdmins, for a range: departments and people, the latter alone with a leading @. */
export async function findRange(
  ctx: Context,
  wanted: readonly string[],
  again: (names: readonly string[]) => Order,
): Promise<Found<RangeNode>> {
  const found: RangeNode[] = [];
  for (const [i, raw] of wanted.entries()) {
    const query = withoutAt(raw);
    const isPerson = query !== raw.trim() || BY_USERID.test(query);
    const departments = isPerson ? NOTHING : await departmentsNamed(ctx, query);
    const isDepartment = departments.exact.length > 0 || BY_NUMBER.test(query);
    const people = isDepartment ? NOTHING : await peopleNamed(ctx, query);
    const [department, person] = [departments.exact, people.exact].map((exact) => exact.length);
    if (department === 1 && departments.exact[0]) found.push({ type: 'department', id: departments.exact[0].id });
    else if (department === 0 && person === 1 && people.exact[0])
      found.push({ type: 'member', userid: people.exact[0].userid });
    else {
      const options = {
        exact: [...departments.exact.map(departmentOption), ...people.exact.map(personOption)],
        near: [...departments.near.map(departmentOption), ...people.near.map(personOption)],
      };
      return { reply: ask(ctx, query, options, (token) => again(wanted.with(i, token)), '部门或成员') };
    }
  }
  return { found };
}

const NOTHING = { exact: [], near: [] } as const;

interface TokenOption {
  readonly label: string;
  readonly token: string;
}

function personOption({ userid, name: called }: Person): TokenOption {
  return { label: personWithId(userid, called), token: `userid:${userid}` };
}

function departmentOption({ id, name: called }: Department): TokenOption {
  return { label: `${called}（部门 ${id}）`, token: `部门:${id}` };
}

function optionsOf<T>({ exact, near }: Meanings<T>, make: (one: T) => TokenOption): Meanings<TokenOption> {
  return { exact: exact.map(make), near: near.map(make) };
}

function ask(
  ctx: Context,
  query: string,
  { exact, near }: Meanings<TokenOption>,
  order: (token: string) => Order,
  what = '成员',
): Reply {
  const options = exact.length > 0 ? exact : near;
  if (options.length === 0) {
    return {
      tone: 'warn',
      title: line`没有找到${what}${name(query)}`,
      lines: [line`什么都没有改。`],
      hint: ctx.deps.directory.hidesNames()
        ? line`这个应用看不到成员的姓名，请写 userid（请他给机器人发「我」就能看到）。`
        : line`请写完整的名字或 userid；机器人只看得到应用可见范围里的人和部门。`,
    };
  }
  const title: Line =
    exact.length > 0 ? line`${name(query)}说的可能是这几个，是哪一个？` : line`没有叫${name(query)}的${what}，是不是：`;
  return offer(
    ctx,
    { tone: 'ask', title, lines: [], hint: line`都不是的话，请写完整的名字或 userid 再发一次` },
    options.map(({ label, token }) => ({ label, order: order(token) })),
  );
}

function withoutAt(raw: string): string {
  return raw.replace(/^[@＠]/, '').trim();
}
