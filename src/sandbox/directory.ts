/**
 * The simulated corp's people: members, departments and what the app may see of them
 * (user/get, user/simplelist, department/list, agent/get; docs 90196, 90200, 90208, 90227).
 * People are called by the userid of their corp everywhere in the sandbox; an app of a provider knows them by other ids,
 * which are turned here and nowhere else.
 */
import { type Body, refuse } from './refusal.ts';

export interface Member {
  readonly userid: string;
  readonly name: string;
  readonly department: number;
  readonly superAdmin: boolean;
  readonly position: string;
}

export interface Department {
  readonly id: number;
  readonly name: string;
  readonly parentId: number;
  /** Whether the department and its members are in the app's visible range. */
  readonly visible: boolean;
}

/** How an app sees the people: by which ids, which of their names, and who is in its range. */
export interface Sight {
  idOf(userid: string): string;
  /** Whether two ids of this app mean the same member. */
  same(id: string, other: string): boolean;
  /** What stands where a name would; undefined: the field is missing. */
  userName(member: Member): string | undefined;
  departmentName(department: Department): string | undefined;
  sees(department: Department): boolean;
}

/** An app of the corp's own. Userids are compared without regard to case, as the platform does. */
const OWN_SIGHT: Sight = {
  idOf: (userid) => userid,
  same: (id, other) => id.toLowerCase() === other.toLowerCase(),
  userName: ({ name }) => name,
  departmentName: ({ name }) => name,
  sees: ({ visible }) => visible,
};

export class Directory {
  readonly members: readonly Member[];
  readonly departments: readonly Department[];
  readonly #sight: Sight;

  constructor(members: readonly Member[], departments: readonly Department[], sight: Sight = OWN_SIGHT) {
    this.members = members;
    this.departments = departments;
    this.#sight = sight;
  }

  /** The member whom the app means by this id. */
  find(id: string): Member | undefined {
    return this.members.find((member) => this.#sight.same(this.#sight.idOf(member.userid), id));
  }

  /** The member with this userid in the corp, whatever an app calls them. */
  person(userid: string): Member | undefined {
    const wanted = userid.toLowerCase();
    return this.members.find((member) => member.userid.toLowerCase() === wanted);
  }

  /** What the app calls the member with this userid. */
  idOf(userid: string): string {
    return this.#sight.idOf(userid);
  }

  isVisible(member: Member): boolean {
    const department = this.department(member.department);
    return department !== undefined && this.#sight.sees(department);
  }

  isInRange(department: Department): boolean {
    return this.#sight.sees(department);
  }

  /** The member if the app may see them: unknown is 60111, outside the visible range 60011. */
  visibleMember(userid: string): Member {
    const member = this.find(userid) ?? refuse(60111, `userid not found`);
    if (!this.isVisible(member)) refuse(60011, 'no privilege to access/modify contact/party/agent');
    return member;
  }

  visibleMembers(): readonly Member[] {
    return this.members.filter((member) => this.isVisible(member));
  }

  department(id: number): Department | undefined {
    return this.departments.find((department) => department.id === id);
  }

  /** The department and its ancestors, nearest first. */
  lineage(id: number): readonly number[] {
    const line: number[] = [];
    for (let at = this.department(id); at !== undefined && !line.includes(at.id); at = this.department(at.parentId)) {
      line.push(at.id);
    }
    return line;
  }

  userGet(userid: string | null): Body {
    if (userid === null || userid === '') refuse(41009, 'missing userid');
    const member = this.visibleMember(userid);
    return {
      userid: this.idOf(member.userid),
      ...nameField(this.#sight.userName(member)),
      department: [member.department],
      order: [0],
      position: member.position,
      is_leader_in_dept: [0],
      direct_leader: [],
      main_department: member.department,
      status: 1,
    };
  }

  simpleList(departmentId: string | null): Body {
    const department = this.#visibleDepartment(departmentId ?? refuse(40058, 'missing department_id'));
    const userlist = this.members
      .filter((member) => member.department === department.id)
      .map((member) => ({
        userid: this.idOf(member.userid),
        ...nameField(this.#sight.userName(member)),
        department: [member.department],
      }));
    return { userlist };
  }

  /** Without an id every visible department, else that one and those below it. */
  departmentList(id: string | null): Body {
    const top = id === null ? undefined : this.#visibleDepartment(id).id;
    const department = this.departments
      .filter((each) => this.isInRange(each) && (top === undefined || this.lineage(each.id).includes(top)))
      .map((each) => ({
        id: each.id,
        ...nameField(this.#sight.departmentName(each)),
        department_leader: [],
        parentid: each.parentId,
        order: 100_000_000 - each.id,
      }));
    return { department };
  }

  #visibleDepartment(id: string): Department {
    if (!/^\d{1,9}$/.test(id)) refuse(40035, 'invalid parameter, department id should be integer');
    const department = this.department(Number(id)) ?? refuse(60003, 'department not found');
    if (!this.isInRange(department)) refuse(60011, 'no privilege to access/modify contact/party/agent');
    return department;
  }
}

const nameField = (name: string | undefined): Body => (name === undefined ? {} : { name });
