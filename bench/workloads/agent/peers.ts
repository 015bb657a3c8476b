import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpuSecondsOf } from '../../harness/clocks.ts';
import { costOfCommand, type Cost } from '../../harness/cost.ts';
import { ON_THE_HOST, Service } from '../../harness/service.ts';
import { ratioRow, type Comparison, type Stage } from '../../harness/workload.ts';

const REQUESTS = 50;
const METRICS = 'scrape of the conntrack series';
const EXPORTER = 'prometheus-node-exporter, conntrack collector';
const EXPORTER_ADDRESS = '127.0.0.1:19100';
const SETTINGS = 'GET /settings';
const SYSCTL = 'sysctl -a --pattern nf_conntrack';

/** Both on the host itself: the settings of another network namespace have no value at the next boot. */
export const scrape: Comparison = {
  name: 'scrape',
  contenders: { [METRICS]: (stage) => costOfEach(stage, '/metrics?collect[]=table&collect[]=counters'), [EXPORTER]: costOfExporter },
  rows: [ratioRow(METRICS, 'cpuSeconds', [METRICS, EXPORTER], 2)],
};

export const settings: Comparison = {
  name: 'settings',
  contenders: {
    [SETTINGS]: (stage) => costOfEach(stage, '/api/v1/settings'),
    [SYSCTL]: () => costOfCommand(['sysctl', '-a', '--pattern', 'nf_conntrack']),
  },
  rows: [ratioRow(SETTINGS, 'cpuSeconds', [SETTINGS, SYSCTL], 0.2), ratioRow(SETTINGS, 'wallSeconds', [SETTINGS, SYSCTL], 0.2)],
};

async function costOfEach({ scratch }: Stage, path: string): Promise<Cost> {
  const service = await Service.start(ON_THE_HOST, scratch);
  await service.costOfEach(path, REQUESTS);
  const cost = await service.costOfEach(path, REQUESTS);
  await service.stop();
  return cost;
}

async function costOfExporter(): Promise<Cost> {
  const flags = ['--collector.disable-defaults', '--collector.conntrack', '--web.disable-exporter-metrics'];
  const exporter = spawn('prometheus-node-exporter', [...flags, `--web.listen-address=${EXPORTER_ADDRESS}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await listening(exporter);
  const request = () =>
    costOfCommand(['curl', '--silent', '--fail', '--output', '/dev/null', `http://${EXPORTER_ADDRESS}/metrics?n=[1-${String(REQUESTS)}]`]);
  await request();
  const before = cpuSecondsOf(exporter.pid ?? 0);
  const { wallSeconds } = await request();
  const cpuSeconds = cpuSecondsOf(exporter.pid ?? 0) - before;
  exporter.kill();
  await once(exporter, 'exit');
  return { cpuSeconds: cpuSeconds / REQUESTS, wallSeconds: wallSeconds / REQUESTS };
}

/** Goes on reading: the exporter would end if it could not write. */
function listening({ stderr }: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    stderr?.on('data', (chunk: Buffer) => {
      if (chunk.includes('Listening on')) resolve();
    });
    stderr?.once('end', () => {
      reject(new Error('Expected prometheus-node-exporter to listen: it has ended.'));
    });
  });
}
