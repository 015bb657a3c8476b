import { ApiProperty } from '@nestjs/swagger';
import type { FileContent } from '../../domain/change.ts';
import { ERROR_CODES, type ErrorCode } from '../../domain/error-codes.ts';
import { TEXT } from './file-text.ts';

export class ActorDto {
  @ApiProperty({ description: 'Name of the token. For a JWT, its issuer and subject.', example: 'deploy' })
  readonly name!: string;
  @ApiProperty({
    description:
      'Public id of the token. For a JWT, `jwt-` and a hash of its issuer and subject. For a user on the unix socket, `uid-` and the user id.',
    example: '3f9c2ab81d04',
  })
  readonly tokenId!: string;
  @ApiProperty({ description: 'Address that the request came from. For the unix socket, `uid=` and the user id.', example: '127.0.0.1' })
  readonly peer!: string;
}

export class ChangedSettingDto {
  @ApiProperty({ description: 'Setting name: the sysctl key without its `nf_conntrack_` or `ip_conntrack_` prefix.', example: 'max' })
  readonly name!: string;
  @ApiProperty({ type: 'integer', description: 'Live value before the change, in the setting’s unit.', example: 262_144 })
  readonly before!: number;
  @ApiProperty({ type: 'integer', description: 'Requested value, in the setting’s unit.', example: 131_072 })
  readonly requested!: number;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    required: false,
    description:
      'Value that the kernel reported when the change ended, in the setting’s unit. `null` if it could not be read; absent while the change is pending.',
    example: 131_072,
  })
  readonly after?: number | null;
  @ApiProperty({
    type: 'integer',
    required: false,
    description:
      'Last confirmed value before the change, in the setting’s unit: undoing the change restores it. Present only if `before` was awaiting the confirmation of another change.',
    example: 65_536,
  })
  readonly confirmedBefore?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    required: false,
    description:
      'Id of the later change that took the setting over before this change was confirmed: neither a confirmation nor a revert of this change affects it any more. Not included in lists of changes.',
    example: 9,
  })
  readonly supersededBy?: number;
}

export class SupersededSettingDto {
  @ApiProperty({ description: 'Setting name.', example: 'max' })
  readonly name!: string;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Id of the change that took the setting over.', example: 9 })
  readonly supersededBy!: number;
}

export class ChangedFileDto {
  @ApiProperty({ description: 'Absolute path of the boot file.', example: '/etc/sysctl.d/99-zz-conntrack-api.conf' })
  readonly path!: string;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: `Text before the change. \`null\`: the file did not exist. ${TEXT}`,
    example: null,
  })
  readonly before!: FileContent;
  @ApiProperty({
    type: 'string',
    nullable: true,
    required: false,
    description: `Text when the change ended. \`null\`: the file did not exist. Absent while the change is pending, and if the file could not be read. ${TEXT}`,
    example: 'net.netfilter.nf_conntrack_buckets = 32768\nnet.netfilter.nf_conntrack_max = 131072\n',
  })
  readonly after?: FileContent;
}

export class FailureDto {
  @ApiProperty({ enum: [...ERROR_CODES], description: 'Error code of this service.', example: 'KERNEL_REFUSED' })
  readonly code!: ErrorCode;
  @ApiProperty({ description: 'What went wrong.', example: 'The kernel refused 131072 for max: EPERM.' })
  readonly message!: string;
  @ApiProperty({ required: false, description: 'The errno of the system call, if there was one.', example: 'EPERM' })
  readonly errno?: string;
}
