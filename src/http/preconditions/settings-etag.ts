import { Injectable } from '@nestjs/common';
import { ObserveHost } from '../../application/change/observe-host.ts';
import { Journal } from '../../application/ports/journal.ts';
import { KernelSettings } from '../../application/ports/kernel.ts';
import { settingsEtagOf } from './etag.ts';

/** The entity tag that a change's `If-Match` is compared with. */
@Injectable()
export class SettingsEtag {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly observe: ObserveHost,
    private readonly journal: Journal,
  ) {}

  async now(): Promise<string> {
    return settingsEtagOf(await this.observe.state(await this.kernel.read()));
  }

  /**
   * The tag of the state that a change left, as long as it is the newest: a later one may have moved what its client has not seen.
   * `undefined` also where the state can no longer be read, which must not make a failure of a change that is done.
   */
  async after(id: number): Promise<string | undefined> {
    try {
      const etag = await this.now();
      return this.journal.list({}, 1)[0]?.id === id ? etag : undefined;
    } catch {
      return undefined;
    }
  }
}
