import { ApiProperty } from '@nestjs/swagger';
import {
  CHANGE_KINDS,
  OUTCOME_NAMES,
  type Change,
  type ChangeKind,
  type Failure,
  type FileContent,
  type Observation,
  type SettingChange,
  type OutcomeName,
} from '../../domain/change.ts';
import { ERRORS } from '../../domain/error-codes.ts';
import type { NamespaceRef } from '../../domain/namespace.ts';
import type { ConfirmationWindow } from '../../domain/pending-settings.ts';
import { ResponseDto } from './response.dto.ts';
import { ChangeUpdateDto } from './change-update.dto.ts';
import { ChangeDeletionDto } from './change-deletion.dto.ts';
import { ActorDto, ChangedFileDto, ChangedSettingDto, FailureDto, SupersededSettingDto } from './changed-parts.dto.ts';
import { GuardEvidenceDto } from './guard-evidence.dto.ts';
import { toText } from './file-text.ts';
import { whyEntriesWithheld, type Reader } from './withheld-entries.ts';

export class ChangedNamespaceDto implements NamespaceRef {
  @ApiProperty({ description: 'Name of the network namespace when it was changed.', example: 'blue' })
  readonly name!: string;
  @ApiProperty({
    description:
      'Identity of the network namespace: boot id, device, inode, and the kernel’s cookie. Another namespace never has it, whatever its name.',
    example: '8f2a6b0e-3c1d-4e5f-9a7b-1c2d3e4f5a6b:4:4026532177:2404',
  })
  readonly identity!: string;
}

