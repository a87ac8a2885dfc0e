/** What the bot of one company is built with: what it is configured with, and the ports through which it reaches all else. */

import type { Log } from '../log.ts';
import type { Clock, ReplyFormat } from '../message.ts';
import type { Metrics } from '../metrics.ts';
import type { Directory } from '../people.ts';
import type { Store } from '../store/store.ts';
import type { Catalog } from '../tags/catalog.ts';
import type { Service } from '../tags/change/carry-out.ts';
import type { LibraryId, RangeNode } from '../tags/tag.ts';
import type { AccessConfig } from './rights.ts';

/** The app menu (docs 90231, 90232). */
export interface MenuPort {
  /** Differences to what is published, one readable line each; publishes them unless `dryRun`. */
  publish(dryRun: boolean): Promise<readonly string[]>;
}

/** One thing that was looked at. */
export interface Finding {
  readonly ok: boolean;
  readonly title: string;
  readonly message: string;
  readonly advice?: string;
  /** `blocked.…`: it could not be looked at because of another. */
  readonly code?: string;
}

/** What the replicas of the bot owe each other; one process owes itself nothing. */
export interface Replicas {
  /** Resolves when the catalog is as new as what any replica has changed, as far as it can be read. Never throws. */
  catchUp(): Promise<void>;
  /** Tells the others that these libraries have been changed. Throws BotError when that has to be done later, as it will. */
  changed(libraries: readonly string[]): Promise<void>;
}

export interface BotDeps {
  readonly replicas: Replicas;
  readonly store: Store;
  readonly catalog: Catalog;
  readonly service: Service;
  readonly directory: Directory;
  readonly menu: MenuPort;
  /** The platform's own word on a rule group's range; the one thing that no snapshot holds (doc 94883). */
  rangeOf(id: number): Promise<readonly RangeNode[]>;
  /** What works and what does not, in the words of an admin or of anybody; for 诊断. */
  diagnose(reader: { readonly admin: boolean }): Promise<readonly Finding[]>;
  /** Uploads a file and returns its media_id (doc 90253). Throws BotError. */
  upload(file: { readonly name: string; readonly bytes: Uint8Array }): Promise<string>;
  readonly access: AccessConfig;
  readonly defaultStrategyId: LibraryId | undefined;
  readonly replyFormat: ReplyFormat;
  readonly publicUrl: string | undefined;
  readonly timeZone: string;
  readonly now: Clock;
  /** ms of a clock that never jumps, by which the library's age is told. */
  readonly ticks: Clock;
  /** A fresh id of `[0-9A-Za-z_-]`, unguessable. */
  readonly newId: () => string;
  readonly log: Log;
  readonly metrics: Metrics;
}
