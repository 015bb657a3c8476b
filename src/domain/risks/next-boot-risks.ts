import type { EditedFile } from '../persist-options.ts';
import { risk, type Risk } from './risk.ts';
import { expectedOf, type HostFacts } from './setting-risks.ts';
import type { SettingName, SettingValues } from '../setting.ts';
import type { BootResult, BootSetting } from '../boot/boot-result.ts';
import type { BootKernel } from '../boot/boot-input.ts';

/** A setting that the next boot would leave at something else than was asked. */
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

/** Persisting what will not hold gives a false sense of safety. @param isHelped whether a file name that sorts later would make all of it hold */
export function unmetRisk({ name, wanted, atBoot }: UnmetSetting, boot: BootResult, kernel: BootKernel, isHelped: boolean): Risk {
  if (name === 'buckets' && !kernel.bucketsWritable && kernel.builtIn === true) {
    const argument = `${boot.layout}.hashsize=${wanted}`;
    const message = `This kernel has connection tracking built in and sizes the table at boot only: add ${argument} to the kernel command line.`;
    return risk('BUCKETS_NEED_COMMAND_LINE', 'acknowledge', name, message);
  }
  if (boot.loading.when === 'fails') {
    const message = `Connection tracking does not load at the next boot, and nothing sets ${name}: ${reasons(name, boot)}`;
    return risk('LOST_AT_BOOT', 'acknowledge', name, message);
  }
  if (!atBoot || atBoot.origin === 'unknown') {
    return risk(
      'BOOT_NOT_KNOWN',
      'warning',
      name,
      `Whether ${name} will be ${wanted} at the next boot cannot be told: ${reasons(name, boot)}`,
    );
  }
  const offer = isHelped ? ' With "persistLast": true our file is read after it.' : '';
  const ends = atBoot.value === undefined ? 'at the kernel’s own default' : `at ${atBoot.value}`;
  if (atBoot.effective) {
    const { path, line } = atBoot.effective;
    return risk(
      'OVERRIDDEN_AT_BOOT',
      'acknowledge',
      name,
      `${path}, line ${line}, wins at the next boot and leaves ${name} ${ends}.${offer}`,
    );
  }
  return risk('LOST_AT_BOOT', 'acknowledge', name, `The next boot would leave ${name} ${ends}: ${reasons(name, boot)}${offer}`);
}

/** What is lost stays in the record of the change: rolling it back brings the edited file back. */
export function editedRisk({ path, unknownLines }: EditedFile): Risk {
  const lost = unknownLines.length === 0 ? '' : ` Lost would be: ${unknownLines.map(({ text }) => JSON.stringify(text)).join(', ')}.`;
  const message = `${path} has been edited by hand since this service wrote it, and would be written anew.${lost}`;
  return risk('BOOT_FILE_EDITED', 'acknowledge', '', message);
}

function reasons(name: SettingName, { findings }: BootResult): string {
  const said = findings.filter(({ level, settings }) => level !== 'information' && (settings.length === 0 || settings.includes(name)));
  return said.length === 0 ? 'see GET /api/v1/boot.' : said.map(({ message }) => message).join(' ');
}
