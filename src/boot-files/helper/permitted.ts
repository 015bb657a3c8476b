import { totalmem } from 'node:os';
import type { FileChange, FileContent } from '../../domain/change.ts';
import { isInCatalogue } from '../../domain/settings-catalogue.ts';
import { MODERN_FILES } from '../modern-layout.ts';
import { MARK, type OwnFile } from '../own-file.ts';
import { hashsizeIn } from '../own-modprobe-file.ts';
import { sysctlValues } from '../own-sysctl-file.ts';
import { FILE_BYTES_MAXIMUM } from './protocol.ts';

const INT_MAX = 2_147_483_647;
const BUCKET_BYTES = 8;
/** A table that does not fit keeps the module, and the firewall with it, from loading. */
const MEMORY_SHARE = 4;
/** Printable ASCII without the backslash, with which modprobe.d continues a line. */
const COMMENT = /^#[\x20-\x5b\x5d-\x7e]*$/;
const LATIN1 = /^[\0-\xff]*$/;

/** Why the helper does not make this change; `undefined` where nothing stands against it. The whole of what root may be asked for. */
export function whyNotPermitted({ path, before, after }: FileChange): string | undefined {
  const file = MODERN_FILES.find((own) => own.path === path);
  if (!file) return `${JSON.stringify(path.slice(0, 120))} is none of the files of this service`;
  return whyNotReplaced(before) ?? whyNotContent(file, after);
}

/** The files that it is asked to replace must be the service's own. */
function whyNotReplaced(before: FileContent): string | undefined {
  if (before === null) return undefined;
  if (before.length > FILE_BYTES_MAXIMUM || !LATIN1.test(before)) return 'the content before is too long, or no text of bytes';
  return isMarked(before) ? undefined : 'the file to be replaced was not written by this service';
}

function whyNotContent(file: OwnFile, after: FileContent): string | undefined {
  if (after === null) return undefined;
  if (after.length > FILE_BYTES_MAXIMUM) return `${file.path} would be longer than ${FILE_BYTES_MAXIMUM} bytes`;
  if (!isMarked(after) || !after.endsWith('\n')) return `${file.path} would not begin and end as files of this service do`;
  const wrong = after.split('\n').findIndex((line) => !isPermitted(file, line));
  return wrong === -1 ? undefined : `line ${wrong + 1} of ${file.path} would hold what this service does not write there`;
}

function isMarked(content: string): boolean {
  return content.startsWith(`${MARK}\n`);
}

function isPermitted(file: OwnFile, line: string): boolean {
  if (line === '' || COMMENT.test(line)) return true;
  if (!file.understands(line)) return false;
  const settings = Object.entries(sysctlValues([line])).every(([name, value]) => isInCatalogue(name) && Math.abs(value) <= INT_MAX);
  return settings && (hashsizeIn([line]) ?? 0) * BUCKET_BYTES <= totalmem() / MEMORY_SHARE;
}
