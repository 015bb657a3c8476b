import type { ErrorDefinition } from './error-definition.ts';

/** Valid requests that fail because of the state of the host, its settings, the journal or the service. */
export const HOST_ERRORS = {
  STATE_CHANGED: {
    status: 409,
    title: 'The state has changed since',
    example: 'max was changed after change 7 (by change 8).',
    meaning: 'A rollback would overwrite a later change, or a change by another program; `conflicts` names them.',
    remedy: 'Roll back the later change first, or repeat with `"force": true`.',
  },
  NOTHING_TO_ROLL_BACK: {
    status: 409,
    title: 'The change left nothing to roll back',
    example: 'Change 7 left the host as it was before.',
    meaning:
      'The change left the host as it was before, is still open, is a deletion of entries, which cannot be restored, or is an update of entries that are all gone; or (`rollback-to`) every later change has been rolled back already.',
    remedy: 'Nothing.',
  },
  NOT_AWAITING_CONFIRMATION: {
    status: 409,
    title: 'The change is not awaiting confirmation',
    example: 'Change 7 is no longer awaiting confirmation: its window has expired.',
    meaning:
      'The change has no confirmation window, its window has expired, it has been confirmed, reverted or rolled back already, or later changes took over all its settings.',
    remedy: '`GET /api/v1/changes` shows how it ended.',
  },
  AWAITING_CONFIRMATION: {
    status: 409,
    title: 'The setting is awaiting a confirmation',
    example: 'max is awaiting the confirmation of change 7.',
    meaning:
      'The request would change, without a confirmation window, a setting whose value is awaiting the confirmation of another change; `conflicts` names the settings and that change.',
    remedy:
      'Confirm or roll back the change that `conflicts` names. `"supersedes"` with its id, or a confirmation window, takes the setting over; a rollback does so with `"force": true`.',
  },
  IDEMPOTENCY_IN_FLIGHT: {
    status: 409,
    title: 'The first request with this key is still running',
    example: 'The first request with this Idempotency-Key is still running.',
    meaning: 'Another request with the same `Idempotency-Key` is still running.',
    remedy: 'Wait and repeat: the response will be that of the first request.',
  },
  ENTRY_REPLACED: {
    status: 409,
    title: 'Another flow has replaced the entry',
    example: 'Entry 04060a000005c000020ac87c01bb030000-75e1dc5f is gone, and another flow has its tuple now.',
    meaning: 'The entry is gone, and another flow now has the same addresses and ports. The new entry was not deleted or updated.',
    remedy: 'Read the new entry, and use its own id if you mean that one.',
  },
  COUNT_MISMATCH: {
    status: 409,
    title: 'The number of entries is not the one expected',
    example: '5310 entries match now, 1200 were expected: the difference is more than a tenth.',
    meaning:
      'The number of matching entries differs from `expectedCount` by more than a tenth. `conflicts` has both numbers; nothing was deleted or updated.',
    remedy: 'Repeat with `"dryRun": true`, check the result, then send the new count.',
  },
  TOO_MANY_ENTRIES: {
    status: 409,
    title: 'More entries match than one request can change',
    example: '5310 entries match, and one update changes at most 1000.',
    meaning:
      'More entries match than one update can record, or more than one request can end; nothing was changed. Every entry of an update is recorded, so that all can be rolled back.',
    remedy:
      'Send `"limit": 1000`, and repeat with a filter that leaves out the entries that are done, such as `not mark=16`; or use a narrower filter.',
  },
  OWN_CONNECTION: {
    status: 409,
    title: 'The request would end its own connection',
    example: 'This entry is the connection of the request.',
    meaning: 'The entry belongs to the connection over which the request arrived. Nothing was ended.',
    remedy: 'Acknowledge it with `"acknowledge": ["OWN_CONNECTION"]`, or send the request over the unix socket.',
  },
  TOKEN_NOT_CURRENT: {
    status: 409,
    title: 'The token cannot be rotated',
    example: 'Token 3f9c2ab81d04 was rotated: a91b00c2d3e4 is its successor.',
    meaning: 'The token is revoked or expired, or already has a successor, and cannot be rotated.',
    remedy: 'Rotate the successor that `detail` names, or create a new token.',
  },
  LAST_ADMIN_TOKEN: {
    status: 409,
    title: 'This is the last token that can manage tokens',
    example: 'Without token 3f9c2ab81d04, no token could create or revoke tokens a day from now.',
    meaning: 'Without this token, no token could create or revoke tokens a day from now.',
    remedy: 'Create another token with `tokens:admin` first. On the host, `conntrack-api token revoke ID` revokes it regardless.',
  },
  SETTING_NOT_WRITABLE: {
    status: 409,
    title: 'The setting cannot be written here',
    example: 'net.netfilter.nf_conntrack_max cannot be written here: /proc/sys is mounted read-only.',
    meaning: 'The setting exists and cannot be written here; `detail` gives the reason.',
    remedy: '`GET /api/v1/capabilities` shows what would make it writable.',
  },
  BOOT_FILE_NOT_MANAGED: {
    status: 409,
    title: 'A boot file is not managed by this service',
    example: 'The file /etc/sysctl.d/99-zz-conntrack-api.conf was not written by this service.',
    meaning: 'A boot file has the name this service uses, but another program wrote it. The service never changes unmanaged files.',
    remedy: 'Move the file away, then repeat.',
  },
  BOOT_FILE_NOT_WRITABLE: {
    status: 409,
    title: 'A boot file cannot be written here',
    example:
      'The file /etc/sysctl.d/99-zz-conntrack-api.conf cannot be written: expected a directory in which this service can create, replace and remove files, found /etc/sysctl.d: read-only file system (EROFS).',
    meaning:
      'The change would write a boot file that cannot be written: its directory is read-only or a link that leads nowhere, the file is immutable or a mount point, the file system has no space or inodes left, or the boot helper does not reply. `errors` has the file, what was expected and what was found. Nothing was changed.',
    remedy: 'Correct what `errors` names, or change the live value only (without `persist`).',
  },
  BOOT_FILE_CHANGED: {
    status: 409,
    title: 'A boot file has changed meanwhile',
    example: 'The file /etc/sysctl.d/99-zz-conntrack-api.conf has changed since the change was planned.',
    meaning: 'Another program wrote a boot file during the change.',
    remedy: 'Read the file, then repeat.',
  },
  BOOT_RESULT_CHANGED: {
    status: 409,
    title: 'The next boot would not end as planned',
    example: 'Planned value of max at the next boot: 131072. With the files written it is 65536.',
    meaning:
      'With the boot files written, the next boot would not end as planned, because another file changed meanwhile. Everything written has been rolled back.',
    remedy: '`GET /api/v1/boot` names the effective line. Check it, then repeat.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    title: 'The state is not the one expected',
    example: 'The settings or boot files no longer match the If-Match header.',
    meaning: '`If-Match` names a state that is not the live one, or no longer.',
    remedy: 'Read the settings again, decide again, and send the new `ETag`.',
  },
  SETTING_UNKNOWN: {
    status: 422,
    title: 'A setting is unknown to this kernel',
    example: 'This kernel has no conntrack setting maxx.',
    meaning: 'The body names a setting that this kernel does not have.',
    remedy: '`GET /api/v1/settings` lists the settings of this kernel.',
  },
  VALUE_OUT_OF_RANGE: {
    status: 422,
    title: 'A value is out of range',
    example: 'settings.max: expected an integer from 1 to 2147483647 (entries), found 0.',
    meaning: 'A value is an integer outside the range of the setting.',
    remedy: 'Send a value in the range that `expected` gives.',
  },
  RISK_UNACKNOWLEDGED: {
    status: 422,
    title: 'A risk was not acknowledged',
    example: '100 of the 200 flows in the table are over the new maximum: no new flow is accepted until they have expired.',
    meaning: 'The change is dangerous on this host in its current state; `plan.risks` explains why. See [risks.md](risks.md).',
    remedy: 'Repeat with the codes of those risks in `acknowledge`.',
  },
  RISK_REFUSED: {
    status: 422,
    title: 'The change is too dangerous',
    example: 'The hash table would take 40.0 % of the memory available now, and more during the resize. Choose fewer buckets.',
    meaning:
      'The change would endanger the host and is refused whatever is acknowledged; `plan.risks` explains why. See [risks.md](risks.md).',
    remedy: 'Request a less dangerous value.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The key belongs to another request',
    example: 'This Idempotency-Key belongs to another request, which created change 7.',
    meaning: 'The `Idempotency-Key` was used in the last 24 hours with another body or path.',
    remedy: 'Use a new key for a new request.',
  },
  KERNEL_REFUSED: {
    status: 422,
    title: 'The kernel refused the change',
    example: 'The kernel refused 268435456 for buckets: ENOMEM. Everything already written has been rolled back.',
    meaning:
      'The kernel refused a value; `errno` gives its reason. Everything already written has been rolled back. A deletion that stopped halfway stays as far as it went; `change` shows what was deleted. An update of entries goes on with the others; `change` shows the result of each.',
    remedy: 'Depends on `errno`. `ENOMEM`: request fewer buckets. `EPERM` and `EACCES`: give the service more privileges.',
  },
  INTERNAL: {
    status: 500,
    title: 'Internal error of the service',
    example: 'This is a fault of the service. Its log has the details under the request id.',
    meaning: 'A fault of the service.',
    remedy: 'Report it with the log lines of `requestId`.',
  },
  WRITE_NOT_EFFECTIVE: {
    status: 500,
    title: 'A write was accepted and did not take effect',
    example: 'The kernel accepted 131072 for max and reports 262144. Everything already written has been rolled back.',
    meaning:
      'The kernel accepted a value and reports another, or a boot file does not read back as written. Everything already written has been rolled back. Of entries, `change` shows the result of each.',
    remedy: 'Read the live value or the file, and find out which other program writes it.',
  },
  BOOT_FILE_WRITE_FAILED: {
    status: 500,
    title: 'A boot file could not be written',
    example:
      'The file /etc/sysctl.d/99-zz-conntrack-api.conf could not be written: EROFS. Everything already written has been rolled back.',
    meaning:
      'A boot file could not be written although nothing known in advance prevented it; `errno` gives the reason. Everything already written has been rolled back.',
    remedy: 'Make the directory writable, or free disk space.',
  },
  RESTORE_FAILED: {
    status: 500,
    title: 'The change failed and could not be rolled back',
    example: 'The change failed (EPERM), and rolling it back failed too (EPERM).',
    meaning: 'A change failed, and rolling it back failed too. The host needs attention.',
    remedy: 'Compare `before` in the recorded `change` with the live values, and restore them manually.',
  },
  OUTCOME_UNRECORDED: {
    status: 500,
    title: 'The change was applied and its outcome could not be recorded',
    example: 'Change 7 ended as applied, and this could not be recorded. Further changes are refused until it is.',
    meaning:
      'A change was applied and its outcome could not be recorded. Further changes are refused until it is. In the record of a deletion: the service stopped during the deletion, so how many entries were deleted is unknown. In the record of an update of entries: the service stopped during the update; `after` shows what was found.',
    remedy: 'Free disk space for the data directory, or repair it. The service retries the recording automatically.',
  },
  NOT_SUPPORTED_HERE: {
    status: 501,
    title: 'This host does not support the operation',
    example: 'Entries can be deleted over ctnetlink only; here they are read from /proc/net/nf_conntrack.',
    meaning:
      'The host lacks what the operation needs. Deleting entries needs ctnetlink; the boot helper does not write files for `ip_conntrack`.',
    remedy: '`GET /api/v1/capabilities` shows what is missing.',
  },
  CONNTRACK_NOT_LOADED: {
    status: 503,
    title: 'Connection tracking is not loaded',
    example: 'Connection tracking is not loaded in this kernel.',
    meaning: 'Connection tracking is not loaded in this kernel.',
    remedy:
      '`POST /api/v1/module/load` loads it, or names the line that keeps it from loading. If it is loaded manually, the service notices.',
  },
  MODULE_LOAD_REFUSED: {
    status: 409,
    title: 'The module would not load',
    example: 'Connection tracking would not load: /etc/modprobe.d/site.conf:1: hashsize=64k is not a valid value for the kernel.',
    meaning: 'A line on this host would keep connection tracking from loading, or loading it could crash the kernel. Nothing was tried.',
    remedy: 'Correct or remove the line that the message names.',
  },
  MODULE_LOAD_FAILED: {
    status: 500,
    title: 'The module did not load',
    example: 'The kernel was asked to load connection tracking, and it is not loaded. See the kernel log: dmesg.',
    meaning: 'The kernel was asked to load connection tracking, and it is not loaded. The attempt is recorded.',
    remedy: 'Read the kernel log (`dmesg`), or run `modprobe nf_conntrack` to see the error.',
  },
  KERNEL_UNREADABLE: {
    status: 503,
    title: 'The kernel does not let this be read',
    example: 'The file /proc/net/nf_conntrack does not exist: this kernel was built without it.',
    meaning: 'This kernel, or the privileges of the service, do not allow something to be read; `detail` names it.',
    remedy: '`GET /api/v1/capabilities` shows what would make it readable.',
  },
  RESOURCES_EXHAUSTED: {
    status: 503,
    title: 'The service lacks threads, memory or file descriptors',
    example: 'A worker thread could not be started: EAGAIN. The limit on processes and threads is reached.',
    meaning:
      'The operation needs a thread, memory or file descriptors that the limits of the service do not allow; `detail` names the limit.',
    remedy: 'Raise the limit (`TasksMax=`, `MemoryMax=`, `LimitNOFILE=` of the systemd unit), or repeat later. No restart is needed.',
  },
  JOURNAL_UNAVAILABLE: {
    status: 503,
    title: 'The journal is unavailable',
    example: 'The database cannot be written: the disk is full.',
    meaning: 'The database cannot be used. Nothing was changed.',
    remedy: 'See `detail`. Usual reasons are a full disk and the permissions of the data directory.',
  },
  HISTORY_UNAVAILABLE: {
    status: 503,
    title: 'The history is unavailable',
    example: 'No samples are taken: the service was started with --sample-seconds=0.',
    meaning: 'The samples of the table cannot be used, or none are taken. Only history and forecasts are affected.',
    remedy: 'See `detail`. Usual reasons are a full disk, the permissions of the data directory, and `--sample-seconds=0`.',
  },
  TOO_MANY_WEBHOOKS: {
    status: 409,
    title: 'There are too many webhooks',
    example: 'There are 32 webhooks, which is the maximum.',
    meaning: 'There are 32 webhooks, which is the maximum.',
    remedy: 'Delete a webhook that is not needed: `GET /api/v1/webhooks` lists them.',
  },
  WEBHOOKS_UNAVAILABLE: {
    status: 503,
    title: 'The webhooks are unavailable',
    example: 'The file /var/lib/conntrack-api/webhooks.sqlite3 cannot be used: database disk image is malformed (SQLITE_CORRUPT).',
    meaning: 'The file of the webhooks cannot be used. No events are sent; everything else works.',
    remedy:
      'See `detail`. Usual reasons are a full disk and the permissions of the data directory. If the file is damaged, restore it, or remove it and create the webhooks again.',
  },
  ISSUER_UNAVAILABLE: {
    status: 503,
    title: 'The issuer of the token cannot be reached',
    example: 'The keys of https://login.example could not be fetched: fetch failed (connect ECONNREFUSED).',
    meaning: 'The request has a JWT, and the keys of its issuer could not be fetched to check it.',
    remedy: 'See `detail`. Tokens of this service work without the issuer.',
  },
} satisfies Record<string, ErrorDefinition>;
