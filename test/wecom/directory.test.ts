import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { type AppDirectory, createDirectory } from '../../src/wecom/directory.ts';
import { type Bench, type Call, connectTo, ok, type Platform, refusal, startPlatform } from './platform.ts';

let platform: Platform;
let bench: Bench;
let directory: AppDirectory;

const PEOPLE: Record<string, { userid: string; name: string }[]> = {
  1: [{ userid: 'boss', name: '王总' }],
  2: [
    { userid: 'zhangsan', name: '张三' },
    { userid: 'ZhangSanFeng', name: '张三丰' },
  ],
  3: [
    { userid: 'zhangsan', name: '张三' },
    { userid: 'z3', name: '张三' },
  ],
};

function corp(call: Call): object {
  const userid = call.query.get('userid') ?? '';
  if (call.path === 'department/list') {
    const department = (id: number, name: string, parentid: number) => ({ id, name, parentid });
    return {
      ...ok,
      department: [
        department(1, '公司', 0),
        department(2, '销售部', 1),
        department(3, '销售二部', 2),
        department(4, '秘密', 1),
      ],
    };
  }
  if (call.path === 'user/simplelist') {
    const userlist = PEOPLE[call.query.get('department_id') ?? ''];
    return userlist === undefined ? refusal(60011) : { ...ok, userlist };
  }
  if (call.path === 'agent/get') {
    const visible = { allow_userinfos: { user: [{ userid: 'lisi' }] }, allow_partys: { partyid: [2] } };
    return { ...ok, agentid: 1000002, name: '标签助手', close: 0, ...visible };
  }
  const name = { lisi: '李四', noname: '' }[userid];
  return name === undefined ? refusal(60111) : { ...ok, userid, name };
}

beforeEach(async () => {
  platform = await startPlatform();
  platform.says((call, response) => response.end(JSON.stringify(corp(call))));
  bench = connectTo(platform.url);
  directory = createDirectory(bench.client, { agentId: 1000002, now: () => bench.clock.time });
});
afterEach(async () => {
  bench.close();
  await platform.close();
});

describe('names', () => {
  test('are read once and kept for hours', async () => {
    expect([await directory.name('lisi'), await directory.name('lisi')]).toEqual(['李四', '李四']);
    expect(platform.calls).toHaveLength(1);
    bench.clock.time += 7 * 3_600_000;
    await directory.name('lisi');
    expect(platform.calls).toHaveLength(2);
  });

  test('fall back to the userid, also when the platform has no name or no time', async () => {
    expect(await Promise.all(['lisi', 'gone', 'noname'].map(directory.name))).toEqual(['李四', 'gone', 'noname']);
    await directory.name('gone');
    expect(platform.calls).toHaveLength(3);
    platform.says(refusal(45009), { ...ok, userid: 'w', name: '吴' });
    expect([await directory.name('w'), await directory.name('w')]).toEqual(['w', '吴']);
  });
});

describe('finding', () => {
  test.each([
    ['张三', ['zhangsan', 'z3']],
    ['ZHANGSAN', ['zhangsan']],
    ['zhangsanfeng', ['ZhangSanFeng']],
    [' 王 ', ['boss']],
    ['三', ['zhangsan', 'ZhangSanFeng', 'z3']],
    ['lisi', ['lisi']],
    ['nobody', []],
    ['没有', []],
    ['', []],
  ])('people: %j', async (query, userids) => {
    expect((await directory.findPeople(query)).map((person) => person.userid)).toEqual(userids);
  });

  test.each([
    ['销售部', [2]],
    ['销售', [2, 3]],
    ['3', [3]],
    ['财务', []],
  ])('departments: %j', async (query, ids) => {
    expect((await directory.findDepartments(query)).map((department) => department.id)).toEqual(ids);
  });

  test('the lists are read once for all who ask; a department that may not be seen is left out', async () => {
    await Promise.all([directory.findPeople('张三'), directory.findPeople('王总'), directory.findDepartments('销售')]);
    expect(platform.calls).toHaveLength(5);
    expect(await directory.name('boss')).toBe('王总');
    expect(platform.calls).toHaveLength(5);
  });

  test('hundreds of departments of which few may be seen: a few calls at a time, and no line for each refusal', async () => {
    let open = 0;
    let most = 0;
    platform.says((call, response) => {
      most = Math.max(most, ++open);
      const id = Number(call.query.get('department_id'));
      const department = Array.from({ length: 400 }, (_, at) => ({ id: at + 1, name: `部门${at}`, parentid: 0 }));
      const seen = id === 7 ? { ...ok, userlist: [{ userid: 'lisi', name: '李四' }] } : refusal(60011);
      setImmediate(() => {
        open--;
        response.end(JSON.stringify(call.path === 'department/list' ? { ...ok, department } : seen));
      });
    });
    const told: string[] = [];
    const quiet = connectTo(platform.url, { log: createLog('info', { write: (line) => told.push(line) }) });
    const large = createDirectory(quiet.client, { agentId: 1, now: () => quiet.clock.time });
    expect(await large.findPeople('李四')).toMatchObject([{ userid: 'lisi' }]);
    quiet.close();
    expect(most).toBeLessThanOrEqual(5);
    expect(told).toEqual([]);
  });

  test('a failure is told and not kept', async () => {
    platform.says(refusal(45009));
    await expect(directory.findPeople('张三')).rejects.toMatchObject({ errcode: 45009 });
    platform.says((call, response) => response.end(JSON.stringify(corp(call))));
    expect(await directory.findPeople('张三')).toHaveLength(2);
  });
});

test('the app itself', async () => {
  expect(await directory.agent()).toEqual({
    name: '标签助手',
    closed: false,
    visible: { users: ['lisi'], departments: [2], tags: 0 },
  });
});
