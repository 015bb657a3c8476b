import type { JournalHead } from '../../application/ports/journal.ts';

/** `SEQUENCE:HASH`, as the command line and the log write it too. */
export const HEAD_PATTERN = /^(0|[1-9]\d{0,14}):([0-9a-f]{64})$/;

export function formatHead({ sequence, hash }: JournalHead): string {
  return `${sequence}:${hash}`;
}

/** Of a text that matches {@link HEAD_PATTERN}. */
export function parseHead(text: string): JournalHead {
  const [sequence, hash = ''] = text.split(':');
  return { sequence: Number(sequence), hash };
}
