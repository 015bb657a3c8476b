import { ApiProperty } from '@nestjs/swagger';
import type { FileContent } from '../../domain/change.ts';
import { ERROR_CODES, type ErrorCode } from '../../domain/error-codes.ts';
import { TEXT } from './file-text.ts';

export class ActorDto {
  @ApiProperty({ description: 'Name of the token; of a JWT its issuer and its subject.', example: 'deploy' })
  readonly name!: string;
  @ApiProperty({
    description: 'Public id of the token; of a JWT `jwt-` and a hash of its issuer and subject; `uid-1000` of a user over the unix socket.',
    example: '3f9c2ab81d04',
  })
  readonly tokenId!: string;
  @ApiProperty({ description: 'Address the request came from; `uid=1000` over a unix socket.', example: '127.0.0.1' })
  readonly peer!: string;
}

export class ChangedSettingDto {
  @ApiProperty({ description: 'The kernel’s name without its prefix.', example: 'max' })
  readonly name!: string;
  @ApiProperty({ type: 'integer', description: 'Live value before the change, in the setting’s unit.', example: 262_144 })
  readonly before!: number;
  @ApiProperty({ type: 'integer', description: 'Value asked for, in the setting’s unit.', example: 131_072 })
  readonly requested!: number;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    required: false,
    description:
      'Value the kernel reported when the change was closed; null when it could not be read, absent while the change is pending.',
    example: 131_072,
  })
  readonly after?: number | null;
}

export class ChangedFileDto {
  @ApiProperty({ description: 'Absolute path of the boot file.', example: '/etc/sysctl.d/99-zz-conntrack-api.conf' })
  readonly path!: string;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: `Text before the change; null: there was no such file. ${TEXT}`,
    example: null,
  })
  readonly before!: FileContent;
  @ApiProperty({
    type: 'string',
    nullable: true,
    required: false,
    description: `Text when the change was closed; null: there is no such file. Absent while the change is pending and when it could not be read. ${TEXT}`,
    example: 'net.netfilter.nf_conntrack_buckets = 32768\nnet.netfilter.nf_conntrack_max = 131072\n',
  })
  readonly after?: FileContent;
}

export class FailureDto {
  @ApiProperty({ enum: [...ERROR_CODES], description: 'What went wrong, as a code of this service.', example: 'KERNEL_REFUSED' })
  readonly code!: ErrorCode;
  @ApiProperty({ description: 'What went wrong, in words.', example: 'The kernel refused 131072 for max: EPERM.' })
  readonly message!: string;
  @ApiProperty({ required: false, description: 'The kernel’s or file system’s own word.', example: 'EPERM' })
  readonly errno?: string;
}
