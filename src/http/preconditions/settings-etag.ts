import { Injectable } from '@nestjs/common';
import { readTarget } from '../../application/change/change-target.ts';
import { ObserveHost } from '../../application/change/observe-host.ts';
import { Journal } from '../../application/ports/journal.ts';
import { KernelSettings } from '../../application/ports/kernel.ts';
import type { NamespaceRef } from '../../domain/namespace.ts';
import { settingsEtagOf } from './etag.ts';

/** The entity tag that `If-Match` is compared with. */
@Injectable()
export class SettingsEtag {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly observe: ObserveHost,
    private readonly journal: Journal,
  ) {}

  /** @param namespace name of a network namespace; absent: that of the service */
  async now(namespace?: string): Promise<string> {
    return settingsEtagOf(await this.observe.state(await this.kernel.readIfLoaded(namespace)));
  }

  /**
   * The tag of the state after a change, if that change is the newest: a later one may have changed values that the client has not seen.
   * Also `undefined` if the state cannot be read: that must not turn a completed change into an error.
   */
  async after(id: number, namespace?: NamespaceRef): Promise<string | undefined> {
    try {
      const etag = settingsEtagOf(await this.observe.state(await readTarget(this.kernel, namespace)));
      return this.journal.list({}, 1)[0]?.id === id ? etag : undefined;
    } catch {
      return undefined;
    }
  }
}
