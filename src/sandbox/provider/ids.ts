/**
 * The ids of a provider: other than those of the corp itself, equal in all apps of the provider, and case-sensitive
 * (docs 39442, 96516). The first two corps differ by nothing but case, so that whoever folds ids mixes them up.
 */
import type { Company } from '../company.ts';
import { randomText } from '../ids.ts';

export interface ProviderIds {
  corpIdOf(company: Company): string;
  userIdOf(company: Company, userid: string): string;
}

export function encryptedIds(): ProviderIds {
  const corpIds = new Map<Company, string>();
  const userIds = new Map<Company, Map<string, string>>();
  const first = randomText(30);
  return {
    corpIdOf: (company) =>
      remembered(corpIds, company, () => {
        if (corpIds.size > 1) return `wp${randomText(30)}`;
        return `wp${corpIds.size === 0 ? first : otherCase(first)}`;
      }),
    userIdOf: (company, userid) => {
      const ofCompany = remembered(userIds, company, () => new Map<string, string>());
      return remembered(ofCompany, userid.toLowerCase(), () => `wo${randomText(30)}`);
    },
  };
}

/** Of a provider whose apps were authorised before ids were encrypted. */
export function plainIds(corpIdOf: (company: Company) => string): ProviderIds {
  return { corpIdOf, userIdOf: (_company, userid) => userid };
}

function remembered<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function otherCase(text: string): string {
  return [...text].map((char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase())).join('');
}
