import type { OwnFile } from './own-file.ts';

export const MODULES_LOAD_LINE = 'nf_conntrack';

/** Loads the module before systemd-sysctl runs; loaded later, by a firewall rule, the sysctl values would be lost. */
export const MODULES_LOAD_FILE: OwnFile = {
  path: '/etc/modules-load.d/conntrack-api.conf',
  understands: (line) => line === MODULES_LOAD_LINE,
};
