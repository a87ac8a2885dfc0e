/**
 * The simulated corp's people: members, departments and what the app may see of them
 * (user/get, user/simplelist, department/list, agent/get; docs 90196, 90200, 90208, 90227).
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

export class Directory {
  readonly members: readonly Member[];
  readonly departments: readonly Department[];

  constructor(members: readonly Member[], departments: readonly Department[]) {
    this.members = members;
    this.departments = departments;
  }

  /** Userids are compared without regard to case, as the platform does. */
  find(userid: string): Member | undefined {
    const wanted = userid.toLowerCase();
    return this.members.find((member) => member.userid.toLowerCase() === wanted);
  }

  isVisible(member: Member): boolean {
    return this.department(member.department)?.visible === true;
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
      userid: member.userid,
      name: member.name,
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
      .map((member) => ({ userid: member.userid, name: member.name, department: [member.department] }));
    return { userlist };
  }

  /** Without an id every visible department, else that one and those below it. */
  departmentList(id: string | null): Body {
    const top = id === null ? undefined : this.#visibleDepartment(id).id;
    const department = this.departments
      .filter((each) => each.visible && (top === undefined || this.lineage(each.id).includes(top)))
      .map((each) => ({
        id: each.id,
        name: each.name,
        department_leader: [],
        parentid: each.parentId,
        order: 100_000_000 - each.id,
      }));
    return { department };
  }

  #visibleDepartment(id: string): Department {
    if (!/^\d{1,9}$/.test(id)) refuse(40035, 'invalid parameter, department id should be integer');
    const department = this.department(Number(id)) ?? refuse(60003, 'department not found');
    if (!department.visible) refuse(60011, 'no privilege to access/modify contact/party/agent');
    return department;
  }
}
