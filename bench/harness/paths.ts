export const NDJSON = 'application/x-ndjson';
export const EVERY_ENTRY = '/api/v1/entries';
export const TABLE = '/api/v1/table';
export const EVENTS = '/api/v1/events';

export function entriesWhere(filter: string): string {
  return `${EVERY_ENTRY}?filter=${encodeURIComponent(filter)}`;
}
