import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { KernelBlocks, KernelEntries, KernelCapabilities } from '../../application/ports/kernel.ts';
import { KernelEvents } from '../../application/ports/kernel-events.ts';
import { DemoBlocks, DemoCapabilities, DemoEntries, DemoEvents } from '../../kernel/demo/demo-kernel.ts';
import { DemoTable } from '../../kernel/demo/demo-table.ts';
import { NamedNamespaces } from '../../kernel/named-namespaces.ts';
import { generateDemoTree } from '../../kernel/demo-tree.ts';
import { serve } from '../serve.ts';
import { DemoClock } from './demo-clock.ts';
import { tellStory } from './demo-story.ts';
import { BUCKETS, entriesAt, MAX } from './demo-week.ts';

/**
 * Files of a host whose administrators edit them, too: the first has a line that the file of the service overrides, the second a line that only a
 * reboot would apply.
 */
const FILES = {
  'etc/sysctl.d/50-tuning.conf': '# INC-1876, by hand\nnet.netfilter.nf_conntrack_max = 8192\n',
  'etc/sysctl.d/60-voip.conf': '# for calls on hold\nnet.netfilter.nf_conntrack_udp_timeout = 60\n',
  'etc/modules-load.d/conntrack.conf': 'nf_conntrack\n',
};

/** Generates the kernel tree of a simulated host at `config.root`, records its past week, and serves it. */
export async function serveDemo(config: Config): Promise<void> {
  const { root } = config;
  const clock = new DemoClock();
  const entries = entriesAt(clock.now());
  await generateDemoTree(root, { entries, max: MAX.before, buckets: BUCKETS.before });
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const table = new DemoTable(root, entries);
  const namespaces = new NamedNamespaces(root, config.namespaces);
  const blocks = new DemoBlocks();
  const providers = [
    { provide: KernelBlocks, useValue: blocks },
    { provide: KernelEntries, useValue: new DemoEntries(root, table, namespaces, blocks) },
    { provide: KernelEvents, useValue: new DemoEvents(table, namespaces) },
    { provide: KernelCapabilities, useValue: new DemoCapabilities(root) },
  ];
  await serve(config, {
    clock,
    providers,
    prepare: async (app) => {
      await tellStory(app, root, clock);
      keepMoving(app, table);
    },
  });
}

const STEP_MILLISECONDS = 2_000;

/** Flows begin and end as long as the service runs. */
function keepMoving(app: NestFastifyApplication, table: DemoTable): void {
  const { log, server } = app.getHttpAdapter().getInstance();
  const timer = setInterval(() => {
    table.step(entriesAt(new Date())).catch((error: unknown) => {
      log.error({ err: error }, 'the simulated table could not be written');
    });
  }, STEP_MILLISECONDS).unref();
  server.once('close', () => {
    clearInterval(timer);
  });
}
