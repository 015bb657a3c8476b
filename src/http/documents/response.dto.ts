import { ApiProperty } from '@nestjs/swagger';
import type { Layout, Unavailable } from '../../domain/layout.ts';

export const LAYOUTS: Layout[] = ['nf_conntrack', 'ip_conntrack'];

/** What every JSON answer may carry. */
export class ResponseDto {
  @ApiProperty({
    type: 'boolean',
    required: false,
    description:
      'Present, and true, when the service shows another kernel tree than the one of this host (demonstration, tests). Absent on a real host.',
  })
  readonly simulated?: true;
}

export class UnavailableDto implements Unavailable {
  @ApiProperty({ description: 'Path of the field in this answer that could not be read.', example: 'memory.objectBytes' })
  readonly field!: string;
  @ApiProperty({ description: 'The errno, or `ABSENT` where this kernel offers no such thing.', example: 'EACCES' })
  readonly code!: string;
  @ApiProperty({ description: 'Why, in words.', example: '/proc/slabinfo may be read by root only.' })
  readonly detail!: string;
  @ApiProperty({ required: false, description: 'What would make it readable.', example: 'Grant CAP_DAC_READ_SEARCH to the service.' })
  readonly remedy?: string;
}
