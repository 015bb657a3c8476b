import { Samples } from '../../application/ports/samples.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';

/** Replaces the samples when the service runs with --sample-seconds=0. */
export class UnavailableSamples extends Samples {
  readonly everySeconds = 0;

  add(): never {
    throw refusal();
  }

  between(): never {
    throw refusal();
  }

  peak(): never {
    throw refusal();
  }

  close(): void {
    // Nothing to close.
  }
}

function refusal(): ConntrackError {
  return new ConntrackError('HISTORY_UNAVAILABLE', 'No samples are taken: the service was started with --sample-seconds=0.', {
    remedy: 'Restart it with --sample-seconds=10.',
  });
}
