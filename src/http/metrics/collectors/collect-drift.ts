import type { Journal } from '../../../application/ports/journal.ts';
import type { ReadSettings } from '../../../application/table/read-settings.ts';
import { complete, gauge, labelled, type Collected } from '../family.ts';
import { UntilJournalChanges } from './until-journal-changes.ts';

/** Values that somebody else has set: the journal knows, so the settings are read only when it has moved. */
export class DriftCollector {
  private readonly drifted: UntilJournalChanges<readonly string[]>;

  constructor(journal: Journal, settings: ReadSettings) {
    this.drifted = new UntilJournalChanges(journal, async () =>
      (await settings.all()).settings.filter(({ drift }) => drift !== undefined).map(({ name }) => name),
    );
  }

  async collect(): Promise<Collected> {
    const names = await this.drifted.value();
    return complete(
      gauge('conntrack_api_settings_drifted', 'Settings whose value somebody else than this service has set last.', names.length),
      labelled(
        'gauge',
        'conntrack_api_setting_drifted',
        '1 for each setting whose value somebody else than this service has set last; no series for the others.',
        names.map((setting) => ({ labels: { setting }, value: 1 })),
      ),
    );
  }
}
