import { ApiProperty } from '@nestjs/swagger';
import type { Conflict, FieldError } from '../../domain/conntrack-error.ts';
import { ERROR_CODES, type ErrorCode } from '../../domain/error-codes.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import { PlanDto } from '../documents/plan.dto.ts';
import type { Problem } from './problem.ts';

export class FieldErrorDto implements FieldError {
  @ApiProperty({ description: 'Where.', example: 'settings.max' })
  readonly field!: string;
  @ApiProperty({ description: 'What should be there.', example: 'a JSON integer without fraction, exponent or quotes' })
  readonly expected!: string;
  @ApiProperty({
    required: false,
    description: 'What was there, at most 64 characters of it; absent when nothing was.',
    example: '"131072"',
  })
  readonly found?: string;
}

export class ConflictDto implements Conflict {
  @ApiProperty({ description: 'Name of the setting, path of the boot file, or `count` (of entries).', example: 'max' })
  readonly subject!: string;
  @ApiProperty({ description: 'What the change left there, or what the request expects.', example: '131072' })
  readonly expected!: string;
  @ApiProperty({ description: 'What is there now.', example: '65536' })
  readonly found!: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Id of the recorded change that moved it; absent when nobody recorded it.',
    example: 8,
  })
  readonly changedBy?: number;
}

export class ProblemDto extends ResponseDto implements Problem {
  @ApiProperty({
    format: 'uri',
    description: 'The code as a URN: stable, for programs.',
    example: 'urn:conntrack-api:problem:invalid-request',
  })
  readonly type!: string;
  @ApiProperty({ description: 'The same for every occurrence of the code.', example: 'The request is not valid' })
  readonly title!: string;
  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status.', example: 400 })
  readonly status!: number;
  @ApiProperty({
    description: 'What happened this time, for people.',
    example: 'settings.max: expected a JSON integer without fraction, exponent or quotes.',
  })
  readonly detail!: string;
  @ApiProperty({
    format: 'uri',
    description: 'This occurrence: the request id as a URN.',
    example: 'urn:conntrack-api:request:5f0c9e1e-8f0e-4c0b-9a53-0a8c7f3b1d11',
  })
  readonly instance!: string;
  @ApiProperty({ enum: [...ERROR_CODES], description: 'Stable, for programs; docs/errors.md explains each.', example: 'INVALID_REQUEST' })
  readonly code!: ErrorCode;
  @ApiProperty({ description: 'The same as in the X-Request-Id header and in the log.', example: '5f0c9e1e-8f0e-4c0b-9a53-0a8c7f3b1d11' })
  readonly requestId!: string;
  @ApiProperty({ type: () => FieldErrorDto, isArray: true, required: false, description: 'Each thing that is wrong with the request.' })
  readonly errors?: readonly FieldErrorDto[];
  @ApiProperty({ type: () => ConflictDto, isArray: true, required: false, description: 'What moved since, and who moved it.' })
  readonly conflicts?: readonly ConflictDto[];
  @ApiProperty({ required: false, description: 'The kernel’s or file system’s own word.', example: 'EPERM' })
  readonly errno?: string;
  @ApiProperty({ required: false, description: 'What can be done about it.', example: 'modprobe nf_conntrack' })
  readonly remedy?: string;
  @ApiProperty({ type: 'integer', minimum: 1, required: false, description: 'The recorded change this belongs to.', example: 7 })
  readonly changeId?: number;
  @ApiProperty({
    type: () => ChangeDto,
    required: false,
    description: 'The recorded change, when it was carried out and did not do what was asked.',
  })
  readonly change?: ChangeDto;
  @ApiProperty({
    type: () => PlanDto,
    required: false,
    description: 'What was refused for its risks, in full (`RISK_UNACKNOWLEDGED`, `RISK_REFUSED`).',
  })
  readonly plan?: PlanDto;
}
