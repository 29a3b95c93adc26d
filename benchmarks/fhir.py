"""Reading FHIR bundles into sources and facts, beside parsing the same bytes as JSON, in one run.

python benchmarks/fhir.py FOLDER
"""

import argparse
import gzip
import json
import sys
import time
from pathlib import Path

from osler.readers.fhir import read
from osler.readers.reading import Context
from osler.record.moment import utc_now


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    files = sorted(p for p in parser.parse_args().folder.rglob("*.json*"))
    data = [gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in files]
    begun = time.perf_counter()
    for one in data:
        json.loads(one)
    parsed = time.perf_counter() - begun
    sources = facts = 0
    begun = time.perf_counter()
    for path, one in zip(files, data, strict=True):
        items = read(one, Context(name=path.name, now=utc_now())).items
        sources, facts = sources + len(items), facts + sum(len(i.facts) for i in items)
    taken = time.perf_counter() - begun
    sys.stdout.write(
        f"{len(files)} files, {sum(map(len, data)) / 1e6:.1f} MB: {sources} sources and {facts} "
        f"facts in {taken:.2f} s, {taken / parsed:.1f} times json.loads alone\n"
    )


if __name__ == "__main__":
    main()
