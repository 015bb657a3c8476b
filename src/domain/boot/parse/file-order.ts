import type { BootDirectory, BootFile } from '../boot-input.ts';

interface MaskedFile {
  readonly file: BootFile;
  readonly by: BootFile;
}

/** The files of directories of one kind, as a boot reads them. */
export interface FileOrder {
  /** Sorted by base name, regardless of the directory. */
  readonly read: readonly BootFile[];
  /** A directory of higher precedence has a file of the same name. */
  readonly masked: readonly MaskedFile[];
  /** Files whose name does not have a required suffix. */
  readonly ignored: readonly BootFile[];
}

/**
 * @param directories the highest precedence first; a name masks the same name in later directories
 * @param hidden whether names that begin with a dot are read: systemd and kmod ignore them, procps does not
 */
export function orderFiles(directories: readonly BootDirectory[], suffixes: readonly string[], hidden = false): FileOrder {
  const byName = new Map<string, BootFile>();
  const masked: MaskedFile[] = [];
  const ignored: BootFile[] = [];
  for (const file of directories.flatMap(({ files }) => files)) {
    const name = baseName(file.path);
    const first = byName.get(name);
    if (!suffixes.some((suffix) => name.endsWith(suffix)) || (name.startsWith('.') && !hidden)) ignored.push(file);
    else if (first === undefined) byName.set(name, file);
    else masked.push({ file, by: first });
  }
  return { read: inNameOrder([...byName.values()]), masked, ignored };
}

export function inNameOrder(files: readonly BootFile[]): readonly BootFile[] {
  return files.toSorted((a, b) => (baseName(a.path) < baseName(b.path) ? -1 : 1));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The text that a program reads from the file; undefined if there is nothing to read. */
export function textOf(file: BootFile): string | undefined {
  return file.content.kind === 'text' ? file.content.text : undefined;
}

/** Removes what systemd strips from both ends of a line, a key and a value. */
export function stripSystemd(text: string): string {
  return text.replace(/^[ \t\n\r]+/, '').replace(/[ \t\n\r]+$/, '');
}
