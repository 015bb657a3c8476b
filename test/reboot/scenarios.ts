import type { Scenario } from './support/scenario.ts';

const VALUES = { max: 60_000, buckets: 30_000, tcp_timeout_established: 777 };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'late',
    what: 'nothing loads the module but a firewall rule after the boot; max, buckets and a timeout are persisted',
    short: true,
    act: (operator) => operator.persist(VALUES),
  },
];
