"""Moving pictures: MP4, MOV, AVI, Matroska, WebM and animated GIF, one source and one MEDIA fact.

    is_video(head)                        of the first bytes
    flow = read_file(path, context)       kind `video`, `item.file` is the path

What it shows is said by a sidecar or `--as KIND`, else it is a `video` and no more.
"""

from pathlib import Path

from osler.readers.media_fact import media_fact
from osler.readers.on_disk import read_on_disk
from osler.readers.reading import Context, Flow, Item, Reading
from osler.readers.video_date import created
from osler.record.fact import Code
from osler.record.media import Scalar
from osler.record.source import Source

__all__ = ["KIND", "is_video", "media_type", "read", "read_file"]

KIND = "video"

_EBML = b"\x1a\x45\xdf\xa3"
_GIF = (b"GIF87a", b"GIF89a")
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
# Brands of ISO 14496-12 whose files are pictures or sound, not film.
_STILL = (b"heic", b"heix", b"mif1", b"avif", b"jpx ", b"M4A ", b"crx ")


def is_video(head: bytes) -> bool:
    """Whether these bytes begin as a moving picture does."""
    return media_type(head) is not None


def media_type(head: bytes) -> str | None:
    """The kind of container, or None."""
    # A box that opens a file is small but for the film itself; `Fat-free` is a note, no box.
    small = head[:1] == b"\x00" or head[4:8] == b"mdat"
    if small and head[4:8] in _BOXES and head[8:12] not in _STILL:
        return "video/quicktime" if head[8:12] == b"qt  " or head[4:8] != b"ftyp" else "video/mp4"
    if head.startswith(_EBML):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "video/x-msvideo"
    return "image/gif" if head.startswith(_GIF) else None


def read_file(path: Path, context: Context) -> Flow:
    """One film, one source, one fact; a GIF of one frame is a picture. Raises `BrokenFile`."""
    from osler.readers.video_open import look  # OpenCV is an extra

    with path.open("rb") as file:
        kind = media_type(file.read(64)) or "video/*"
    video = look(path, context.name)
    if kind == "image/gif" and video.frames == 1:
        from osler.readers import image

        return Flow(items=iter(image.read(path.read_bytes(), context).items))
    header: dict[str, Scalar] = {
        "columns": video.columns,
        "rows": video.rows,
        "frames": video.frames,
        "frame_rate_hz": video.rate_hz,
        "frame_times": "uneven" if video.uneven else None,
        "duration_s": video.duration_s,
        "codec": video.codec,
        "polarity": "RGB",
        "declared_by": "header",
    }
    declared = context.declared.get("kind") or context.kind
    modality = declared if isinstance(declared, str) else KIND
    source = Source.of_file(path, kind=KIND, name=context.name, media_type=kind)
    fact = media_fact(
        source,
        modality,
        header,
        context,
        code=Code(text=f"{modality} clip" if modality != KIND else KIND),
        recorded_at=created(path, context.now),
    )
    return Flow(
        items=iter([Item(source=source, file=path, facts=(fact,), trouble=_short(video.missing))])
    )


def read(data: bytes, context: Context) -> Reading:
    """The same of bytes."""
    return read_on_disk(read_file, data, context)


def _short(missing: int) -> str | None:
    if not missing:
        return None
    return f"{missing} of the frames that it announces cannot be decoded: cut short or damaged"
