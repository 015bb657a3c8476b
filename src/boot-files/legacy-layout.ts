import type { BootLayout } from './boot-layout.ts';
import { hashsizeInModprobeConf, setHashsizeInModprobeConf } from './modprobe-conf.ts';
import { setInSysctlConf, sysctlConfValues } from './sysctl-conf.ts';

const SYSCTL_CONF = '/etc/sysctl.conf';
const MODPROBE_CONF = '/etc/modprobe.conf';

/** ip_conntrack: single lines in the two files that the operator and the distribution share. */
export const LEGACY_LAYOUT: BootLayout = {
  paths: [SYSCTL_CONF, MODPROBE_CONF],

  persisted(files) {
    const buckets = hashsizeInModprobeConf(files[MODPROBE_CONF] ?? null);
    return { ...sysctlConfValues(files[SYSCTL_CONF] ?? null), ...(buckets === undefined ? {} : { buckets }) };
  },

  plan(files, values) {
    const { buckets, ...others } = values;
    const names = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
    const modprobeConf = files[MODPROBE_CONF] ?? null;
    return {
      [SYSCTL_CONF]: names.reduce((text, [name, value]) => setInSysctlConf(text, name, value), files[SYSCTL_CONF] ?? null),
      [MODPROBE_CONF]: buckets === undefined ? modprobeConf : setHashsizeInModprobeConf(modprobeConf, buckets),
    };
  },
};
