import type { FileChange, FileContent } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { EtcBootFiles } from '../etc-boot-files.ts';
import { whyNotPermitted } from './permitted.ts';
import { failureOf, isRecord, parsed, type HelperReply, type HelperRequest } from './protocol.ts';

const FIELDS = ['after', 'before', 'path'];

/** Handles one request. Replies to every request, including invalid ones, and to every failure. */
export async function answerRequest(bootFiles: EtcBootFiles, text: string): Promise<HelperReply> {
  try {
    const request = requestOf(text);
    if (!request) throw refusal('this is not a request');
    await handle(bootFiles, request);
    return { done: true };
  } catch (error) {
    if (error instanceof ConntrackError) return { failure: failureOf(error) };
    return { failure: failureOf(refusal(error instanceof Error ? error.message : String(error))) };
  }
}

function handle(bootFiles: EtcBootFiles, request: HelperRequest): Promise<void> {
  switch (request.ask) {
    case 'ready':
      return bootFiles.requireWritable('nf_conntrack');
    case 'check':
      return bootFiles.requireAppliable(permitted(request.changes));
    case 'apply':
      return bootFiles.apply(permitted(request.changes));
  }
}

export function refusal(why: string): ConntrackError {
  return new ConntrackError('BOOT_FILE_WRITE_FAILED', `The boot helper refuses: ${why}.`, {
    remedy:
      'Check that the service and the helper have the same version, and read the log of the helper (journalctl -u "conntrack-api-boot@*").',
  });
}

/** Checks all changes before the first is written. */
function permitted(changes: readonly FileChange[]): readonly FileChange[] {
  const why = changes.map(whyNotPermitted).find((reason) => reason !== undefined);
  if (why !== undefined) throw refusal(why);
  if (new Set(changes.map(({ path }) => path)).size < changes.length) throw refusal('a file is listed twice');
  return changes;
}

function requestOf(text: string): HelperRequest | undefined {
  const request = parsed(text);
  if (!isRecord(request)) return undefined;
  if (request['ask'] === 'ready') return { ask: 'ready' };
  const { ask, changes } = request;
  return (ask === 'check' || ask === 'apply') && Array.isArray(changes) && changes.every(isChange) ? { ask, changes } : undefined;
}

function isChange(value: unknown): value is FileChange {
  if (!isRecord(value) || Object.keys(value).toSorted().join() !== FIELDS.join()) return false;
  return typeof value['path'] === 'string' && isContent(value['before']) && isContent(value['after']);
}

function isContent(value: unknown): value is FileContent {
  return value === null || typeof value === 'string';
}
