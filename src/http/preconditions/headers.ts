/** Response headers, as the OpenAPI document shows them. */
export const ETAG = {
  ETag: {
    description: 'Strong entity tag of what is answered.',
    schema: { type: 'string' },
    example: '"5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"',
  },
} as const;

export const SETTINGS_ETAG = {
  ETag: { ...ETAG.ETag, description: 'Strong entity tag of all live settings and boot files: send it as `If-Match` with a change.' },
} as const;

export const NEW_SETTINGS_ETAG = {
  ETag: {
    ...ETAG.ETag,
    description: 'Entity tag of the settings as this change left them. Absent where a later change has begun, and on a dry run.',
  },
} as const;

export const JOURNAL_HEAD = {
  'Conntrack-Journal-Head': {
    description: 'Sequence and hash of the newest record of the journal: kept elsewhere, it is an anchor for `GET /api/v1/changes/verify`.',
    schema: { type: 'string' },
    example: '14:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
  },
} as const;

// Request headers have no `example`: Swagger UI would send it.

export const IF_NONE_MATCH = {
  name: 'If-None-Match',
  required: false,
  description: 'ETags of answers the client has: when one of them is still current, the answer is 304 without a body.',
  schema: { type: 'string' },
} as const;

export const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description:
    'ETags of `GET /api/v1/settings`, or `*`. When the live settings or boot files are no longer in one of these states, nothing is done and the answer is 412. ' +
    'Required where the service runs with `--require-if-match`.',
  schema: { type: 'string' },
} as const;

export const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'A string of 1 to 255 printable ASCII characters in double quotes, such as `"8e03978e-40d5-43dd-bc93-6894a57f9324"`, new for each change. Repeating a request with its key within 24 hours answers with the change that the first one made and ' +
    'makes no other. A request that was refused before anything was recorded may be repeated with the same key.',
  schema: { type: 'string' },
} as const;
