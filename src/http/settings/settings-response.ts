import type { FastifyReply } from 'fastify';
import type { ReadSettings } from '../../application/table/read-settings.ts';
import type { ChangeDto } from '../documents/change.dto.ts';
import type { DryRunDto } from '../documents/plan.dto.ts';
import type { SettingsEtag } from '../preconditions/settings-etag.ts';
import { SettingListDto } from './setting.dto.ts';

/** The tag is read before the settings: it must never stand for a newer state than the one in the response. */
export async function listWithEtag(readSettings: ReadSettings, etag: SettingsEtag, reply: FastifyReply): Promise<SettingListDto> {
  reply.header('etag', await etag.now());
  return SettingListDto.of(await readSettings.all());
}

/** Adds the tag of the state after the change. */
export async function withNewEtag<T extends DryRunDto | ChangeDto>(
  response: Promise<T>,
  etag: SettingsEtag,
  reply: FastifyReply,
): Promise<T> {
  const body = await response;
  const next = 'id' in body ? await etag.after(body.id) : undefined;
  if (next !== undefined) reply.header('etag', next);
  return body;
}
