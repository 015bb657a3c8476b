import { HttpException } from '@nestjs/common';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';

type Refusal = (cause: unknown) => ConntrackError;

/** What Fastify refuses on its own, by its error codes. */
const REFUSALS: ReadonlyMap<string | undefined, Refusal> = new Map<string, Refusal>([
  ['FST_ERR_CTP_BODY_TOO_LARGE', (cause) => new ConntrackError('PAYLOAD_TOO_LARGE', 'A body may have up to 64 KiB.', { cause })],
  [
    'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    (cause) =>
      new ConntrackError('UNSUPPORTED_MEDIA_TYPE', 'A body is read as application/json only.', {
        cause,
        remedy: 'Send Content-Type: application/json.',
      }),
  ],
  [
    'FST_ERR_BAD_URL',
    (cause) => new ConntrackError('INVALID_REQUEST', 'The path has a percent sign that begins no valid escape.', { cause }),
  ],
  [
    'FST_ERR_MAX_PARAM_LENGTH',
    (cause) => new ConntrackError('INVALID_REQUEST', 'A part of the path is longer than anything it could name.', { cause }),
  ],
]);

/** Every error under a code of this service. What nobody foresaw is a bug: `INTERNAL`, without a word of it to the client. */
export function toConntrackError(error: unknown): ConntrackError {
  if (error instanceof ConntrackError) return error;
  if (isSuppressedError(error)) return toConntrackError(error.error);
  const cause = error instanceof HttpException ? (error.cause ?? error) : error;
  const refusal = REFUSALS.get(errnoOf(cause));
  if (refusal) return refusal(cause);
  const status = statusOf(error);
  if (status === 404) return new ConntrackError('ROUTE_NOT_FOUND', 'There is nothing at this path.', { cause });
  if (status >= 400 && status < 500) return new ConntrackError('INVALID_REQUEST', 'The request could not be read.', { cause });
  return new ConntrackError('INTERNAL', 'This is a fault of the service. Its log has the details under the request id.', { cause });
}

/** The logger leaves out the two errors that a SuppressedError carries. */
export function toLoggable(error: unknown): unknown {
  return isSuppressedError(error) ? new AggregateError([error.error, error.suppressed], error.message) : error;
}

/** Thrown at the end of a block with `using` where both the block and the disposal fail. Node 22 has no global class for it. */
function isSuppressedError(error: unknown): error is Error & { readonly error: unknown; readonly suppressed: unknown } {
  return error instanceof Error && error.name === 'SuppressedError' && 'error' in error && 'suppressed' in error;
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
}
