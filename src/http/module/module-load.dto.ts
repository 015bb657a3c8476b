import { ApiProperty } from '@nestjs/swagger';
import type { LoadRequest, LoadResult } from '../../application/change/load-module.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { ReasonDto } from '../changes/reason.dto.ts';
import { BootLineDto } from '../documents/boot-line.dto.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import type { Reader } from '../documents/withheld-entries.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import type { IdempotencyOf } from '../preconditions/conditions.decorator.ts';
import { changeResponse } from '../problem/change-response.ts';

export class LoadModuleDto extends ReasonDto {
  @ApiProperty({
    required: false,
    default: false,
    description: 'Check whether the module would load, and load and record nothing.',
    example: false,
  })
  @Expect('true or false', (value) => typeof value === 'boolean')
  @Optional()
  readonly dryRun?: boolean;

  static toRequest(body: LoadModuleDto, idempotencyOf: IdempotencyOf): LoadRequest {
    return { reason: body.reason ?? null, idempotency: idempotencyOf(body) };
  }
}

export class ModuleLoadDto extends ResponseDto {
  @ApiProperty({ description: 'Whether conntrack is loaded now.', example: true })
  readonly loaded!: boolean;
  @ApiProperty({
    type: () => BootLineDto,
    isArray: true,
    description: 'Lines whose parameters the module gets when it is loaded now, in order. The last value of a parameter counts.',
  })
  readonly options!: readonly BootLineDto[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'Values that these parameters set, by setting name. Other settings start with the defaults of the kernel.',
    example: { buckets: 65_536, max: 524_288 },
  })
  readonly values!: SettingValues;
  @ApiProperty({
    type: () => ChangeDto,
    nullable: true,
    description: 'The recorded change. `null` if the module was loaded already, and for a dry run.',
  })
  readonly change!: ChangeDto | null;

  static of({ plan, change, isLoaded }: LoadResult, reader: Reader): ModuleLoadDto {
    const { options, values } = plan;
    return { loaded: isLoaded, options, values, change: change === undefined ? null : changeResponse(change, reader) };
  }
}
