import type { BootRun } from '../boot-run.ts';
import type { BootDirectoryKind, BootFile } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { textOf } from '../parse/file-order.ts';

const SUFFIX: Readonly<Record<BootDirectoryKind, string>> = {
  'sysctl.d': '.conf',
  'modprobe.d': '.conf',
  'modules-load.d': '.conf',
  'rules.d': '.rules',
};

/** Names that a package manager, an editor or a person gives to a copy that is not meant to be read. */
const COPY =
  /(^readme.*|~|^#.*#|[.-](bak|backup|old|orig|original|save|saved|sw[a-p]|tmp|disabled?|off|inactive|example|sample|template|tmpl|j2|default|dist|new|dpkg-\w+|rpm\w+|ucf-\w+|pacnew|pacsave|apk-new|cfsaved|md|\d{6,}))$/i;

/** Files about connection tracking that nothing reads because of their name or directory. */
export function noteUnreadFile({ findings }: BootRun, kind: BootDirectoryKind, file: BootFile, isMisplaced = false): void {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const lines = linesAbout(file);
  if (COPY.test(name) || (/\.txt$/i.test(name) && !/\.(conf|rules)\.txt$/i.test(name)) || lines.length === 0) return;
  const suffix = SUFFIX[kind];
  const directory = kind === 'rules.d' ? 'udev/rules.d' : kind;
  const right = withSuffix(name, suffix);
  const reason = isMisplaced
    ? `the programs of the boot do not read files in ${file.path.slice(0, file.path.lastIndexOf('/'))}`
    : name.startsWith('.')
      ? 'names that begin with a dot are left out'
      : `only files with names that end in ${suffix} are read`;
  findings.add('FILE_NOT_READ', 'warning', `${file.path} has lines about connection tracking and no effect: ${reason}.`, {
    lines,
    remedy: `Move it to /etc/${directory}/${right}.`,
  });
}

function withSuffix(name: string, suffix: string): string {
  const visible = name.replace(/^\.+/, '').replace(/\.(txt|cfg|cnf|config|rule|conf|rules)+$/i, '');
  return `${visible.replace(/\.(conf|rules)$/i, '')}${suffix}`;
}

function linesAbout(file: BootFile): readonly BootLine[] {
  return (textOf(file) ?? '').split('\n').flatMap((raw, index) => {
    const text = raw.replace(/\r$/, '');
    return /conntrack/i.test(text) && !/^\s*[#;]/.test(text) ? [{ path: file.path, line: index + 1, text }] : [];
  });
}
