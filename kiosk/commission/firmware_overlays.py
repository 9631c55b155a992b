"""Which device tree overlays and parameters a station may load, and which pins they take.

As far as a station may come across them; one that is missing here is one line to add. Source:
``arch/arm/boot/dts/overlays/README`` of the Raspberry Pi kernel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.commission.forms import NUMBER, Form, form


@dataclass(frozen=True, slots=True)
class Overlay:
    """What an overlay takes.

    Attributes:
        pins: by the parameter that moves each, the pin without it.
        parameters: the names of its others.
    """

    pins: Mapping[str, int] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()


def _overlay(parameters: str = "", **pins: int) -> Overlay:
    return Overlay(pins, frozenset(parameters.split()))


_CAMERA = "rotation orientation media-controller cam0 always-on"
_KMS = (
    "cma-512 cma-448 cma-384 cma-320 cma-256 cma-192 cma-128 cma-96 cma-64 cma-size cma-default "
    "audio audio1 noaudio composite nohdmi nohdmi0 nohdmi1"
)
_DSI = "dsi0 sizex sizey invx invy swapxy disable_touch rotation"
_CLOCK = "ds3231 pcf85063a pcf8563 rv3028 addr i2c0 i2c_csi_dsi wakeup-source"

OVERLAYS: Mapping[str, Overlay] = {
    "cma": _overlay(_KMS),
    "disable-bt": _overlay(),
    "disable-wifi": _overlay(),
    "dpi24": Overlay({f"dpi{pin}": pin for pin in range(28)}),
    "dwc2": _overlay("dr_mode g-rx-fifo-size g-np-tx-fifo-size"),
    "gpio-fan": _overlay("temp hyst", gpiopin=12),
    "gpio-ir": _overlay("gpio_pull invert rc-map-name", gpio_pin=18),
    "gpio-led": _overlay("label trigger active_low", gpio=0),
    "gpio-poweroff": _overlay("active_low input export timeout_ms", gpiopin=26),
    "gpio-shutdown": _overlay("active_low gpio_pull debounce", gpio_pin=3),
    "hifiberry-dac": Overlay({f"i2s{pin}": pin for pin in range(18, 22)}),
    "i2c-gpio": _overlay("i2c_gpio_delay_us bus", i2c_gpio_sda=23, i2c_gpio_scl=24),
    "i2c-rtc": _overlay(_CLOCK, sda=2, scl=3),
    "imx477": _overlay(f"{_CAMERA} link-frequency sync-sink sync-source"),
    "imx708": _overlay(f"{_CAMERA} vcm link-frequency"),
    "pps-gpio": _overlay("assert_falling_edge capture_clear pull", gpiopin=18),
    "pwm": _overlay("func clock", pin=18),
    "pwm-2chan": _overlay("func func2 clock", pin=18, pin2=19),
    "rpi-poe": _overlay(),
    "rpi-poe-plus": _overlay(),
    "spi0-1cs": _overlay("cs0_spidev no_miso", cs0_pin=8, miso=9, mosi=10, sclk=11),
    "spi0-2cs": _overlay(
        "cs0_spidev cs1_spidev no_miso", cs0_pin=8, cs1_pin=7, miso=9, mosi=10, sclk=11
    ),
    "uart0": _overlay("pin_func", txd0_pin=14, rxd0_pin=15),
    "vc4-kms-dsi-7inch": _overlay(_DSI),
    "vc4-kms-dsi-ili9881-5inch": _overlay(_DSI),
    "vc4-kms-dsi-ili9881-7inch": _overlay(_DSI),
    "vc4-kms-v3d": _overlay(_KMS),
    "vc4-kms-v3d-pi4": _overlay(_KMS),
    "vc4-kms-v3d-pi5": _overlay(_KMS),
    "w1-gpio": _overlay("pullup", gpiopin=4),
}

CAMERA_OVERLAYS = frozenset(
    {
        *("arducam-64mp", "arducam-pivariety", "camera-mux-2port", "camera-mux-4port", "imx219"),
        *("imx258", "imx283", "imx290", "imx296", "imx327", "imx378", "imx415", "imx462", "imx477"),
        *("imx500", "imx500-pi5", "imx519", "imx708", "irs1125", "ov2311", "ov5647", "ov64a40"),
        *("ov7251", "ov9281"),
    }
)
"""Overlays that each load a camera's driver; which of them: :mod:`.firmware_camera`."""

ON = frozenset({"on", "yes", "y", "true", "1", ""})
"""What switches a parameter on; an empty value does."""

_SWITCH = form(r"on|off|yes|no|y|n|true|false|1|0|", "on or off")
_WORD = form(r"\S+", "one word")
_BYTES = form(r"(?:[0-9a-fA-F]{2}:?){6}", "six bytes in hexadecimal")
_SWITCHED = """
    ant1 ant2 noant audio axiperf cam0_reg cam1_reg cooling_fan eee hdmi i2c i2c0 i2c1 i2c_arm
    i2c_csi_dsi i2c_csi_dsi0 i2c_csi_dsi1 i2c_vc i2s i2s_dma4 krnbt nvme pcie pciex1 pciex1_no_l0s
    random rtc sd sd_debug sd_force_pio sd_poll_once spi spi_dma4 strict_gpiod suspend uart0
    uart0_console uart1 watchdog act_led_activelow pwr_led_activelow
    drm_fb0_rp1_dpi drm_fb0_rp1_dsi0 drm_fb0_rp1_dsi1 drm_fb0_vc4 drm_fb1_rp1_dpi drm_fb1_rp1_dsi0
    drm_fb1_rp1_dsi1 drm_fb1_vc4 drm_fb2_rp1_dpi drm_fb2_rp1_dsi0 drm_fb2_rp1_dsi1 drm_fb2_vc4
"""
_COUNTED = """
    button_debounce cam0_reg_gpio cam1_reg_gpio eth_downshift_after eth_led0 eth_led1 eth_max_speed
    i2c_arm_baudrate i2c_baudrate i2c_vc_baudrate krnbt_baudrate pcie_tperst_clk_ms pciex1_gen
    pciex1_tperst_clk_ms rtc_bbat_vchg sd_overclock sd_pio_limit sdio_overclock tx_lpi_timer
    act_led_gpio pwr_led_gpio
    fan_temp0 fan_temp0_hyst fan_temp0_speed fan_temp1 fan_temp1_hyst fan_temp1_speed
    fan_temp2 fan_temp2_hyst fan_temp2_speed fan_temp3 fan_temp3_hyst fan_temp3_speed
"""

BOARD_PARAMETERS: Mapping[str, Form] = {
    **dict.fromkeys(_SWITCHED.split(), _SWITCH),
    **dict.fromkeys(_COUNTED.split(), NUMBER),
    **dict.fromkeys(("act_led_trigger", "pwr_led_trigger"), _WORD),
    **dict.fromkeys(("bdaddr", "wifiaddr"), _BYTES),
}
"""What ``dtparam`` may set on the board itself, and the form of each value."""

BOARD_PARAMETER_PINS: Mapping[str, tuple[int, ...]] = {
    "i2c": (2, 3),
    "i2c1": (2, 3),
    "i2c_arm": (2, 3),
    "i2s": (18, 19, 20, 21),
    "spi": (7, 8, 9, 10, 11),
    "uart0": (14, 15),
}
"""Pins that ``dtparam=NAME=on`` takes."""
