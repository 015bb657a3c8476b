import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.ts';

export type { components, operations, paths } from './schema.ts';

/** What every refusal looks like (RFC 9457); `code` is stable. */
export type Problem = components['schemas']['Problem'];

/** Methods named after HTTP's, typed by path: `client.GET('/api/v1/table')` gives `{ data, error, response }`. */
export type ConntrackClient = Client<paths>;

export interface ClientOptions {
  /** Where the service is, without `/api/v1`: `http://127.0.0.1:8477`. */
  readonly url: string;
  /** What `conntrack-api token create` printed. */
  readonly token: string;
  /** Another way to make requests: over a unix socket, or with a client certificate. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * A client of the HTTP API, typed by its OpenAPI document. A refusal is not thrown: it is `error`, a problem document.
 *
 * Streams are read with `parseAs: 'stream'` and `readLines`.
 */
export function conntrackClient({ url, token, fetch }: ClientOptions): ConntrackClient {
  return createClient<paths>({ baseUrl: url, headers: { authorization: `Bearer ${token}` }, ...(fetch && { fetch }) });
}

/** The lines of a streamed answer, without their ends, as they arrive: each record of `application/x-ndjson` is one. */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
