"""Stands in for the display library that picamera2 imports and the rig never calls."""


class PixelFormat:
    """Named by picamera2 when its module is read."""

    RGB888 = BGR888 = XRGB8888 = XBGR8888 = YUV420 = YVU420 = YUYV = MJPEG = NV12 = None
