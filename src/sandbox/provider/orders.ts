/** What the page asks of the provider's console (/sandbox/provider, see protocol.ts). */
import { z } from 'zod';
import { RIGHTS } from '../app-kind.ts';
import type { Delivery, ProviderOrder } from '../protocol.ts';
import type { Desk } from './desk.ts';

const name = z.string().min(1).max(64);
const of = { suite: name, company: name };
const rights = z.array(z.enum(RIGHTS)).exactOptional();
const departments = z.array(z.int()).exactOptional();
const variants = z.strictObject({
  checkSealedFor: z.enum(['provider', 'suite', 'corp', 'other']).exactOptional(),
  createAuthTo: z.enum(['suite', 'provider']).exactOptional(),
  authUserInfo: z.enum(['sent', 'empty', 'missing']).exactOptional(),
  adminList: z.enum(['sent', 'empty']).exactOptional(),
  appInCorp: z.enum(['made', 'not-yet']).exactOptional(),
  oldExchangeMs: z.int().min(0).max(600_000).exactOptional(),
  olderTickets: z.enum(['refused', 'accepted']).exactOptional(),
  resetEndsOld: z.enum(['at-once', 'at-exchange']).exactOptional(),
  cancelledToken: z.literal([40014, 48004]).exactOptional(),
  userIdCase: z.enum(['exact', 'ignored']).exactOptional(),
  hiddenNames: z.enum(['id', 'omitted']).exactOptional(),
});

const order = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('ticket'),
    suite: name,
    of: name.exactOptional(),
    sealedFor: z.enum(['url', 'ticket']).exactOptional(),
  }),
  z.strictObject({ act: z.literal('tickets'), on: z.boolean() }),
  z.strictObject({ act: z.literal(['expire', 'verify']), suite: name }),
  z.strictObject({
    act: z.literal('install'),
    ...of,
    fromSite: z.boolean().exactOptional(),
    state: z
      .string()
      .regex(/^[a-zA-Z0-9]{0,32}$/)
      .exactOptional(),
  }),
  z.strictObject({ act: z.literal('change'), ...of, rights, departments, enabled: z.boolean().exactOptional() }),
  z.strictObject({ act: z.literal(['cancel', 'reset', 'admin']), ...of }),
  z.strictObject({ act: z.literal('member'), ...of, member: name }),
  z.strictObject({ act: z.literal('again'), suite: name, count: z.int().min(1).max(20).exactOptional() }),
  z.strictObject({ act: z.literal('hold') }),
  z.strictObject({ act: z.literal('release'), order: z.enum(['as-sent', 'reversed']) }),
  z.strictObject({ act: z.literal('variants'), variants }),
]);

/** Carries the order out; deliveries go on after the answer. @throws ZodError, Impossible or Refusal. */
export async function carryOut(desk: Desk, body: unknown): Promise<object> {
  const begun = begin(desk, order.parse(body));
  // What cannot be done rejects at once, whereas a delivery may take its repeats.
  begun.catch(() => undefined);
  return Promise.race([begun, new Promise<object>((resolve) => setImmediate(resolve, {}))]);
}

async function begin(desk: Desk, asked: ProviderOrder): Promise<object> {
  switch (asked.act) {
    case 'ticket':
      return desk.pushTicket(asked.suite, asked);
    case 'tickets':
      if (asked.on) await desk.startTickets();
      else desk.stopTickets();
      return {};
    case 'expire':
      desk.expireTickets(asked.suite);
      return {};
    case 'verify':
      return desk.verifyUrls(asked.suite);
    case 'install':
      return install(desk, asked);
    case 'change': {
      const { act: _, suite, company, ...grant } = asked;
      return desk.change(suite, company, grant);
    }
    case 'cancel':
      return desk.cancel(asked.suite, asked.company);
    case 'reset':
      return desk.resetSecret(asked.suite, asked.company);
    case 'admin':
      return desk.changeAdmin(asked.suite, asked.company);
    case 'member':
      return desk.changeMember(asked.suite, asked.company, asked.member);
    case 'again':
      return wrapped(desk.again(asked.suite, asked.count));
    case 'hold':
      desk.hold();
      return {};
    case 'release':
      return wrapped(desk.release(asked.order));
    case 'variants':
      return desk.setVariants(asked.variants);
  }
}

/** From the provider's own site the code comes with the browser, and nothing is pushed. */
async function install(desk: Desk, asked: ProviderOrder & { readonly act: 'install' }): Promise<object> {
  const { suite, company, fromSite = false, state } = asked;
  const more = state === undefined ? {} : { state };
  const preAuth = fromSite ? { preAuthCode: desk.preAuthCode(suite) } : {};
  const { corpId, authCode } = await desk.install(suite, company, { ...more, ...preAuth });
  return fromSite ? { corpId, authCode } : { corpId };
}

async function wrapped(deliveries: Promise<readonly Delivery[]>): Promise<object> {
  return { deliveries: await deliveries };
}
