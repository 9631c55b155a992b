"""The demo's patient: a rendered head that follows instructions as a person would."""
