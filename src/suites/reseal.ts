/** Puts the key in use in the place of the former one, for everything that lies sealed in the database. */

import type { Log } from '../log.ts';
import type { KeyRing } from '../sealing.ts';
import type { SuiteStore } from '../store/suite-store.ts';
import { place } from './suite.ts';

/** What no key opens stays as it is, and is told. Throws BotError `store.*`. */
export async function resealAll(store: SuiteStore, ring: KeyRing, log: Log): Promise<void> {
  let anew = 0;
  let unopened = 0;
  for (const value of await store.sealedValues()) {
    if (ring.isCurrent(value.sealed)) continue;
    const at = place(value.of, value.suiteId, value.key);
    const text = ring.open(value.sealed, at);
    if (text === undefined) unopened++;
    else {
      await store.reseal(value, ring.seal(text, at));
      anew++;
    }
  }
  if (anew > 0) log.info({ anew }, 'sealed anew with the present CREDENTIAL_KEY');
  if (unopened > 0)
    log.error(
      { unopened, code: 'suite.key' },
      'sealed with a key that is not here: CREDENTIAL_KEY_FILE was changed or lost',
    );
}
