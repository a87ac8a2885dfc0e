/**
 * What a provider must not forget: the tickets of its suites, who has authorised them, and the events that tell of it.
 * Everything secret comes here sealed (see sealing.ts) and stays sealed. Every verb is one statement, the same on both
 * engines, so that each happens whole or not at all; a resolved write is durable. Rejects with BotError `store.*`.
 */

import type { Value } from './statements.ts';
import type { Hold } from './store.ts';

export interface KeptTicket {
  readonly sealed: string;
  /** The platform's `TimeStamp` inside the event, unix seconds. */
  readonly stamp: number;
  /** When it came, ms. */
  readonly at: number;
}

/** When something was: by the platform's clock, and by ours where the platform's seconds are equal. */
export interface Moment {
  /** Unix seconds. */
  readonly stamp: number;
  /** ms. */
  readonly receivedAt: number;
}

export interface Authorisation {
  readonly suiteId: string;
  /** Of the provider's encrypted kind for most; upper and lower case are different. */
  readonly corpId: string;
  readonly state: 'active' | 'cancelled';
  /** Sealed; undefined once the authorisation is cancelled. */
  readonly permanentCode: string | undefined;
  /** Raised with every new permanent code. */
  readonly version: number;
  /** Of the app in this company, as soon as it is known. */
  readonly agentId: number | undefined;
  readonly corpName: string;
  /** Userids of whoever installed the app or may manage it. */
  readonly admins: readonly string[];
  /** ms; of the last change. */
  readonly changedAt: number;
}

/** A new permanent code, by the event whose code it was exchanged for. */
export interface NewCode extends Moment {
  readonly suiteId: string;
  readonly corpId: string;
  readonly permanentCode: string;
  readonly eventKey: string;
  /** ms. */
  readonly at: number;
}

export interface SuiteEvent extends Moment {
  readonly suiteId: string;
  /** Unique within the suite: the same for every repeat of one event. */
  readonly key: string;
  readonly infoType: string;
  readonly corpId: string | undefined;
  /** Sealed; the code that create_auth and reset_permanent_code bring. */
  readonly code: string | undefined;
}

/** A sealed value and where it lies. */
export interface SealedValue {
  readonly of: 'ticket' | 'permanentCode' | 'code';
  readonly suiteId: string;
  /** Corp id or key of the event; '' for the ticket. */
  readonly key: string;
  readonly sealed: string;
}

export interface SuiteStore {
  ticket(suiteId: string): Promise<KeptTicket | undefined>;
  /** False when a newer one is there already, which stays. */
  keepTicket(suiteId: string, ticket: KeptTicket): Promise<boolean>;

  /** False when it has come before. */
  keepEvent(event: SuiteEvent): Promise<boolean>;
  /** Those that are not finished, oldest first. */
  openEvents(): Promise<SuiteEvent[]>;
  /** As it is now; undefined once it is finished. */
  openEvent(event: SuiteEvent): Promise<SuiteEvent | undefined>;
  /** Its code has been exchanged, and is wiped. */
  spendCode(event: SuiteEvent): Promise<void>;
  /** Its code is wiped. `outcome`: a code of the log. */
  finishEvent(event: SuiteEvent, outcome: string): Promise<void>;
  /** Drops finished events that came before `before` (ms). */
  forgetEvents(before: number): Promise<void>;

