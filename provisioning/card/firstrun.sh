#!/bin/sh
# Raspberry Pi OS bookworm: run once by systemd.run= of cmdline.txt, before anything else is up.
# BOOT: where the boot partition is found, for tests.
set -eu
boot=${BOOT:-/boot/firmware}
sh "$boot/capture-station/place.sh"
# Only when all is in its place: otherwise the next start tries again, and says why.
sed -i 's/ systemd\.[a-z_]*=[^ ]*//g' "$boot/cmdline.txt"
rm -f "$boot/firstrun.sh"
sync
