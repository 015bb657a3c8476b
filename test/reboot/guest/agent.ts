/**
 * The test's hands inside the machine: takes one request a line from a virtio port, answers one line each. It carries requests to the
 * service over the machine's own loopback, and runs shell scripts as the operator of the machine would. Runs in the guest, on its own.
 */
import { execFile } from 'node:child_process';
import { closeSync, openSync, read, readFileSync, writeSync } from 'node:fs';

type Request = { readonly id: number } & (
  { readonly shell: string } | { readonly api: { readonly method: string; readonly path: string; readonly body?: unknown } }
);

const PORT = '/dev/virtio-ports/reboot-test';
const SERVICE = 'http://127.0.0.1:8477';
const TOKEN_FILE = '/root/token';
const RETRY_MILLISECONDS = 50;

function shell(script: string): Promise<object> {
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', script], { maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr });
    });
  });
}

async function ask(method: string, path: string, body: unknown): Promise<object> {
  const authorization = `Bearer ${readFileSync(TOKEN_FILE, 'utf8').trim()}`;
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(SERVICE + path, { method, headers, ...json });
  return { status: answer.status, body: await answer.text() };
}

async function serve(line: string): Promise<object> {
  const request = JSON.parse(line) as Request;
  try {
    const { id } = request;
    if ('shell' in request) return { id, ...(await shell(request.shell)) };
    return { id, ...(await ask(request.api.method, request.api.path, request.api.body)) };
  } catch (error) {
    // What fetch fails for is in the cause.
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return { id: request.id, failure: `${String(error)}${cause}` };
  }
}

function say(port: number, answer: object): void {
  const line = Buffer.from(`${JSON.stringify(answer)}\n`);
  for (let at = 0; at < line.length;) at += writeSync(port, line, at);
}

function readSome(port: number): Promise<string> {
  const buffer = Buffer.alloc(65_536);
  return new Promise((resolve, reject) => {
    read(port, buffer, 0, buffer.length, null, (error, length) => {
      if (error) reject(error);
      else resolve(buffer.toString('utf8', 0, length));
    });
  });
}

const port = openSync(PORT, 'r+');
process.on('exit', () => {
  closeSync(port);
});
for (let pending = ''; ;) {
  const text = await readSome(port);
  // Nobody is at the other end.
  if (text === '') await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
  const lines = (pending + text).split('\n');
  pending = lines.pop() ?? '';
  for (const line of lines)
    void serve(line).then((answer) => {
      say(port, answer);
    });
}
