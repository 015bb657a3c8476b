import { ApiProperty } from '@nestjs/swagger';
import type { NamedNamespace } from '../../domain/table.ts';
import { ResponseDto, UnavailableDto } from '../documents/response.dto.ts';

export class NamespaceDto implements NamedNamespace {
  @ApiProperty({ description: 'Name as in `ip netns list`. Use it as the parameter `namespace`.', example: 'blue' })
  readonly name!: string;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Number of entries in the namespace. Absent if it cannot be read: see `unavailable`.',
    example: 1_204,
  })
  readonly count?: number;
  @ApiProperty({ type: () => UnavailableDto, isArray: true, description: 'Values that could not be read, and why.' })
  readonly unavailable!: readonly UnavailableDto[];
}

export class NamespaceListDto extends ResponseDto {
  @ApiProperty({
    type: () => NamespaceDto,
    isArray: true,
    description: 'Namespaces, sorted by name. The namespace of the service is included only if it has a name.',
  })
  readonly items!: readonly NamespaceDto[];

  static of(namespaces: readonly NamedNamespace[]): NamespaceListDto {
    return { items: namespaces };
  }
}
