"""Captures for tests: samples of the shape in our own words."""

from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
BRIDGE = (SAMPLES / "harbour-bridge.txt").read_text(encoding="utf-8")
SCHOOL = (SAMPLES / "lisova-school.txt").read_text(encoding="utf-8")

SHORTEST = "old-mill\n\nOld mill\n\n • 3 views\n\nThe mill turns again.\n"
