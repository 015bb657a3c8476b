import type { BootDirectory, BootFile } from '../boot-input.ts';

export interface MaskedFile {
  readonly file: BootFile;
  readonly by: BootFile;
}

/** The files of directories of one kind as a boot takes them. */
export interface FileOrder {
  /** By base name, whatever the directory. */
  readonly read: readonly BootFile[];
  /** The same name stands in a directory of higher precedence. */
  readonly masked: readonly MaskedFile[];
  /** The name does not end as it must. */
  readonly passedOver: readonly BootFile[];
}

/**
 * @param directories the highest precedence first; a name in one masks the same name in those after it
 * @param hidden whether names that begin with a dot are read: systemd and kmod pass them over, procps does not
 */
export function orderFiles(directories: readonly BootDirectory[], suffixes: readonly string[], hidden = false): FileOrder {
  const byName = new Map<string, BootFile>();
  const masked: MaskedFile[] = [];
  const passedOver: BootFile[] = [];
  for (const file of directories.flatMap(({ files }) => files)) {
    const name = baseName(file.path);
    const first = byName.get(name);
    if (!suffixes.some((suffix) => name.endsWith(suffix)) || (name.startsWith('.') && !hidden)) passedOver.push(file);
    else if (first === undefined) byName.set(name, file);
    else masked.push({ file, by: first });
  }
  const read = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
  return { read, masked, passedOver };
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The text of a file as whoever opens it reads it; undefined where there is nothing to read. */
export function textOf(file: BootFile): string | undefined {
  return file.content.kind === 'text' ? file.content.text : undefined;
}