  authorisations(): Promise<Authorisation[]>;
  authorisation(suiteId: string, corpId: string): Promise<Authorisation | undefined>;
  /** The one whose permanent code this event has brought. */
  authorisedBy(event: SuiteEvent): Promise<Authorisation | undefined>;
  /**
   * From now on the company's permanent code is this one, the platform's newest; false when the company has ended its
   * authorisation later, which stays.
   */
  authorise(code: NewCode): Promise<boolean>;
  /** As `authorise`, for a company that is authorised already and for no other. */
  renew(code: NewCode): Promise<boolean>;
  /** `admins` undefined leaves those that are known. */
  describe(
    authorisation: Pick<Authorisation, 'suiteId' | 'corpId'>,
    what: { readonly agentId?: number; readonly corpName?: string; readonly admins?: readonly string[] },
  ): Promise<void>;
  /**
   * Ends it and wipes the permanent code, and which app and whose admins it had, also those of an authorisation which is not
   * worked off yet; false when a later one is known, which stays.
   */
  cancel(of: Pick<Authorisation, 'suiteId' | 'corpId'>, moment: Moment, at: number): Promise<boolean>;
  /** Drops one that is cancelled. */
  forget(of: Pick<Authorisation, 'suiteId' | 'corpId'>): Promise<void>;

  sealedValues(): Promise<SealedValue[]>;
  /** Puts another seal in the place of this one, if it is still there. */
  reseal(value: SealedValue, sealed: string): Promise<void>;

  /** Calls back when a replica has changed an authorisation; a missed call is made good by `authorisations`. */
  onChanged(listener: () => void): void;
  /** As `Store.alone`: one at a time among replicas. Keys of one kind, which stands before a colon, share connections. */
  alone<T>(suiteId: string, key: string, waitMs: number, work: (hold: Hold) => Promise<T>): Promise<T>;
}

/** What an engine does for it. */
export interface Rows {
  read<Row extends object>(sql: string, values: readonly Value[]): Promise<Row[]>;
  /** One statement; its RETURNING. */
  write<Row extends object>(sql: string, values: readonly Value[]): Promise<Row[]>;
  /** Tells the other replicas; nothing depends on it. */
  tell?: (suiteId: string, corpId: string) => Promise<void>;
  onChanged: SuiteStore['onChanged'];
  alone: SuiteStore['alone'];
}

interface AuthorisationColumns {
  readonly suiteId: string;
  readonly corpId: string;
  readonly state: 'active' | 'cancelled';
  readonly permanentCode: string | null;
  readonly version: number;
  readonly agentId: number | null;
  readonly corpName: string | null;
  readonly admins: string | null;
  readonly changedAt: number;
}

interface EventColumns extends Omit<SuiteEvent, 'corpId' | 'code'> {
  readonly corpId: string | null;
  readonly code: string | null;
}

const AUTHORISATION = `SELECT suite_id AS "suiteId", corp_id AS "corpId", state, permanent_code AS "permanentCode", version,
  agent_id AS "agentId", corp_name AS "corpName", admins, changed_at AS "changedAt" FROM authorisations`;
const EVENT = `SELECT suite_id AS "suiteId", key, info_type AS "infoType", corp_id AS "corpId", code, stamp,
  received_at AS "receivedAt" FROM suite_events`;
/** What is known already is earlier than what comes. */
const EARLIER = (table: string, stamp: string, receivedAt: string) =>
  `(${table}.stamp < ${stamp} OR (${table}.stamp = ${stamp} AND ${table}.received_at < ${receivedAt}))`;

/** An end is measured by the later of the two. */
const LATER = (stamp: string, receivedAt: string) => {
  const isLater = EARLIER('authorisations', stamp, receivedAt);
  return `stamp = CASE WHEN ${isLater} THEN ${stamp} ELSE authorisations.stamp END,
      received_at = CASE WHEN ${isLater} THEN ${receivedAt} ELSE authorisations.received_at END`;
};

