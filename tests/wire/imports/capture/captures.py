"""Captures for tests: samples of the shape in our own words, and the real one where it is."""

from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
BRIDGE = (SAMPLES / "harbour-bridge.txt").read_text(encoding="utf-8")
SCHOOL = (SAMPLES / "lisova-school.txt").read_text(encoding="utf-8")
#: Beside the checkout, not part of it.
REAL = Path(__file__).parents[5] / "shared" / "captures" / "us-japan-strategic-partnership.txt"

SHORTEST = "old-mill\n\nOld mill\n\n • 3 views\n\nThe mill turns again.\n"
