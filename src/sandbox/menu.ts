/** The app menu (docs 90231 to 90233): two levels, with limits in bytes. */
import type { MenuButton } from './protocol.ts';
import { type Body, isBody, refuse } from './refusal.ts';

const CLICK_LIKE = new Set([
  'click',
  'scancode_push',
  'scancode_waitmsg',
  'pic_sysphoto',
  'pic_photo_or_album',
  'pic_weixin',
  'location_select',
]);

interface Level {
  readonly maxName: number;
  readonly badName: number;
  readonly badType: number;
  readonly badKey: number;
  readonly badUrl: number;
}
const TOP: Level = { maxName: 16, badName: 40018, badType: 40017, badKey: 40019, badUrl: 40020 };
const SUB: Level = { maxName: 40, badName: 40025, badType: 40024, badKey: 40026, badUrl: 40027 };

/** Reads the body of menu/create. */
export function readMenu(body: Body): readonly MenuButton[] {
  const buttons = body.button;
  if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > 3) refuse(40016, 'invalid button size');
  return buttons.map((button) => {
    const top = objectOrRefuse(button);
    const name = readName(top, TOP);
    const subs = top.sub_button;
    if (subs === undefined || (Array.isArray(subs) && subs.length === 0 && top.type !== undefined))
      return { name, ...readAction(top, TOP) };
    if (!Array.isArray(subs) || subs.length < 1 || subs.length > 5) refuse(40023, 'invalid sub button size');
    return { name, sub_button: subs.map((each) => readSub(objectOrRefuse(each))) };
  });
}

function readSub(sub: Body): MenuButton {
  const deeper = sub.sub_button;
  if (deeper !== undefined && !(Array.isArray(deeper) && deeper.length === 0))
    refuse(40022, 'menu has more than two levels');
  return { name: readName(sub, SUB), ...readAction(sub, SUB) };
}

function readName(button: Body, level: Level): string {
  const name = button.name;
  if (name === undefined || name === '') refuse(41102, 'missing menu name');
  if (typeof name !== 'string' || Buffer.byteLength(name) > level.maxName)
    refuse(level.badName, 'invalid button name size');
  return name;
}

function readAction(button: Body, level: Level): Omit<MenuButton, 'name'> {
  const type = button.type;
  if (type === 'view') return { type, url: readText(button.url, 1024, level.badUrl, 'invalid button url size') };
  if (type === 'view_miniprogram') {
    if (typeof button.appid !== 'string' || typeof button.pagepath !== 'string')
      refuse(level.badType, 'missing appid or pagepath');
    return { type };
  }
  if (typeof type !== 'string' || !CLICK_LIKE.has(type)) refuse(level.badType, 'invalid button type');
  return { type, key: readText(button.key, 128, level.badKey, 'invalid button key size') };
}

function readText(value: unknown, maxBytes: number, errcode: number, reason: string): string {
  if (typeof value !== 'string' || value === '' || Buffer.byteLength(value) > maxBytes) refuse(errcode, reason);
  return value;
}

function objectOrRefuse(value: unknown): Body {
  return isBody(value) ? value : refuse(40035, 'invalid parameter, button should be an object');
}
