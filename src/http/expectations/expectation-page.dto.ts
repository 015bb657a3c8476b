import { pageLimit } from '../input/paging.ts';
import { ApiProperty } from '@nestjs/swagger';
import type { KernelExpectations } from '../../application/ports/kernel-expectations.ts';
import { EXPECTATION_OUTCOMES, type ExpectationOutcome, type ExpectationSummary } from '../../domain/expectation.ts';
import { ExpectationDto } from '../documents/expectation.dto.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { decodeCursor, encodeCursor } from '../input/cursor.ts';
import { ExpectationsQueryDto } from './expectations-query.dto.ts';

export class ExpectationSummaryDto implements ExpectationSummary {
  @ApiProperty({
    enum: [...EXPECTATION_OUTCOMES],
    description:
      '`complete`: all matching expectations were returned (of a page: up to `limit`). `lossy`: some could not be parsed (`unparsed`). `truncated`: more matched than the `limit` of the stream. ' +
      '`interrupted`: the stream ended early, see `reason`.',
    example: 'complete',
  })
  readonly outcome!: ExpectationOutcome;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Number of matching expectations in this response.', example: 1 })
  readonly expectations!: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    description: 'Number of expectations that could not be parsed. They are not returned.',
    example: 0,
  })
  readonly unparsed!: number;
  @ApiProperty({
    description: 'Source of the expectations: `ctnetlink`, or the path of the kernel’s text file if ctnetlink is not available.',
    example: 'ctnetlink',
  })
  readonly source!: string;
  @ApiProperty({
    required: false,
    description: 'Why the stream ended early, if `outcome` is `interrupted`. Otherwise absent.',
    example: 'ctnetlink refused (recv): no buffer space available.',
  })
  readonly reason?: string;
}

export class ExpectationPageDto extends ResponseDto {
  @ApiProperty({
    type: () => ExpectationDto,
    isArray: true,
    description: 'Expectations, sorted by id. One that exists during the whole paging is on exactly one page.',
  })
  readonly items!: readonly ExpectationDto[];
  @ApiProperty({
    required: false,
    description: 'Send it as `cursor` to get the next page. Absent on the last page.',
    example: 'WzEsIlBxSzJ2N2gxUW1YczBhTnUiLCJpcHY0LTYiXQ',
  })
  readonly nextCursor?: string;
  @ApiProperty({ type: () => ExpectationSummaryDto, description: 'How the reading ended, and counts.' })
  readonly summary!: ExpectationSummaryDto;

  static async read(kernel: KernelExpectations, query: ExpectationsQueryDto, owner: string): Promise<ExpectationPageDto> {
    const filter = ExpectationsQueryDto.toFilter(query);
    const scope = ExpectationsQueryDto.toScope(query);
    if (query.count === 'true') return { items: [], summary: await kernel.count(filter, { ...scope, owner }) };
    const { cursor } = query;
    const bound = { list: 'expectations', ...filter, ...scope };
    const after = cursor === undefined ? undefined : decodeCursor(cursor, bound, 'string');
    const { next, ...page } = await kernel.page(filter, pageLimit('expectations', query.limit), after, { ...scope, owner });
    return { ...page, ...(next !== undefined && { nextCursor: encodeCursor(next, bound) }) };
  }
}
