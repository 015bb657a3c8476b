import type { DumpSummary, Entry, StreamFormat } from '../../domain/entry.ts';

/** How a stream is written: a header, a record for each entry, a trailer that says how the dump ended. */
export interface EntryFormat {
  readonly header: string;
  entry(entry: Entry): string;
  trailer(summary: DumpSummary): string;
}

/** Flat, one column for each field an entry can have; the order is part of the interface. */
const COLUMNS: readonly (readonly [string, (entry: Entry) => string | number | boolean | undefined])[] = [
  ['id', (entry) => entry.id],
  ['family', (entry) => entry.family],
  ['protocol', (entry) => entry.protocol],
  ['protocolNumber', (entry) => entry.protocolNumber],
  ['state', (entry) => entry.state],
  ['timeoutSeconds', (entry) => entry.timeoutSeconds],
  ['status', (entry) => entry.status.join(' ')],
  ...tupleColumns('original'),
  ...tupleColumns('reply'),
  ['mark', (entry) => entry.mark],
  ['zone', (entry) => entry.zone],
  ['zoneOriginal', (entry) => entry.zoneOriginal],
  ['zoneReply', (entry) => entry.zoneReply],
  ['secctx', (entry) => entry.secctx],
  ['ageSeconds', (entry) => entry.ageSeconds],
  ['offload', (entry) => entry.offload],
];

export const FORMATS: Readonly<Record<StreamFormat, EntryFormat>> = {
  ndjson: {
    header: '',
    entry: (entry) => `${JSON.stringify(entry)}\n`,
    trailer: (summary) => `${JSON.stringify({ trailer: summary })}\n`,
  },
  /** RFC 4180; the trailer is a comment line, which no entry can look like. */
  csv: {
    header: `${COLUMNS.map(([name]) => name).join(',')}\r\n`,
    entry: (entry) => `${COLUMNS.map(([, read]) => quoted(read(entry))).join(',')}\r\n`,
    trailer: (summary) => `# ${csvTrailer(summary)}\r\n`,
  },
};

function tupleColumns(direction: 'original' | 'reply'): typeof COLUMNS {
  const fields = [
    ...(['source', 'destination', 'sourcePort', 'destinationPort', 'icmpType', 'icmpCode', 'icmpId'] as const),
    ...(['sourceKey', 'destinationKey', 'packets', 'bytes'] as const),
  ];
  return fields.map((field) => [`${direction}${field.charAt(0).toUpperCase()}${field.slice(1)}`, (entry) => entry[direction][field]]);
}

function quoted(value: string | number | boolean | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvTrailer({ outcome, entries, scanned, unparsedLines, source, reason }: DumpSummary): string {
  const counts = `entries=${String(entries)} scanned=${String(scanned)} unparsedLines=${String(unparsedLines)} source=${source}`;
  return `${outcome} ${counts}${reason === undefined ? '' : ` reason=${JSON.stringify(reason)}`}`;
}
