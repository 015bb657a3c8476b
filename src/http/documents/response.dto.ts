import { ApiProperty } from '@nestjs/swagger';
import type { Layout, Unavailable } from '../../domain/layout.ts';

export const LAYOUTS: Layout[] = ['nf_conntrack', 'ip_conntrack'];

/** Fields of every JSON response. */
export class ResponseDto {
  @ApiProperty({
    type: 'boolean',
    required: false,
    description:
      'Present and true if the service reads a recorded kernel tree and not this host (demonstration, tests). Absent on a real host.',
  })
  readonly simulated?: true;
}

export class UnavailableDto implements Unavailable {
  @ApiProperty({ description: 'Path of the field in this response that could not be read.', example: 'memory.objectBytes' })
  readonly field!: string;
  @ApiProperty({ description: 'The errno, or `ABSENT` if this kernel does not provide the value.', example: 'EACCES' })
  readonly code!: string;
  @ApiProperty({ description: 'Why it could not be read.', example: '/proc/slabinfo may be read by root only.' })
  readonly detail!: string;
  @ApiProperty({ required: false, description: 'What would make it readable.', example: 'Grant CAP_DAC_READ_SEARCH to the service.' })
  readonly remedy?: string;
}
