/**
 * Who may do what. WeCom does not check the member who typed, only the app; so the bot does, and denies by default.
 * Sources of a right, strongest first: BOT_ADMINS, roles in the config file, the rule group's own admin_list with
 * manage_customer_tag (doc 94883), READ_ACCESS. 企业标签 has neither a list of its own nor settings to be admin of.
 */

import type { Right } from '../command/table/row.ts';
import { CORP_LIBRARY, type Library } from '../tags/library.ts';
import type { LibraryId } from '../tags/tag.ts';

/** read: look up. edit: change tags and tag groups. admin: change the rule group itself. */
export type RightIn = Extract<Right, 'read' | 'edit' | 'admin'>;

export interface AccessConfig {
  readonly botAdmins: readonly string[];
  /** Where they are written; undefined: in BOT_ADMINS. */
  readonly adminsIn?: string;
  readonly readAccess: 'everyone' | 'admins';
  readonly roles: readonly {
    readonly member: string;
    /** As `isNamed` reads it. */
    readonly ruleGroup: string;
    readonly role: 'reader' | 'editor' | 'admin';
  }[];
}

export type Source = 'bot-admin' | 'role' | 'rule-group-admin' | 'everyone';

export interface Grant {
  readonly right: RightIn;
  readonly source: Source;
}

export interface Rights {
  readonly member: string;
  readonly botAdmin: boolean;
  /** The strongest right in this library and where it comes from; undefined when there is none. */
  in(libraryId: LibraryId): Grant | undefined;
  can(right: RightIn, libraryId: LibraryId): boolean;
  /** Libraries the member may look into. */
  readonly readable: ReadonlySet<LibraryId>;
  /** Every library there is. */
  readonly readsAll: boolean;
}

const RANK: Readonly<Record<RightIn, number>> = { read: 1, edit: 2, admin: 3 };
const ROLE_RIGHT = { reader: 'read', editor: 'edit', admin: 'admin' } as const;

/** Compared as the platform does (doc 90196): the case of ASCII letters does not count, and nothing else is folded. */
export function sameUserid(a: string, b: string): boolean {
  return a === b || (a.length === b.length && inLowerCase(a) === inLowerCase(b));
}

/** toLowerCase would take the Kelvin sign for a k. */
function inLowerCase(userid: string): string {
  return userid.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * A library as the config names it: `企业标签` or `corp`; of rule groups `*` for all, `2` the number, `名字:2` or any other
 * text the whole name.
 */
export function isNamed(written: string, id: LibraryId, name: string | undefined): boolean {
  if (written === CORP_LIBRARY || written === 'corp') return id === 'corp';
  if (id === 'corp') return false;
  if (written === '*') return true;
  if (/^\d+$/.test(written)) return written === String(id);
  return (/^名字[:：](.+)$/u.exec(written)?.[1] ?? written) === name;
}

/** Where whoever runs the bot writes down its admins. */
export const adminsSetting = ({ adminsIn = 'BOT_ADMINS' }: AccessConfig): string => adminsIn;

/** Has every right, in every library. */
export function isBotAdmin(access: AccessConfig, member: string): boolean {
  return access.botAdmins.some((admin) => sameUserid(admin, member));
}

/** What the member may do in each library of this moment. */
export function rightsOf(member: string, library: Library, access: AccessConfig): Rights {
  const botAdmin = isBotAdmin(access, member);
  const roles = access.roles.filter((role) => sameUserid(role.member, member));
  const grants = new Map<LibraryId, Grant>();
  const readable = new Set<LibraryId>();
  for (const id of library.libraryIds) {
    const grant = grantIn(id);
    if (!grant) continue;
    grants.set(id, grant);
    readable.add(id);
  }
  return {
    member,
    botAdmin,
    readable,
    readsAll: botAdmin || readable.size === library.libraryIds.size,
    in: (libraryId) => grants.get(libraryId),
    can: (right, libraryId) =>
      botAdmin || (RANK[grants.get(libraryId)?.right ?? 'read'] >= RANK[right] && grants.has(libraryId)),
  };

  function grantIn(id: LibraryId): Grant | undefined {
    if (botAdmin) return { right: 'admin', source: 'bot-admin' };
    const ruleGroup = library.ruleGroup(id);
    let best: Grant | undefined;
    for (const role of roles) {
      if (!isNamed(role.ruleGroup, id, ruleGroup?.name)) continue;
      const right = id === 'corp' && role.role === 'admin' ? 'edit' : ROLE_RIGHT[role.role];
      if (!best || RANK[right] > RANK[best.right]) best = { right, source: 'role' };
    }
    if (best && best.right !== 'read') return best;
    if (ruleGroup?.privilege.manage_customer_tag && ruleGroup.admins.some((admin) => sameUserid(admin, member))) {
      return { right: 'edit', source: 'rule-group-admin' };
    }
    if (best) return best;
    if (ruleGroup?.admins.some((admin) => sameUserid(admin, member)))
      return { right: 'read', source: 'rule-group-admin' };
    return access.readAccess === 'everyone' ? { right: 'read', source: 'everyone' } : undefined;
  }
}

/** Userids of those who can help a member without a right in this library, best placed first. */
export function whoCanHelp(library: Library, access: AccessConfig, libraryId: LibraryId | undefined): string[] {
  const ruleGroup = libraryId === undefined ? undefined : library.ruleGroup(libraryId);
  const own = ruleGroup?.privilege.manage_customer_tag ? ruleGroup.admins : [];
  return [...new Set([...own, ...access.botAdmins])];
}
