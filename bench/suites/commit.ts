import { rowsOf, type Suite } from '../harness/suite.ts';
import { commits } from '../workloads/commits.ts';

/** The cost of durability, in the temporary directory: TMPDIR selects another disk. */
export const commit: Suite = {
  name: 'commit',
  title: 'Cost of durability',
  workloads: [commits.name],
  rows: (run) => rowsOf(run, commits, () => commits.run(run.host.scratch)),
};
