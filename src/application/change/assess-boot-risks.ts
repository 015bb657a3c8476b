import { Injectable } from '@nestjs/common';
import type { BootResult } from '../../domain/boot/boot-result.ts';
import { crashRisks, editedRisk, unmetAtBoot, unmetRisk } from '../../domain/risks/next-boot-risks.ts';
import type { FileChange } from '../../domain/change.ts';
import type { Risk } from '../../domain/risks/risk.ts';
import type { HostFacts } from '../../domain/risks/setting-risks.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import { PersistValues, type Persisting } from './persist-values.ts';
import { BootFiles } from '../ports/boot-files.ts';
import { KernelBoot } from '../ports/kernel.ts';
import { PreviewBoot } from '../table/preview-boot.ts';

/** The risks that persisted values do not take effect at the next boot. Writes nothing. */
@Injectable()
export class AssessBootRisks {
  constructor(
    private readonly bootFiles: BootFiles,
    private readonly kernel: KernelBoot,
    private readonly preview: PreviewBoot,
    private readonly persistValues: PersistValues,
  ) {}

  /** @param boot the result of the next boot once `files` are written */
  async assess(
    live: LiveSettings,
    wanted: Persisting,
    files: readonly FileChange[],
    boot: BootResult,
    facts: HostFacts,
  ): Promise<readonly Risk[]> {
    const edited = (await this.bootFiles.edited(live.layout)).filter(({ path }) => files.some((file) => file.path === path));
    const unmet = unmetAtBoot(wanted.values, boot, facts);
    const wouldLastHelp = unmet.length > 0 && !wanted.last && (await this.wouldHoldLast(live, wanted, facts));
    const kernel = await this.kernel.read();
    return [
      ...(files.some(({ path }) => path.includes('/modprobe.d/')) ? crashRisks(boot) : []),
      ...edited.map(editedRisk),
      ...unmet.map((setting) => unmetRisk(setting, boot, kernel, wouldLastHelp)),
    ];
  }

  private async wouldHoldLast(live: LiveSettings, { values }: Persisting, facts: HostFacts): Promise<boolean> {
    const files = await this.persistValues.plan(live.layout, { values, last: true });
    return unmetAtBoot(values, await this.preview.afterwards(live, files), facts).length === 0;
  }
}
