import type { DumpSummary } from '../../domain/entry.ts';

const PLAIN = /^[\w/.:-]+$/;

/** The summary as one line that begins with `#`, as no entry does: the outcome, then `name=value`, in JSON where it is not one plain word. */
export function commentTrailer({ outcome, ...rest }: DumpSummary): string {
  const words = Object.entries(rest).map(([name, value]) => `${name}=${PLAIN.test(String(value)) ? String(value) : JSON.stringify(value)}`);
  return `# ${[outcome, ...words].join(' ')}`;
}
