import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import { errnoOf } from '../domain/conntrack-error.ts';
import { noteLocalCallers } from '../http/http.ts';
import { localPeers } from './local-peers.ts';

/** Everybody may connect, as on loopback: what they may do depends on who they are and on their token. */
const FOR_EVERYBODY = { readableAll: true, writableAll: true };
const LOOK_MILLISECONDS = 50;

/**
 * On host and port, on a unix socket, or on both.
 *
 * @returns what stops the socket beside the port, once its requests are answered
 */
export async function listen(app: NestFastifyApplication, { host, port, tcp, tls, socket }: Config): Promise<() => Promise<void>> {
  const { server } = app.getHttpAdapter().getInstance();
  if (tcp) await app.listen({ host, port });
  if (!socket) return () => Promise.resolve();
  const { path } = socket;
  const look = localPeers(socket.peers);
  await makeWay(path);
  if (!tcp) {
    noteLocalCallers(server, look);
    await app.listen({ path, ...FOR_EVERYBODY });
    return () => Promise.resolve();
  }
  const beside = createServer((connection) => server.emit(tls ? 'secureConnection' : 'connection', connection));
  noteLocalCallers(beside, look);
  await listening(beside, path);
  return async () => {
    // A connection that is kept alive would be waited for.
    const idle = setInterval(() => {
      server.closeIdleConnections();
    }, LOOK_MILLISECONDS);
    await new Promise((closed) => beside.close(closed));
    clearInterval(idle);
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ path, ...FOR_EVERYBODY }, resolve);
  });
}

/** Removes the socket of a service that was killed. @throws Error where something else is there, or somebody listens on it */
async function makeWay(path: string): Promise<void> {
  try {
    mkdirSync(dirname(path));
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there) return;
  if (!there.isSocket()) throw new Error(`--socket ${path}: something is there that is no socket.`);
  if (await answers(path)) throw new Error(`--socket ${path}: somebody listens on it already.`);
  unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
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
