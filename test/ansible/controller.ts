import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../kernel/support/run.ts';

/** Extra variables; they take precedence over those of the playbook. */
export type Variables = Readonly<Record<string, unknown>>;

export interface PlayResult {
  readonly exitCode: number;
  /** Number of changed tasks on the only host. */
  readonly changed: number;
  readonly failed: number;
  readonly text: string;
}

const EXAMPLE = resolve('deploy/ansible');

/** An Ansible control node: a copy of the example with its own encrypted token, and this machine as the only host. */
export class Controller {
  private readonly directory: string;
  private readonly secret: string;
  private readonly environment: NodeJS.ProcessEnv;

  private constructor(directory: string, secret: string) {
    this.directory = directory;
    this.secret = secret;
    const temporary = join(directory, 'tmp');
    // Ansible refuses to run if the encoding is not UTF-8.
    const ansible = { LC_ALL: 'C.UTF-8', ANSIBLE_NOCOLOR: '1', ANSIBLE_LOCAL_TEMP: temporary, ANSIBLE_REMOTE_TEMP: temporary };
    // The proxy would block the requests, and .netrc would replace the token: the role must use neither.
    this.environment = { PATH: process.env['PATH'], HOME: directory, http_proxy: 'http://127.0.0.1:1', ...ansible };
  }

  /** @param parent directory that the caller removes */
  static async create(parent: string, secret: string): Promise<Controller> {
    const directory = join(parent, 'ansible');
    await cp(EXAMPLE, directory, { recursive: true });
    await mkdir(join(directory, 'tmp'));
    await writeFile(
      join(directory, 'hosts.yml'),
      'conntrack: { hosts: { localhost: { ansible_connection: local, ansible_python_interpreter: python3 } } }\n',
    );
    await writeFile(join(directory, '.netrc'), 'machine 127.0.0.1 login somebody password else\n', { mode: 0o600 });
    await writeFile(join(directory, 'password'), 'vault password\n', { mode: 0o600 });
    await writeFile(join(directory, 'conntrack-api.token'), `${secret}\n`, { mode: 0o600 });
    const controller = new Controller(directory, secret);
    await run('ansible-vault', ['encrypt', '--vault-password-file', join(directory, 'password'), join(directory, 'conntrack-api.token')], {
      env: controller.environment,
    }).catch((error: unknown) => {
      throw new Error('Expected a working ansible-vault: apt-get install --no-install-recommends ansible-core.', { cause: error });
    });
    return controller;
  }

  /**
   * Runs the example playbook with a verbosity that prints module arguments.
   *
   * @throws Error if the output contains the token
   */
  async play(variables: Variables, ...flags: readonly string[]): Promise<PlayResult> {
    const args = [
      '-vvv',
      '-i',
      'hosts.yml',
      'playbook.yml',
      '--vault-password-file',
      'password',
      '-e',
      JSON.stringify(variables),
      ...flags,
    ];
    const { exitCode, printed } = await execute('ansible-playbook', args, { cwd: this.directory, env: this.environment });
    if (printed.includes(this.secret)) throw new Error('The output of Ansible contains the token.');
    const [, changed, failed] = /^localhost +: .*changed=(\d+) .*failed=(\d+) /m.exec(printed) ?? [];
    if (changed === undefined) throw new Error(`Expected a play recap for localhost in the output of Ansible:\n${printed}`);
    return { exitCode, changed: Number(changed), failed: Number(failed), text: printed };
  }
}

function execute(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ readonly exitCode: number; readonly printed: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { ...options, timeout: 90_000, maxBuffer: 64 * 1_024 * 1_024 }, (error, stdout, stderr) => {
      if (child.exitCode === null) reject(error ?? new Error(`${program} was killed.`));
      else resolve({ exitCode: child.exitCode, printed: stdout + stderr });
    });
    child.stdin?.end();
  });
}
