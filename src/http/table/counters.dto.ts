import { ApiProperty } from '@nestjs/swagger';
import type { CounterReading } from '../../domain/table.ts';
import { AnswerDto } from '../answer.dto.ts';

type Counters = Readonly<Record<string, number>>;

const COUNTERS = { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } } as const;

export class CountersDto extends AnswerDto {
  @ApiProperty({ description: 'The file the counters were read from, or `ctnetlink`.', example: '/proc/net/stat/nf_conntrack' })
  readonly source!: string;
  @ApiProperty({
    ...COUNTERS,
    description: 'Sum over all CPUs since boot, by the kernel’s column names.',
    example: { found: 12, invalid: 840, insert_failed: 3, drop: 0, early_drop: 0, search_restart: 5 },
  })
  readonly totals!: Counters;
  @ApiProperty({
    type: 'array',
    items: COUNTERS,
    description: 'One object per CPU, by the kernel’s column names. Events since boot; each is 32 bits wide and wraps.',
    example: [{ found: 12, invalid: 840, insert_failed: 3, drop: 0, early_drop: 0, search_restart: 5 }],
  })
  readonly perCpu!: readonly Counters[];

  static of({ source, perCpu }: CounterReading): CountersDto {
    return { source, totals: sum(perCpu), perCpu };
  }
}

function sum(perCpu: readonly Counters[]): Counters {
  const totals: Record<string, number> = {};
  for (const counters of perCpu) {
    for (const [name, value] of Object.entries(counters)) {
      totals[name] = (totals[name] ?? 0) + value;
    }
  }
  return totals;
}
