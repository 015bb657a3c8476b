import type { FastifyReply } from 'fastify';
import type { ReadSettings } from '../../application/table/read-settings.ts';
import type { ChangeDto } from '../documents/change.dto.ts';
import type { DryRunDto } from '../documents/plan.dto.ts';
import type { SettingsEtag } from '../preconditions/settings-etag.ts';
import { SettingListDto } from './setting.dto.ts';

/** The tag is taken first: it must never vouch for a state newer than the one shown with it. */
export async function listWithEtag(readSettings: ReadSettings, etag: SettingsEtag, reply: FastifyReply): Promise<SettingListDto> {
  reply.header('etag', await etag.now());
  return SettingListDto.of(await readSettings.all());
}

export async function withNewEtag<T extends DryRunDto | ChangeDto>(
  answer: Promise<T>,
  etag: SettingsEtag,
  reply: FastifyReply,
): Promise<T> {
  const answered = await answer;
  const next = 'id' in answered ? await etag.after(answered.id) : undefined;
  if (next !== undefined) reply.header('etag', next);
  return answered;
}
