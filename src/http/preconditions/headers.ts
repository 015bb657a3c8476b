/** Headers in the OpenAPI document. */
export const ETAG = {
  ETag: {
    description: 'Strong entity tag of this response.',
    schema: { type: 'string' },
    example: '"5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"',
  },
} as const;

export const SETTINGS_ETAG = {
  ETag: { ...ETAG.ETag, description: 'Strong entity tag of all live settings and boot files. Send it as `If-Match` with a change.' },
} as const;

export const NEW_SETTINGS_ETAG = {
  ETag: {
    ...ETAG.ETag,
    description: 'Strong entity tag of the settings after this change. Absent if a later change has started, and on a dry run.',
  },
} as const;

export const JOURNAL_HEAD = {
  'Conntrack-Journal-Head': {
    description:
      'Sequence number and hash of the newest journal record. Store it elsewhere and use it as `anchor` of `GET /api/v1/changes/verify`.',
    schema: { type: 'string' },
    example: '14:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
  },
} as const;

// Request headers have no `example`, because Swagger UI would send it.

export const IF_NONE_MATCH = {
  name: 'If-None-Match',
  required: false,
  description: 'ETags of responses that the client has. If one of them is still current, the response is 304 without a body.',
  schema: { type: 'string' },
} as const;

export const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description:
    'ETags of `GET /api/v1/settings`, or `*`. If the live settings or boot files are no longer in one of these states, nothing is changed and the response is 412. ' +
    'Required if the service runs with `--require-if-match`.',
  schema: { type: 'string' },
} as const;

export const TRACEPARENT = {
  name: 'traceparent',
  required: false,
  description:
    'The trace that this request belongs to (W3C Trace Context), such as `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`. It is recorded with the change and logged. An invalid value is ignored.',
  schema: { type: 'string' },
} as const;

export const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'A string of 1 to 255 printable ASCII characters in double quotes, such as `"8e03978e-40d5-43dd-bc93-6894a57f9324"`, unique for each change. Repeating a request with its key within 24 hours returns the change of the first request and ' +
    'does not carry it out again. A request that was refused before anything was recorded can be repeated with the same key.',
  schema: { type: 'string' },
} as const;
