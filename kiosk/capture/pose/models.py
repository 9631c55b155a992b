"""The networks that ship with the station, loaded from files whose digests are checked."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.errors import ConfigError

YUNET: Final = "face_detection_yunet_2023mar.onnx"
FACE_MESH: Final = "face_landmarks_detector.tflite"
BLENDSHAPES: Final = "face_blendshapes.tflite"
BODY: Final = "pose_landmarks_detector.tflite"

DIGESTS: Final = {
    YUNET: "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    FACE_MESH: "c7d54204ce0448474c7f3fa9af494787c0965cbdd6f20fc72867e43046bd43d5",
    BLENDSHAPES: "4f36dded049db18d76048567439b2a7f58f1daabc00d78bfe8f3ad396a2d2082",
    BODY: "ad6cfd3c903eb31a4ee788b809e45ecf9fa69923b69b9f3f2d9ae616ff433e58",
}

_FOLDER: Final = Path(__file__).with_name("models")

_CLASSIC_ENGINE: Final = 1
"""``cv2.dnn.ENGINE_CLASSIC``: OpenCV's new engine does not read these networks, and from memory
instead of from a file no network can be read by the classic one."""


def load_network(name: str) -> cv2.dnn.Net:
    """Load one of the TFLite networks.

    Raises:
        ConfigError: see :func:`model_bytes`.
    """
    model_bytes(name)
    network = cv2.dnn.readNetFromTFLite(str(_FOLDER / name), _CLASSIC_ENGINE)
    # Fused into convolutions, activations take longer than by themselves: a mesh 7.3 instead of
    # 6.7 ms. The answers are the same to the last bit.
    network.enableFusion(fusion=False)
    return network


def model_bytes(name: str) -> npt.NDArray[np.uint8]:
    """Return a model file as published, shape (bytes,).

    Raises:
        ConfigError: it is missing or not the file that was published.
    """
    try:
        content = (_FOLDER / name).read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{name}: expected this model among the program's data, but: {error}; "
            "install the program again"
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != DIGESTS[name]:
        raise ConfigError(
            f"{name}: this is not the model that was published: expected SHA-256 "
            f"{DIGESTS[name]}, got {digest}; install the program again"
        )
    return np.frombuffer(content, np.uint8)
