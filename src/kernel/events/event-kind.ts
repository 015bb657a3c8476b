import type { EventType } from '../../domain/filter/entry-event.ts';

/** What a record of the log is: a message about an entry (the places of EVENT_TYPES), or a hole in what the kernel told. */
export const KIND = { new: 0, update: 1, destroy: 2, overrun: 3, malformed: 4 } as const;

/** Kinds as a set of bits. */
export function maskOf(types: readonly EventType[]): number {
  return types.reduce((mask, type) => mask | (1 << KIND[type]), 0);
}
