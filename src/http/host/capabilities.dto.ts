import { ApiProperty } from '@nestjs/swagger';
import type { BootFiles } from '../../application/ports/boot-files.ts';
import type { KernelCapabilities } from '../../application/ports/kernel.ts';
import type { Reachability } from '../../application/reachability.ts';
import type { Capability, HostCapabilities, Privileges } from '../../domain/capabilities.ts';
import type { Layout } from '../../domain/layout.ts';
import { LAYOUTS, ResponseDto } from '../documents/response.dto.ts';

const PRIVILEGES: Privileges[] = ['root', 'separated', 'user'];
const NAMESPACES: HostCapabilities['namespace'][] = ['initial', 'child', 'unknown'];

const NOT_PERSISTABLE_REMEDY =
  'Set the values where the network namespace is created. A service that runs inside can set them again at start: --apply-at-start.';

export class CapabilityDto implements Capability {
  @ApiProperty({ description: 'Name of the capability.', example: 'buckets.write' })
  readonly name!: string;
  @ApiProperty({ type: 'boolean', description: 'Whether it is available on this host.', example: true })
  readonly available!: boolean;
  @ApiProperty({
    required: false,
    description: 'The file or interface that is used.',
    example: '/sys/module/nf_conntrack/parameters/hashsize',
  })
  readonly via?: string;
  @ApiProperty({
    type: 'string',
    isArray: true,
    required: false,
    description:
      'For `entries.filter`: fields that the kernel filters by (`address`: IPv4 only). The service filters by the others. `mark` and `zone` can be detected only ' +
      'while the table has entries.',
    example: ['family', 'address', 'protocol', 'port', 'status', 'mark', 'zone'],
  })
  readonly honours?: readonly string[];
  @ApiProperty({
    required: false,
    description: 'Why it is not available. Present only if `available` is false.',
    example: 'EROFS: mounted read-only',
  })
  readonly reason?: string;
  @ApiProperty({ required: false, description: 'How to make it available.', example: 'Mount /proc/sys writable in the container.' })
  readonly remedy?: string;
}

export class CapabilitiesDto extends ResponseDto implements HostCapabilities {
  @ApiProperty({
    enum: LAYOUTS,
    required: false,
    description:
      'Conntrack implementation of this kernel: `nf_conntrack`, or `ip_conntrack` on old kernels. Absent while conntrack is not loaded.',
    example: 'nf_conntrack',
  })
  readonly layout?: Layout;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description:
      'Whether conntrack is compiled into the kernel. `false`: it is a module. `null`: it is not loaded, or that cannot be determined.',
    example: false,
  })
  readonly builtIn!: boolean | null;
  @ApiProperty({
    enum: NAMESPACES,
    description:
      'The network namespace of the service, or the one in `namespace`. In a `child` namespace, max and buckets cannot be written, and nothing can be persisted.',
    example: 'initial',
  })
  readonly namespace!: HostCapabilities['namespace'];
  @ApiProperty({
    enum: PRIVILEGES,
    description:
      'Privileges of the service. `root`: one process runs everything as root. `separated`: the service runs as an ordinary user, and a small ' +
      'helper writes the boot files as root. `user`: the service runs as an ordinary user, without a helper.',
    example: 'separated',
  })
  readonly privileges!: Privileges;
  @ApiProperty({ type: () => CapabilityDto, isArray: true, description: 'Capabilities, available or not.' })
  readonly capabilities!: readonly CapabilityDto[];

  static async read(
    kernel: KernelCapabilities,
    bootFiles: BootFiles,
    reachability: Reachability,
    namespace?: string,
  ): Promise<CapabilitiesDto> {
    const { notPersistable, ...host } = await kernel.read(namespace);
    const persisting =
      notPersistable === undefined
        ? await bootFiles.capability(host.layout ?? 'nf_conntrack')
        : { name: 'persist', available: false, reason: notPersistable, remedy: NOT_PERSISTABLE_REMEDY };
    return { ...host, privileges: bootFiles.privileges, capabilities: [...host.capabilities, persisting, ...reachability.capabilities] };
  }
}
