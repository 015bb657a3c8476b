import type { BootFile, BootServices } from '../../domain/boot/boot-input.ts';
import type { RootedTree } from './rooted-tree.ts';

const FILE_BYTES_MAX = 1_048_576;
const NAME = 'sysctl.extra';
/** In the order in which systemd looks for a credential: those passed to the system, then the stores. */
const PLACES = ['/run/credentials/@system', '/etc/credstore', '/run/credstore', '/usr/local/lib/credstore', '/usr/lib/credstore'];

/** The credential with more lines for systemd-sysctl, if the service asks for it. One on the kernel command line is also in /run. */
export async function readSysctlCredential(
  tree: RootedTree,
  services: BootServices | undefined,
  commandLine: string | undefined,
): Promise<BootFile | undefined> {
  const unit = services?.sysctl.files ?? [];
  const isAsked = unit.some(({ content }) => content.kind === 'text' && /^(Load|Import)Credential=\s*sysctl\./m.test(content.text));
  if (!isAsked) return undefined;
  for (const place of PLACES) {
    const file = await tree.read(`${place}/${NAME}`, FILE_BYTES_MAX);
    if (file !== undefined) return file;
  }
  const [, given] = /(?:^|\s)systemd\.set_credential=sysctl\.extra:(\S*)/.exec(commandLine ?? '') ?? [];
  if (given === undefined) return undefined;
  return { path: '/proc/cmdline', content: { kind: 'text', text: given.replaceAll('\\n', '\n') } };
}
