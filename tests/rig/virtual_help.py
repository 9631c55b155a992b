"""The two places where picamera2 needs help on libcamera's virtual pipeline; for the rig only.

Nothing of what the driver under test calls is replaced: only how modes are listed (the virtual
pipeline has no raw stream) and how buffers are described (it writes two planes of NV12, where
picamera2 describes one).
"""

from __future__ import annotations

import mmap
import os
from typing import Any

import libcamera
from picamera2 import Picamera2
from picamera2.allocators.dmaallocator import DmaAllocator


def install() -> None:
    """Put both in place, for this process."""
    Picamera2._get_raw_modes = _modes
    DmaAllocator.allocate = _allocate


def _modes(camera: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - picamera2 has no types
    configuration = camera.camera.generate_configuration([libcamera.StreamRole.StillCapture])
    formats = configuration.at(0).formats
    return [
        {"format": str(pixel), "size": (size.width, size.height)}
        for pixel in formats.pixel_formats
        for size in formats.sizes(pixel)
    ]


def _allocate(allocator: Any, configuration: Any, _use_case: str) -> None:  # noqa: ANN401
    allocator.libcamera_fds = []
    allocator.cleanup()
    for descriptor in allocator.open_fds:
        os.close(descriptor)
    allocator.frame_buffers, allocator.open_fds = {}, []
    for stream in configuration:
        buffers = [_buffer(allocator, stream, number) for number in range(stream.buffer_count)]
        allocator.frame_buffers[stream.stream] = buffers


def _buffer(allocator: Any, stream: Any, number: int) -> Any:  # noqa: ANN401
    descriptor = allocator.dmaHeap.alloc(f"rig-{number}", stream.frame_size).get()
    luma = stream.stride * stream.size.height
    planes = []
    for offset, length in ((0, luma), (luma, stream.frame_size - luma)):
        plane = libcamera.FrameBuffer.Plane()
        plane.fd, plane.offset, plane.length = descriptor, offset, length
        planes.append(plane)
    # libcamera keeps copies of the descriptor; picamera2 tells its buffers apart by theirs.
    allocator.open_fds.append(descriptor)
    allocator.libcamera_fds.append(planes[0].fd)
    allocator.mapped_buffers_used[planes[0].fd] = False
    buffer = libcamera.FrameBuffer(planes)
    access = mmap.PROT_READ | mmap.PROT_WRITE
    memory = mmap.mmap(descriptor, stream.frame_size, mmap.MAP_SHARED, access)
    allocator.mapped_buffers[buffer] = memory
    return buffer
