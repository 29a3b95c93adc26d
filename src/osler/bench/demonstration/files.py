"""The demonstration patient as files, made at run time: a composed record and real pictures.

    made = write_demonstration(Path("demo"))
    made.files, made.missing

A woman born in 1961 with lung adenocarcinoma, atrial fibrillation and chronic kidney disease, who
never lived. The pictures are real and of other people, out of packages that may be installed: the
headers of DICOM files are rewritten to be hers, other files are copied unaltered, and each has a
sidecar that says so. Same seed, same bytes.
"""

import importlib.metadata
import importlib.util
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from osler.bench.demonstration.fhir import PATIENT
from osler.bench.demonstration.headers import of_hers
from osler.bench.demonstration.history import history
from osler.bench.demonstration.letters import letters
from osler.bench.demonstration.messages import messages
from osler.bench.demonstration.notes import NOTES
from osler.bench.demonstration.panel import SAMPLE, panel
from osler.bench.demonstration.phantom import phantom_series
from osler.record.patient import Identifier

__all__ = ["PICTURES", "DemonstrationFiles", "Picture", "write_demonstration"]

_NOT_HERS = "The file is real and is not this patient's: it is placed in a composed record."
_REWRITTEN = "Its header was rewritten: who, when and where belong to the composed story."


@dataclass(frozen=True, slots=True, kw_only=True)
class DemonstrationFiles:
    """What was written: `files` relative to `folder`, `missing` the packages not installed."""

    folder: Path
    patient: Identifier
    files: tuple[Path, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file of an installed package, where it goes, and what is declared of it."""

    name: str
    package: str
    path: str
    declared: Mapping[str, object] = field(default_factory=dict)
    says: str = ""


PICTURES = (
    Picture(
        name="pathology/lymph-node-he.jpg",
        package="stardist",
        path="stardist/data/images/histo.jpg",
        declared={
            "kind": "histology",
            "date": "2026-09-04",
            "anatomy": "lymph node",
            "stain": "H&E",
            "spacing_um": 0.5,
        },
        says=(
            "Its publisher states neither organ nor magnification. Lymph node and date belong to "
            "the composed story. The spacing is an estimate from the size of nuclei: the smaller "
            "ones (10th to 25th percentile of 204) measure 10 to 12 pixels across; taken for "
            "lymphocytes (6 to 8 micrometres) they give 0.5 to 0.8 micrometres a pixel, of which "
            "0.5, a usual setting of scanners, is declared."
        ),
    ),
    Picture(
        name="pathology/stained-tissue.png",
        package="scikit-image",
        path="skimage/data/ihc.png",
        declared={"kind": "histology", "anatomy": "colon", "stain": "IHC"},
        says=(
            "Colonic glands stained for FHL2 with DAB and haematoxylin, as its publisher states. "
            "No model of lymph nodes may be asked about it: it is here to be declined."
        ),
    ),
    Picture(
        name="images/chest-pa.dcm",
        package="pydicom-data",
        path="data_store/data/RG1_UNCR.dcm",
        declared={"date": "2026-08-19"},
        says="Many round opacities, as its publisher's name for it has it.",
    ),
    Picture(
        name="images/echocardiogram.dcm",
        package="pydicom",
        path="pydicom/data/test_files/examples_ybr_color.dcm",
        declared={"date": "2024-03-12"},
    ),
    Picture(
        name="ecg/twelve-lead.dcm",
        package="pydicom",
        path="pydicom/data/test_files/waveform_ecg.dcm",
        declared={"date": "2024-03-12"},
        says="The rhythm is the real person's.",
    ),
    Picture(
        name="images/fundus-left.jpg",
        package="scikit-image",
        path="skimage/data/retina.jpg",
        declared={"kind": "fundus", "anatomy": "retina", "laterality": "left"},
        says="A normal left eye, as its publisher states; the date is not stated.",
    ),
)
"""Every picture that can be placed, in the order in which they are written."""


def write_demonstration(folder: Path, seed: int = 7) -> DemonstrationFiles:
    """Write the patient's files under `folder`, which then stands for her (its `PATIENT` file).

    Packages that are not installed are left out and named in `missing`; nothing is downloaded.
    """
    missing: list[str] = []
    files = []
    if importlib.util.find_spec("pydicom") is None:
        missing.append("pydicom")  # the phantom is written with it
    for name, data in (*_composed(seed), *_pictures(missing)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        files.append(Path(name))
    return DemonstrationFiles(
        folder=folder,
        patient=PATIENT,
        files=tuple(files),
        missing=tuple(dict.fromkeys(missing)),
    )


def _composed(seed: int) -> Iterator[tuple[str, bytes]]:
    yield "PATIENT", f"{PATIENT}\n".encode()
    yield "history.json", _json(history(seed))
    yield "README.md", (resources.files(__package__) / "README.md").read_bytes()
    yield from messages()
    for name, text in NOTES.items():
        yield name, text.encode()
    yield from letters()
    yield from phantom_series()
    yield "molecular/tumour-panel.vcf", panel().encode()
    yield (
        "molecular/tumour-panel.vcf.json",
        _json(
            {
                "patient": str(PATIENT),
                "date": "2026-09-04",
                "tumour_sample": SAMPLE,
                "says": "Composed; the date is that of the biopsy that the DNA came from.",
            }
        ),
    )


def _pictures(missing: list[str]) -> Iterator[tuple[str, bytes]]:
    for picture in PICTURES:
        data = _bytes_of(picture)
        if data is None:
            missing.append(picture.package)
            continue
        dicom = picture.name.endswith(".dcm")
        if dicom:
            try:
                data = of_hers(data, str(picture.declared["date"]))
            except ModuleNotFoundError:
                missing.append("pydicom")
                continue
        says = " ".join(filter(None, (_NOT_HERS, _REWRITTEN if dicom else "", picture.says)))
        yield picture.name, data
        yield (
            f"{picture.name}.json",
            _json({"patient": str(PATIENT), **picture.declared, "says": says}),
        )


def _bytes_of(picture: Picture) -> bytes | None:
    """The file's bytes, without importing its package (some of them import a whole framework)."""
    try:
        found = importlib.metadata.distribution(picture.package).locate_file(picture.path)
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(found))
    return path.read_bytes() if path.is_file() else None


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
