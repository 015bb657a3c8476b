import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PreviewBoot } from '../../application/table/preview-boot.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { BootDto } from './boot.dto.ts';

@ApiTags('settings')
@Controller('api/v1/boot')
export class BootController {
  constructor(private readonly previewBoot: PreviewBoot) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'previewBoot',
    summary: 'What the next boot will do',
    description:
      'Reads all that a boot takes conntrack settings from (kernel command line, initramfs, modprobe.d, modules-load.d, udev rules, sysctl.d in all its directories, sysctl.conf) and resolves it as ' +
      'systemd and kmod do: for each setting the value after the next boot and the first firewall rule, the line that decides it, every line that loses and why, and where `sysctl --system` of ' +
      'procps would end elsewhere. The kernel and its command line are taken to be those of this boot. `differences` is what a reboot would change. Nothing is written.',
  })
  @ApiOkResponse({ type: BootDto, description: 'The next boot.' })
  @Problems('BOOT_FILE_NOT_MANAGED', 'CONNTRACK_NOT_LOADED', 'KERNEL_UNREADABLE')
  read(): Promise<BootDto> {
    return this.previewBoot.view().then((view) => BootDto.of(view));
  }
}