const SQL = {
  ticket: `SELECT ticket AS sealed, ticket_stamp AS stamp, ticket_at AS at FROM suites WHERE suite_id = ?`,
  keepTicket: `INSERT INTO suites (suite_id, ticket, ticket_stamp, ticket_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (suite_id) DO UPDATE
    SET ticket = excluded.ticket, ticket_stamp = excluded.ticket_stamp, ticket_at = excluded.ticket_at
    WHERE suites.ticket_stamp <= excluded.ticket_stamp RETURNING suite_id`,

  keepEvent: `INSERT INTO suite_events (suite_id, key, info_type, corp_id, code, stamp, received_at, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT (suite_id, key) DO NOTHING RETURNING key`,
  openEvents: `${EVENT} WHERE state = 'open' ORDER BY seq`,
  openEvent: `${EVENT} WHERE state = 'open' AND suite_id = ? AND key = ?`,
  spendCode: `UPDATE suite_events SET code = NULL WHERE suite_id = ? AND key = ?`,
  finishEvent: `UPDATE suite_events SET state = 'done', outcome = ?, code = NULL WHERE suite_id = ? AND key = ?`,
  forgetEvents: `DELETE FROM suite_events WHERE state = 'done' AND received_at < ?`,

  authorisations: `${AUTHORISATION} ORDER BY suite_id, corp_id`,
  authorisation: `${AUTHORISATION} WHERE suite_id = ? AND corp_id = ?`,
  authorisedBy: `${AUTHORISATION} WHERE suite_id = ? AND event_key = ?`,
  authorise: `INSERT INTO authorisations
    (suite_id, corp_id, state, permanent_code, version, event_key, stamp, received_at, changed_at)
    VALUES (?, ?, 'active', ?, 1, ?, ?, ?, ?)
    ON CONFLICT (suite_id, corp_id) DO UPDATE SET state = 'active', permanent_code = excluded.permanent_code,
      version = authorisations.version + 1, event_key = excluded.event_key, changed_at = excluded.changed_at,
      ${LATER('excluded.stamp', 'excluded.received_at')}
    WHERE authorisations.state = 'active'
      OR ${EARLIER('authorisations', 'excluded.stamp', 'excluded.received_at')} RETURNING version`,
  renew: `UPDATE authorisations SET permanent_code = ?, version = version + 1, event_key = ?, changed_at = ?,
      ${LATER('CAST(? AS BIGINT)', 'CAST(? AS BIGINT)')}
    WHERE suite_id = ? AND corp_id = ? AND state = 'active' RETURNING version`,
  describe: `UPDATE authorisations SET agent_id = COALESCE(?, agent_id), corp_name = COALESCE(?, corp_name),
      admins = COALESCE(?, admins)
    WHERE suite_id = ? AND corp_id = ?`,
  cancel: `INSERT INTO authorisations (suite_id, corp_id, state, version, stamp, received_at, changed_at)
    VALUES (?, ?, 'cancelled', 0, ?, ?, ?)
    ON CONFLICT (suite_id, corp_id) DO UPDATE SET state = 'cancelled', permanent_code = NULL, event_key = NULL,
      agent_id = NULL, admins = NULL,
      stamp = excluded.stamp, received_at = excluded.received_at, changed_at = excluded.changed_at
    WHERE ${EARLIER('authorisations', 'excluded.stamp', 'excluded.received_at')} RETURNING version`,
  forget: `DELETE FROM authorisations WHERE suite_id = ? AND corp_id = ? AND state = 'cancelled'`,

  sealedValues: `SELECT 'ticket' AS "of", suite_id AS "suiteId", '' AS key, ticket AS sealed FROM suites
    UNION ALL SELECT 'permanentCode', suite_id, corp_id, permanent_code FROM authorisations
      WHERE permanent_code IS NOT NULL
    UNION ALL SELECT 'code', suite_id, key, code FROM suite_events WHERE code IS NOT NULL`,
} as const;

const RESEAL: Readonly<Record<SealedValue['of'], string>> = {
  ticket: `UPDATE suites SET ticket = ? WHERE suite_id = ? AND ? = '' AND ticket = ?`,
  permanentCode: `UPDATE authorisations SET permanent_code = ? WHERE suite_id = ? AND corp_id = ? AND permanent_code = ?`,
  code: `UPDATE suite_events SET code = ? WHERE suite_id = ? AND key = ? AND code = ?`,
};

