import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { Reachability } from '../application/reachability.ts';
import type { Config } from '../config/config.ts';
import { errnoOf } from '../domain/conntrack-error.ts';
import { noteLocalCallers } from '../http/http.ts';
import { DESCRIPTOR_RESERVE, freeDescriptors } from '../kernel/descriptors.ts';
import { localPeers } from './local-peers.ts';

/** Every local user may connect, as on loopback. Their user and their token determine what they may do. */
const ALL_USERS = { readableAll: true, writableAll: true };
const IDLE_CHECK_MILLISECONDS = 50;

/**
 * Listens on host and port, on a unix socket, or on both. A socket that is optional and cannot be used is logged, and described in `Reachability`.
 *
 * @returns closes the additional unix socket, after its pending requests
 */
export async function listen(app: NestFastifyApplication, { host, port, tcp, tls, socket }: Config): Promise<() => Promise<void>> {
  const { server, log } = app.getHttpAdapter().getInstance();
  const reachability = app.get(Reachability);
  if (tcp) await listenOnPort(app, host, port);
  boundByDescriptors(server);
  if (!socket) return () => Promise.resolve();
  const { path, peers, isOptional } = socket;
  const identify = localPeers(peers);
  if (!tcp) {
    await prepareFor(path);
    noteLocalCallers(server, identify);
    await app.listen({ path, ...ALL_USERS });
    reachability.socket = { available: true, via: path };
    return () => Promise.resolve();
  }
  const unixServer = createServer((connection) => server.emit(tls ? 'secureConnection' : 'connection', connection));
  noteLocalCallers(unixServer, identify);
  try {
    await prepareFor(path);
    await listenOn(unixServer, path);
  } catch (error) {
    if (!isOptional) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    log.warn(`the service runs without a unix socket (set --socket to another path, or to none): ${reason}`);
    reachability.socket = { available: false, reason, remedy: 'Start the service with --socket and another path.' };
    return () => Promise.resolve();
  }
  reachability.socket = { available: true, via: path };
  return async () => {
    // close() waits for keep-alive connections.
    const idle = setInterval(() => {
      server.closeIdleConnections();
    }, IDLE_CHECK_MILLISECONDS);
    await new Promise((closed) => unixServer.close(closed));
    clearInterval(idle);
  };
}

/** For threads that start on demand, and for what requests and changes open. */
const RESERVED_DESCRIPTORS = 36;
/** With more, the number of connections is always the tighter limit. */
const MANY_DESCRIPTORS = 1_024;
const FEWEST_CONNECTIONS = 4;

/** Fewer connections where the limit on open files is low: a connection without a descriptor would be closed without a response. */
function boundByDescriptors(server: Server): void {
  const atStart = freeDescriptors() ?? Infinity;
  if (atStart > MANY_DESCRIPTORS) return;
  const most = Math.min(server.maxConnections, atStart - RESERVED_DESCRIPTORS);
  const adjust = (): void => {
    server.getConnections((_error, open) => {
      const left = (freeDescriptors() ?? Infinity) - DESCRIPTOR_RESERVE;
      server.maxConnections = Math.max(FEWEST_CONNECTIONS, Math.min(most, open + left));
    });
  };
  adjust();
  server.on('connection', adjust).on('drop', adjust);
}

/** @throws Error with what to do when the address is in use or not of this host */
async function listenOnPort(app: NestFastifyApplication, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const remedy = LISTEN_REMEDIES[errnoOf(error) ?? ''];
    if (remedy === undefined) throw error;
    throw new Error(`Cannot listen on ${host} port ${String(port)}: ${remedy(port)}`, { cause: error });
  }
}

const LISTEN_REMEDIES: Readonly<Record<string, (port: number) => string>> = {
  EADDRINUSE: (port) =>
    `another process uses the port, perhaps another conntrack-api. Find it with "ss -ltnp sport = :${String(port)}", or choose another port with --port.`,
  EADDRNOTAVAIL: () => 'this host does not have the address. List the addresses with "ip address", or change --host.',
  EACCES: () => 'ports below 1024 need root or CAP_NET_BIND_SERVICE. Choose another port with --port.',
};

function listenOn(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ path, ...ALL_USERS }, resolve);
  });
}

/** unix(7): the size of sun_path without its NUL. */
const LONGEST_PATH_BYTES = 107;

/**
 * Creates the directory, and removes the socket of a service that was killed.
 *
 * @throws Error when the path is too long, when another file is there, or when a process listens on the socket
 */
async function prepareFor(path: string): Promise<void> {
  const bytes = Buffer.byteLength(path);
  if (bytes > LONGEST_PATH_BYTES)
    throw new Error(`${path} is too long for a unix socket: expected at most ${LONGEST_PATH_BYTES} bytes, found ${bytes}.`);
  const directory = dirname(path);
  try {
    mkdirSync(directory);
    // Whatever the umask: see ALL_USERS.
    chmodSync(directory, 0o755);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  const existing = lstatSync(path, { throwIfNoEntry: false });
  if (!existing) return;
  if (!existing.isSocket()) throw new Error(`${path} exists and is not a socket.`);
  if (await isInUse(path)) throw new Error(`${path} is already in use by another process.`);
  unlinkSync(path);
}

function isInUse(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe: Socket = createConnection(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error) => {
      if (errnoOf(error) === 'ECONNREFUSED') resolve(false);
      else reject(error);
    });
  });
}
