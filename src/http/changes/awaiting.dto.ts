import { ApiProperty } from '@nestjs/swagger';
import type { Clock } from '../../application/ports/clock.ts';
import type { ClosedChange } from '../../domain/change.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { ChangeDto } from '../documents/change.dto.ts';

export class AwaitingListDto extends ResponseDto {
  @ApiProperty({
    type: () => ChangeDto,
    isArray: true,
    description: 'Oldest first; `confirmBy` and `confirmWithinSeconds` are those of the latest extension.',
  })
  readonly items!: readonly ChangeDto[];

  static of(changes: readonly ClosedChange[], clock: Clock): AwaitingListDto {
    return { items: changes.map((change) => Object.assign(ChangeDto.of(change), deadlineOf(change, clock))) };
  }
}

/** The boot-time deadline on the wall clock as it goes now. */
function deadlineOf({ confirm }: ClosedChange, clock: Clock): Pick<ChangeDto, 'confirmBy'> {
  if (!confirm) return {};
  const millisecondsLeft = confirm.deadline.milliseconds - clock.bootMilliseconds();
  return { confirmBy: new Date(clock.now().getTime() + millisecondsLeft).toISOString() };
}