/** The verbs, on what an engine does for them. */
export function suiteStore({ read, write, tell = async () => {}, onChanged, alone }: Rows): SuiteStore {
  const authorisations = async (sql: string, ...values: Value[]) =>
    (await read<AuthorisationColumns>(sql, values)).map(toAuthorisation);
  const happened = async (sql: string, ...values: Value[]) => (await write(sql, values)).length > 0;
  /** What has been written stands, whether or not the others hear of it at once. */
  const told = async <T>(of: Pick<Authorisation, 'suiteId' | 'corpId'>, written: Promise<T>): Promise<T> => {
    const result = await written;
    await tell(of.suiteId, of.corpId).catch(() => {});
    return result;
  };

  return {
    ticket: async (suiteId) => (await read<KeptTicket>(SQL.ticket, [suiteId]))[0],
    keepTicket: (suiteId, { sealed, stamp, at }) => happened(SQL.keepTicket, suiteId, sealed, stamp, at),

    keepEvent: ({ suiteId, key, infoType, corpId = null, code = null, stamp, receivedAt }) =>
      happened(SQL.keepEvent, suiteId, key, infoType, corpId, code, stamp, receivedAt),
    openEvents: async () => (await read<EventColumns>(SQL.openEvents, [])).map(toEvent),
    openEvent: async ({ suiteId, key }) => (await read<EventColumns>(SQL.openEvent, [suiteId, key])).map(toEvent)[0],
    async spendCode({ suiteId, key }) {
      await write(SQL.spendCode, [suiteId, key]);
    },
    async finishEvent({ suiteId, key }, outcome) {
      await write(SQL.finishEvent, [outcome, suiteId, key]);
    },
    async forgetEvents(before) {
      await write(SQL.forgetEvents, [before]);
    },

    authorisations: () => authorisations(SQL.authorisations),
    authorisation: async (suiteId, corpId) => (await authorisations(SQL.authorisation, suiteId, corpId))[0],
    authorisedBy: async ({ suiteId, key }) => (await authorisations(SQL.authorisedBy, suiteId, key))[0],
    authorise: ({ suiteId, corpId, permanentCode, eventKey, stamp, receivedAt, at }) =>
      told(
        { suiteId, corpId },
        happened(SQL.authorise, suiteId, corpId, permanentCode, eventKey, stamp, receivedAt, at),
      ),
    renew: ({ suiteId, corpId, permanentCode, eventKey, stamp, receivedAt, at }) =>
      told(
        { suiteId, corpId },
        happened(
          SQL.renew,
          ...[permanentCode, eventKey, at],
          ...[stamp, stamp, receivedAt, stamp],
          ...[stamp, stamp, receivedAt, receivedAt],
          ...[suiteId, corpId],
        ),
      ),
    async describe({ suiteId, corpId }, { agentId = null, corpName = null, admins }) {
      const values = [agentId, corpName, admins?.join(',') ?? null, suiteId, corpId];
      await told({ suiteId, corpId }, write(SQL.describe, values));
    },
    cancel: ({ suiteId, corpId }, { stamp, receivedAt }, at) =>
      told({ suiteId, corpId }, happened(SQL.cancel, suiteId, corpId, stamp, receivedAt, at)),
    async forget({ suiteId, corpId }) {
      await write(SQL.forget, [suiteId, corpId]);
    },

    sealedValues: () => read<SealedValue>(SQL.sealedValues, []),
    async reseal({ of, suiteId, key, sealed }, anew) {
      await write(RESEAL[of], [anew, suiteId, key, sealed]);
    },
    onChanged,
    alone,
  };
}

function toAuthorisation(row: AuthorisationColumns): Authorisation {
  return {
    ...row,
    permanentCode: row.permanentCode ?? undefined,
    agentId: row.agentId ?? undefined,
    corpName: row.corpName ?? '',
    admins: (row.admins ?? '').split(',').filter((userid) => userid !== ''),
  };
}

function toEvent(row: EventColumns): SuiteEvent {
  return { ...row, corpId: row.corpId ?? undefined, code: row.code ?? undefined };
}
