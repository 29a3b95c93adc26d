"""The settings under which a network computes, so that the same input gives the same bytes.

    settings = NumericSettings.here()
    with settings.applied():
        network(x)                     one thread, deterministic kernels, no gradients
    settings.to_json()                 what the ledger records beside the answer

Floating-point sums depend on their order, and the order on threads, batch shape and processor:
so threads and batch are fixed, and the processor is recorded (promise 6 of the design).
"""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Self

import torch

from osler import __version__

__all__ = ["NumericSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericSettings:
    """What decides the bits of an answer, besides input and weights.

    `batch` is the fixed number of rows in one call of the network. `processor` names the kind of
    machine: architecture, model, and the instruction set that torch chose its kernels for.
    """

    threads: int = 1
    dtype: str = "float32"
    batch: int = 8
    deterministic: bool = True
    torch: str
    libraries: str
    processor: str
    code: str

    @classmethod
    def here(cls) -> Self:
        """The settings that Osler uses on this machine."""
        return cls(
            torch=torch.__version__,
            libraries=_libraries(),
            processor=_processor(),
            code=__version__,
        )

    @contextmanager
    def applied(self, *, inference: bool = True) -> Iterator[None]:
        """Compute under these settings; what was set before is set again afterwards.

        With `inference` no gradients are kept. The thread count is the process's own, so two
        models in one process take turns rather than run side by side.
        """
        threads = torch.get_num_threads()
        strict = torch.are_deterministic_algorithms_enabled()
        warn = torch.is_deterministic_algorithms_warn_only_enabled()
        torch.set_num_threads(self.threads)
        torch.use_deterministic_algorithms(self.deterministic)
        try:
            with torch.inference_mode(inference):
                yield
        finally:
            torch.use_deterministic_algorithms(strict, warn_only=warn)
            torch.set_num_threads(threads)

    def to_json(self) -> dict[str, str | int | bool]:
        """Plain JSON."""
        return asdict(self)


@cache
def _libraries() -> str:
    """What else touches pixels and samples on their way to a network."""
    return ", ".join(f"{name} {version(name)}" for name in ("numpy", "pillow", "scipy"))


@cache
def _processor() -> str:
    """Architecture, processor model where the system tells it, and torch's instruction set."""
    capability = torch.backends.cpu.get_cpu_capability()
    return ", ".join(part for part in (platform.machine(), _model(), capability) if part)


def _model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
