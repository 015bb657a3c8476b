/** Prints, as JSON, what the product says of the namespaces of the host, and of the one in its argument, with the privileges it is run with. */
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import { ProcfsCapabilities } from '../../../src/kernel/procfs/procfs-capabilities.ts';
import { NamedNamespaces } from '../../../src/kernel/named-namespaces.ts';
import { NamespaceTables } from '../../../src/kernel/procfs/namespace-tables.ts';
import { KernelWorker } from '../../../src/kernel/worker/kernel-worker.ts';

const [name = ''] = process.argv.slice(2);
const kernelWorker = new KernelWorker();
const tables = new NamespaceTables('/', new NamedNamespaces('/', true), kernelWorker);
const refusal = await tables.read(name).catch((error: unknown) => error);
if (!(refusal instanceof ConntrackError)) throw new Error('It was let in.');
const { capabilities } = await new ProcfsCapabilities('/', kernelWorker, tables).read();

process.stdout.write(
  JSON.stringify({
    listed: (await tables.list()).find((each) => each.name === name),
    refusal: { code: refusal.code, errno: refusal.details.errno, remedy: refusal.details.remedy },
    capability: capabilities.find((each) => each.name === 'namespaces'),
  }),
);
await kernelWorker.close();
