import type { OwnFile } from './own-file.ts';

export const MODULES_LOAD_LINE = 'nf_conntrack';

/** Loads the module before systemd-sysctl runs. If a firewall rule loaded it later, the sysctl values would be lost. */
export const MODULES_LOAD_FILE: OwnFile = {
  path: '/etc/modules-load.d/conntrack-api.conf',
  understands: (line) => line === MODULES_LOAD_LINE,
};

const HASHSIZE_LINE = /^options nf_conntrack hashsize=([1-9][0-9]*)$/;

/** Sets the size when the module is loaded. The module then sets max to 8 x hashsize, until the sysctl file sets both. */
export const MODPROBE_FILE: OwnFile = {
  path: '/etc/modprobe.d/conntrack-api.conf',
  understands: (line) => HASHSIZE_LINE.test(line),
};

/** The effective (last) hashsize; `undefined` if no line sets one. */
export function hashsizeIn(lines: readonly string[]): number | undefined {
  const values = lines.flatMap((line) => HASHSIZE_LINE.exec(line)?.[1] ?? []);
  return values.length === 0 ? undefined : Number(values.at(-1));
}

export function modprobeLines(buckets: number): readonly string[] {
  return [`options nf_conntrack hashsize=${buckets}`];
}
