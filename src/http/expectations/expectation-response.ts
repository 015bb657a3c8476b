import { requireNoPage } from '../input/paging.ts';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { KernelExpectations } from '../../application/ports/kernel-expectations.ts';
import { ChunkStream, pump } from '../entries/chunk-stream.ts';
import { compressorFor } from '../entries/compression.ts';
import { ExpectationPageDto } from './expectation-page.dto.ts';
import { ExpectationsQueryDto } from './expectations-query.dto.ts';

export const EXPECTATION_MEDIA_TYPES = ['application/json', 'application/x-ndjson'] as const;
export type ExpectationMediaType = (typeof EXPECTATION_MEDIA_TYPES)[number];

/** A page, or a stream that reads only as fast as the client. */
export async function expectationsResponse(
  kernel: KernelExpectations,
  query: ExpectationsQueryDto,
  type: ExpectationMediaType,
  reply: FastifyReply,
  owner: string,
): Promise<ExpectationPageDto | StreamableFile> {
  if (type === 'application/json') return ExpectationPageDto.read(kernel, query, owner);
  requireNoPage(query);
  const limit = query.limit === undefined ? {} : { limit: Number(query.limit) };
  const scope = { ...ExpectationsQueryDto.toScope(query), ...limit, owner };
  const chunks = await kernel.stream(ExpectationsQueryDto.toFilter(query), scope);
  const compressor = compressorFor(reply.request.headers['accept-encoding']);
  if (!compressor) return new StreamableFile(new ChunkStream(chunks), { type });
  reply.header('content-encoding', compressor.encoding);
  void pump(chunks, compressor.stream);
  return new StreamableFile(compressor.stream, { type });
}
