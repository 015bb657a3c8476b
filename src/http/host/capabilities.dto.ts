import { ApiProperty } from '@nestjs/swagger';
import type { BootFiles } from '../../application/ports/boot-files.ts';
import type { KernelCapabilities } from '../../application/ports/kernel.ts';
import type { Capability, HostCapabilities, Privileges } from '../../domain/capabilities.ts';
import type { Layout } from '../../domain/layout.ts';
import { LAYOUTS, ResponseDto } from '../documents/response.dto.ts';

const PRIVILEGES: Privileges[] = ['root', 'separated', 'user'];
const NAMESPACES: HostCapabilities['namespace'][] = ['initial', 'child', 'unknown'];

/** Which files to write depends on the layout, and without conntrack there is none. */
const NOT_LOADED: Capability = {
  name: 'persist',
  available: false,
  reason: 'Connection tracking is not loaded, so there are no values to persist.',
  remedy: 'modprobe nf_conntrack',
};

export class CapabilityDto implements Capability {
  @ApiProperty({ description: 'What can be done, or cannot.', example: 'buckets.write' })
  readonly name!: string;
  @ApiProperty({ type: 'boolean', description: 'Whether it can be done here.', example: true })
  readonly available!: boolean;
  @ApiProperty({
    required: false,
    description: 'The file, or the way, it is done through.',
    example: '/sys/module/nf_conntrack/parameters/hashsize',
  })
  readonly via?: string;
  @ApiProperty({
    type: 'string',
    isArray: true,
    required: false,
    description:
      'Of `entries.filter`: what the kernel selects by itself (`address`: IPv4 only); the service does the rest. `mark` and `zone` can be seen only ' +
      'while there are entries.',
    example: ['family', 'address', 'protocol', 'port', 'status', 'mark', 'zone'],
  })
  readonly honours?: readonly string[];
  @ApiProperty({ required: false, description: 'Why not; present exactly when it is not available.', example: 'EROFS: mounted read-only' })
  readonly reason?: string;
  @ApiProperty({ required: false, description: 'What would make it available.', example: 'Mount /proc/sys writable in the container.' })
  readonly remedy?: string;
}

export class CapabilitiesDto extends ResponseDto implements HostCapabilities {
  @ApiProperty({
    enum: LAYOUTS,
    required: false,
    description: 'Which generation of connection tracking this kernel has; absent while it is not loaded.',
    example: 'nf_conntrack',
  })
  readonly layout?: Layout;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description:
      'Whether conntrack is compiled into the kernel (`false`: it is a module); `null` where it is not loaded or cannot be determined.',
    example: false,
  })
  readonly builtIn!: boolean | null;
  @ApiProperty({
    enum: NAMESPACES,
    description: 'The network namespace this service runs in. In a child, max and buckets cannot be written.',
    example: 'initial',
  })
  readonly namespace!: HostCapabilities['namespace'];
  @ApiProperty({
    enum: PRIVILEGES,
    description:
      'With which rights this service runs. `root`: one process does everything as root. `separated`: the service is an ordinary user, and a small ' +
      'helper, which is root, writes its boot files and nothing else. `user`: an ordinary user alone.',
    example: 'separated',
  })
  readonly privileges!: Privileges;
  @ApiProperty({ type: () => CapabilityDto, isArray: true, description: 'What can be read and written here, and why not.' })
  readonly capabilities!: readonly CapabilityDto[];

  static async read(kernel: KernelCapabilities, bootFiles: BootFiles): Promise<CapabilitiesDto> {
    const host = await kernel.read();
    const persisting = host.layout === undefined ? NOT_LOADED : await bootFiles.capability(host.layout);
    return { ...host, privileges: bootFiles.privileges, capabilities: [...host.capabilities, persisting] };
  }
}
