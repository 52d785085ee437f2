"""Machines that translate, each behind one function; which one is a setting."""

from .choosing import Translator, TranslatorError, find_translator

__all__ = ["Translator", "TranslatorError", "find_translator"]
