import { ApiProperty } from '@nestjs/swagger';
import type { SizingRequest } from '../../application/table/advise-sizing.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { HEADROOM_DEFAULT } from '../../domain/sizing/recommend.ts';
import { isDecimal, isOneOf } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

const ENTRIES_MAX = 1_000_000_000;
const RATE_MAX = 100_000_000;
const LIFETIME_MAX = 31_536_000;
const MEMORY_MIN = 1_048_576;
const MEMORY_MAX = 1_099_511_627_776;
const BASES = ['connections', 'newPerSecond', 'memoryBytes', 'memoryPercent', 'basis'] as const;
const ONE_OF = 'at most one of connections, newPerSecond with lifetimeSeconds, memoryBytes, memoryPercent, basis=peak';

const integer = (minimum: number, maximum: number): PropertyDecorator =>
  Expect(`an integer from ${minimum} to ${maximum}`, isDecimal(minimum, maximum));

/** Query parameters are text; `toRequest` converts them. */
export class SizingQueryDto {
  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: ENTRIES_MAX,
    description: 'Expected number of concurrent flows.',
    example: 500_000,
  })
  @integer(1, ENTRIES_MAX)
  @Optional()
  readonly connections?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: RATE_MAX,
    description: 'Expected new flows per second. Requires `lifetimeSeconds`.',
    example: 2_000,
  })
  @integer(1, RATE_MAX)
  @Optional()
  readonly newPerSecond?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: LIFETIME_MAX,
    description: 'Lifetime of an entry in seconds, including its timeout after the last packet. Requires `newPerSecond`.',
    example: 150,
  })
  @integer(1, LIFETIME_MAX)
  @Optional()
  readonly lifetimeSeconds?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: MEMORY_MIN,
    maximum: MEMORY_MAX,
    description: 'Memory budget for a full table in bytes, buckets included.',
    example: 536_870_912,
  })
  @integer(MEMORY_MIN, MEMORY_MAX)
  @Optional()
  readonly memoryBytes?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: 60,
    description: 'Memory budget for a full table in percent of the memory of this host.',
    example: 10,
  })
  @integer(1, 60)
  @Optional()
  readonly memoryPercent?: string;

  @ApiProperty({
    required: false,
    enum: ['peak'],
    description:
      '`peak`: use the highest number of entries ever sampled (`GET /api/v1/table/history`). The default if the request names no other basis.',
    example: 'peak',
  })
  @Expect('peak', isOneOf(['peak']))
  @Optional()
  readonly basis?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 100,
    maximum: 1_000,
    default: 100 * HEADROOM_DEFAULT,
    description: 'max in percent of the expected entries. Not allowed with a memory budget, which is already a limit.',
    example: 150,
  })
  @integer(100, 1_000)
  @Optional()
  readonly headroomPercent?: string;

  static toHeadroom({ headroomPercent }: SizingQueryDto): number {
    return headroomPercent === undefined ? HEADROOM_DEFAULT : Number(headroomPercent) / 100;
  }

  /** @throws ConntrackError `INVALID_FILTER` if parameters are missing or contradict each other */
  static toRequest(query: SizingQueryDto): SizingRequest {
    const [given, second] = BASES.filter((name) => query[name] !== undefined);
    if (second !== undefined) throw refusal(second, `${ONE_OF}; the request also has ${given ?? ''}`, query[second]);
    if (query.lifetimeSeconds !== undefined && given !== 'newPerSecond') {
      throw given === undefined
        ? refusal('newPerSecond', 'a rate, with lifetimeSeconds')
        : refusal('lifetimeSeconds', 'no such parameter without newPerSecond', query.lifetimeSeconds);
    }
    if (query.headroomPercent !== undefined && (given === 'memoryBytes' || given === 'memoryPercent')) {
      throw refusal('headroomPercent', 'no such parameter with a memory budget', query.headroomPercent);
    }
    return question(given, query);
  }
}

function question(given: (typeof BASES)[number] | undefined, query: SizingQueryDto): SizingRequest {
  switch (given) {
    case 'connections':
      return { basis: 'connections', connections: Number(query.connections) };
    case 'newPerSecond':
      if (query.lifetimeSeconds === undefined) throw refusal('lifetimeSeconds', 'a lifetime, with newPerSecond');
      if (Number(query.newPerSecond) * Number(query.lifetimeSeconds) > ENTRIES_MAX) {
        throw refusal('newPerSecond', `newPerSecond x lifetimeSeconds of at most ${ENTRIES_MAX} entries`, query.newPerSecond);
      }
      return { basis: 'rate', newPerSecond: Number(query.newPerSecond), lifetimeSeconds: Number(query.lifetimeSeconds) };
    case 'memoryBytes':
      return { basis: 'memory', memoryBytes: Number(query.memoryBytes) };
    case 'memoryPercent':
      return { basis: 'memoryPercent', memoryPercent: Number(query.memoryPercent) };
    case 'basis':
    case undefined:
      return { basis: 'peak' };
  }
}

function refusal(field: string, expected: string, found?: string): ConntrackError {
  const errors = [{ field, expected, ...(found !== undefined && { found }) }];
  return new ConntrackError('INVALID_FILTER', `${field}: expected ${expected}.`, { errors });
}
