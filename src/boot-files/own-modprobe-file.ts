import type { OwnFile } from './own-file.ts';

const LINE = /^options nf_conntrack hashsize=([1-9][0-9]*)$/;

/** Early sizing where conntrack is a module. The module then sets max to 8 x hashsize, until the sysctl file sets both. */
export const MODPROBE_FILE: OwnFile = {
  path: '/etc/modprobe.d/conntrack-api.conf',
  understands: (line) => LINE.test(line),
};

/** `undefined` where no line asks for a size; the last one wins. */
export function hashsizeIn(lines: readonly string[]): number | undefined {
  const values = lines.flatMap((line) => LINE.exec(line)?.[1] ?? []);
  return values.length === 0 ? undefined : Number(values.at(-1));
}

export function modprobeLines(buckets: number): readonly string[] {
  return [`options nf_conntrack hashsize=${buckets}`];
}
