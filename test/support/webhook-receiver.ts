import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedEvent {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

/** A receiver of webhooks on a free loopback port. It accepts every event unless `respond` is replaced. */
export class WebhookReceiver {
  readonly received: ReceivedEvent[] = [];
  respond: (response: ServerResponse) => void = (response) => response.end();
  /** Requests that were not responded to yet, at most. */
  atOnce = 0;
  private open = 0;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      this.open += 1;
      this.atOnce = Math.max(this.atOnce, this.open);
      response.on('close', () => (this.open -= 1));
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        this.received.push({ headers: request.headers, body, event: JSON.parse(body) as ReceivedEvent['event'] });
        this.respond(response);
      });
    });
  }

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/events`;
  }

  get types(): readonly string[] {
    return this.received.map(({ event }) => event.type.replace('io.conntrack-api.', ''));
  }

  get subjects(): readonly string[] {
    return this.received.map(({ event }) => event.subject);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
