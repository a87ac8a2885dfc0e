/** A store that forgets everything but sessions; stands in for src/store/open.ts. See without-store.ts. */
import type { Store } from '../src/store/store.ts';

export async function openStore(): Promise<Store> {
  const sessions = new Map<string, string>();
  let lastChange = 0;
  return {
    findMessage: async () => undefined,
    keepMessage: async () => true,
    acknowledge: async () => {},
    answer: async () => {},
    settle: async () => {},
    unfinished: async () => [],
    tryAgain: async () => 2,
    claim: async () => 'alone',
    settled: async () => undefined,
    alone: (_keys, _waitMs, work) => work({ still: async () => {} }),
    leftBehind: async () => [],
    versions: async () => new Map(),
    raise: async () => new Map(),
    onRaised: () => {},
    takePush: async () => true,
    owed: async () => [],
    owes: async () => false,
    countOwed: async () => 0,
    intend: async () => ++lastChange,
    conclude: async () => {},
    changes: async () => [],
    changesOf: async () => [],
    session: async (member) => sessions.get(member),
    saveSession: async (member, session) => {
      sessions.set(member, session);
    },
    takeQuestion: async () => true,
    forget: async () => 0,
    forgetSessions: async () => 0,
    note: async () => undefined,
    keepNote: async () => {},
    ping: async () => {},
    close: async () => {},
  };
}
