import { ApiProperty } from '@nestjs/swagger';
import type { EntryScope } from '../../application/ports/kernel.ts';
import { matches } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

/** Where entries are looked at. */
export class EntryScopeDto {
  @ApiProperty({
    required: false,
    maxLength: 255,
    description:
      'A network namespace of this host (see GET /namespaces) in place of the service’s own. Only where the service was started with --namespaces.',
    example: 'blue',
  })
  @Expect('the name of a network namespace', matches(/^[^/\0]{1,255}$/))
  @Optional()
  readonly namespace?: string;

  static toScope({ namespace }: EntryScopeDto): EntryScope {
    return namespace === undefined ? {} : { namespace };
  }
}
