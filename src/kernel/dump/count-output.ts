import type { DumpResult } from './dump-job.ts';
import type { Output } from './outputs.ts';

export class CountOutput implements Output {
  entries = 0;

  take(): boolean {
    this.entries += 1;
    return true;
  }

  isFull(): boolean {
    return false;
  }

  finish(): DumpResult {
    return {};
  }
}
