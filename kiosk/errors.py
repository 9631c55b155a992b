"""Every error this product raises on purpose, in one tree.

    KioskError
    ├── UsageError              the command line or a file given to it
    │   └── ConfigError         station.toml or a file it names
    ├── DeviceError
    │   ├── CameraError
    │   │   ├── CameraTimeout   no frame within the time allowed
    │   │   ├── FrameRefused    a frame that is not what was asked for
    │   │   └── CardNotFound    no grey card where one is to be measured, or no edge of a card
    │   ├── LightError
    │   ├── PedalError
    │   ├── ReaderError
    │   ├── DisplayError
    │   └── VoiceError
    ├── StorageError
    │   ├── StorageFull
    │   ├── StorageReadOnly
    │   └── StorageFailed       the disk reported an error
    ├── EnvelopeError
    │   ├── BadKey              a recipient, identity or signing key that cannot be read
    │   ├── FormatError         not a well-formed age file
    │   ├── IntegrityError      changed, cut or extended since it was sealed
    │   ├── NotForThisIdentity
    │   ├── ContainerError      opened, but what is inside is not a shot
    │   ├── BaselineError       a kept pose descriptor that cannot be used
    │   ├── HistoryError        a kept history of consents that cannot be used
    │   └── SignatureError      not signed by a station that the clinic knows
    ├── UploadError
    │   ├── ServerUnreachable
    │   ├── ServerIdentityChanged
    │   ├── LoginRefused
    │   ├── TransferRefused     the server answered a request with an error
    │   └── TransferTimeout
    ├── AccessError             who may do what at the station, and with whose consent
    │   ├── BadgeError          a code that is no badge, or no badge of this station's
    │   ├── PinError            a PIN that was wrong
    │   │   └── PinUnfit        one that nobody may choose
    │   ├── BadgeLocked         too many wrong PINs, or not yet again
    │   ├── ShareMissing        the server's part of the key is not there
    │   ├── OperatorKeyError    an operator's file that is damaged or belongs elsewhere
    │   ├── LetterRefused       not from the clinic's desk, for another station, or an old one
    │   └── ConsentError        no valid consent, or none that can be taken now
    │       └── ConsentTextChanged  another text than was shown
    ├── EnrolmentError          a station that cannot be made known to the clinic's server
    │   ├── EnrolmentCodeMistyped
    │   ├── EnrolmentInterrupted    who asks the server for the screen is not there, or broke off
    │   └── EnrolmentRefused    the server does not take the code, or not any more
    │       ├── EnrolmentCodeUnknown
    │       ├── EnrolmentCodeExpired
    │       └── EnrolmentCodeUsed
    ├── EntryRefused            what somebody scanned or typed, and that cannot be used
    │   ├── CodeRefused         no text that can be shown
    │   └── NumberRefused       no patient's number by the clinic's rule
    ├── ClockLost               a clock that has certainly lost the time
    ├── SupportRefused          a support bundle that would hold what must not leave the station
    └── ServiceError            the service manager or the process's own limits

Each class has a stable ``code`` for journals and metrics, says whether the same act may succeed
later without anybody's help (``retryable``), and each instance carries the sentence that the
person in front of it reads: what is wrong, where, and what to do or what was expected.
"""

from __future__ import annotations

from typing import ClassVar


class KioskError(Exception):
    """Root of the tree; ``str(error)`` is the sentence to show."""

    code: ClassVar[str] = "kiosk"
    retryable: ClassVar[bool] = False

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class UsageError(KioskError):
    code = "usage"


class ConfigError(UsageError):
    """A setting that cannot be used; names file, key and what was expected."""

    code = "config"


class DeviceError(KioskError):
    code = "device"
    retryable = True


class CameraError(DeviceError):
    code = "camera"


class CameraTimeout(CameraError):
    code = "camera-timeout"


class FrameRefused(CameraError):
    code = "frame-refused"


