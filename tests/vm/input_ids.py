"""USB ids of the input devices that the agent makes: common ones, as a technician would find."""

PEDAL = (0x0C45, 0x7403)
READER = (0x0C2E, 0x0B61)
