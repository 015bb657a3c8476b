import type { BootDirectory, BootFile } from '../../domain/boot/boot-sources.ts';
import type { BootLine } from '../../domain/boot/boot-preview.ts';
import { MARK, ownLines, type OwnFile } from '../own-file.ts';
import { MODPROBE_FILE } from '../own-modprobe-file.ts';
import { MODULES_LOAD_FILE } from '../own-modules-load-file.ts';
import { SYSCTL_FILE } from '../own-sysctl-file.ts';

const OWN_FILES: readonly OwnFile[] = [SYSCTL_FILE, MODPROBE_FILE, MODULES_LOAD_FILE];

/** Lines of files of our names that this service did not write. */
export function editedLines(directories: readonly BootDirectory[]): readonly BootLine[] {
  const files = new Map(directories.flatMap((directory) => directory.files).map((file) => [file.path, file]));
  return OWN_FILES.flatMap((own) => {
    const file = files.get(own.path);
    return file === undefined ? [] : edited(own, file);
  });
}

function edited({ understands }: OwnFile, { path, content }: BootFile): readonly BootLine[] {
  if (content.kind !== 'text') return [];
  const lines = content.text.split('\n').map((text, index) => ({ path, line: index + 1, text: text.replace(/\r$/, '') }));
  const [first] = lines;
  if (first !== undefined && first.text.trimEnd() !== MARK) return [first];
  const foreign = new Set(ownLines(content.text).filter((line) => !understands(line)));
  return lines.filter(({ text }) => foreign.has(text.replace(/[ \t]+$/, '')));
}
