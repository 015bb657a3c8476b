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
const ONE_OF = 'exactly one of connections, newPerSecond with lifetimeSeconds, memoryBytes, memoryPercent, basis=peak';

const integer = (minimum: number, maximum: number): PropertyDecorator =>
  Expect(`an integer from ${minimum} to ${maximum}`, isDecimal(minimum, maximum));

/** Query parameters are text; `toQuestion` gives them their types. */
export class SizingQueryDto {
  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: ENTRIES_MAX,
    description: 'Flows expected at once, in entries.',
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
    description: 'New flows per second; with `lifetimeSeconds`.',
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
    description: 'Seconds an entry stays, its timeout after the last packet included; with `newPerSecond`.',
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
    description: 'Bytes that a full table may take, buckets included.',
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
    description: 'The same in percent of the memory of this host.',
    example: 10,
  })
  @integer(1, 60)
  @Optional()
  readonly memoryPercent?: string;

  @ApiProperty({
    required: false,
    enum: ['peak'],
    description: 'The most entries ever seen at a sample (`GET /table/history`).',
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
    description: 'Max in percent of the expected entries. Not with a memory budget, which is a limit by itself.',
    example: 150,
  })
  @integer(100, 1_000)
  @Optional()
  readonly headroomPercent?: string;

  static toHeadroom({ headroomPercent }: SizingQueryDto): number {
    return headroomPercent === undefined ? HEADROOM_DEFAULT : Number(headroomPercent) / 100;
  }

  /** @throws ConntrackError `INVALID_FILTER` where parameters are missing, or contradict each other */
  static toQuestion(query: SizingQueryDto): SizingRequest {
    const [given, second] = BASES.filter((name) => query[name] !== undefined);
    if (second !== undefined) throw refusal(second, `${ONE_OF}; ${given ?? ''} is given too`, query[second]);
    if (query.lifetimeSeconds !== undefined && given !== 'newPerSecond') {
      throw given === undefined
        ? refusal('newPerSecond', 'a rate, with lifetimeSeconds')
        : refusal('lifetimeSeconds', 'none without newPerSecond', query.lifetimeSeconds);
    }
    if (query.headroomPercent !== undefined && (given === 'memoryBytes' || given === 'memoryPercent')) {
      throw refusal('headroomPercent', 'none with a memory budget', query.headroomPercent);
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
        throw refusal('newPerSecond', `newPerSecond x lifetimeSeconds of ${ENTRIES_MAX} entries at most`, query.newPerSecond);
      }
      return { basis: 'rate', newPerSecond: Number(query.newPerSecond), lifetimeSeconds: Number(query.lifetimeSeconds) };
    case 'memoryBytes':
      return { basis: 'memory', memoryBytes: Number(query.memoryBytes) };
    case 'memoryPercent':
      return { basis: 'memoryPercent', memoryPercent: Number(query.memoryPercent) };
    case 'basis':
      return { basis: 'peak' };
    case undefined:
      throw refusal('connections', ONE_OF);
  }
}

function refusal(field: string, expected: string, found?: string): ConntrackError {
  const errors = [{ field, expected, ...(found !== undefined && { found }) }];
  return new ConntrackError('INVALID_FILTER', `${field}: expected ${expected}.`, { errors });
}