export class ChangeDto extends ResponseDto {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Change id, counting up from 1.', example: 7 })
  readonly id!: number;
  @ApiProperty({
    enum: [...CHANGE_KINDS],
    description:
      '`change`: settings or boot files were changed. `rollback`: one change was rolled back. `rollback-to`: everything after a change was rolled back. `confirmation`: a change was confirmed and its boot files were written. ' +
      '`window-extended`: a confirmation window was restarted. `auto-revert`: a change was rolled back because its window expired. `drift`: a value was changed by another writer. `deletion`: entries were deleted. `reapply`: confirmed values were applied again after a reboot (`--apply-at-start`). `module-load`: connection tracking was loaded. `entry-update`: the mark, timeout or labels of entries were updated. `unblock`: the blocks of ended connections were removed.',
    example: 'change',
  })
  readonly kind!: ChangeKind;
  @ApiProperty({
    enum: [...OUTCOME_NAMES],
    description:
      '`pending`: in progress. `applied`: done as requested. `adjusted`: done, and the kernel rounded a value. `failed`: an error occurred and everything was rolled back. `not-effective`: the kernel accepted a value but did not apply it, and everything was rolled back. `restore-failed`: the change failed, and so did the rollback. ' +
      '`recovered-applied`, `recovered-unchanged`: the service stopped during the change, and was found applied or not applied afterwards. `diverged`: neither was found, a value was changed by another writer meanwhile, or a deletion or an update of entries was interrupted or refused for some entries (see `failure`).',
    example: 'applied',
  })
  readonly outcome!: OutcomeName;
  @ApiProperty({ type: () => ActorDto, description: 'Who requested the change.' })
  readonly actor!: ActorDto;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Reason given by the client. `null` if none was given.',
    example: 'black friday',
  })
  readonly reason!: string | null;
  @ApiProperty({ description: 'Id of the request (`X-Request-Id`).', example: '5f0c9e1e-8f0e-4c0b-9a53-0a8c7f3b1d11' })
  readonly requestId!: string;
  @ApiProperty({
    required: false,
    description: 'The trace that the request named in its header `traceparent` (W3C Trace Context). Absent if it named none.',
    example: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  })
  readonly traceparent?: string;
  @ApiProperty({
    format: 'date-time',
    description: 'When the change was recorded, before anything was written. RFC 3339, UTC.',
    example: '2026-11-27T05:59:12.431Z',
  })
  readonly startedAt!: string;
  @ApiProperty({
    format: 'date-time',
    required: false,
    description: 'When the outcome was recorded. RFC 3339, UTC. Absent while the change is pending.',
    example: '2026-11-27T05:59:12.902Z',
  })
  readonly completedAt?: string;
  @ApiProperty({
    type: () => ChangedNamespaceDto,
    required: false,
    description:
      'The network namespace whose settings or entries were changed. Absent if it is that of the service, and in deletions that early builds recorded.',
  })
  readonly namespace?: ChangedNamespaceDto;
  @ApiProperty({ type: () => ChangedSettingDto, isArray: true, description: 'Changed settings, in the order in which they were written.' })
  readonly settings!: readonly ChangedSettingDto[];
  @ApiProperty({ type: () => ChangedFileDto, isArray: true, description: 'Changed boot files.' })
  readonly files!: readonly ChangedFileDto[];
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Id of the change that this one rolls back (rollback, auto-revert).',
    example: null,
  })
  readonly rollbackOf!: number | null;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Id of the change that this one refers to without rolling it back (rollback-to, confirmation, window-extended).',
    example: null,
  })
  readonly relatesTo!: number | null;
  @ApiProperty({
    type: 'string',
    isArray: true,
    description: 'Codes of the risks that the change had and the client acknowledged.',
    example: ['MAX_BELOW_COUNT'],
  })
  readonly acknowledged!: readonly string[];
  @ApiProperty({
    format: 'date-time',
    required: false,
    description:
      'Deadline for the confirmation. RFC 3339, UTC. Approximate: the deadline is kept on the boot-time clock, which does not follow changes of the wall clock. ' +
      'Absent if the change has no confirmation window.',
    example: '2026-11-27T06:01:12.431Z',
  })
  readonly confirmBy?: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Length of the confirmation window in seconds. Absent if the change has none.',
    example: 120,
  })
  readonly confirmWithinSeconds?: number;
  @ApiProperty({
    type: 'boolean',
    required: false,
    description: 'Whether the confirmation writes the boot files. Absent if the change has no confirmation window.',
    example: true,
  })
  readonly persistAtConfirmation?: boolean;
  @ApiProperty({
    type: 'string',
    isArray: true,
    required: false,
    description:
      'Settings that still await the confirmation of this change. Settings that later changes took over are left out. ' +
      'Present only for a change with a confirmation window that is open; not included in lists of changes.',
    example: ['max'],
  })
  readonly pendingSettings?: readonly string[];
  @ApiProperty({
    type: () => SupersededSettingDto,
    isArray: true,
    required: false,
    description:
      'Of a confirmation: the settings of the confirmed change that it did not confirm or persist, because later changes had taken them over. Absent if there are none.',
  })
  readonly supersededSettings?: readonly SupersededSettingDto[];
  @ApiProperty({ type: () => ChangeDeletionDto, required: false, description: 'What was deleted. Present only if `kind` is `deletion`.' })
  readonly deletion?: ChangeDeletionDto;
  @ApiProperty({
    type: () => ChangeUpdateDto,
    required: false,
    description: 'What was updated in entries. Present only if `kind` is `entry-update`, or `rollback` of such a change.',
  })
  readonly update?: ChangeUpdateDto;
  @ApiProperty({
    type: () => GuardEvidenceDto,
    required: false,
    description: 'Why the capacity guard made the change. Absent from all others.',
  })
  readonly guard?: GuardEvidenceDto;
  @ApiProperty({ type: () => FailureDto, required: false, description: 'Why the change failed or was interrupted. Absent if it did not.' })
  readonly failure?: FailureDto;
  @ApiProperty({
    type: () => FailureDto,
    required: false,
    description: 'Why the rollback failed. Present only if the outcome is `restore-failed`.',
  })
  readonly restoreFailure?: FailureDto;

  /**
   * Without the entries of a deletion, and texts with their addresses, if the reader may not see them.
   *
   * @param window of the change; of a confirmation that of the confirmed change
   */
  static of(change: Change, reader: Reader, window?: ConfirmationWindow): ChangeDto {
    const { id, kind, outcome, actor, reason, requestId, traceparent, startedAt, rollbackOf, relatesTo, acknowledged, namespace } = change;
    const observed = change.outcome === 'pending' ? undefined : change.observed;
    return {
      id,
      kind,
      outcome,
      actor: { name: actor.name, tokenId: actor.tokenId, peer: actor.peer },
      reason,
      requestId,
      ...(traceparent !== undefined && { traceparent }),
      startedAt: startedAt.toISOString(),
      ...(change.outcome !== 'pending' && { completedAt: change.completedAt.toISOString() }),
      ...(namespace && { namespace: { name: namespace.name, identity: namespace.identity } }),
      settings: change.settings.map((setting) => settingOf(setting, observed, change.kind === 'confirmation' ? undefined : window)),
      files: change.files.map(({ path, before }) => ({ path, before: toText(before), ...fileAfter(observed, path) })),
      rollbackOf,
      relatesTo,
      acknowledged,
      ...windowOf(change),
      ...stateOf(change, window),
      ...ChangeDeletionDto.in(change, reader),
      ...ChangeUpdateDto.in(change, reader),
      ...(change.guard && { guard: change.guard }),
      ...failuresOf(change, reader),
    };
  }
}

