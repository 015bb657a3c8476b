import type { ApiDocument } from './documents.ts';
import { clockAhead } from './clock-ahead.ts';
import { ApiProblem, retryAfterIn, toProblem, UNREACHABLE } from './problem.ts';

const TIMEOUT_MILLISECONDS = 20_000;

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  readonly ifMatch?: string | undefined;
  /** From `newIdempotencyKey`; a retry of the same change uses the same key. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface ApiResponse<T> {
  readonly body: T;
  readonly etag: string | undefined;
  /** Upper bound of the service's clock minus the browser's; `undefined` when the response has no date. */
  readonly clockAheadMilliseconds: number | undefined;
}

/** @throws ApiProblem for an error response, and when there is no response */
export async function sendRequest<T extends ApiDocument>(token: string, path: string, request: ApiRequest = {}): Promise<ApiResponse<T>> {
  const sentAt = Date.now();
  const response = await send(token, path, request);
  const body: unknown = await response.json().catch(() => undefined);
  // An aborted response is incomplete: without this its body would count as an unexpected response.
  request.signal?.throwIfAborted();
  if (!response.ok) throw new ApiProblem(toProblem(response.status, body), retryAfterIn(response.headers.get('retry-after')));
  return {
    body: body as T,
    etag: response.headers.get('etag') ?? undefined,
    clockAheadMilliseconds: clockAhead(response.headers.get('date'), sentAt),
  };
}

async function send(token: string, path: string, { method = 'GET', query, body, signal, ...conditions }: ApiRequest): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  try {
    return await fetch(`/api/v1${path}${queryOf(query)}`, {
      method,
      headers: headersOf(token, body, conditions),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      // The token is the only credential, and responses about the host must not be cached.
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiProblem(UNREACHABLE);
  }
}

function headersOf(token: string, body: object | undefined, conditions: Pick<ApiRequest, 'ifMatch' | 'idempotencyKey'>): Headers {
  const headers = new Headers({ authorization: `Bearer ${token}`, accept: 'application/json' });
  if (body) headers.set('content-type', 'application/json');
  if (conditions.ifMatch !== undefined) headers.set('if-match', conditions.ifMatch);
  if (conditions.idempotencyKey !== undefined) headers.set('idempotency-key', `"${conditions.idempotencyKey}"`);
  return headers;
}

function queryOf(query: ApiRequest['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}

const KEY_BYTES = 16;

/** For `Idempotency-Key`. `crypto.randomUUID` is unavailable to pages loaded over plain HTTP from a non-loopback host. */
export function newIdempotencyKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(KEY_BYTES))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
