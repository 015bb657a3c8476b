import { openDatabase } from '../../../../src/journal/open-database.ts';
import { SqliteTokens } from '../../../../src/journal/tokens/sqlite-tokens.ts';
import { SettableClock } from '../settable-clock.ts';

/** Does the same as `conntrack-api token revoke`. */
const [dataDir = '', id = ''] = process.argv.slice(2);
new SqliteTokens(openDatabase(dataDir), new SettableClock('2026-01-02T00:00:00.000Z')).revoke(id);
