/** The provider's console as the page shows it. */
import { RIGHTS } from '../app-kind.ts';
import type { ProviderInstallation, ProviderState, ProviderSuite } from '../protocol.ts';
import type { Desk } from './desk.ts';
import type { Installation } from './installation.ts';
import type { Suite } from './suite.ts';

export function shownProvider(desk: Desk): ProviderState {
  const { provider } = desk;
  const departments = provider.companies[0]?.departments ?? [];
  return {
    corpId: provider.corpId,
    suites: provider.suites.map((suite) => shownSuite(desk, suite)),
    companies: provider.companies.map(({ name }) => name),
    departments: departments.map(({ id, name }) => ({ id, name })),
    installations: provider.installations().map(shownInstallation),
    events: desk.line.events,
    pushesTickets: desk.pushesTickets,
    holds: desk.line.holds,
    variants: provider.variants,
  };
}

function shownSuite(desk: Desk, suite: Suite): ProviderSuite {
  const { name, kind } = suite.options;
  const url = desk.line.urlOf(suite);
  const appUrl = desk.appUrlOf(suite);
  const { ticketAt } = suite;
  return {
    name,
    kind,
    suiteId: suite.id,
    ...(url === undefined ? {} : { url: url.href }),
    ...(appUrl === undefined ? {} : { appUrl }),
    ...(ticketAt === undefined ? {} : { ticketAt }),
  };
}

function shownInstallation({ key, suite, company, corpId, corp, grant, isOpen }: Installation): ProviderInstallation {
  return {
    key,
    suite: suite.options.name,
    company: company.name,
    corpId,
    agentId: corp.identity.agentId,
    rights: RIGHTS.filter((right) => grant.rights.includes(right)),
    departments: corp.directory.departments.filter((each) => corp.directory.isInRange(each)).map(({ id }) => id),
    enabled: grant.enabled,
    exchanged: isOpen,
  };
}
