/** What the page sees around the chat: which apps stand in which corps, and the provider's console, if there is one. */
import type { Corp } from './corp.ts';
import type { MediaFile } from './media.ts';
import type { Seat } from './place.ts';
import type { ProviderState, SandboxApp, SandboxEvent, SandboxState, WireEntry } from './protocol.ts';

/** The provider as the page has it in hand. */
export interface ProviderHands {
  state(): ProviderState;
  readonly wire: readonly WireEntry[];
  /** Does what the page asks for. @throws Impossible, or ZodError when it is not understood. */
  order(body: unknown): Promise<object>;
}

export class Overview {
  /** Apps that stand in a corp now. */
  readonly #seats = new Map<Corp, Seat>();
  readonly #listeners = new Set<(event: SandboxEvent) => void>();
  provider: ProviderHands | undefined;

  add(seat: Seat): void {
    this.#seats.set(seat.corp, seat);
    this.#tell({ type: 'apps', apps: this.apps() });
  }

  remove(seat: Seat): void {
    this.#seats.delete(seat.corp);
    this.#tell({ type: 'apps', apps: this.apps() });
  }

  seats(): readonly Seat[] {
    return [...this.#seats.values()];
  }

  /** The app with this key; the first one when none is named. */
  seat(key: string | null): Seat | undefined {
    const seats = this.seats();
    return key === null ? seats[0] : seats.find(({ corp }) => corp.app.key === key);
  }

  apps(): readonly SandboxApp[] {
    return this.seats().map(({ corp }) => ({
      key: corp.app.key,
      corpName: corp.company.name,
      agentName: corp.app.name,
      kind: corp.app.kind,
    }));
  }

  /** A file of whichever corp: nobody guesses its id. */
  file(mediaId: string): MediaFile | undefined {
    for (const { corp } of this.seats()) {
      const file = corp.media.find(mediaId);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  state({ corp }: Seat): SandboxState {
    const own = corp.state();
    const around = { app: corp.app.key, apps: this.apps() };
    if (this.provider === undefined) return { ...own, ...around };
    const wire = [...own.wire, ...this.provider.wire].sort((a, b) => a.at - b.at);
    return { ...own, ...around, wire, provider: this.provider.state() };
  }

  /** `listener` hears of apps and of the provider. */
  listen(listener: (event: SandboxEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  providerChanged(entry?: WireEntry): void {
    if (this.provider === undefined || this.#listeners.size === 0) return;
    this.#tell(entry === undefined ? { type: 'provider', provider: this.provider.state() } : { type: 'wire', entry });
  }

  #tell(event: SandboxEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
