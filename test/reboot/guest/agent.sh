#!/bin/bash
# The test's hands inside the machine: runs one script after the other, in bash, as root. In: "ID SCRIPT", out: "ID CODE STDOUT STDERR",
# one a line, all but the numbers in base64.
exec 4<>/dev/virtio-ports/reboot-test
while :; do
  if ! read -r id script <&4; then
    # Nobody is at the other end.
    sleep 0.1
    continue
  fi
  base64 -d <<<"$script" >/run/reboot-test.script
  code=0
  bash /run/reboot-test.script >/run/reboot-test.stdout 2>/run/reboot-test.stderr </dev/null 4<&- || code=$?
  printf '%s %s %s %s\n' "$id" "$code" "$(base64 -w 0 /run/reboot-test.stdout)" "$(base64 -w 0 /run/reboot-test.stderr)" >&4
done
