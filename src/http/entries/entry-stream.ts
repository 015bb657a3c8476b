import { StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import type { KernelEntries } from '../../application/ports/kernel.ts';
import type { StreamFormat } from '../../domain/entry.ts';
import { EntriesQueryDto } from './entries-query.dto.ts';
import { EntryPageDto } from './entry-page.dto.ts';

export const ENTRY_MEDIA_TYPES = ['application/json', 'application/x-ndjson', 'text/csv'] as const;
export type EntryMediaType = (typeof ENTRY_MEDIA_TYPES)[number];

export async function answerEntries(
  kernel: KernelEntries,
  query: EntriesQueryDto,
  mediaType: EntryMediaType,
): Promise<EntryPageDto | StreamableFile> {
  switch (mediaType) {
    case 'application/json':
      return EntryPageDto.read(kernel, query);
    case 'application/x-ndjson':
      return stream(kernel, query, 'ndjson', mediaType);
    case 'text/csv':
      return stream(kernel, query, 'csv', 'text/csv; charset=utf-8; header=present');
  }
}

/** Pulls chunks only as the client takes them, and ends the dump as soon as the client hangs up. */
async function stream(kernel: KernelEntries, query: EntriesQueryDto, format: StreamFormat, type: string): Promise<StreamableFile> {
  const chunks = await kernel.stream(EntriesQueryDto.toStreamFilter(query), format);
  return new StreamableFile(Readable.from(chunks, { objectMode: false }), { type });
}
