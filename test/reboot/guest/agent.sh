#!/bin/bash
# The test's agent inside the machine: runs scripts in sequence, in bash, as root. Input: "ID SCRIPT", output: "ID CODE STDOUT STDERR",
# one per line, with everything except the numbers in base64.
exec 4<>/dev/virtio-ports/reboot-test
while :; do
  if ! read -r id script <&4; then
    # Nothing is connected to the other end.
    sleep 0.1
    continue
  fi
  base64 -d <<<"$script" >/run/reboot-test.script
  code=0
  bash /run/reboot-test.script >/run/reboot-test.stdout 2>/run/reboot-test.stderr </dev/null 4<&- || code=$?
  printf '%s %s %s %s\n' "$id" "$code" "$(base64 -w 0 /run/reboot-test.stdout)" "$(base64 -w 0 /run/reboot-test.stderr)" >&4
done
