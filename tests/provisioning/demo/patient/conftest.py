from __future__ import annotations

import pytest

from provisioning.demo.patient import data
from provisioning.demo.patient.data import HeadData
from provisioning.demo.patient.head import Head
from provisioning.demo.patient.person import PERSONS


@pytest.fixture(scope="session")
def heads() -> HeadData:
    return data.load()


@pytest.fixture(scope="session")
def anna(heads: HeadData) -> Head:
    return Head.make(heads, PERSONS["anna"])
