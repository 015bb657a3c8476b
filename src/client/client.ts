import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.ts';

export type { components, operations, paths } from './schema.ts';

/** The body of every error response (RFC 9457). `code` is stable. */
export type Problem = components['schemas']['Problem'];

/** Methods named like the HTTP methods, typed by path: `client.GET('/api/v1/table')` returns `{ data, error, response }`. */
export type ConntrackClient = Client<paths>;

export interface ClientOptions {
  /** Base URL of the service, without `/api/v1`: `http://127.0.0.1:8477`. */
  readonly url: string;
  /** A token, as printed by `conntrack-api token create`. */
  readonly token: string;
  /** Replaces `fetch`, for a unix socket or a client certificate. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * A client of the HTTP API, typed by the OpenAPI document. Error responses are not thrown: `error` is the problem document.
 *
 * Streams are read with `parseAs: 'stream'` and `readLines`.
 */
export function conntrackClient({ url, token, fetch }: ClientOptions): ConntrackClient {
  return createClient<paths>({ baseUrl: url, headers: { authorization: `Bearer ${token}` }, ...(fetch && { fetch }) });
}

/** The lines of a streamed response as they arrive, without line ends. In `application/x-ndjson`, each line is one record. */
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