function settingOf(
  { name, before, requested, confirmedBefore }: SettingChange,
  observed: Observation | undefined,
  window: ConfirmationWindow | undefined,
): ChangedSettingDto {
  const supersededBy = window?.superseded.get(name);
  return {
    name,
    before,
    requested,
    ...settingAfter(observed, name),
    ...(confirmedBefore !== undefined && { confirmedBefore }),
    ...(supersededBy !== undefined && { supersededBy }),
  };
}

function stateOf({ kind }: Change, window: ConfirmationWindow | undefined): Pick<ChangeDto, 'pendingSettings' | 'supersededSettings'> {
  if (!window) return {};
  if (kind !== 'confirmation') return window.endedBy === undefined ? { pendingSettings: window.pending } : {};
  const supersededSettings = [...window.superseded].map(([name, supersededBy]) => ({ name, supersededBy }));
  return supersededSettings.length > 0 ? { supersededSettings } : {};
}

function settingAfter(observed: Observation | undefined, name: string): { readonly after?: number | null } {
  return observed && Object.hasOwn(observed.settings, name) ? { after: observed.settings[name] ?? null } : {};
}

function fileAfter(observed: Observation | undefined, path: string): { readonly after?: FileContent } {
  return observed && Object.hasOwn(observed.files, path) ? { after: toText(observed.files[path] ?? null) } : {};
}

function windowOf({ confirm, startedAt }: Change): Pick<ChangeDto, 'confirmBy' | 'confirmWithinSeconds' | 'persistAtConfirmation'> {
  if (!confirm) return {};
  const { withinSeconds, persist } = confirm;
  const confirmBy = new Date(startedAt.getTime() + withinSeconds * 1000).toISOString();
  return { confirmBy, confirmWithinSeconds: withinSeconds, persistAtConfirmation: persist };
}

/** The failure as the reader may see it: the message about a deletion or an update can name entries. */
export function failureFor(reader: Reader, { deletion, update }: Pick<Change, 'deletion' | 'update'>, failure: Failure): Failure {
  if ((!deletion && !update) || whyEntriesWithheld(reader) === undefined) return failure;
  return { ...failure, message: `${ERRORS[failure.code].title}.` };
}

function failuresOf(change: Change, reader: Reader): { readonly failure?: Failure; readonly restoreFailure?: Failure } {
  switch (change.outcome) {
    case 'failed':
    case 'not-effective':
      return { failure: failureFor(reader, change, change.failure) };
    case 'restore-failed':
      return { failure: change.failure, restoreFailure: change.restoreFailure };
    case 'diverged':
      return change.failure ? { failure: failureFor(reader, change, change.failure) } : {};
    case 'pending':
    case 'applied':
    case 'adjusted':
    case 'recovered-applied':
    case 'recovered-unchanged':
      return {};
  }
}
