import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PLAIN_TERMS, type ChangeTerms } from '../../application/change/change-terms.ts';
import { ChangeSettings } from '../../application/change/change-settings.ts';
import { ConfirmChange } from '../../application/change/confirm-change.ts';
import { RollBackChange } from '../../application/change/roll-back-change.ts';
import { WatchDrift } from '../../application/change/watch-drift.ts';
import { Journal } from '../../application/ports/journal.ts';
import { Samples } from '../../application/ports/samples.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { SCOPES, type Caller } from '../../domain/token.ts';
import type { DemoClock } from './demo-clock.ts';
import { BUCKETS, demoWeek, INCIDENT, MAX } from './demo-week.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const SYSCTL = 'proc/sys/net/netfilter/nf_conntrack_';
const KUBE_PROXY = 'proc/2117';
/** The longest window: the visitor has time to decide. */
const WINDOW_SECONDS = HOUR_SECONDS;

interface Wanted {
  readonly settings: SettingValues;
  readonly reason: string;
  readonly persist?: boolean;
  readonly confirmWithinSeconds?: number;
}

/**
 * Records the past week of a simulated host: each change runs through the use cases of the service, with the clock set back. Does nothing where
 * the journal has changes already.
 */
export async function tellStory(app: NestFastifyApplication, root: string, clock: DemoClock): Promise<void> {
  if (app.get(Journal).list({}, 1).length > 0) return;
  const { log } = app.getHttpAdapter().getInstance();
  const { level } = log;
  // A visitor would read the past as the log of the present.
  log.level = 'warn';
  const now = clock.now();
  const at: At = async (secondsAgo, run) => {
    clock.set(new Date(now.getTime() - secondsAgo * 1_000));
    return run();
  };
  try {
    await tellPast(app, root, now, at);
  } finally {
    clock.set();
    log.level = level;
  }
  await changeAs(app, 'ada', {
    settings: { tcp_timeout_time_wait: 60 },
    confirmWithinSeconds: WINDOW_SECONDS,
    reason: 'free ports of closed connections sooner',
  });
}

/** Runs something with the clock set back. */
type At = <T>(secondsAgo: number, run: () => Promise<T>) => Promise<T>;

async function tellPast(app: NestFastifyApplication, root: string, now: Date, at: At): Promise<void> {
  const change = (actor: string, wanted: Wanted): Promise<{ readonly id: number }> => changeAs(app, actor, wanted);
  for (const sample of demoWeek(now)) app.get(Samples).add(sample);
  await at(6 * DAY_SECONDS, () => app.get(WatchDrift).run());
  await at(5 * DAY_SECONDS + 3 * HOUR_SECONDS, () =>
    change('ansible', {
      settings: { tcp_timeout_established: 86_400 },
      persist: true,
      reason: 'baseline: idle connections leave after a day',
    }),
  );
  await at(INCIDENT.raisedSeconds, () =>
    change('ada', {
      settings: { max: MAX.after, buckets: BUCKETS.after },
      persist: true,
      reason: 'INC-2041: table full, new connections dropped',
    }),
  );
  const shortened = await at(2 * DAY_SECONDS + 5 * HOUR_SECONDS, () =>
    change('bob', { settings: { udp_timeout_stream: 30 }, reason: 'release DNS and QUIC flows sooner' }),
  );
  await at(2 * DAY_SECONDS + 3 * HOUR_SECONDS, () => rollBack(app, shortened.id));
  await at(DAY_SECONDS + 4 * HOUR_SECONDS, () => driftByKubeProxy(app, root));
  const confirmed = await at(9 * HOUR_SECONDS, () =>
    change('ada', { settings: { generic_timeout: 300 }, confirmWithinSeconds: 300, reason: 'trial on one host' }),
  );
  await at(9 * HOUR_SECONDS - 90, () => app.get(ConfirmChange).run(caller('ada'), confirmed.id, null));
}

async function changeAs(app: NestFastifyApplication, actor: string, wanted: Wanted): Promise<{ readonly id: number }> {
  const { settings, reason, persist = false, confirmWithinSeconds = null } = wanted;
  const terms: ChangeTerms = { ...PLAIN_TERMS, confirmWithinSeconds };
  const change = await app.get(ChangeSettings).run(caller(actor), { settings, persist, reason }, terms);
  return change;
}

function rollBack(app: NestFastifyApplication, id: number): Promise<unknown> {
  return app
    .get(RollBackChange)
    .run(caller('ada'), { what: 'change', id, force: false, reason: 'calls are interrupted: media streams pause for more than 30 s' });
}

/** kube-proxy starts on the host and writes its own values. */
async function driftByKubeProxy(app: NestFastifyApplication, root: string): Promise<void> {
  await mkdir(join(root, KUBE_PROXY), { recursive: true });
  await writeFile(join(root, KUBE_PROXY, 'comm'), 'kube-proxy\n');
  await writeFile(join(root, KUBE_PROXY, 'cmdline'), '/usr/local/bin/kube-proxy\0--config=/var/lib/kube-proxy/config.conf\0');
  await writeFile(join(root, `${SYSCTL}tcp_timeout_close_wait`), '3600\n');
  await app.get(WatchDrift).run();
}

function caller(name: string): Caller {
  return { actor: { tokenId: 'demo', name, peer: '192.0.2.10' }, requestId: 'demo', scopes: SCOPES };
}
