import { ApiProperty } from '@nestjs/swagger';
import type { HelpersView } from '../../application/table/read-helpers.ts';
import type { HelperUse } from '../../domain/helper.ts';
import { ResponseDto, UnavailableDto } from '../documents/response.dto.ts';

const COUNT = { type: 'integer', minimum: 0, required: false } as const;

export class HelperProtocolDto {
  @ApiProperty({ enum: ['tcp', 'udp'], description: 'Protocol of the flows that the helper reads.', example: 'tcp' })
  readonly protocol!: 'tcp' | 'udp';
  @ApiProperty({
    type: 'integer',
    isArray: true,
    minimum: 0,
    maximum: 65_535,
    description:
      'Ports of the module’s parameter `ports`, or its usual port. A rule can assign the helper to flows on any port. Empty if another helper expects the flows.',
    example: [21],
  })
  readonly ports!: readonly number[];
}

export class HelperDto implements HelperUse {
  @ApiProperty({ description: 'Name of the helper, as entries and expectations have it.', example: 'ftp' })
  readonly name!: string;
  @ApiProperty({
    required: false,
    description: 'Kernel module of the helper. Absent if no module with it is known to be loaded: it may run in user space.',
    example: 'nf_conntrack_ftp',
  })
  readonly module?: string;
  @ApiProperty({
    type: 'boolean',
    required: false,
    description: 'Whether the module is built into the kernel. Present with `module`.',
    example: false,
  })
  readonly builtIn?: boolean;
  @ApiProperty({ type: () => HelperProtocolDto, isArray: true, description: 'Protocols of the helper. Empty if they are not known.' })
  readonly protocols!: readonly HelperProtocolDto[];
  @ApiProperty({
    ...COUNT,
    description: 'Entries that have this helper now. Absent if it cannot be known, see `unavailable`.',
    example: 12,
  })
  readonly entries?: number;
  @ApiProperty({ ...COUNT, description: 'Expectations of this helper now. Absent if it cannot be known, see `unavailable`.', example: 3 })
  readonly expectations?: number;
}

export class HelpersDto extends ResponseDto implements HelpersView {
  @ApiProperty({
    type: () => HelperDto,
    isArray: true,
    description: 'Helpers of loaded and built-in modules, and those that entries or expectations name. Sorted by name.',
  })
  readonly items!: readonly HelperDto[];
  @ApiProperty({
    type: () => UnavailableDto,
    isArray: true,
    description: 'What cannot be known here, and why. `rules`: the firewall rules that assign helpers.',
  })
  readonly unavailable!: readonly UnavailableDto[];
}
