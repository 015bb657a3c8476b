import { ApiProperty } from '@nestjs/swagger';
import { GUARD_LIMITS, GUARD_TRIGGERS, type GuardEvidence } from '../../domain/guard/guard-config.ts';

export class GuardEvidenceDto implements GuardEvidence {
  @ApiProperty({ enum: [...GUARD_TRIGGERS], description: 'The condition that was met.', example: 'raiseAt' })
  readonly trigger!: GuardEvidence['trigger'];
  @ApiProperty({ type: 'integer', description: 'Entries in use.', example: 54_120 })
  readonly count!: number;
  @ApiProperty({ type: 'integer', description: '`max` at that time.', example: 65_536 })
  readonly max!: number;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Seconds until the table is full. Absent without a forecast.',
    example: 240,
  })
  readonly secondsToFull?: number;
  @ApiProperty({ type: 'integer', description: 'The highest `max` that the limits allow.', example: 262_144 })
  readonly limit!: number;
  @ApiProperty({ enum: [...GUARD_LIMITS], description: 'The lowest limit.', example: 'ceiling' })
  readonly limitedBy!: GuardEvidence['limitedBy'];
  @ApiProperty({ type: 'boolean', description: 'Whether confirming the change writes it to the boot files.', example: false })
  readonly persistAfterConfirm!: boolean;
}
