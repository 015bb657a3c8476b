import { requireNoPage } from '../input/paging.ts';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { KernelEntries } from '../../application/ports/kernel.ts';
import type { StreamFormat } from '../../domain/entry.ts';
import { compressorFor } from './compression.ts';
import { ChunkStream, pump } from './chunk-stream.ts';
import { EntriesQueryDto } from './entries-query.dto.ts';
import { EntryPageDto } from './entry-page.dto.ts';

export const ENTRY_MEDIA_TYPES = ['application/json', 'application/x-ndjson', 'text/csv', 'text/plain', 'text/x-conntrack-save'] as const;
export type EntryMediaType = (typeof ENTRY_MEDIA_TYPES)[number];

const STREAMS: Readonly<Record<Exclude<EntryMediaType, 'application/json'>, readonly [StreamFormat, string]>> = {
  'application/x-ndjson': ['ndjson', 'application/x-ndjson'],
  'text/csv': ['csv', 'text/csv; charset=utf-8; header=present'],
  'text/plain': ['extended', 'text/plain; charset=utf-8'],
  'text/x-conntrack-save': ['save', 'text/x-conntrack-save; charset=utf-8'],
};

/** A page, or a stream that reads chunks only as fast as the client and ends the dump as soon as the client disconnects. */
export async function entriesResponse(
  kernel: KernelEntries,
  query: EntriesQueryDto,
  mediaType: EntryMediaType,
  reply: FastifyReply,
  owner: string,
): Promise<EntryPageDto | StreamableFile> {
  if (mediaType === 'application/json') return EntryPageDto.read(kernel, query, owner);
  requireNoPage(query);
  const [format, type] = STREAMS[mediaType];
  const limit = query.limit === undefined ? {} : { limit: Number(query.limit) };
  const chunks = await kernel.stream(EntriesQueryDto.toFilter(query), format, { ...EntriesQueryDto.toScope(query), ...limit, owner });
  const compressor = compressorFor(reply.request.headers['accept-encoding']);
  if (!compressor) return new StreamableFile(new ChunkStream(chunks), { type });
  reply.header('content-encoding', compressor.encoding);
  void pump(chunks, compressor.stream);
  return new StreamableFile(compressor.stream, { type });
}

/** For HEAD: adds the number of matching entries as a header. */
export async function addEntryCount(kernel: KernelEntries, query: EntriesQueryDto, reply: FastifyReply, owner: string): Promise<void> {
  const { entries, outcome } = await kernel.count(EntriesQueryDto.toFilter(query), { ...EntriesQueryDto.toScope(query), owner });
  reply.headers({ 'conntrack-entries': String(entries), 'conntrack-dump-outcome': outcome });
}
