import { lookup as resolve } from 'node:dns';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { hostname } from 'node:os';
import { Webhook as Signer } from 'standardwebhooks';
import { WebhookSender, type Delivery } from '../application/ports/webhooks.ts';
import { ConntrackError, errnoOf } from '../domain/conntrack-error.ts';
import { withVisible } from '../domain/plain-line.ts';
import type { WebhookEvent } from '../domain/webhooks/webhook-event.ts';
import { whyHostRefused, whyRefused } from './address-rules.ts';

const TIMEOUT_MILLISECONDS = 15_000;
/** Only the status matters. A short body is read so that a receiver can write it without an error, and discarded. */
const RESPONSE_BYTES_MAXIMUM = 16_384;
const RESPONSE_MILLISECONDS_MAXIMUM = 1_000;
const HEADER_BYTES_MAXIMUM = 16_384;
const GONE = 410;
const REASON_CHARACTERS = 200;

interface SenderOptions {
  /** Allow every address. */
  readonly allowLocal: boolean;
  /** The `source` of each event. */
  readonly source: string;
  /** Of the product, for `User-Agent`. */
  readonly version: string;
  /** Whole request and response. */
  readonly timeoutMilliseconds?: number;
}

/** CloudEvents 1.0 in structured mode, signed as Standard Webhooks specifies. One connection for each event, and no redirects. */
export class HttpSender extends WebhookSender {
  private readonly options: SenderOptions;

  constructor(options: SenderOptions) {
    super();
    this.options = options;
  }

  static ofThisHost(allowLocal: boolean, version: string): HttpSender {
    return new HttpSender({ allowLocal, source: `urn:conntrack-api:host:${encodeURIComponent(hostname())}`, version });
  }

  requireAllowed(url: string): void {
    const { hostname } = new URL(url);
    const why = this.options.allowLocal ? undefined : whyHostRefused(hostname);
    if (why === undefined) return;
    throw new ConntrackError(
      'WEBHOOK_ADDRESS_NOT_ALLOWED',
      `url: ${hostname} is ${why}, and webhooks to local addresses are not allowed here.`,
      {
        errors: [{ field: 'url', expected: 'the URL of another host', found: hostname }],
      },
    );
  }

  async send(url: string, secret: string, event: WebhookEvent, at: Date, signal: AbortSignal): Promise<Delivery> {
    try {
      this.requireAllowed(url);
      const { timeoutMilliseconds = TIMEOUT_MILLISECONDS } = this.options;
      const timeout = AbortSignal.timeout(timeoutMilliseconds);
      const status = await this.post(url, secret, event, at, AbortSignal.any([signal, timeout])).catch((error: unknown) => {
        throw timeout.aborted ? new Error(`no response within ${timeoutMilliseconds / 1_000} s`) : error;
      });
      if (status >= 200 && status < 300) return { delivered: true };
      return { delivered: false, error: `status ${status}`, isGone: status === GONE };
    } catch (error) {
      return { delivered: false, error: reasonOf(error), isGone: false };
    }
  }

  /** @returns the status of the response */
  private post(url: string, secret: string, event: WebhookEvent, at: Date, signal: AbortSignal): Promise<number> {
    const body = Buffer.from(JSON.stringify(this.envelope(event)));
    const headers = {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'content-length': body.length,
      'user-agent': `conntrack-api/${this.options.version}`,
      'webhook-id': event.id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Signer(secret).sign(event.id, at, body),
    };
    const lookup = this.options.allowLocal ? undefined : lookupAllowed;
    const options = { method: 'POST', headers, agent: false, maxHeaderSize: HEADER_BYTES_MAXIMUM, signal, ...(lookup && { lookup }) };
    const request = url.startsWith('https:') ? httpsRequest(url, options) : httpRequest(url, options);
    request.end(body);
    return statusOf(request);
  }

  private envelope({ id, type, subject, time, data }: WebhookEvent): object {
    const attributes = { specversion: '1.0', id, source: this.options.source, type, subject, time: time.toISOString() };
    return { ...attributes, datacontenttype: 'application/json', data };
  }
}

function statusOf(request: ClientRequest): Promise<number> {
  return new Promise((resolved, rejected) => {
    let status: number | undefined;
    request.on('error', (error) => {
      // Once it is known, the status counts, whatever becomes of the rest.
      if (status === undefined) rejected(error);
      else resolved(status);
    });
    request.on('response', (response) => {
      status = response.statusCode ?? 0;
      let bytes = 0;
      const end = (): void => {
        request.destroy();
      };
      const timeout = setTimeout(end, RESPONSE_MILLISECONDS_MAXIMUM);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > RESPONSE_BYTES_MAXIMUM) end();
      });
      response.on('error', () => undefined);
      response.on('close', () => {
        clearTimeout(timeout);
        resolved(response.statusCode ?? 0);
      });
    });
  });
}

/** Resolves a name to its allowed addresses. The connection is made to one of these, so a later response of the DNS server has no effect. */
export const lookupAllowed: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, found) => {
    if (error) {
      callback(error, '');
      return;
    }
    const allowed = found.filter(({ address }) => whyRefused(address) === undefined);
    const [first] = allowed;
    const address = found[0]?.address ?? '';
    if (!first) callback(new Error(`${hostname} is ${address}, ${whyRefused(address) ?? 'no address'}, which is not allowed here`), '');
    else if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

/** One line. It may quote the certificate of the receiver, but not its response. */
function reasonOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = errnoOf(first);
  const message = withVisible(first instanceof Error ? first.message : String(first)).slice(0, REASON_CHARACTERS);
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}
