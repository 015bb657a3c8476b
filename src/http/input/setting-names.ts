import type { PipeTransform } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { SettingName } from '../../domain/setting.ts';
import { toSettingName, twoNamesOfOne } from '../../domain/setting-name.ts';
import { printable } from './printable.ts';

/** For the description of every field that names a setting. */
export const ACCEPTED_NAMES =
  'Also accepted: the sysctl key with dots or slashes (`net.netfilter.nf_conntrack_max`), its last part (`nf_conntrack_max`), `hashsize` for `buckets`, ' +
  'and the names of the `ip_conntrack` layout (`net.ipv4.ip_conntrack_max`). Responses have the short name.';

const NAME = /^[a-z0-9_]{1,64}$/;

/** Whether the text has the form of a setting name, under any of its names. */
export function isSettingName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(toSettingName(value));
}

/** The setting that a path names, under its short name. */
export class SettingNamePipe implements PipeTransform<string, SettingName> {
  transform(value: string): SettingName {
    return toSettingName(value);
  }
}

/** The short names of settings that a body names. @throws ConntrackError `DUPLICATE_FIELD` naming both if two of them are the same setting */
export function settingNamesIn(field: string, names: readonly string[]): readonly SettingName[] {
  const both = twoNamesOfOne(names);
  if (!both) return names.map(toSettingName);
  const [first, second] = [printable(both[0]), printable(both[1])];
  throw new ConntrackError('DUPLICATE_FIELD', `${field}: ${first} and ${second} are two names of the same setting (${both[2]}).`, {
    errors: [{ field: `${field}.${second}`, expected: `one name of the setting ${both[2]}`, found: `${first} and ${second}` }],
    remedy: 'Send the setting once.',
  });
}
