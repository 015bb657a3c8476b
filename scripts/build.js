// Builds dist/ from src/ and web/, unless it is up to date. build/ contains the compiled service before it is bundled. Does not replace the files of a running service, which loads some of them later.
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const COMPILED = join(ROOT, 'build');
const DIGEST = join(DIST, '.inputs');
const INPUTS = [
  'src',
  'web',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.client.json',
  'package.json',
  'package-lock.json',
  'openapi/openapi.yaml',
  'scripts/build.js',
  'scripts/bundle',
];
const STEPS = [
  { what: 'compiling the service', command: 'tsc -p tsconfig.build.json' },
  { what: 'compiling the client', command: 'tsc -p tsconfig.client.json' },
  { what: 'bundling the page', command: 'vite build web --logLevel warn' },
  { what: 'bundling the service', command: 'node scripts/bundle/bundle.js' },
];
const DOT_MILLISECONDS = 1_000;

/** The files at and below a path, in a fixed order. */
function filesAt(path) {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path))
    .sort()
    .flatMap((name) => (name === 'node_modules' ? [] : filesAt(join(path, name))));
}

function digestOfInputs() {
  const hash = createHash('sha256');
  for (const path of INPUTS.flatMap(filesAt))
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  return hash.digest('hex');
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Processes that run this dist/. Empty where there is no /proc. */
function runningServices() {
  const main = join(DIST, 'main.js');
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').filter((pid) => {
    const script = textOf(`/proc/${pid}/cmdline`)
      .split('\0')
      .find((argument) => argument.endsWith('dist/main.js'));
    if (script === undefined) return false;
    try {
      return join(readlinkSync(`/proc/${pid}/cwd`), script) === main || script === main;
    } catch {
      return script === main;
    }
  });
}

/** Runs a step, with a dot a second on a terminal. Resolves to its exit code. */
async function run({ what, command }, index) {
  process.stderr.write(`  ${index + 1}/${STEPS.length} ${what}`);
  const dots = setInterval(() => process.stderr.isTTY && process.stderr.write('.'), DOT_MILLISECONDS);
  const output = [];
  const step = spawn(command, { cwd: ROOT, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [step.stdout, step.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const code = await new Promise((resolve) => step.once('error', () => resolve(1)).once('close', (status) => resolve(status ?? 1)));
  clearInterval(dots);
  process.stderr.write(`\n${Buffer.concat(output)}`);
  return code;
}

async function build() {
  const digest = digestOfInputs();
  if (textOf(DIGEST) === digest) return 0;
  const services = runningServices();
  if (services.length > 0) {
    console.error(
      `The sources have changed, and process ${services.join(', ')} runs the service from dist. Stop it first, then repeat the command.`,
    );
    return 1;
  }
  console.error('Building. This takes about 20 seconds, once.');
  for (const directory of [COMPILED, DIST]) rmSync(directory, { recursive: true, force: true });
  for (const [index, step] of STEPS.entries()) {
    const code = await run(step, index);
    if (code !== 0) return code;
  }
  writeFileSync(DIGEST, digest);
  return 0;
}

process.exitCode = await build();
