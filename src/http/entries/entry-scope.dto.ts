import { ApiProperty } from '@nestjs/swagger';
import type { EntryScope } from '../../application/ports/kernel.ts';
import { matches, NAMESPACE_NAME } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

/** The network namespace that a request reads. */
export class EntryScopeDto {
  @ApiProperty({
    required: false,
    maxLength: 255,
    description:
      'Name of a network namespace of this host (see `GET /api/v1/namespaces`). Default: the namespace of the service. Requires that the service runs with `--namespaces`.',
    example: 'blue',
  })
  @Expect('the name of a network namespace', matches(NAMESPACE_NAME))
  @Optional()
  readonly namespace?: string;

  static toScope({ namespace }: EntryScopeDto): EntryScope {
    return namespace === undefined ? {} : { namespace };
  }
}
