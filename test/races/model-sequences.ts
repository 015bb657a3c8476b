import fc from 'fast-check';
import { Stage } from './model-stage.ts';
import { sequence, type Step } from './model-steps.ts';
import type { Layout } from './model-types.ts';

/** Half of them on each layout; 100,000 in `npm run test:races:long`. */
const SEQUENCES = Number(process.env['MODEL_SEQUENCES'] ?? 2_000);
/** Sequences to leave out, because an interrupted run has played them. */
const FROM = Number(process.env['MODEL_FROM'] ?? 0);
/** The seed of the first chunk. It is fixed, so that a new failure is due to the change at hand. MODEL_SEED sets another. */
const SEED = Number(process.env['MODEL_SEED'] ?? 1_791_148_035);
/** The path of a sequence in its chunk, as a failure prints it. Together with MODEL_SEED it repeats that sequence alone. */
const PATH = process.env['MODEL_PATH'];
/** Whether the first difference suffices, without a smaller sequence that shows it too. */
const IS_SHORT = process.env['MODEL_SHRINK'] === 'no';
/** Sequences that share a seed, a host and a journal. */
const CHUNK = 50;
const CHUNKS_PER_REPORT = 20;

/**
 * Plays random sequences on one layout, in chunks with consecutive seeds. Prints the number of sequences and steps, and each difference with
 * the seed and the path that repeat it. @throws Error if there is a difference
 */
export async function playSequences(layout: Layout): Promise<void> {
  const [first, last] = [Math.floor(FROM / 2 / CHUNK), Math.ceil(SEQUENCES / 2 / CHUNK)];
  const total = { sequences: 0, steps: 0, differences: 0 };
  const report = (state: string): void => {
    console.log(
      `model, ${layout}: ${state}, seeds ${SEED + first} to ${SEED + last - 1}, ${total.sequences} sequences, ${total.steps} steps, differences ${total.differences}`,
    );
  };
  for (let chunk = first; chunk < last; chunk += 1) {
    const { run, steps } = await playChunk(layout, SEED + chunk);
    total.sequences += run.numRuns;
    total.steps += steps;
    if (run.failed) {
      total.differences += 1;
      console.log(`model, ${layout}: ${fc.defaultReportMessage(run) ?? ''}\n${String(run.errorInstance)}`);
      if (IS_SHORT) break;
    }
    if ((chunk + 1 - first) % CHUNKS_PER_REPORT === 0) report(`continue with MODEL_FROM=${(chunk + 1) * 2 * CHUNK}`);
  }
  report('ended');
  if (total.differences > 0) throw new Error(`The product differs from the model in ${total.differences} of ${last - first} chunks.`);
}

async function playChunk(
  layout: Layout,
  seed: number,
): Promise<{ readonly run: fc.RunDetails<[readonly Step[]]>; readonly steps: number }> {
  let [steps, stage] = [0, await Stage.open(layout)];
  const run = await fc.check(
    fc.asyncProperty(sequence, async (played) => {
      try {
        await stage.reset();
        for (const next of played) {
          await stage.play(next);
          steps += 1;
        }
      } catch (error) {
        // What follows, smaller sequences too, starts on a new host.
        await stage.close();
        stage = await Stage.open(layout);
        throw error;
      }
    }),
    { numRuns: CHUNK, seed, endOnFailure: IS_SHORT, ...(PATH !== undefined && { path: PATH }) },
  );
  await stage.end();
  await stage.close();
  return { run, steps };
}
