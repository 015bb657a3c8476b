import { Injectable } from '@nestjs/common';
import type { Capability } from '../domain/capabilities.ts';

/**
 * How clients reach the service while the table is full: new connections that the kernel tracks then fail, on loopback too. Set when the service
 * listens.
 */
@Injectable()
export class Reachability {
  socket: Omit<Capability, 'name'> = {
    available: false,
    reason: 'The service does not listen on a unix socket.',
    remedy: 'Start the service without --socket=none.',
  };

  untracked: Omit<Capability, 'name'> = {
    available: false,
    reason: 'The port is tracked like any other: new connections to it fail while the table is full.',
    remedy: 'Start the service with --untracked.',
  };

  get capabilities(): readonly Capability[] {
    return [
      { name: 'socket', ...this.socket },
      { name: 'untracked', ...this.untracked },
    ];
  }
}
