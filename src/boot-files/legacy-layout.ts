import type { FileContent } from '../domain/change.ts';
import type { OriginalValues, PersistOptions } from '../domain/persist-options.ts';
import type { BootLayout, FileContents } from './boot-layout.ts';
import { hashsizeInModprobeConf, removeHashsizeFromModprobeConf, setHashsizeInModprobeConf } from './modprobe-conf.ts';
import { removeFromSysctlConf, setInSysctlConf, sysctlConfValues } from './sysctl-conf.ts';

const SYSCTL_CONF = '/etc/sysctl.conf';
const MODPROBE_CONF = '/etc/modprobe.conf';

/** ip_conntrack: single lines in two files that the operator and the distribution also write. */
export const LEGACY_LAYOUT: BootLayout = {
  paths: [SYSCTL_CONF, MODPROBE_CONF],

  persisted(files) {
    const buckets = hashsizeInModprobeConf(files[MODPROBE_CONF] ?? null);
    return { ...sysctlConfValues(files[SYSCTL_CONF] ?? null), ...(buckets === undefined ? {} : { buckets }) };
  },

  plan: withValues,
  unplan: withValues,

  // Others may edit these shared files.
  edited: () => [],
};

/** `null` removes the line. Of the persist options, only `maxByAlias` applies to these two files. */
function withValues(files: FileContents, values: OriginalValues, { maxByAlias = false }: PersistOptions): FileContents {
  const { buckets, ...others } = values;
  const names = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    [SYSCTL_CONF]: names.reduce(
      (text, [name, value]) => (value === null ? removeFromSysctlConf(text, name) : setInSysctlConf(text, name, value, maxByAlias)),
      files[SYSCTL_CONF] ?? null,
    ),
    [MODPROBE_CONF]: withHashsize(files[MODPROBE_CONF] ?? null, buckets),
  };
}

function withHashsize(text: FileContent, buckets: number | null | undefined): FileContent {
  if (buckets === undefined) return text;
  return buckets === null ? removeHashsizeFromModprobeConf(text) : setHashsizeInModprobeConf(text, buckets);
}
