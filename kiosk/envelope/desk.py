"""Whose letters a station takes, by its settings."""

from __future__ import annotations

from kiosk.config import StationConfig
from kiosk.envelope.letter import Address
from kiosk.envelope.signatures import PublicKey
from kiosk.errors import BadKey, ConfigError


def desk_address(config: StationConfig) -> Address:
    """Return whose letters the station takes.

    Raises:
        ConfigError: the desk's key cannot be used; names the setting.
    """
    try:
        desk = PublicKey.parse(config.people.desk)
    except BadKey as error:
        raise ConfigError(f"people.desk: {error.sentence}") from error
    return Address(config.station.name, config.station.clinic, desk)
