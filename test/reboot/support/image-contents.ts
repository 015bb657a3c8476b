import { join } from 'node:path';

export const PACKAGES = ['systemd', 'systemd-sysv', 'udev', 'kmod', 'procps', 'nftables', 'iproute2', 'dbus'];
export const GUEST = join(import.meta.dirname, '..', 'guest');
export const UNITS = ['reboot-test.service', 'conntrack-api.service'];
