"""The languages whose words exist: one module each. A new edition is one new file."""

from . import ar, en, pl, uk

WORDS = {module.WORDS.code: module.WORDS for module in (en, uk, pl, ar)}
EDITION_NAMES = {code: words.language for code, words in WORDS.items()}
