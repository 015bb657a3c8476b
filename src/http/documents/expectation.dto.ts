import { ApiProperty, PickType } from '@nestjs/swagger';
import type { Ends, Family } from '../../domain/entry.ts';
import { EXPECTATION_FLAGS, type Expectation, type ExpectationFlag, type ExpectationNat } from '../../domain/expectation.ts';
import { FAMILIES } from './entry.dto.ts';
import { ENDS, MasterTupleDto, TupleDto } from './tuple.dto.ts';

export class EndsDto extends PickType(TupleDto, ENDS) implements Ends {}

export class ExpectationNatDto implements ExpectationNat {
  @ApiProperty({
    enum: ['original', 'reply'],
    description: 'Direction of the master flow in which the expected flow will be established.',
    example: 'original',
  })
  readonly direction!: ExpectationNat['direction'];
  @ApiProperty({
    type: () => EndsDto,
    description: 'Address and port from before NAT, as `source` and `sourcePort`. The other fields have no meaning.',
    example: { source: '10.0.0.5', destination: '0.0.0.0', sourcePort: 40_001, destinationPort: 0 },
  })
  readonly tuple!: EndsDto;
}

export class ExpectationDto implements Expectation {
  @ApiProperty({
    description: 'Opaque id. It stays the same for the lifetime of the expectation.',
    example: '0406c000020a0a00000500009c41030000-5f0a91c2',
  })
  readonly id!: string;
  @ApiProperty({ enum: FAMILIES, description: 'Address family.', example: 'ipv4' })
  readonly family!: Family;
  @ApiProperty({
    description: 'Protocol name of the expected flow as the kernel prints it. `unknown` if the kernel has no name for it.',
    example: 'tcp',
  })
  readonly protocol!: string;
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 255, description: 'IANA protocol number of the expected flow.', example: 6 })
  readonly protocolNumber!: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Seconds until the expectation expires. Absent if it never does, which only legacy kernels have.',
    example: 297,
  })
  readonly timeoutSeconds?: number;
  @ApiProperty({
    type: () => EndsDto,
    description: 'Tuple of the expected flow. Only the bits that are set in `mask` count.',
    example: { source: '192.0.2.10', destination: '10.0.0.5', sourcePort: 0, destinationPort: 40_001 },
  })
  readonly tuple!: EndsDto;
  @ApiProperty({
    type: () => EndsDto,
    required: false,
    description: 'Mask of the tuple. A source port of 0 in the mask means any source port. Absent if the source is a text dump.',
    example: { source: '255.255.255.255', destination: '255.255.255.255', sourcePort: 0, destinationPort: 65_535 },
  })
  readonly mask?: EndsDto;
  @ApiProperty({
    type: () => MasterTupleDto,
    required: false,
    description: 'Original tuple of the flow whose helper expects this one. Absent if the source is a text dump.',
    example: { protocol: 'tcp', protocolNumber: 6, source: '10.0.0.5', destination: '192.0.2.10', sourcePort: 51_324, destinationPort: 21 },
  })
  readonly master?: MasterTupleDto;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'Conntrack zone. Absent if the kernel does not report it: current kernels do not, the zone is that of the master flow.',
    example: 1,
  })
  readonly zone?: number;
  @ApiProperty({ required: false, description: 'Name of the helper. Absent if the master flow has none any more.', example: 'ftp' })
  readonly helper?: string;
  @ApiProperty({
    enum: [...EXPECTATION_FLAGS],
    isArray: true,
    description:
      '`PERMANENT`: stays after a flow has matched, until it expires. `INACTIVE`: matches no flow. `USERSPACE`: created by a helper in user space. A text dump of a legacy kernel shows none.',
    example: ['PERMANENT'],
  })
  readonly flags!: readonly ExpectationFlag[];
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 4_294_967_295,
    required: false,
    description: 'Number of the helper’s class of expectations, such as signalling or audio of SIP. Absent if the source is a text dump.',
    example: 0,
  })
  readonly class?: number;
  @ApiProperty({ required: false, description: 'Name of the class. Only a text dump has it.', example: 'signalling' })
  readonly className?: string;
  @ApiProperty({
    type: () => ExpectationNatDto,
    required: false,
    description: 'How NAT translates the expected flow. Absent if NAT does not translate it, or if the source is a text dump.',
  })
  readonly nat?: ExpectationNatDto;
  @ApiProperty({
    required: false,
    description: 'Name of the kernel function that is called when the expected flow arrives, if it has one.',
    example: 'nat-follow-master',
  })
  readonly function?: string;
}
