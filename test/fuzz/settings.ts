/** Settings that every kernel has. */
export const SETTINGS: readonly string[] = ['max', 'buckets', 'udp_timeout', 'tcp_loose', 'acct'];
