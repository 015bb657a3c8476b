import type { Clock } from '../../../application/ports/clock.ts';
import type { BootView, PreviewBoot } from '../../../application/table/preview-boot.ts';
import { FINDING_LEVELS } from '../../../domain/finding-definition.ts';
import { complete, gauge, labelled, type Collected } from '../family.ts';

/** Boot files change rarely, and reading all of them costs as much as several scrapes. */
const KEPT_MINUTES = 5;

export class BootCollector {
  private cached: { readonly until: number; readonly collected: Collected } | undefined;

  constructor(
    private readonly boot: Pick<PreviewBoot, 'view'>,
    private readonly clock: Clock,
  ) {}

  async collect(): Promise<Collected> {
    const now = this.clock.bootMilliseconds();
    if (this.cached && now < this.cached.until) return this.cached.collected;
    const collected = describe(await this.boot.view());
    this.cached = { until: now + KEPT_MINUTES * 60_000, collected };
    return collected;
  }
}

function describe({ preview, live, differences }: BootView): Collected {
  const changed = differences.filter((each) => each.live !== undefined && each.live !== each.atNextBoot).map(({ name }) => name);
  const current = new Set(live.settings.map(({ name }) => name));
  const unknown = preview.settings.filter(({ name, value }) => value === undefined && current.has(name)).length;
  return complete(
    gauge('conntrack_api_boot_settings_changed', 'Number of settings whose value changes at the next boot.', changed.length),
    gauge('conntrack_api_boot_settings_unknown', 'Number of settings whose value after the next boot cannot be determined.', unknown),
    labelled(
      'gauge',
      'conntrack_api_boot_setting_changed',
      '1 for each setting whose value changes at the next boot; other settings have no series.',
      changed.map((setting) => ({ labels: { setting }, value: 1 })),
    ),
    labelled(
      'gauge',
      'conntrack_api_boot_findings',
      `Number of findings about the next boot, by level. At most ${KEPT_MINUTES} minutes old.`,
      FINDING_LEVELS.map((level) => ({ labels: { level }, value: preview.findings.filter((finding) => finding.level === level).length })),
    ),
  );
}
