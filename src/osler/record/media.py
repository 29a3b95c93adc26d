"""What is known of a picture, clip or recording: the attributes that input contracts ask for.

    media.get("spacing_um")      None means unknown, and a contract treats it as unknown

Attribute names are shared by readers and contracts; `ATTRIBUTES` lists them with their units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ATTRIBUTES", "Media", "Scalar"]

Scalar = str | int | float | bool | None

ATTRIBUTES: Mapping[str, str] = {
    "modality": "histology, radiograph, ct, mr, ultrasound, fundus, dermoscopy, ecg, ...",
    "view": "PA, AP, lateral, axial, ... as the header or sidecar states",
    "anatomy": "body part or tissue as stated: chest, lymph node, retina",
    "stain": "H&E, IHC, ...",
    "polarity": "MONOCHROME1 (white is low), MONOCHROME2, RGB",
    "spacing_um": "micrometres a pixel of the stored frame",
    "rows": "pixels",
    "columns": "pixels",
    "frames": "count",
    "frame_rate_hz": "frames a second of a moving picture",
    "frame_times": "`uneven` where the frames of a clip are not evenly spaced in time",
    "levels": "resolutions of a whole slide",
    "objective": "nominal magnification of a whole slide",
    "study": "StudyInstanceUID",
    "series": "SeriesInstanceUID",
    "frame_of_reference": "FrameOfReferenceUID: what positions in space are relative to",
    "instance": "InstanceNumber",
    "position_mm": "ImagePositionPatient: x\\y\\z of the first pixel in patient coordinates",
    "orientation": "ImageOrientationPatient: direction cosines of row and column",
    "thickness_mm": "SliceThickness",
    "codec": "how the stored pixels or samples are compressed",
    "leads": "comma-separated channel names in file order",
    "rate_hz": "samples a second",
    "duration_s": "seconds",
    "units": "comma-separated units of the channels, where they are not all millivolts",
    "rates_hz": "comma-separated rates of the channels, where they differ",
    "annotations": "count of the annotations that a recording carries",
    "age_years": "the patient's age at acquisition, where stated with the study",
    "laterality": "left, right or bilateral, from coded fields",
    "genes": "count of genes with a value",
    "segments": "count of stretches of a copy-number profile",
    "unit": "unit or normalisation of values, as declared",
    "declared_by": "header, sidecar or operator: who says all this",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One image, clip or recording and what is known of it."""

    modality: str
    attributes: Mapping[str, Scalar] = field(default_factory=dict)

    def get(self, name: str) -> Scalar:
        """The attribute, or None when nobody stated it."""
        return self.modality if name == "modality" else self.attributes.get(name)

    def __str__(self) -> str:
        words = [str(self.get("anatomy") or ""), str(self.get("view") or ""), self.modality]
        return " ".join(word for word in words if word)
