import type { Samples } from '../../application/ports/samples.ts';
import { SqliteSamples } from './sqlite-samples.ts';
import { UnavailableSamples } from './unavailable-samples.ts';

/** Never fails: what keeps the samples from being used is told at each use. @param everySeconds 0 for none */
export function openSamples(dataDir: string, everySeconds: number, warn: (message: string) => void): Samples {
  return everySeconds === 0 ? new UnavailableSamples() : new SqliteSamples(dataDir, everySeconds, warn);
}
