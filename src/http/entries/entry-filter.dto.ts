import { ApiProperty } from '@nestjs/swagger';
import type { Family } from '../../domain/entry.ts';
import { allOf } from '../../domain/filter/common-filter.ts';
import { FIELDS } from '../../domain/filter/fields.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { FilterSyntaxError } from '../../domain/filter/filter-syntax-error.ts';
import { parseFilter } from '../../domain/filter/parse-filter.ts';
import { ExpectEach, Optional } from '../input/expect.decorator.ts';
import { foundIn } from '../input/printable.ts';
import { EntryScopeDto } from './entry-scope.dto.ts';
import { FAMILIES } from '../documents/entry.dto.ts';

const PORT = { required: false, type: 'integer', minimum: 0, maximum: 65_535 } as const;

/** Filter fields that are also query parameters, for clients that need only one value of each. */
const SHORTHANDS = ['family', 'protocol', 'state', 'source', 'destination', 'sourcePort', 'destinationPort', 'mark'] as const;

/** A single value, without any syntax of the filter language. */
const ONE_VALUE = /^[A-Za-z0-9_.:/-]{1,64}$/;

/** A parameter equivalent to `name=value` in the filter language. */
function Shorthand(): PropertyDecorator {
  return ExpectEach((field, value) => {
    if (typeof value !== 'string' || !ONE_VALUE.test(value)) return [{ field, expected: `one value of ${field}`, ...foundIn(value) }];
    return errorsIn(field, `${field}=${value}`, value);
  });
}

/** Selects entries. An entry must match every given parameter. */
export class EntryFilterDto extends EntryScopeDto {
  @ApiProperty({
    required: false,
    maxLength: 4096,
    description:
      'Filter expression: tests `field=value,…` (also `!=`, and `<`, `<=`, `>`, `>=` for numbers), combined with `and`, `or`, `not` and parentheses. ' +
      `Fields: ${FIELDS.map(({ name }) => name).join(', ')}. Networks are in CIDR notation. Addresses and marks may have a mask (value/mask). Reference: docs/filters.md.`,
    example: 'protocol=tcp and source=10.0.0.0/8 and (destinationPort=80,443 or state=TIME_WAIT) and not status=ASSURED',
  })
  @ExpectEach((field, value) =>
    typeof value === 'string' ? errorsIn(field, value, value) : [{ field, expected: 'a filter', ...foundIn(value) }],
  )
  @Optional()
  readonly filter?: string;

  @ApiProperty({ required: false, enum: FAMILIES, description: 'Match this address family.', example: 'ipv4' })
  @Shorthand()
  @Optional()
  readonly family?: Family;

  @ApiProperty({ required: false, description: 'Match this protocol, by name or number.', example: 'tcp' })
  @Shorthand()
  @Optional()
  readonly protocol?: string;

  @ApiProperty({ required: false, description: 'Match this protocol state, as the kernel names it.', example: 'ESTABLISHED' })
  @Shorthand()
  @Optional()
  readonly state?: string;

  @ApiProperty({
    required: false,
    description:
      'Match the source of the original direction: an address, a network in CIDR notation, or an address and its mask (value/mask).',
    example: '10.0.0.0/8',
  })
  @Shorthand()
  @Optional()
  readonly source?: string;

  @ApiProperty({
    required: false,
    description:
      'Match the destination of the original direction: an address, a network in CIDR notation, or an address and its mask (value/mask).',
    example: '192.0.2.10',
  })
  @Shorthand()
  @Optional()
  readonly destination?: string;

  @ApiProperty({ ...PORT, description: 'Match the source port of the original direction.', example: 51_324 })
  @Shorthand()
  @Optional()
  readonly sourcePort?: string;

  @ApiProperty({ ...PORT, description: 'Match the destination port of the original direction.', example: 443 })
  @Shorthand()
  @Optional()
  readonly destinationPort?: string;

  @ApiProperty({
    required: false,
    description: 'Match the connection mark, decimal or hexadecimal with 0x, optionally with a mask after `/`.',
    example: '0x10/0xff',
  })
  @Shorthand()
  @Optional()
  readonly mark?: string;

  /** The parameters of this class that the query has. */
  static given(query: EntryFilterDto): readonly (keyof EntryFilterDto)[] {
    return (['filter', ...SHORTHANDS] as const).filter((field) => query[field] !== undefined);
  }

  static toFilter(query: EntryFilterDto): Filter {
    const shorthands = SHORTHANDS.flatMap((field) => (query[field] === undefined ? [] : [parseFilter(`${field}=${query[field]}`)]));
    return allOf(query.filter === undefined ? undefined : parseFilter(query.filter), ...shorthands);
  }
}

function errorsIn(field: string, text: string, value: string): readonly { field: string; expected: string; found: string }[] {
  try {
    parseFilter(text);
    return [];
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    const place = field === 'filter' ? ` at position ${String(error.position)}` : '';
    return [{ field, expected: `${error.expected}${place}`, found: field === 'filter' ? error.found : JSON.stringify(value) }];
  }
}
