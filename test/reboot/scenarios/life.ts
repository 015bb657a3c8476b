import { setTimeout as sleep } from 'node:timers/promises';
import type { Operator } from '../support/operator.ts';
import type { Scenario } from '../support/scenario.ts';
import { nothing, persist, VALUES } from './values.ts';

const APPLIED_WITHIN_SECONDS = 120;

/** Operations on a change before the boot, and its state afterwards. */
export const LIFE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'rolled back',
    what: 'persisted, then rolled back',
    act: async (operator) => {
      const { id } = await operator.change({ settings: VALUES, persist: true });
      await operator.carryOut('POST', `/api/v1/changes/${id}/rollback`);
      return {};
    },
  },
  {
    name: 'rolled back to an earlier change',
    what: 'persisted twice, the second change rolled back',
    act: async (operator) => {
      const promised = await operator.persist(VALUES);
      const { id } = await operator.change({ settings: { max: 50_000, udp_timeout: 41 }, persist: true });
      await operator.carryOut('POST', `/api/v1/changes/${id}/rollback`);
      return promised;
    },
  },
  {
    name: 'unpersisted',
    what: 'persisted, then unpersisted: live values are kept until the boot',
    act: async (operator) => {
      await operator.persist(VALUES);
      await operator.carryOut('POST', '/api/v1/settings/unpersist', { reason: 'reboot test' });
      return {};
    },
  },
  {
    name: 'partly unpersisted',
    what: 'persisted, then the timeout unpersisted',
    act: async (operator) => {
      const { tcp_timeout_established, ...rest } = await operator.persist(VALUES);
      if (tcp_timeout_established !== VALUES.tcp_timeout_established) throw new Error('The timeout was not persisted.');
      await operator.carryOut('POST', '/api/v1/settings/unpersist', { settings: ['tcp_timeout_established'], reason: 'reboot test' });
      return rest;
    },
  },
  {
    name: 'power loss',
    what: 'the machine loses power directly after the response to a persisted change',
    short: true,
    leave: 'power-cut',
    act: persist(VALUES),
    afterwards: expectRecorded('applied'),
  },
  {
    name: 'confirmation window open',
    what: 'a persisted change awaits confirmation when the machine is rebooted',
    act: async (operator) => {
      await operator.change({ settings: VALUES, persist: true, confirmWithinSeconds: 900 });
      return {};
    },
  },
  {
    name: 'sabotage',
    what: "the service's modules-load.d file is removed after the preview: the test must detect the wrong preview and the lost values",
    act: persist(VALUES),
    sabotage: 'rm /etc/modules-load.d/conntrack-api.conf; sync',
  },
  {
    name: 'apply at start',
    what: 'a change that is not persisted, with --apply-at-start',
    siteFiles: { '/etc/systemd/system/conntrack-api.service.d/site.conf': '[Service]\nEnvironment=CONNTRACK_API_APPLY_AT_START=true\n' },
    act: async (operator) => {
      await operator.change({ settings: VALUES });
      return nothing();
    },
    isSetByService: true,
    afterwards: untilLive(VALUES),
  },
];

function expectRecorded(outcome: string): (operator: Operator) => Promise<void> {
  return async (operator) => {
    const { outcome: found } = await operator.carryOut('GET', '/api/v1/changes/1');
    if (found !== outcome) throw new Error(`Expected change 1 to be ${outcome}, found ${found}`);
  };
}

function untilLive(wanted: Readonly<Record<string, number>>): (operator: Operator) => Promise<void> {
  return async (operator) => {
    const deadline = Date.now() + APPLIED_WITHIN_SECONDS * 1_000;
    for (;;) {
      const live = await operator.live();
      const missing = Object.entries(wanted).filter(([name, value]) => live[name] !== value);
      if (missing.length === 0) return;
      if (Date.now() > deadline)
        throw new Error(`Expected the service to set ${JSON.stringify(missing)} at its start, within ${APPLIED_WITHIN_SECONDS} s.`);
      await sleep(1_000);
    }
  };
}
