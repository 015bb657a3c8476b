import { ApiProperty } from '@nestjs/swagger';
import {
  type KeySummary,
  SUMMARY_KEYS,
  SUMMARY_MEASURES,
  type SummaryAnswer,
  type SummaryKey,
  type SummaryMeasure,
  type SummarySums,
  type TimeoutBin,
} from '../../domain/entry-summary.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { DumpSummaryDto } from './dump-summary.dto.ts';
import { COUNT, PACKETS, BYTES, SummaryRowDto } from './summary-row.dto.ts';

export class SummarySumsDto implements SummarySums {
  @ApiProperty({ ...COUNT, description: 'Entries.', example: 1204 })
  readonly entries!: number;
  @ApiProperty(PACKETS)
  readonly packets?: string;
  @ApiProperty(BYTES)
  readonly bytes?: string;
}

export class KeySummaryDto implements KeySummary {
  @ApiProperty({ enum: [...SUMMARY_KEYS], description: 'What is counted by.', example: 'destinationPort' })
  readonly by!: SummaryKey;
  @ApiProperty({ ...COUNT, description: 'Different keys; at least so many where not `exact`.', example: 812 })
  readonly distinct!: number;
  @ApiProperty({
    type: 'boolean',
    description: 'False where there were more than 65,536 different keys: rows then say how much they may be too high by.',
    example: true,
  })
  readonly exact!: boolean;
  @ApiProperty({
    ...COUNT,
    required: false,
    description:
      'Present where not `exact`: no row is too high by more than this, and a key that is not counted has at most this, in what rows are ordered by.',
    example: 15,
  })
  readonly error?: number;
  @ApiProperty({ type: () => SummaryRowDto, isArray: true, description: 'The keys with the most, in the order of `orderBy`.' })
  readonly top!: readonly SummaryRowDto[];
  @ApiProperty({ type: () => SummarySumsDto, description: 'All other keys together.' })
  readonly other!: SummarySumsDto;
  @ApiProperty({
    type: () => SummarySumsDto,
    description:
      'Entries without such a key: the port of an ICMP flow, the state of a UDP flow, the NAT address of a flow that is not translated.',
  })
  readonly without!: SummarySumsDto;
}

export class TimeoutBinDto implements TimeoutBin {
  @ApiProperty({ ...COUNT, description: 'Seconds: the entries expire in this many or more …', example: 60 })
  readonly fromSeconds!: number;
  @ApiProperty({ ...COUNT, required: false, description: '… and in less than this many seconds. Absent in the last.', example: 120 })
  readonly belowSeconds?: number;
  @ApiProperty({ ...COUNT, description: 'Entries.', example: 4021 })
  readonly entries!: number;
}

export class EntrySummaryDto extends ResponseDto implements SummaryAnswer {
  @ApiProperty({ ...COUNT, description: 'Entries that matched.', example: 104_001 })
  readonly entries!: number;
  @ApiProperty({
    ...COUNT,
    description: 'How many of them had counters (`acct` was on when the flow began): all packets and bytes here are theirs.',
    example: 104_001,
  })
  readonly withCounters!: number;
  @ApiProperty(PACKETS)
  readonly packets?: string;
  @ApiProperty(BYTES)
  readonly bytes?: string;
  @ApiProperty({ enum: [...SUMMARY_MEASURES], description: 'What rows are ordered by, and what `error` is of.', example: 'entries' })
  readonly orderBy!: SummaryMeasure;
  @ApiProperty({
    type: () => KeySummaryDto,
    isArray: true,
    description: 'One for each key, in the order asked for. In each the rows, `other` and `without` together are all entries.',
  })
  readonly keys!: readonly KeySummaryDto[];
  @ApiProperty({ type: () => TimeoutBinDto, isArray: true, description: 'When the entries expire.' })
  readonly timeouts!: readonly TimeoutBinDto[];
  @ApiProperty({ ...COUNT, description: 'Entries that have no timeout: offloaded flows.', example: 0 })
  readonly withoutTimeout!: number;
  @ApiProperty({ type: () => DumpSummaryDto, description: 'How the pass over the table went.' })
  readonly summary!: DumpSummaryDto;
}
