import { pageLimit } from '../input/paging.ts';
import { ApiProperty } from '@nestjs/swagger';
import type { KernelEntries } from '../../application/ports/kernel.ts';
import { formatFilter } from '../../domain/filter/format-filter.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { decodeCursor, encodeCursor } from '../input/cursor.ts';
import { EntriesQueryDto } from './entries-query.dto.ts';
import { DumpSummaryDto } from './dump-summary.dto.ts';
import { EntryDto } from '../documents/entry.dto.ts';

export class EntryPageDto extends ResponseDto {
  @ApiProperty({
    type: () => EntryDto,
    isArray: true,
    description: 'Entries, sorted by id. A flow that exists during the whole paging is on exactly one page.',
  })
  readonly items!: readonly EntryDto[];
  @ApiProperty({
    required: false,
    description: 'Send it as `cursor` to get the next page. Absent on the last page.',
    example: 'WzEsIlBxSzJ2N2gxUW1YczBhTnUiLCJpcHY0LTYiXQ',
  })
  readonly nextCursor?: string;
  @ApiProperty({ type: () => DumpSummaryDto, description: 'Summary of the dump: its outcome and counts.' })
  readonly summary!: DumpSummaryDto;

  static async read(kernel: KernelEntries, query: EntriesQueryDto, owner: string): Promise<EntryPageDto> {
    const filter = EntriesQueryDto.toFilter(query);
    const scope = EntriesQueryDto.toScope(query);
    if (query.count === 'true') return { items: [], summary: await kernel.count(filter, { ...scope, owner }) };
    const { cursor } = query;
    const bound = { filter: formatFilter(filter), ...scope };
    const after = cursor === undefined ? undefined : decodeCursor(cursor, bound, 'string');
    const { entries: items, next, summary } = await kernel.page(filter, pageLimit('entries', query.limit), after, { ...scope, owner });
    return { items, ...(next !== undefined && { nextCursor: encodeCursor(next, bound) }), summary };
  }
}
