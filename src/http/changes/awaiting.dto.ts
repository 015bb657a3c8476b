import { ApiProperty } from '@nestjs/swagger';
import type { Clock } from '../../application/ports/clock.ts';
import type { ClosedChange } from '../../domain/change.ts';
import type { ConfirmationWindow } from '../../domain/pending-settings.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import type { Reader } from '../documents/withheld-entries.ts';

export class AwaitingListDto extends ResponseDto {
  @ApiProperty({
    type: () => ChangeDto,
    isArray: true,
    description: 'Changes awaiting confirmation, oldest first. `confirmBy` and `confirmWithinSeconds` include any extension of the window.',
  })
  readonly items!: readonly ChangeDto[];

  static of(windows: readonly ConfirmationWindow[], clock: Clock, reader: Reader): AwaitingListDto {
    return { items: windows.map((window) => Object.assign(ChangeDto.of(window.change, reader, window), deadlineOf(window.change, clock))) };
  }
}

/** Converts the deadline from the boot-time clock to the current wall clock. */
function deadlineOf({ confirm }: ClosedChange, clock: Clock): Pick<ChangeDto, 'confirmBy'> {
  if (!confirm) return {};
  const millisecondsLeft = confirm.deadline.milliseconds - clock.bootMilliseconds();
  return { confirmBy: new Date(clock.now().getTime() + millisecondsLeft).toISOString() };
}
