import { ApiProperty } from '@nestjs/swagger';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { EntryFilter, Family } from '../../domain/entry.ts';
import { isDecimal, isMark, isNetwork, isOneOf, matches, parseNetwork } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { foundIn } from '../input/printable.ts';
import { FAMILIES } from './entry.dto.ts';

const NETWORK = 'an address or a network such as 192.0.2.0/24 or 2001:db8::/32';
const PORT = 'a port from 0 to 65535';

/** Query parameters are text; `toFilter` gives them their types. */
export class EntriesQueryDto {
  @ApiProperty({ required: false, enum: FAMILIES, description: 'Only this address family.', example: 'ipv4' })
  @Expect('ipv4 or ipv6', isOneOf(FAMILIES))
  @Optional()
  readonly family?: Family;

  @ApiProperty({ required: false, description: 'Only this protocol, by the kernel’s name or by number.', example: 'tcp' })
  @Expect('the name or number of a protocol, such as tcp or 6', matches(/^[A-Za-z0-9]{1,16}$/))
  @Optional()
  readonly protocol?: string;

  @ApiProperty({ required: false, description: 'Only this state, as the kernel names it.', example: 'ESTABLISHED' })
  @Expect('the name of a state, such as ESTABLISHED', matches(/^[A-Za-z0-9_]{1,32}$/))
  @Optional()
  readonly state?: string;

  @ApiProperty({ required: false, description: 'Source of the original direction: an address or a network.', example: '10.0.0.0/8' })
  @Expect(NETWORK, isNetwork)
  @Optional()
  readonly source?: string;

  @ApiProperty({ required: false, description: 'Destination of the original direction: an address or a network.', example: '192.0.2.10' })
  @Expect(NETWORK, isNetwork)
  @Optional()
  readonly destination?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    description: 'Source port of the original direction.',
    example: 51_324,
  })
  @Expect(PORT, isDecimal(0, 65_535))
  @Optional()
  readonly sourcePort?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    description: 'Destination port of the original direction.',
    example: 443,
  })
  @Expect(PORT, isDecimal(0, 65_535))
  @Optional()
  readonly destinationPort?: string;

  @ApiProperty({ required: false, description: 'Connection mark, decimal or 0x hexadecimal.', example: '0x10' })
  @Expect('a mark from 0 to 4294967295, decimal or 0x hexadecimal', isMark)
  @Optional()
  readonly mark?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: 100,
    description: 'Entries on a page. JSON only: a stream has no pages.',
    example: 100,
  })
  @Expect('an integer from 1 to 1000', isDecimal(1, 1000))
  @Optional()
  readonly limit?: string;

  @ApiProperty({
    required: false,
    description: '`nextCursor` of the page before; the filters must be the same. JSON only: a stream has no pages.',
    example: 'WzEsIlBxSzJ2N2gxUW1YczBhTnUiLCJpcHY0LTYiXQ',
  })
  @Expect('nextCursor of the page before', matches(/^[A-Za-z0-9_-]{1,1024}$/))
  @Optional()
  readonly cursor?: string;

  static toFilter({ family, protocol, state, source, destination, sourcePort, destinationPort, mark }: EntriesQueryDto): EntryFilter {
    return {
      ...(family !== undefined && { family }),
      ...(protocol !== undefined && { protocol: protocol.toLowerCase() }),
      ...(state !== undefined && { state: state.toUpperCase() }),
      ...networkOf('source', source),
      ...networkOf('destination', destination),
      ...(sourcePort !== undefined && { sourcePort: Number(sourcePort) }),
      ...(destinationPort !== undefined && { destinationPort: Number(destinationPort) }),
      ...(mark !== undefined && { mark: Number(mark) }),
    };
  }

  /** @throws ConntrackError `INVALID_FILTER` for `limit` and `cursor`, which a stream would have to ignore. */
  static toStreamFilter(query: EntriesQueryDto): EntryFilter {
    const paging = (['limit', 'cursor'] as const).filter((field) => query[field] !== undefined);
    if (paging.length > 0) {
      throw new ConntrackError('INVALID_FILTER', `A stream has no pages: ${paging.join(' and ')} can only be used with JSON.`, {
        errors: paging.map((field) => ({ field, expected: 'no such parameter on a stream', ...foundIn(query[field]) })),
      });
    }
    return EntriesQueryDto.toFilter(query);
  }
}

function networkOf(field: 'source' | 'destination', text: string | undefined): Pick<EntryFilter, typeof field> {
  const network = text === undefined ? undefined : parseNetwork(text);
  return network === undefined ? {} : { [field]: network };
}
