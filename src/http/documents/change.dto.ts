import { ApiProperty } from '@nestjs/swagger';
import {
  CHANGE_KINDS,
  OUTCOME_NAMES,
  type Change,
  type ChangeKind,
  type Failure,
  type FileContent,
  type Observation,
  type OutcomeName,
} from '../../domain/change.ts';
import { ResponseDto } from './response.dto.ts';
import { ChangeDeletionDto } from './change-deletion.dto.ts';
import { ActorDto, ChangedFileDto, ChangedSettingDto, FailureDto } from './changed-parts.dto.ts';
import { toText } from './file-text.ts';

export class ChangeDto extends ResponseDto {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Ids count up from 1.', example: 7 })
  readonly id!: number;
  @ApiProperty({
    enum: [...CHANGE_KINDS],
    description:
      'What was asked for; all of these are changes. `rollback-to`: everything after another change was undone; `confirmation`: a confirmation window was ended and its boot files written; ' +
      '`window-extended`: it was started anew; `auto-revert`: it ran out; `drift`: somebody else was seen to have moved a value; `deletion`: entries were taken out of the table; `reapply`: set again at start after a reboot (`--apply-at-start`).',
    example: 'change',
  })
  readonly kind!: ChangeKind;
  @ApiProperty({
    enum: [...OUTCOME_NAMES],
    description:
      'How it ended. `applied`; `adjusted`: the kernel rounded a value; `failed` and `not-effective`: undone; `restore-failed`: undoing failed too; `pending`: still open; ' +
      '`recovered-applied`, `recovered-unchanged`: what was found after the service had died in the middle; `diverged`: what was found is neither, somebody else had moved a value meanwhile, or a deletion broke off (`failure`).',
    example: 'applied',
  })
  readonly outcome!: OutcomeName;
  @ApiProperty({ type: () => ActorDto, description: 'Who asked for it.' })
  readonly actor!: ActorDto;
  @ApiProperty({ type: 'string', nullable: true, description: 'Why, in the words of who asked.', example: 'black friday' })
  readonly reason!: string | null;
  @ApiProperty({ description: 'Id of the request that asked for it (X-Request-Id).', example: '5f0c9e1e-8f0e-4c0b-9a53-0a8c7f3b1d11' })
  readonly requestId!: string;
  @ApiProperty({ format: 'date-time', description: 'When the intent was recorded, RFC 3339, UTC.', example: '2026-11-27T05:59:12.431Z' })
  readonly startedAt!: string;
  @ApiProperty({
    format: 'date-time',
    required: false,
    description: 'When the outcome was recorded, RFC 3339, UTC. Absent while pending.',
    example: '2026-11-27T05:59:12.902Z',
  })
  readonly completedAt?: string;
  @ApiProperty({ type: () => ChangedSettingDto, isArray: true, description: 'In the order in which they were written.' })
  readonly settings!: readonly ChangedSettingDto[];
  @ApiProperty({ type: () => ChangedFileDto, isArray: true, description: 'Boot files it altered.' })
  readonly files!: readonly ChangedFileDto[];
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Id of the change that this one undoes (rollback, auto-revert).',
    example: null,
  })
  readonly rollbackOf!: number | null;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Id of the change that this one is about without undoing it (rollback-to, confirmation, window-extended).',
    example: null,
  })
  readonly relatesTo!: number | null;
  @ApiProperty({
    type: 'string',
    isArray: true,
    description: 'Codes of the risks that were there and were acknowledged.',
    example: ['MAX_BELOW_COUNT'],
  })
  readonly acknowledged!: readonly string[];
  @ApiProperty({
    format: 'date-time',
    required: false,
    description:
      'Until when it has to be confirmed, RFC 3339, UTC. Informational: the deadline counts on the clock that runs from boot, which setting the time does not move. ' +
      'Absent where there is no confirmation window.',
    example: '2026-11-27T06:01:12.431Z',
  })
  readonly confirmBy?: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Length of the confirmation window in seconds; absent where there is none.',
    example: 120,
  })
  readonly confirmWithinSeconds?: number;
  @ApiProperty({
    type: 'boolean',
    required: false,
    description: 'Whether confirming it writes the boot files; absent where there is no confirmation window.',
    example: true,
  })
  readonly persistAtConfirmation?: boolean;
  @ApiProperty({ type: () => ChangeDeletionDto, required: false, description: 'Which entries; present exactly when `kind` is `deletion`.' })
  readonly deletion?: ChangeDeletionDto;
  @ApiProperty({ type: () => FailureDto, required: false, description: 'Why it failed or broke off; absent when it did not.' })
  readonly failure?: FailureDto;
  @ApiProperty({
    type: () => FailureDto,
    required: false,
    description: 'Why undoing it failed; present exactly when the outcome is `restore-failed`.',
  })
  readonly restoreFailure?: FailureDto;

  static of(change: Change): ChangeDto {
    const { id, kind, outcome, actor, reason, requestId, startedAt, rollbackOf, relatesTo, acknowledged } = change;
    const observed = change.outcome === 'pending' ? undefined : change.observed;
    return {
      id,
      kind,
      outcome,
      actor: { name: actor.name, tokenId: actor.tokenId, peer: actor.peer },
      reason,
      requestId,
      startedAt: startedAt.toISOString(),
      ...(change.outcome !== 'pending' && { completedAt: change.completedAt.toISOString() }),
      settings: change.settings.map(({ name, before, requested }) => ({ name, before, requested, ...settingAfter(observed, name) })),
      files: change.files.map(({ path, before }) => ({ path, before: toText(before), ...fileAfter(observed, path) })),
      rollbackOf,
      relatesTo,
      acknowledged,
      ...windowOf(change),
      ...ChangeDeletionDto.in(change),
      ...failuresOf(change),
    };
  }
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

function failuresOf(change: Change): { readonly failure?: Failure; readonly restoreFailure?: Failure } {
  switch (change.outcome) {
    case 'failed':
    case 'not-effective':
      return { failure: change.failure };
    case 'restore-failed':
      return { failure: change.failure, restoreFailure: change.restoreFailure };
    case 'diverged':
      return change.failure ? { failure: change.failure } : {};
    case 'pending':
    case 'applied':
    case 'adjusted':
    case 'recovered-applied':
    case 'recovered-unchanged':
      return {};
  }
}
