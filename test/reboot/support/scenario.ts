import type { BootFindingCode } from '../../../src/domain/boot/boot-finding.ts';
import type { SettingValues } from '../../../src/domain/setting.ts';
import type { Operator } from './operator.ts';

/** Content, or what it links to, by path; the directories are made. `null`: removed. */
export type ForeignFiles = Readonly<Record<string, string | null | { readonly linkTo: string }>>;

/** One machine's life up to a boot, and what that boot must come to. */
export interface Scenario {
  readonly name: string;
  /** For the table: what there is and what is done. */
  readonly what: string;
  /** Part of the short matrix. */
  readonly short?: true;
  readonly foreign?: ForeignFiles;
  /** As root, before the service is asked. */
  readonly prepare?: string;
  /** On the kernel's command line, in both boots. */
  readonly commandLine?: string;
  /** Gives the values that must hold after the boot. */
  readonly act: (operator: Operator) => Promise<SettingValues>;
  readonly leave?: 'reboot' | 'power-cut';
  /** Codes that the preview must have among its findings. */
  readonly findings?: readonly BootFindingCode[];
  /** As root, after the preview: what makes it wrong and a promise void. The cell passes where both are found out. */
  readonly sabotage?: string;
  /** Units that fail because of `foreign`, with us or without. */
  readonly foreignFailures?: readonly string[];
  /** Values that the boot must come to although nobody promised them. */
  readonly real?: SettingValues | 'absent';
  /** `foreign` is where nothing outlives a boot. */
  readonly isForeignGone?: true;
  /** The service itself sets values after the boot: not foreseen by the preview, and looked at by `afterwards`. */
  readonly isSetByService?: true;
  /** In the next boot, when the service serves again. @throws Error where something is not as it must be */
  readonly afterwards?: (operator: Operator) => Promise<void>;
}
