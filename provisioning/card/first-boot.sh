#!/bin/sh
# Installs the station by the same steps as everywhere, once there is a network and the time is
# known, then starts it anew: after that it asks for its code. Run by the unit of the first boot,
# which tries again when this fails.
# CARD_ROOT: where the system is found, for tests; empty on a station.
set -eu
root=${CARD_ROOT:-}
state=$root/var/lib/capture-station
source=$root/usr/local/src/capture-station

say() {
  echo "Capture Station: $*"
}

# Certificates of the package servers are not valid in 1970.
if [ "$(timedatectl show --property=NTPSynchronized --value)" != yes ]; then
  say "the clock says $(date -u '+%Y-%m-%d %H:%M') UTC and no time server has answered yet;" \
    'is the network cable plugged in, and may the station ask a time server? Trying again.'
  exit 1
fi

say 'installing; this takes some minutes.'
cd "$source"
# Words on purpose: one option or its value each.
# shellcheck disable=SC2046
if ! python3 -m provisioning.install $(cat "$state/install.args"); then
  say 'the installation stopped; the line above says why. Trying again in a minute.'
  exit 1
fi

systemctl disable capture-station-first-boot.service
# It has done its part; nothing on the boot partition is to run as root again.
[ ! -d "$root/etc/cloud" ] || : >"$root/etc/cloud/cloud-init.disabled"
sync
say 'installed. The station starts anew and then asks for its enrolment code.'
systemctl --no-block reboot
