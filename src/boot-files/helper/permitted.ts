import { totalmem } from 'node:os';
import type { FileChange, FileContent } from '../../domain/change.ts';
import { factsOf, isInCatalogue } from '../../domain/settings-catalogue.ts';
import { MODERN_FILES } from '../modern-layout.ts';
import { MARK, type OwnFile } from '../own-file.ts';
import { hashsizeIn } from '../own-module-files.ts';
import { sysctlValues } from '../own-sysctl-file.ts';
import { FILE_BYTES_MAXIMUM } from './protocol.ts';

const BUCKET_BYTES = 8;
/** The table may take a quarter of memory. If it does not fit, the module does not load, and neither does the firewall. */
const MEMORY_SHARE = 4;
/** Printable ASCII except the backslash, which continues a line in modprobe.d. */
const COMMENT = /^#[\x20-\x5b\x5d-\x7e]*$/;
const LATIN1 = /^[\0-\xff]*$/;

/** Why the helper refuses this change; `undefined` if it accepts it. This is the complete check of what may be written as root. */
export function whyNotPermitted({ path, before, after }: FileChange): string | undefined {
  const file = MODERN_FILES.find((own) => own.path === path);
  if (!file) return `${JSON.stringify(path.slice(0, 120))} is not a file of this service`;
  return whyNotReplaced(before) ?? whyNotContent(file, after);
}

/** Only files of this service may be replaced. */
function whyNotReplaced(before: FileContent): string | undefined {
  if (before === null) return undefined;
  if (before.length > FILE_BYTES_MAXIMUM || !LATIN1.test(before)) return 'the previous content is too long, or is not bytes in latin1';
  return isMarked(before) ? undefined : 'the file to be replaced was not written by this service';
}

function whyNotContent(file: OwnFile, after: FileContent): string | undefined {
  if (after === null) return undefined;
  if (after.length > FILE_BYTES_MAXIMUM) return `${file.path} would be longer than ${FILE_BYTES_MAXIMUM} bytes`;
  if (!isMarked(after) || !after.endsWith('\n'))
    return `${file.path} would lack the first line or the last line feed of the files of this service`;
  const wrong = after.split('\n').findIndex((line) => !isPermitted(file, line));
  return wrong === -1 ? undefined : `line ${wrong + 1} of ${file.path} is not one that this service writes there`;
}

function isMarked(content: string): boolean {
  return content.startsWith(`${MARK}\n`);
}

function isPermitted(file: OwnFile, line: string): boolean {
  if (line === '' || COMMENT.test(line)) return true;
  if (!file.understands(line)) return false;
  const settings = Object.entries(sysctlValues([line])).every(isSettingInRange);
  return settings && (hashsizeIn([line]) ?? 0) * BUCKET_BYTES <= totalmem() / MEMORY_SHARE;
}

/** The range that the service accepts from clients. */
function isSettingInRange([name, value]: readonly [string, number]): boolean {
  const { minimum, maximum } = factsOf(name);
  return isInCatalogue(name) && value >= minimum && value <= maximum;
}
