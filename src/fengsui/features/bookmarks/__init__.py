"""Bookmarks: an instant or a span of a camera's footage with somebody's words, made and read under use tickets."""

from fengsui.features.bookmarks.actions import Bookmarks
from fengsui.features.bookmarks.endpoints import router
from fengsui.features.bookmarks.model import Withdrawn, micros_of, moment_of, words_of
from fengsui.features.bookmarks.queries import BOOKMARKED

__all__ = ["BOOKMARKED", "Bookmarks", "Withdrawn", "micros_of", "moment_of", "router", "words_of"]
