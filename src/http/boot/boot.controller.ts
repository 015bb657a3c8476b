import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { WriteLock } from '../../application/change/write-lock.ts';
import { SharedReading } from '../../application/shared-reading.ts';
import { PreviewBoot } from '../../application/table/preview-boot.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { EntryScopeDto } from '../entries/entry-scope.dto.ts';
import { NAMESPACE_PROBLEMS, Problems } from '../openapi/problems.decorator.ts';
import { BootDto } from './boot.dto.ts';

@ApiTags('settings')
@Controller('api/v1/boot')
export class BootController {
  /** Of the service's own network namespace. */
  private readonly own: SharedReading<BootDto>;

  constructor(
    private readonly previewBoot: PreviewBoot,
    writeLock: WriteLock,
  ) {
    this.own = new SharedReading(
      () => previewBoot.view().then((view) => BootDto.of(view)),
      () => writeLock.releases,
    );
  }

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'previewBoot',
    summary: 'Preview the next boot',
    description:
      'Reads every source of conntrack settings at boot (kernel command line, initramfs, modprobe.d, modules-load.d, udev rules, all sysctl.d directories, sysctl.conf) and resolves them as ' +
      'systemd and kmod do, with other programs that set values at boot, such as ufw, tuned, units and kube-proxy. Returns for each setting its value after the next boot and the first firewall rule, the line that takes effect, every overridden line with the reason, and any value that ' +
      '`sysctl --system` from procps would set instead. Assumes the current kernel and command line. `differences` lists what a reboot would change. In a network namespace other than the initial one, boot files set only `max` and `buckets`; its own settings are `unknown` then. Read-only.',
  })
  @ApiOkResponse({ type: BootDto, description: 'The settings after the next boot, and findings.' })
  @Problems('BOOT_FILE_NOT_MANAGED', 'CONNTRACK_NOT_LOADED', ...NAMESPACE_PROBLEMS)
  read(@Query() { namespace }: EntryScopeDto): Promise<BootDto> {
    return namespace === undefined ? this.own.get() : this.previewBoot.view(namespace).then((view) => BootDto.of(view));
  }
}