class CardNotFound(CameraError):
    code = "card-not-found"


class LightError(DeviceError):
    code = "light"


class PedalError(DeviceError):
    code = "pedal"


class ReaderError(DeviceError):
    code = "reader"


class DisplayError(DeviceError):
    code = "display"
    retryable = False


class VoiceError(DeviceError):
    """Speech was asked for and cannot be had; a station guides by its screen all the same."""

    code = "voice"
    retryable = False


class StorageError(KioskError):
    code = "storage"


class StorageFull(StorageError):
    code = "storage-full"
    retryable = True


class StorageReadOnly(StorageError):
    code = "storage-read-only"


class StorageFailed(StorageError):
    code = "storage-failed"


class EnvelopeError(KioskError):
    code = "envelope"


class BadKey(EnvelopeError):
    code = "bad-key"


class FormatError(EnvelopeError):
    code = "format"


class IntegrityError(EnvelopeError):
    code = "integrity"


class NotForThisIdentity(EnvelopeError):
    code = "not-for-this-identity"


class ContainerError(EnvelopeError):
    code = "container"


class BaselineError(EnvelopeError):
    """A kept pose descriptor that is damaged, another patient's or of another pose key."""

    code = "baseline"


class HistoryError(EnvelopeError):
    """A kept history of consents that is damaged, another patient's or of another pose key."""

    code = "history"


class SignatureError(EnvelopeError):
    code = "signature"


class UploadError(KioskError):
    code = "upload"
    retryable = True


class ServerUnreachable(UploadError):
    code = "server-unreachable"


class ServerIdentityChanged(UploadError):
    """The server showed another host key than the one pinned at enrolment."""

    code = "server-identity-changed"
    retryable = False


class LoginRefused(UploadError):
    code = "login-refused"
    retryable = False


class TransferRefused(UploadError):
    code = "transfer-refused"


class TransferTimeout(UploadError):
    code = "transfer-timeout"


class AccessError(KioskError):
    code = "access"


class BadgeError(AccessError):
    code = "badge"


class PinError(AccessError):
    code = "pin"


class PinUnfit(PinError):
    code = "pin-unfit"


class BadgeLocked(AccessError):
    code = "badge-locked"


class ShareMissing(AccessError):
    code = "share-missing"
    retryable = True


class OperatorKeyError(AccessError):
    code = "operator-key"


class LetterRefused(AccessError):
    code = "letter-refused"


class ConsentError(AccessError):
    code = "consent"


class ConsentTextChanged(ConsentError):
    """The text was changed between being shown and being signed."""

    code = "consent-text-changed"


class EnrolmentError(KioskError):
    code = "enrolment"


class EnrolmentCodeMistyped(EnrolmentError):
    """No enrolment code; the sentence never repeats what was typed."""

    code = "enrolment-code-mistyped"


class EnrolmentInterrupted(EnrolmentError):
    code = "enrolment-interrupted"
    retryable = True


class EnrolmentRefused(EnrolmentError):
    code = "enrolment-refused"


class EnrolmentCodeUnknown(EnrolmentRefused):
    """Not this station's, not the newest, or the server was not told of it yet."""

    code = "enrolment-code-unknown"


class EnrolmentCodeExpired(EnrolmentRefused):
    code = "enrolment-code-expired"


class EnrolmentCodeUsed(EnrolmentRefused):
    """With other keys than this station's."""

    code = "enrolment-code-used"


class EntryRefused(KioskError):
    """What was scanned or typed cannot be used; no sentence of these repeats any of it."""

    code = "entry-refused"


class CodeRefused(EntryRefused):
    code = "code-refused"


class NumberRefused(EntryRefused):
    code = "number-refused"


class ClockLost(KioskError):
    code = "clock-lost"
    retryable = True


class SupportRefused(KioskError):
    """What was collected looks like a secret or like a patient's; the sentence says only where."""

    code = "support-refused"


class ServiceError(KioskError):
    code = "service"
