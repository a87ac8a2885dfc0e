/**
 * People and departments of the corp, as far as the app may see them: names for userids (doc 90196), lists to find someone
 * by name (user/simplelist, department/list), and the app itself (doc 90227).
 */
import { LRUCache } from 'lru-cache';
import { BotError } from '../errors.ts';
import type { Department, Directory, Person } from '../people.ts';
import { inParallel, sharedRun } from '../queue.ts';
import type { Client } from './client.ts';
import { id, isObject, listIn, listOrNone, number, object, text } from './shape.ts';

const HOUR_MS = 3_600_000;
const NAMES_MS = 6 * HOUR_MS;
/** How long a userid without a readable name is left alone. */
const NO_NAME_MS = HOUR_MS / 6;
const LISTS_MS = HOUR_MS / 2;
/** Departments that are asked for their members at a time. */
const PARALLEL = 5;
/** Not there, or not for this app to see. */
const INVISIBLE: ReadonlySet<number | undefined> = new Set([40003, 46004, 50002, 60003, 60011, 60111, 60123, 92000]);
const USERID = /^[\w.@-]{1,64}$/;

export interface AgentInfo {
  readonly name: string;
  /** Switched off in the console. */
  readonly closed: boolean;
  readonly visible: {
    readonly users: readonly string[];
    readonly departments: readonly number[];
    /** How many tags of the address book. */
    readonly tags: number;
  };
}

export interface AppDirectory extends Directory {
  /** Whether there is somebody of this userid whom the app sees. Throws BotError when that cannot be found out. */
  sees(userid: string): Promise<boolean>;
  /** What the app may see of people is another: nothing is known of them any more. */
  forget(): void;
  /** Proves that token and agent id belong together, and tells who may use the app. */
  agent(): Promise<AgentInfo>;
}

