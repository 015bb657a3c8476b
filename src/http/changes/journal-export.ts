import { createParamDecorator, StreamableFile, type ExecutionContext } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Journal, JournalStart } from '../../application/ports/journal.ts';
import { isOneOf, matches } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import type { FollowJournal } from './follow-journal.ts';
import { RecordStream } from './record-stream.ts';

const START = /^(0|[1-9]\d{0,14})(?::([0-9a-f]{64}))?$/;

export class ExportQueryDto {
  @ApiProperty({
    required: false,
    description:
      'Return only the records after this one: its sequence number, 0 for all, or SEQUENCE:HASH, with which a record of another journal is refused. Default: everything that is not archived.',
    example: '1630',
  })
  @Expect('the sequence number of a record, or SEQUENCE:HASH', matches(START))
  @Optional()
  readonly after?: string;

  @ApiProperty({
    required: false,
    enum: ['true', 'false'],
    default: 'false',
    description: 'Whether the response continues with each new record until the client disconnects.',
    example: 'false',
  })
  @Expect('true or false', isOneOf(['true', 'false']))
  @Optional()
  readonly follow?: string;

  static toStart({ after }: ExportQueryDto): JournalStart | undefined {
    const [, sequence, hash] = START.exec(after ?? '') ?? [];
    return sequence === undefined ? undefined : { sequence: Number(sequence), ...(hash !== undefined && { hash }) };
  }
}

/** Whether the response has a body: a stream of a HEAD request would never end. */
export const HasBody = createParamDecorator(
  (_data: unknown, context: ExecutionContext): boolean => context.switchToHttp().getRequest<FastifyRequest>().method !== 'HEAD',
);

interface ExportRequest {
  readonly query: ExportQueryDto;
  /** Id of the token. */
  readonly owner: string;
  readonly hasBody: boolean;
}

/** The first records are read before the response starts, so that a refusal gives a problem document. */
export function exportResponse(journal: Journal, followers: FollowJournal, { query, owner, hasBody }: ExportRequest): StreamableFile {
  const after = ExportQueryDto.toStart(query);
  const isFollowing = query.follow === 'true' && hasBody;
  return new StreamableFile(isFollowing ? followers.open(after, owner) : exported(journal, after), { type: 'application/x-ndjson' });
}

function exported(journal: Journal, after: JournalStart | undefined): RecordStream {
  const records = journal.records(after);
  return new RecordStream(records, records.next());
}
