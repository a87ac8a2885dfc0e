/** The privileges of a 规则组 (doc 94883): some are always on, the others are off unless they are named. */
import { type Body, isBody, refuse } from './refusal.ts';

const BASE_RIGHTS = ['view_customer_list', 'view_customer_data', 'view_room_list', 'contact_me', 'join_room'] as const;
const OPTIONAL_RIGHTS = [
  'share_customer',
  'oper_resign_customer',
  'oper_resign_group',
  'send_customer_msg',
  'edit_welcome_msg',
  'view_behavior_data',
  'view_room_data',
  'send_group_msg',
  'room_deduplication',
  'rapid_reply',
  'onjob_customer_transfer',
  'edit_anti_spam_rule',
  'export_customer_list',
  'export_customer_data',
  'export_customer_group_list',
  'manage_customer_tag',
] as const;

export function rightsOf(isOn: (right: string) => boolean): Record<string, boolean> {
  const base = BASE_RIGHTS.map((right) => [right, true] as const);
  return Object.fromEntries([...base, ...OPTIONAL_RIGHTS.map((right) => [right, isOn(right)] as const)]);
}

/** Base rights stay on whatever is sent; optional rights that are not named are off. */
export function readPrivilege(body: Body): Record<string, boolean> | undefined {
  const value = body.privilege;
  if (value === undefined) return undefined;
  if (!isBody(value)) refuse(40035, 'invalid parameter, privilege should be an object');
  for (const [right, on] of Object.entries(value)) {
    if (typeof on !== 'boolean') refuse(40035, `invalid parameter, privilege.${right} should be a boolean`);
  }
  return rightsOf((right) => value[right] === true);
}
