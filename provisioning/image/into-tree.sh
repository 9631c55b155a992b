#!/bin/sh
# Makes a station of an image's tree by the installer of this checkout, as root, and leaves nothing
# in it that would be the same secret, or the same setting, on a thousand stations.
# into-tree.sh TREE CAMERA CLOCK_BATTERY(y|n) RELEASE_KEY(file); called by the layer beside it.
set -eu
tree=$1
camera=$2
release=$(awk '$1 == "ssh-ed25519" { print $1, $2; exit }' "$4")
if [ -z "$release" ]; then
  echo "Capture Station: $4: expected a public key as ssh-keygen -t ed25519 writes it, by which" \
    'updates are signed.' >&2
  exit 1
fi
checkout=$(cd "$(dirname "$0")/../.." && pwd)
case $3 in
  y) battery=--clock-battery ;;
  *) battery= ;;
esac

# Before the installer, which would let the next free numbers be taken: see the file itself.
systemd-sysusers --root="$tree" 00-capture-station-numbers.conf
cd "$checkout"
PYTHONDONTWRITEBYTECODE=1 python3 -m provisioning.install --root "$tree" --camera "$camera" $battery

# By this key the station knows its updates: provisioning/install/updating.py
mkdir -p "$tree/usr/share/capture-station"
echo "release namespaces=\"update@capture-station\" $release" \
  >"$tree/usr/share/capture-station/release-signers"

# Each start copies what the image has in shared folders over what the station has: an example here
# would replace every station's own settings.
rm -rf "$tree/etc/kiosk/station.toml" "$tree/etc/kiosk/firewall.d"
left=$(find "$tree/etc/kiosk" "$tree/var/lib/kiosk" "$tree/var/spool/kiosk" ! -type d)
if [ -n "$left" ]; then
  echo "Capture Station: the image would bring these files to every station: $left" >&2
  exit 1
fi

# On the partition that both systems share, where the card's folder goes, too: the boot partitions
# belong to the systems, and may be signed. By this file `kiosk provision card` knows it.
mkdir -p "$tree/bootfs"
echo "A Capture Station's image; see docs/thousand-stations.md" >"$tree/bootfs/capture-station.image"
