import { HttpException } from '@nestjs/common';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';
import { exhausted } from '../../domain/exhausted.ts';

type Refusal = (cause: unknown) => ConntrackError;

/** Errors that Fastify itself raises, by its error codes. */
const REFUSALS: ReadonlyMap<string | undefined, Refusal> = new Map<string, Refusal>([
  ['FST_ERR_CTP_BODY_TOO_LARGE', (cause) => new ConntrackError('PAYLOAD_TOO_LARGE', 'A body may have up to 64 KiB.', { cause })],
  [
    'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    (cause) =>
      new ConntrackError('UNSUPPORTED_MEDIA_TYPE', 'Only application/json is accepted as a body.', {
        cause,
        remedy: 'Send Content-Type: application/json.',
      }),
  ],
  ['FST_ERR_BAD_URL', (cause) => new ConntrackError('INVALID_REQUEST', 'The path has an invalid percent escape.', { cause })],
  ['FST_ERR_MAX_PARAM_LENGTH', (cause) => new ConntrackError('INVALID_REQUEST', 'A segment of the path is too long.', { cause })],
]);

/** Maps any error to a code of this service. An unexpected error is a bug: `INTERNAL`, without details for the client. */
export function toConntrackError(error: unknown): ConntrackError {
  if (error instanceof ConntrackError) return lackBehind(error) ?? error;
  if (isSuppressedError(error)) return toConntrackError(error.error);
  const cause = error instanceof HttpException ? (error.cause ?? error) : error;
  const refusal = REFUSALS.get(errnoOf(cause));
  if (refusal) return refusal(cause);
  const status = statusOf(error);
  if (status === 404) return new ConntrackError('ROUTE_NOT_FOUND', 'No resource at this path.', { cause });
  if (status >= 400 && status < 500) return new ConntrackError('INVALID_REQUEST', 'The request could not be parsed.', { cause });
  const lack = exhausted('A file cannot be opened', errnoOf(cause), cause);
  if (lack) return lack;
  return new ConntrackError('INTERNAL', 'This is a fault of the service. Its log has the details under the request id.', { cause });
}

/** A lack of file descriptors says nothing about what was to be read. A recorded change keeps its code. */
function lackBehind(error: ConntrackError): ConntrackError | undefined {
  const { errno, changeId } = error.details;
  const what = error.message.replace(/[.:]$/, '');
  return error.code === 'RESOURCES_EXHAUSTED' || changeId !== undefined ? undefined : exhausted(what, errno, error);
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
