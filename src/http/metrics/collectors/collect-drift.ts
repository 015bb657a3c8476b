import type { Journal } from '../../../application/ports/journal.ts';
import type { ReadSettings } from '../../../application/table/read-settings.ts';
import { complete, gauge, labelled, type Collected } from '../family.ts';
import { UntilJournalChanges } from './until-journal-changes.ts';

/** Settings changed by another writer. Drift is recorded in the journal, so the settings are read only after the journal changed. */
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
      gauge('conntrack_api_settings_drifted', 'Number of settings whose current value was set by another writer (drift).', names.length),
      labelled(
        'gauge',
        'conntrack_api_setting_drifted',
        '1 for each setting whose current value was set by another writer (drift); other settings have no series.',
        names.map((setting) => ({ labels: { setting }, value: 1 })),
      ),
    );
  }
}
