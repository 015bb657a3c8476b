import type { BootFindingCode } from '../../../src/domain/boot/boot-finding.ts';
import type { SettingValues } from '../../../src/domain/setting.ts';
import type { Operator } from './operator.ts';

/** By path: content, a link target, or `null` to remove the file. Directories are created. */
export type SiteFiles = Readonly<Record<string, string | null | { readonly linkTo: string }>>;

/** What happens to a machine before a boot, and the expected result of the boot. */
export interface Scenario {
  readonly name: string;
  /** Description for the table. */
  readonly what: string;
  /** Part of the short matrix. */
  readonly short?: true;
  readonly siteFiles?: SiteFiles;
  /** Runs as root before the first request. */
  readonly prepare?: string;
  /** Appended to the kernel's command line in both boots. */
  readonly commandLine?: string;
  /** Returns the values that are expected after the boot. */
  readonly act: (operator: Operator) => Promise<SettingValues>;
  readonly leave?: 'reboot' | 'power-cut';
  /** Codes of findings that the preview must contain. */
  readonly findings?: readonly BootFindingCode[];
  /** Runs as root after the preview, and makes it wrong and a value lost. The cell passes if both are detected. */
  readonly sabotage?: string;
  /** Units that fail because of `siteFiles`, with or without this service. */
  readonly expectedFailures?: readonly string[];
  /** Further values that are expected after the boot. */
  readonly real?: SettingValues | 'absent';
  /** The files in `siteFiles` are in a directory that is cleared at boot. */
  readonly isClearedAtBoot?: true;
  /** The service sets values after the boot. The preview does not include them; `afterwards` checks them. */
  readonly isSetByService?: true;
  /** Runs after the boot, once the service listens. @throws Error if a check fails */
  readonly afterwards?: (operator: Operator) => Promise<void>;
}
