import { ApiProperty } from '@nestjs/swagger';
import type { NamedNamespace } from '../../domain/namespace.ts';
import { ResponseDto, UnavailableDto } from '../documents/response.dto.ts';

export class NamespaceDto implements NamedNamespace {
  @ApiProperty({ description: 'As `ip netns list` shows it; the value of `namespace` elsewhere.', example: 'blue' })
  readonly name!: string;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Entries in use in that namespace. Absent where it cannot be read, never 0: see `unavailable`.',
    example: 1_204,
  })
  readonly count?: number;
  @ApiProperty({ type: () => UnavailableDto, isArray: true, description: 'What could not be read there, and why.' })
  readonly unavailable!: readonly UnavailableDto[];
}

export class NamespaceListDto extends ResponseDto {
  @ApiProperty({
    type: () => NamespaceDto,
    isArray: true,
    description: 'Sorted by name. The service’s own is among them only if it has a name.',
  })
  readonly items!: readonly NamespaceDto[];

  static of(namespaces: readonly NamedNamespace[]): NamespaceListDto {
    return { items: namespaces };
  }
}
