import { ApiProperty } from '@nestjs/swagger';
import type { Conflict, FieldError } from '../../domain/conntrack-error.ts';
import { ERROR_CODES, type ErrorCode } from '../../domain/error-codes.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import { PlanDto } from '../documents/plan.dto.ts';
import type { Problem } from './problem.ts';

export class FieldErrorDto implements FieldError {
  @ApiProperty({ description: 'Path of the field, or the name of the header or parameter.', example: 'settings.max' })
  readonly field!: string;
  @ApiProperty({ description: 'What was expected.', example: 'a JSON integer without fraction, exponent or quotes' })
  readonly expected!: string;
  @ApiProperty({
    required: false,
    description: 'What was found, cut to 64 characters. Absent if the field is missing.',
    example: '"131072"',
  })
  readonly found?: string;
}

export class ConflictDto implements Conflict {
  @ApiProperty({ description: 'Name of the setting, path of the boot file, or `count` for the number of entries.', example: 'max' })
  readonly subject!: string;
  @ApiProperty({ description: 'Value after the change that is rolled back, or value that the request expects.', example: '131072' })
  readonly expected!: string;
  @ApiProperty({ description: 'Current value.', example: '65536' })
  readonly found!: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Id of the change that changed it. Absent if no change was recorded.',
    example: 8,
  })
  readonly changedBy?: number;
}

export class ProblemDto extends ResponseDto implements Problem {
  @ApiProperty({
    format: 'uri',
    description: '`code` as a URN. Stable, for programs.',
    example: 'urn:conntrack-api:problem:invalid-request',
  })
  readonly type!: string;
  @ApiProperty({ description: 'Short description of the code. The same for every occurrence.', example: 'The request is not valid' })
  readonly title!: string;
  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status.', example: 400 })
  readonly status!: number;
  @ApiProperty({
    description: 'Description of this occurrence, for humans. Do not parse it.',
    example: 'settings.max: expected a JSON integer without fraction, exponent or quotes.',
  })
  readonly detail!: string;
  @ApiProperty({
    format: 'uri',
    description: 'Identifies this occurrence: the request id as a URN.',
    example: 'urn:conntrack-api:request:5f0c9e1e-8f0e-4c0b-9a53-0a8c7f3b1d11',
  })
  readonly instance!: string;
  @ApiProperty({
    enum: [...ERROR_CODES],
    description: 'Stable error code, for programs. docs/errors.md explains each code.',
    example: 'INVALID_REQUEST',
  })
  readonly code!: ErrorCode;
  @ApiProperty({
    description: 'Request id, as in the header `X-Request-Id` and in the log.',
    example: '5f0c9e1e-8f0e-4c0b-9a53-0a8c7f3b1d11',
  })
  readonly requestId!: string;
  @ApiProperty({ type: () => FieldErrorDto, isArray: true, required: false, description: 'Every error in the request.' })
  readonly errors?: readonly FieldErrorDto[];
  @ApiProperty({
    type: () => ConflictDto,
    isArray: true,
    required: false,
    description: 'Values or files that were changed since, and by which change.',
  })
  readonly conflicts?: readonly ConflictDto[];
  @ApiProperty({ required: false, description: 'The errno of the failed system call.', example: 'EPERM' })
  readonly errno?: string;
  @ApiProperty({ required: false, description: 'What to do.', example: 'modprobe nf_conntrack' })
  readonly remedy?: string;
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    required: false,
    description: 'Id of the recorded change that this error belongs to.',
    example: 7,
  })
  readonly changeId?: number;
  @ApiProperty({
    type: () => ChangeDto,
    required: false,
    description: 'The recorded change, if it was carried out and failed.',
  })
  readonly change?: ChangeDto;
  @ApiProperty({
    type: () => PlanDto,
    required: false,
    description: 'The plan that was refused because of its risks (`RISK_UNACKNOWLEDGED`, `RISK_REFUSED`).',
  })
  readonly plan?: PlanDto;
}