export function createDirectory(
  client: Client,
  options: {
    readonly agentId: number;
    readonly now: () => number;
    /** Of a 第三方 app; one made for a company may be allowed to see names (doc 99052), which shows in what it is told. */
    readonly hidesNames?: boolean;
  },
): AppDirectory {
  const { agentId, now } = options;
  let hidesNames = options.hidesNames ?? false;
  const names = new LRUCache<string, string>({
    // Room for `max` would be set aside at once, in each of many corps.
    maxSize: 20_000,
    sizeCalculation: () => 1,
    ttl: NAMES_MS,
    ttlResolution: 0,
    perf: { now },
  });

  function user(userid: string): Promise<Person> {
    return client.call('user/get', undefined, {
      query: { userid },
      idempotent: true,
      read: readPerson,
      expected: (errcode) => INVISIBLE.has(errcode),
    });
  }

  async function name(userid: string): Promise<string> {
    const remembered = names.get(userid);
    if (remembered !== undefined) return remembered;
    try {
      const person = await user(userid);
      names.set(userid, person.name);
      return person.name;
    } catch (error) {
      // Refused (60111, 60011 …): ask again later. Busy or unreachable: ask again next time.
      if (error instanceof BotError && error.errcode !== undefined && error.kind !== 'busy') {
        names.set(userid, userid, { ttl: NO_NAME_MS });
      }
      return userid;
    }
  }

  const departments = cachedList(now, () =>
    client.call('department/list', undefined, {
      idempotent: true,
      read: (answer) => listIn(answer, 'department').map(readDepartment),
    }),
  );

  /** One department's own members; none where the app may not look. */
  async function membersOf(department: Department): Promise<Person[]> {
    try {
      return await client.call('user/simplelist', undefined, {
        query: { department_id: department.id },
        idempotent: true,
        read: (answer) => listIn(answer, 'userlist').map(readPerson),
        expected: (errcode) => INVISIBLE.has(errcode),
      });
    } catch (error) {
      if (error instanceof BotError && INVISIBLE.has(error.errcode)) return [];
      throw error;
    }
  }

  const people = cachedList(now, async () => {
    const members = await inParallel(PARALLEL, await departments.all(), membersOf);
    const found = new Map(members.flat().map((person) => [person.userid, person]));
    for (const person of found.values()) names.set(person.userid, person.name);
    hidesNames =
      options.hidesNames || (found.size > 0 && [...found.values()].every(({ userid, name }) => userid === name));
    return [...found.values()];
  });

  return {
    name,
    hidesNames: () => hidesNames,
    forget() {
      hidesNames = options.hidesNames ?? false;
      names.clear();
      departments.forget();
      people.forget();
    },
    async findPeople(query) {
      const wanted = query.trim().toLowerCase();
      if (wanted === '') return [];
      const found = matching(await people.all(), wanted, (person) => [person.userid, person.name]);
      if (!USERID.test(wanted) || found.some((person) => person.userid.toLowerCase() === wanted)) return found;
      // Someone whom the app sees alone, without the department, is in no list; a namesake of the userid is not meant.
      return user(query.trim()).then(
        (person) => [person, ...found],
        (error: unknown) => {
          if (error instanceof BotError && INVISIBLE.has(error.errcode)) return found;
          throw error;
        },
      );
    },
    async findDepartments(query) {
      const wanted = query.trim().toLowerCase();
      if (wanted === '') return [];
      return matching(await departments.all(), wanted, (department) => [String(department.id), department.name]);
    },
    sees: (userid) =>
      user(userid).then(
        () => true,
        (error: unknown) => {
          if (error instanceof BotError && INVISIBLE.has(error.errcode)) return false;
          throw error;
        },
      ),
    agent: () =>
      client.call('agent/get', undefined, {
        query: { agentid: agentId },
        idempotent: true,
        read: (answer) => {
          const users = isObject(answer.allow_userinfos) ? answer.allow_userinfos.user : undefined;
          const tags = isObject(answer.allow_tags) ? answer.allow_tags.tagid : undefined;
          const parties = isObject(answer.allow_partys) ? answer.allow_partys.partyid : undefined;
          return {
            name: text(answer.name),
            closed: Number(answer.close) === 1,
            visible: {
              users: listOrNone(users, 'allow_userinfos').map((value) => id(object(value, 'user').userid, 'userid')),
              departments: listOrNone(parties, 'allow_partys').map((value) => number(value, 'partyid')),
              tags: listOrNone(tags, 'allow_tags').length,
            },
          };
        },
      }),
  };
}

function readPerson(value: unknown): Person {
  const person = object(value, 'person');
  const userid = id(person.userid, 'userid');
  return { userid, name: text(person.name) || userid };
}

function readDepartment(value: unknown): Department {
  const department = object(value, 'department[]');
  const departmentId = number(department.id, 'department[].id');
  return {
    id: departmentId,
    name: text(department.name) || String(departmentId),
  };
}

/** A list that is read once for all who ask and kept for a while; a failure is not kept. */
function cachedList<T>(
  now: () => number,
  read: () => Promise<T>,
): { readonly all: () => Promise<T>; readonly forget: () => void } {
  let present: { readonly value: T; readonly until: number } | undefined;
  const reading = sharedRun(async () => {
    const value = await read();
    present = { value, until: now() + LISTS_MS };
    return value;
  });
  return {
    all: async () => (present !== undefined && now() < present.until ? present.value : reading.joined()),
    forget: () => {
      present = undefined;
    },
  };
}

/** Whole matches alone when there are any: 「王五」 is not asked about when 「王五一」 exists too. */
function matching<T>(all: readonly T[], wanted: string, keys: (item: T) => readonly string[]): T[] {
  const lower = (item: T) => keys(item).map((key) => key.toLowerCase());
  const whole = all.filter((item) => lower(item).includes(wanted));
  return whole.length > 0 ? whole : all.filter((item) => keys(item)[1]?.toLowerCase().includes(wanted));
}
