import type { StreamFormat } from '../../domain/entry.ts';
import { CSV } from './csv.ts';
import type { EntryFormat } from './entry-format.ts';
import { EXTENDED } from './extended.ts';
import { SAVE } from './save.ts';
import { writeNdjson } from './ndjson.ts';

const NDJSON: EntryFormat = {
  header: '',
  write: writeNdjson,
  trailer: (summary) => `${JSON.stringify({ trailer: summary })}\n`,
};

export const FORMATS: Readonly<Record<StreamFormat, EntryFormat>> = { ndjson: NDJSON, csv: CSV, extended: EXTENDED, save: SAVE };
