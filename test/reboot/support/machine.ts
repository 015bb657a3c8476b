import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BaseImage } from './base-image.ts';
import { script } from './execute.ts';
import { Agent } from './agent.ts';
import { Monitor } from './qmp.ts';

export interface MachinePlan {
  readonly image: BaseImage;
  /** The directory for its disk, its sockets and its console output. */
  readonly directory: string;
  /** The backing file of the machine's disk, which is not changed. */
  readonly backing: { readonly path: string; readonly format: 'raw' | 'qcow2' };
  readonly product: string;
  /** Appended to the kernel's command line. */
  readonly commandLine?: string;
  /** A file written by `suspendTo`, from which the machine resumes instead of booting. */
  readonly resume?: string;
}

const MEMORY_MEGABYTES = 1_024;
/** A boot takes 15 s on an idle host. */
const BOOT_MILLISECONDS = 400_000;
/** The machine needs no ATA disk and no fast encryption. Loading these modules would take half of the coldplug time. */
const NOT_NEEDED = ['ata_piix', 'ata_generic', 'aesni_intel', 'sha1_ssse3', 'sha256_ssse3', 'sha512_ssse3', 'ghash_clmulni_intel'];
const KERNEL_ARGUMENTS = `root=/dev/vda rw quiet console=ttyS0 panic=-1 mitigations=off modprobe.blacklist=${NOT_NEEDED.join()}`;
/** No acceleration. A second processor would spin while the first waits for the host's. With cx16, Debian's 6.12 stops with a double fault. */
const PROCESSOR = ['-accel', 'tcg,thread=multi', '-cpu', 'Nehalem,-cx16', '-smp', '1'];

/** A QEMU machine that runs a base image. It ends with this process. */
export class Machine {
  readonly disk: string;
  private readonly plan: MachinePlan;
  private child: ChildProcess | undefined;
  private open: Agent | undefined;
  private bootId = '';

  private constructor(plan: MachinePlan) {
    this.plan = plan;
    this.disk = join(plan.directory, 'disk.qcow2');
  }

  /** Starts the machine and waits for its agent. */
  static async start(plan: MachinePlan): Promise<Machine> {
    const machine = new Machine(plan);
    const { path, format } = plan.backing;
    await script('mkdir -p "$1"; qemu-img create -q -f qcow2 -F "$2" -b "$3" "$1/disk.qcow2"', [plan.directory, format, path]);
    await machine.power(plan.resume);
    return machine;
  }

  get agent(): Agent {
    if (!this.open) throw new Error('The machine is off.');
    return this.open;
  }

  /** Switches the machine on and waits for its agent. */
  async power(resume?: string): Promise<void> {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'qemu-system-x86_64', ...this.arguments(resume)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child = child;
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    try {
      this.open = await onceAvailable(() => Agent.open(this.at('agent')), child);
      if (resume !== undefined) await this.resumeNow();
      this.bootId = await this.open.untilThere(Date.now() + BOOT_MILLISECONDS, resume === undefined ? this.bootId : '');
    } catch (error) {
      const console = await readFile(this.at('console'), 'utf8').catch(() => '');
      throw new Error(`${String(error)}\n${errors}\nEnd of the console output:\n${console.slice(-2_000)}`, { cause: error });
    }
  }

  /** Reboots the machine and waits until the agent responds after the boot. */
  async reboot(): Promise<void> {
    this.agent.begin('systemctl reboot');
    this.bootId = await this.agent.untilThere(Date.now() + BOOT_MILLISECONDS, this.bootId);
  }

  /** Cuts the power and switches the machine on again: data that was not written to its disk is lost. */
  async powerCut(): Promise<void> {
    await this.kill();
    await this.power();
  }

  /** Writes the state to a file and ends the machine. Other machines can resume from the file and the disk. */
  async suspendTo(path: string): Promise<void> {
    const monitor = await Monitor.open(this.at('monitor'));
    await monitor.suspendTo(path);
    monitor.close();
    await this.kill();
  }

  async kill(): Promise<void> {
    this.open?.close();
    this.open = undefined;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }

  private async resumeNow(): Promise<void> {
    const monitor = await Monitor.open(this.at('monitor'));
    await monitor.resume();
    monitor.close();
  }

  private arguments(resume?: string): readonly string[] {
    const { image, product, commandLine = '' } = this.plan;
    return [
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-machine', 'pc', '-m', String(MEMORY_MEGABYTES), ...PROCESSOR],
      ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', `${KERNEL_ARGUMENTS} ${commandLine}`.trim()],
      ...['-drive', `file=${this.disk},if=virtio,format=qcow2`, '-drive', `file=${product},if=virtio,format=raw,readonly=on`],
      ...['-serial', `file:${this.at('console')}`, '-qmp', `unix:${this.at('monitor')},server=on,wait=off`],
      ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=agent,path=${this.at('agent')},server=on,wait=off`],
      ...['-device', 'virtserialport,chardev=agent,name=reboot-test'],
      ...(resume === undefined ? [] : ['-incoming', `exec:cat ${resume}`]),
    ];
  }

  private at(name: string): string {
    return join(this.plan.directory, name);
  }
}

/** Retries until QEMU has created its sockets. */
async function onceAvailable<Thing>(attempt: () => Promise<Thing>, child: ChildProcess): Promise<Thing> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('QEMU ended immediately.', { cause: error });
      await sleep(50);
    }
  }
}
