import { ApiProperty } from '@nestjs/swagger';
import type { Journal } from '../../application/ports/journal.ts';
import { ArchivedDto } from './archived.dto.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { decodeCursor, encodeCursor } from '../input/cursor.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import type { Reader } from '../documents/withheld-entries.ts';
import { ChangesQueryDto } from './changes-query.dto.ts';

export class ChangePageDto extends ResponseDto {
  @ApiProperty({ type: () => ChangeDto, isArray: true, description: 'Changes, newest first.' })
  readonly items!: readonly ChangeDto[];
  @ApiProperty({
    required: false,
    description: 'Send it as `cursor` to get the next page. Absent on the last page.',
    example: 'WzEsInZ4N2h0Q1dVb3lYd2JwMWYiLDQyXQ',
  })
  readonly nextCursor?: string;

  @ApiProperty({
    type: () => ArchivedDto,
    required: false,
    description:
      'The changes that are in an archive instead of the service. The newest of each setting are still listed. Absent if nothing was archived.',
  })
  readonly archivedThrough?: ArchivedDto;

  static read(journal: Journal, parameters: ChangesQueryDto, reader: Reader): ChangePageDto {
    const query = ChangesQueryDto.toQuery(parameters);
    const { limit = '100', cursor } = parameters;
    const before = cursor === undefined ? undefined : decodeCursor(cursor, query, 'number');
    // One more than the limit, to find out whether there is a next page.
    const found = journal.list(query, Number(limit) + 1, before);
    const shown = found.slice(0, Number(limit));
    const last = found.length > shown.length ? shown.at(-1) : undefined;
    const archived = journal.archived();
    return {
      items: shown.map((change) => ChangeDto.of(change, reader)),
      ...(last && { nextCursor: encodeCursor(last.id, query) }),
      ...(archived && { archivedThrough: ArchivedDto.of(archived) }),
    };
  }
}
