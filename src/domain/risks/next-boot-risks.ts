import type { EditedFile, LostEdits } from '../persist-options.ts';
import { risk, type Risk } from './risk.ts';
import { expectedOf, type HostFacts } from './setting-risks.ts';
import type { SettingName, SettingValues } from '../setting.ts';
import type { BootResult, BootSetting } from '../boot/boot-result.ts';
import type { BootKernel } from '../boot/boot-input.ts';

/** A setting that the next boot would leave at a value other than the requested one. */
export interface UnmetSetting {
  readonly name: SettingName;
  readonly wanted: number;
  readonly atBoot: BootSetting | undefined;
}

export function unmetAtBoot(values: SettingValues, boot: BootResult, facts: HostFacts): readonly UnmetSetting[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const wanted = expectedOf(name, value, facts);
    const atBoot = boot.settings.find((setting) => setting.name === name);
    return atBoot?.value === wanted ? [] : [{ name, wanted, atBoot }];
  });
}

/**
 * The risk that the operator relies on a persisted value that the next boot does not use.
 *
 * @param isHelped whether a file name that sorts last (`persistLast`) would make all settings of the change effective
 */
export function unmetRisk({ name, wanted, atBoot }: UnmetSetting, boot: BootResult, kernel: BootKernel, isHelped: boolean): Risk {
  if (name === 'buckets' && !kernel.bucketsWritable && kernel.builtIn === true) {
    const argument = `${boot.layout}.hashsize=${wanted}`;
    const message = `This kernel has connection tracking built in and sizes the table at boot only. Add ${argument} to the kernel command line.`;
    return risk('BUCKETS_NEED_COMMAND_LINE', 'acknowledge', name, message);
  }
  if (boot.loading.when === 'fails') {
    const message = `Connection tracking does not load at the next boot, so nothing sets ${name}: ${reasons(name, boot)}`;
    return risk('LOST_AT_BOOT', 'acknowledge', name, message);
  }
  if (!atBoot || atBoot.origin === 'unknown') {
    const message = `Whether ${name} will be ${wanted} after the next boot is unknown: ${reasons(name, boot)}`;
    return risk('BOOT_NOT_KNOWN', 'warning', name, message);
  }
  const offer = isHelped ? ' With "persistLast": true, the file of this service is read after it.' : '';
  const end = atBoot.value === undefined ? 'at the kernel default' : `at ${atBoot.value}`;
  if (atBoot.effective) {
    const { path, line } = atBoot.effective;
    const message = `At the next boot ${path}, line ${line}, is effective and leaves ${name} ${end}.${offer}`;
    return risk('OVERRIDDEN_AT_BOOT', 'acknowledge', name, message);
  }
  return risk('LOST_AT_BOOT', 'acknowledge', name, `The next boot would leave ${name} ${end}: ${reasons(name, boot)}${offer}`);
}

/** What a boot could do to the kernel with the files of a change. */
export function crashRisks({ findings }: BootResult): readonly Risk[] {
  return findings
    .filter(({ code }) => code === 'LOAD_MAY_CRASH')
    .map(({ message }) => risk('LOAD_MAY_CRASH', 'refused', 'buckets', message));
}

export function unloadedRisk(): Risk {
  const message = 'Connection tracking is not loaded: only the boot files are written. The values take effect at the next boot.';
  return risk('MODULE_NOT_LOADED', 'warning', '', message);
}

/** The journal keeps the edited file: rolling back the change restores it. */
export function editedRisk({ path, unknownLines }: EditedFile): Risk {
  const texts = unknownLines.map(({ text }) => JSON.stringify(text)).join(', ');
  const lost = unknownLines.length === 0 ? '' : ` These lines would be lost: ${texts}.`;
  return risk('BOOT_FILE_EDITED', 'acknowledge', '', `${path} was edited since this service wrote it, and would be replaced.${lost}`);
}

/** A rollback keeps the lines of other writers in shared files. This is what it cannot keep. */
export function lostEditsRisk({ path, lost, competing }: LostEdits): Risk {
  const quoted = (lines: readonly string[]): string => lines.map((line) => JSON.stringify(line)).join(', ');
  const replaced = lost.length > 0 ? ` The rollback replaces: ${quoted(lost)}.` : '';
  const kept = competing.length > 0 ? ` These lines stay, set the same and may decide at the next boot: ${quoted(competing)}.` : '';
  return risk('BOOT_FILE_EDITED', 'acknowledge', '', `${path} was edited by another writer.${replaced}${kept}`);
}

function reasons(name: SettingName, { findings }: BootResult): string {
  const relevant = findings.filter(({ level, settings }) => level !== 'information' && (settings.length === 0 || settings.includes(name)));
  return relevant.length === 0 ? 'see GET /api/v1/boot.' : relevant.map(({ message }) => message).join(' ');
}
