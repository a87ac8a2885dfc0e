/**
 * What a suite is told on its 指令 (or template) address: tickets, authorisations, and changes in the companies, told apart
 * by InfoType and not by MsgType. WeCom docs 90628, 90642, 97175 and 92277.
 */
import { hash } from 'node:crypto';
import type { IncomingMessage } from '../message.ts';
import { readTagChange } from './decode.ts';
import { label, readFields } from './fields.ts';

interface Head {
  /** Empty when the event names none. */
  readonly suiteId: string;
  /** As written, for the log. */
  readonly infoType: string;
  /** The platform's `TimeStamp`, unix seconds; our own where it gives none that can be. */
  readonly stamp: number;
  /** ms */
  readonly receivedAt: number;
}

export type SuiteMessage = Head &
  (
    | { readonly kind: 'ticket'; readonly ticket: string }
    /** Which company it is is known only once the code has been exchanged. */
    | { readonly kind: 'code'; readonly infoType: 'create_auth' | 'reset_permanent_code'; readonly code: string }
    | { readonly kind: 'authorisation'; readonly infoType: 'change_auth' | 'cancel_auth'; readonly corpId: string }
    /** For the company itself, as its own app would hear of it. */
    | { readonly kind: 'hint'; readonly corpId: string; readonly message: IncomingMessage }
    /** Whatever else there is, or will be. */
    | { readonly kind: 'other' }
  );

/** Of a company: everything that is kept of it stands under it. */
const ID = /^[\w-]{1,64}$/;

/** How far the platform's clock may be ahead of ours; see verify.ts. */
const AHEAD_S = 10 * 60;

/** Throws as `decodeMessage`. `receivedAt`: ms. */
export function decodeSuiteMessage(plaintext: string, { receivedAt }: { receivedAt: number }): SuiteMessage {
  const fields = readFields(plaintext);
  const infoType = fields.get('InfoType').trim();
  const seconds = Math.floor(receivedAt / 1000);
  const written = Number(/^\d{1,12}$/.exec(fields.get('TimeStamp').trim())?.[0] ?? seconds);
  // One of the far future would be the last that ever counts.
  const stamp = written > seconds + AHEAD_S ? seconds : written;
  const corpId = ID.exec(fields.get('AuthCorpId').trim())?.[0] ?? '';
  const head = {
    suiteId: fields.get('SuiteId').trim(),
    infoType: label(infoType || fields.get('Event')),
    stamp,
    receivedAt,
  };
  switch (infoType) {
    case 'suite_ticket': {
      const ticket = fields.get('SuiteTicket').trim();
      return ticket === '' ? { ...head, kind: 'other' } : { ...head, kind: 'ticket', ticket };
    }
    case 'create_auth':
    case 'reset_permanent_code': {
      const code = fields.get('AuthCode').trim();
      return code === '' ? { ...head, kind: 'other' } : { ...head, kind: 'code', infoType, code };
    }
    case 'change_auth':
    case 'cancel_auth':
      return corpId === '' ? { ...head, kind: 'other' } : { ...head, kind: 'authorisation', infoType, corpId };
    case 'change_external_tag': {
      const change = readTagChange(fields);
      if (change === undefined || corpId === '') return { ...head, kind: 'other' };
      const key = `e:${hash('sha256', plaintext, 'hex')}`;
      const message = { corpId, key, member: 'sys', createTime: stamp, receivedAt, ...change };
      return { ...head, kind: 'hint', corpId, message };
    }
    default:
      return { ...head, kind: 'other' };
  }
}
