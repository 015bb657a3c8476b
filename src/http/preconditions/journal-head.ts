import type { JournalHead } from '../../application/ports/journal.ts';

/** `SEQUENCE:HASH`, as on the command line and in the log. */
export const HEAD_PATTERN = /^(0|[1-9]\d{0,14}):([0-9a-f]{64})$/;

export function formatHead({ sequence, hash }: JournalHead): string {
  return `${sequence}:${hash}`;
}

/** @param text matches {@link HEAD_PATTERN} */
export function parseHead(text: string): JournalHead {
  const [sequence, hash = ''] = text.split(':');
  return { sequence: Number(sequence), hash };
}
