#!/bin/sh
# Puts what the card brings into its places: the program, the settings, the unit of the first boot.
# Run once as root, by cloud-init (trixie) or by firstrun.sh (bookworm); a second run does no harm.
# CARD_ROOT: where the system is found, for tests; empty on a station.
set -eu
card=$(cd "$(dirname "$0")" && pwd)
root=${CARD_ROOT:-}
state=$root/var/lib/capture-station
source=$root/usr/local/src/capture-station

say() {
  echo "Capture Station: $*" >&2
  # The kernel's console, where a person with a screen sees it.
  [ -n "$root" ] || echo "Capture Station: $*" >/dev/console || true
}

# The list of digests is written last: without it the card is half a card.
if [ ! -f "$card/SHA256SUMS" ] || ! (cd "$card" && sha256sum --check --quiet SHA256SUMS) >&2; then
  say 'this card was not written to its end, or was damaged since; make it again at the bench.'
  exit 1
fi

name=$(cat "$card/name")
echo "$name" >"$root/etc/hostname"
if ! grep -q "^127\.0\.1\.1.*[[:space:]]$name\$" "$root/etc/hosts" 2>/dev/null; then
  touch "$root/etc/hosts"
  sed -i '/^127\.0\.1\.1[[:space:]]/d' "$root/etc/hosts"
  printf '127.0.1.1\t%s\n' "$name" >>"$root/etc/hosts"
fi

# Nobody is asked to make an account; the technician's has a key and no password.
systemctl disable userconfig.service 2>/dev/null || true
systemctl mask userconfig.service 2>/dev/null || true
if [ -f "$card/technician.pub" ]; then
  id technician >/dev/null 2>&1 ||
    useradd --create-home --groups sudo --shell /bin/bash --password '*' technician
  install -d -m 700 "$root/home/technician/.ssh"
  install -m 600 "$card/technician.pub" "$root/home/technician/.ssh/authorized_keys"
  chown -R technician:technician "$root/home/technician/.ssh"
  install -d -m 755 "$root/etc/sudoers.d"
  printf 'technician ALL=(ALL) NOPASSWD: ALL\n' >"$root/etc/sudoers.d/technician"
  chmod 440 "$root/etc/sudoers.d/technician"
  systemctl enable ssh.service
fi

install -d -m 755 "$state" "$root/etc/kiosk" "$root/etc/systemd/system"
install -m 644 "$card/install.args" "$state/install.args"
install -m 755 "$card/first-boot.sh" "$state/first-boot"
install -m 644 "$card/recipients.txt" "$root/etc/kiosk/recipients.txt"
# What somebody changed on the station since stays.
[ -f "$root/etc/kiosk/station.toml" ] ||
  install -m 644 "$card/station.toml" "$root/etc/kiosk/station.toml"
for folder in consent protocols; do
  [ -d "$card/$folder" ] || continue
  install -d -m 755 "$root/etc/kiosk/$folder"
  install -m 644 "$card/$folder"/*.toml "$root/etc/kiosk/$folder/"
done
[ -f "$root/etc/kiosk/enrolled.json" ] || : >"$root/etc/kiosk/enrolment-pending"

rm -rf "$source.new"
mkdir -p "$source.new"
tar -xzf "$card/capture-station.tar.gz" -C "$source.new" --no-same-owner
rm -rf "$source"
mv "$source.new" "$source"

install -m 644 "$card/capture-station-first-boot.service" "$root/etc/systemd/system/"
systemctl daemon-reload
systemctl enable capture-station-first-boot.service
sync
say "the card of $name is in its place; installing begins once there is a network."
