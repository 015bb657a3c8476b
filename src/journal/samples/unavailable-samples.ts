import { Samples } from '../../application/ports/samples.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';

/** Where the service was told to take no samples. */
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
    // Nothing is open.
  }
}

function refusal(): ConntrackError {
  return new ConntrackError('HISTORY_UNAVAILABLE', 'No samples are taken: the service was started with --sample-seconds=0.', {
    remedy: 'Start it with --sample-seconds=10.',
  });
}
