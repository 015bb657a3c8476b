import type { FastifyReply } from 'fastify';
import type { ReadSettings, SettingsView } from '../../application/table/read-settings.ts';
import type { ChangeDto } from '../documents/change.dto.ts';
import type { DryRunDto } from '../documents/plan.dto.ts';
import type { SettingsEtag } from '../preconditions/settings-etag.ts';

/** The tag is read before the settings: it must never stand for a newer state than the one in the response. */
export async function readWithEtag(readSettings: ReadSettings, settingsEtag: SettingsEtag, namespace?: string): Promise<SettingsWithEtag> {
  const etag = await settingsEtag.now(namespace);
  return { etag, view: await readSettings.all(namespace) };
}

/** Settings and the entity tag of a state that is not newer. They belong together: a tag must not be sent with another reading. */
export interface SettingsWithEtag {
  readonly etag: string;
  readonly view: SettingsView;
}

/** Adds the tag of the state after the change. */
export async function withNewEtag<T extends DryRunDto | ChangeDto>(
  response: Promise<T>,
  etag: SettingsEtag,
  reply: FastifyReply,
): Promise<T> {
  const body = await response;
  const next = 'id' in body ? await etag.after(body.id, body.namespace) : undefined;
  if (next !== undefined) reply.header('etag', next);
  return body;
}
