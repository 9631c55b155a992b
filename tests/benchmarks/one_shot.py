"""Takes and seals one 12-megapixel picture; prints the peak memory above the imports, in MB.

A child of ``bench_memory``: the peak of a process can only be set back by the kernel.
"""

from __future__ import annotations

import ctypes
import gc
import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tests.benchmarks import scene

_SOFT_DIRTY_PEAK = "5"
"""Sets VmHWM back to the present size: proc(5), clear_refs."""


def main() -> None:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        frame = Path(folder) / "frame"
        frame.write_bytes(scene.planes(scene.picture()).tobytes())
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text(_SOFT_DIRTY_PEAK, encoding="ascii")
        before = _status("VmRSS")
        shape = (scene.HEIGHT * 3 // 2, scene.WIDTH)
        pixels = np.fromfile(frame, np.uint8).reshape(shape)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            made = scene.make(Path(folder), pixels, pool)
            made.studio.take(made.order, lambda _frame: None)
            made.studio.seal()
        print((_status("VmHWM") - before) / 1000)


def _status(field: str) -> float:
    """In kB of 1,024 bytes, given as thousands of bytes."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1.024


if __name__ == "__main__":
    main()
