"""What every simulated visit needs, made once."""

from __future__ import annotations

import pytest

from kiosk.capture.pose.head import load_head_model
from provisioning.demo.patient import data
from provisioning.demo.patient.data import HeadData
from tests.guided.visit import Room


@pytest.fixture(scope="session")
def heads() -> HeadData:
    return data.load()


@pytest.fixture(scope="session")
def room() -> Room:
    return Room(load_head_model())
