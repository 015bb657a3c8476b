#!/bin/sh
# Installs an RPM package, upgrades it and removes it on a copy of this host's files (an overlay that is discarded), without a running systemd.
#
#     install-rpm.sh PACKAGE NEWER_PACKAGE NEWER_VERSION
set -eu

if [ "${INSIDE:-}" = '' ]; then
  INSIDE=namespace exec unshare --mount --propagation=private sh "$0" "$@"
fi

if [ "$INSIDE" = namespace ]; then
  layer=/mnt
  mount -t tmpfs -o mode=0755,size=1500m layer "$layer"
  mkdir "$layer/changed" "$layer/work" "$layer/root"
  mount -t overlay -o "lowerdir=/,upperdir=$layer/changed,workdir=$layer/work" overlay "$layer/root"
  mount -t proc proc "$layer/root/proc"
  mount -t devtmpfs dev "$layer/root/dev" 2>/dev/null || mount --bind /dev "$layer/root/dev"
  mount -t tmpfs run "$layer/root/run"
  mkdir "$layer/root/run/test"
  cp "$1" "$layer/root/run/test/this.rpm"
  cp "$2" "$layer/root/run/test/newer.rpm"
  cp "$0" "$layer/root/run/test/script"
  INSIDE=root exec chroot "$layer/root" sh /run/test/script this newer "$3"
fi

version=$3
links=/etc/systemd/system
environment=/etc/conntrack-api/conntrack-api.env
expect() {
  if [ "$2" != "$3" ]; then printf '%s: expected "%s", found "%s"\n' "$1" "$3" "$2" >&2; exit 1; fi
}
must() {
  if ! "$@"; then printf 'failed: %s\n' "$*" >&2; exit 1; fi
}
enabled() { systemctl is-enabled "$1" || true; }
package() { rpm --force-debian --nodeps "$@"; }

# What an earlier installation may have left on this host.
userdel conntrack-api 2>/dev/null || true
rm -rf /var/lib/conntrack-api /etc/conntrack-api "$links"/*.wants/conntrack-api*
expect 'user before' "$(getent passwd conntrack-api || true)" ''

package -i /run/test/this.rpm
expect 'user' "$(getent passwd conntrack-api | cut -d: -f6,7)" /var/lib/conntrack-api:/usr/sbin/nologin
expect 'service' "$(enabled conntrack-api.service)" enabled
expect 'socket' "$(enabled conntrack-api-boot.socket)" enabled
expect 'changed files' "$(rpm --force-debian -V --nodeps conntrack-api 2>&1)" ''
must test "$(conntrack-api --version)" != ''
# systemd creates this directory when it starts the service.
install -d -o conntrack-api -g conntrack-api -m 0700 /var/lib/conntrack-api
conntrack-api token create --name rpm-test --scope all >/dev/null 2>&1
must test "$(stat -c %U /var/lib/conntrack-api/conntrack-api.sqlite3)" = conntrack-api

echo CONNTRACK_API_PORT=9000 >>$environment
systemctl --quiet disable conntrack-api.service
package -U /run/test/newer.rpm
expect 'version' "$(rpm --force-debian -q --queryformat '%{VERSION}' conntrack-api)" "$version"
expect 'configuration' "$(tail -n 1 $environment)" CONNTRACK_API_PORT=9000
expect 'service after the upgrade' "$(enabled conntrack-api.service)" disabled
expect 'socket after the upgrade' "$(enabled conntrack-api-boot.socket)" enabled
must sh -c 'conntrack-api token list | grep -q rpm-test'

package -e conntrack-api
expect 'links' "$(ls $links/*.wants | grep conntrack-api || true)" ''
expect 'what is left' "$(find /etc /usr/bin /usr/lib /usr/share /var/lib -name '*conntrack-api*' -not -path '/var/lib/rpm/*' -not -path '/var/lib/systemd/*' |
  sort | tr '\n' ' ')" "/etc/conntrack-api /etc/conntrack-api/conntrack-api.env.rpmsave /var/lib/conntrack-api /var/lib/conntrack-api/conntrack-api.sqlite3 "
must test -d /etc/sysctl.d
