import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Json } from '../../domain/canonical-json.ts';
import { journalUnavailable } from './journal-error.ts';
import { syncDirectory } from './sync-directory.ts';

/** What a command is about to do with the files of a journal, so that it can continue after it was killed. Durable on return. */
export function savePlan(path: string, plan: Json): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(plan)}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  syncDirectory(dirname(path));
}

/**
 * The plan of a command that was interrupted, if any.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` if it cannot be parsed
 */
export function readPlan<T>(path: string, parse: (stored: unknown) => T): T | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw journalUnavailable(path, error);
  }
}

/** What was done before is durable before the plan is removed. */
export function removePlan(path: string): void {
  syncDirectory(dirname(path));
  rmSync(path);
  syncDirectory(dirname(path));
}
