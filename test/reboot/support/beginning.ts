import { join } from 'node:path';
import type { BaseImage } from './base-image.ts';
import { Machine, type MachinePlan } from './machine.ts';
import { observe, type Observation } from './observe.ts';
import { Operator } from './operator.ts';
import type { Scenario } from './scenario.ts';

/** A machine that has booted with the service and without persisted values. Each cell starts from it and is compared with it. */
export interface Beginning {
  readonly image: BaseImage;
  readonly product: string;
  readonly disk: string;
  /** The saved state of the running machine, to resume from. */
  readonly state: string;
  readonly standard: Observation;
  readonly versions: string;
  readonly seconds: number;
}

const NEW_TOKEN = '/opt/product/node /opt/product/dist/main.js token create --name reboot-test --scope all';
const VERSIONS = `
. /etc/os-release
echo "$PRETTY_NAME, Linux $(uname -r), systemd $(systemctl --version | awk 'NR == 1 { print $2 }'), $(modprobe --version | awk 'NR == 1 { print "kmod " $3 }'), \\
$(sysctl --version | awk '{ print "procps " $NF }')"`;

export async function makeBeginning(image: BaseImage, product: string, directory: string): Promise<Beginning> {
  const started = Date.now();
  const machine = await Machine.start({ image, directory, product, backing: { path: image.disk, format: 'raw' } });
  try {
    const { agent } = machine;
    const standard = await observe(agent);
    const operator = new Operator(agent);
    await agent.must(`umask 077; ${NEW_TOKEN} >/root/token`);
    await operator.untilServing();
    const versions = (await agent.must(VERSIONS)).trim();
    await agent.must('sync');
    const state = join(directory, 'state');
    await machine.suspendTo(state);
    return { image, product, disk: machine.disk, state, standard, versions, seconds: (Date.now() - started) / 1_000 };
  } finally {
    await machine.kill();
  }
}

/** With another command line, the machine boots from the disk; otherwise it resumes from the saved state. */
export function planFor({ image, product, disk, state }: Beginning, { commandLine }: Scenario, directory: string): MachinePlan {
  const plan = { image, product, directory, backing: { path: disk, format: 'qcow2' as const } };
  return commandLine === undefined ? { ...plan, resume: state } : { ...plan, commandLine };
}
