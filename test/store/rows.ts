/** Rows as the bot would write them, with what a test does not care about filled in. */

import type { NewChange, NewMessage } from '../../src/store/store.ts';

export const CORP = 'ww1234567890abcdef';
export const NOON = Date.UTC(2026, 4, 1, 4);

export function message(key: string, more: Partial<NewMessage> = {}): NewMessage {
  return { key, member: 'zhangsan', content: '{"kind":"text","text":"VIP"}', receivedAt: NOON, ...more };
}

/** In rule group 1, unless something else is said. */
export function change(messageKey: string, more: Partial<NewChange> = {}): NewChange {
  const names = more.names ?? 'VIP\n客户分级';
  return {
    member: 'zhangsan',
    messageKey,
    at: NOON,
    libraries: [{ libraryId: 1, names }],
    names,
    plan: '{"steps":[]}',
    undoes: undefined,
    ...more,
  };
}

/** Turns a database back into one of version 6, which knows no libraries but those of rule groups. */
export const BACK_TO_VERSION_6 = `DROP TABLE suites; DROP TABLE authorisations; DROP TABLE suite_events;
  DROP TABLE owners;
  CREATE TABLE journal_rule_groups (
    corp_id TEXT NOT NULL, strategy_id BIGINT NOT NULL, change_id BIGINT NOT NULL, names_folded TEXT NOT NULL,
    PRIMARY KEY (corp_id, strategy_id, change_id)
  );
  CREATE INDEX journal_rule_groups_of ON journal_rule_groups (corp_id, change_id);
  INSERT INTO journal_rule_groups (corp_id, strategy_id, change_id, names_folded)
    SELECT corp_id, CAST(library_id AS BIGINT), change_id, names_folded FROM journal_libraries;
  DROP TABLE journal_libraries;
  DELETE FROM migrations WHERE version > 6`;

/** Likewise version 2. */
export const BACK_TO_VERSION_2 = `${BACK_TO_VERSION_6};
  DROP TABLE pushes;
  DROP TABLE libraries;
  DROP INDEX sessions_saved;
  ALTER TABLE sessions DROP COLUMN saved_at;
  ALTER TABLE messages DROP COLUMN tries;
  DROP TABLE notes;
  DROP TABLE journal_rule_groups;
  DELETE FROM migrations WHERE version > 2`;

/** Likewise version 1. */
export const BACK_TO_VERSION_1 = `${BACK_TO_VERSION_2};
  DROP INDEX journal_message;
  CREATE INDEX journal_message ON journal (corp_id, message_key, change_id) WHERE state = 'intended';
  ALTER TABLE messages DROP COLUMN owner;
  DELETE FROM migrations WHERE version > 1`;

/** What `expect(promise).rejects.toMatchObject` takes for a BotError. */
export function failure(code: string, kind?: string): object {
  return { name: 'BotError', code, ...(kind === undefined ? {} : { kind }) };
}
