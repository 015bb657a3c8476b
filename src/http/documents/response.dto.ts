import { ApiProperty } from '@nestjs/swagger';

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
