"""Words that name what the platform refuses to do (accountability rules R1–R12), found in names of any spelling. Pure.

A name is cut into words at signs, digits and capitals (`faceSearch`, `face_search`, `/face-search` are one name), so that
`interface`, `surface` and `personnel` are other words than `face` and `person`. `person` alone is no term: users are persons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

TERMS: Final[dict[str, tuple[str, ...]]] = {
    "R1": (
        "face", "facial", "gait", "biometric", "biometry", "voiceprint", "voice print", "iris recognition", "iris template",
        "palmprint", "palm print", "fingerprint template", "body recognition", "person recognition", "person identification",
        "identify person", "recognize person", "recognise person", "person search", "search person", "person embedding",
        "body embedding", "person feature", "body feature", "human feature", "feature vector", "speaker embedding",
        "speaker recognition", "speaker verification", "speaker identification",
    ),
    "R2": (
        "reid", "re id", "reidentification", "re identification", "re identify", "reidentify", "person track", "person tracking",
        "track person", "follow person", "cross camera", "multi camera tracking", "person trajectory",
        "pedestrian trajectory", "person attribute", "pedestrian attribute", "body attribute", "clothing", "clothes color",
        "clothes colour", "upper color", "lower color", "upper colour", "lower colour", "body build", "hair style", "hairstyle",
    ),
    "R3": (
        "ethnicity", "ethnic", "ethnic group", "religion", "race", "racial", "political view", "political opinion",
        "party membership", "sexual orientation", "sexuality", "poverty", "skin color", "skin colour", "nationality",
        "minority",
    ),
    "R4": (
        "emotion", "mood", "sentiment", "lie detection", "lie detector", "deception", "intent detection", "intention detection",
        "abnormal person", "suspicious person", "suspicious behavior", "suspicious behaviour", "abnormal behavior",
        "abnormal behaviour", "person behavior", "person behaviour",
    ),
    "R5": (
        "risk score", "person score", "social credit", "credit score", "threat score", "person risk", "predict person",
        "recidivism", "predictive policing", "crime prediction", "person forecast", "person prediction",
    ),
    "R6": (
        "life pattern", "pattern of life", "movement profile", "home location", "work location", "home inference",
        "work inference", "usual route", "frequent place", "vehicle profile", "vehicle heat map", "vehicle heatmap",
        "first time in town", "first appearance", "frequency score", "night owl",
    ),
    "R7": (
        "convoy", "co travel", "cotravel", "companion vehicle", "accompanying vehicle", "association analysis", "link analysis",
        "social graph", "relation graph", "relationship graph", "accomplice", "associate person",
    ),
    "R8": (
        "area sweep", "who was at", "presence search", "gathering search", "crowd identity", "dragnet", "geofence search",
    ),
    "R9": (
        "open ended watch", "watch group", "group watch", "permanent watch", "key person", "person watch", "watch person",
        "blacklist person",
    ),
    "R10": (
        "bulk export", "bulk download", "export all footage", "training set", "training data", "footage data set",
        "footage dataset",
    ),
    "R11": (
        "hidden account", "hidden user", "hidden viewing", "silent view", "stealth", "unlogged", "skip audit", "without audit",
        "disable audit", "edit audit", "delete audit", "audit edit", "audit delete", "unmarked view",
    ),
    "R12": (
        "population database", "population register", "population registry", "phone location", "mobile location history",
        "payment history", "hotel register", "hotel guest", "travel history", "call records", "bank records",
    ),
}  # fmt: skip
"""Words in lower case, in the singular, `race` and not `races`; a term of several words is met where they follow each other."""

GLUED: Final = re.compile(
    r"^(?:face(?:id|net|db|lib|api|search|match|compare|verify|detect|detection|detector|recog|recognition|recognizer|recogniser|"
    r"feature|vector|embed|embedding|image|img|list|library|capture|snap|snapshot|score|track|tracking|analysis|analyzer|mesh|"
    r"landmarks?|xlib|x)"
    r"|(?:insight|deep|open|arc|ada|retina|compre|blaze|rust|cos|sphere|magic|py|light)face"
    r"|personreid|torchreid|fastreid|vehiclereid|opengait|gaitset|resemblyzer|mtcnn|dlib|speechbrain|deepspeech2vec|emotiondetect\w*)$"
)
"""The same written as one word, and libraries whose name is one word."""
INNOCENT: Final = {"race": {"condition", "conditionless", "free"}, "face": {"value"}}
"""A term of one word is none before these."""
_CAPITALS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]")


def words_of(name: str) -> list[str]:
    """Lower-case words in the singular, in order."""
    return [_singular(found.group().lower()) for found in _CAPITALS.finditer(name)]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def refused_in(name: str) -> Iterator[tuple[str, str]]:
    """Rule and term for everything that `name` names of what is refused."""
    words = words_of(name)
    for at, word in enumerate(words):
        if words[at + 1 : at + 2] and words[at + 1] in INNOCENT.get(word, ()):
            continue
        if GLUED.match(word):
            yield ("R2" if "reid" in word else "R4" if word.startswith("emotion") else "R1"), word
        for rule, term, wanted in _BY_FIRST.get(word, ()):
            if words[at : at + len(wanted)] == wanted:
                yield rule, term


_BY_FIRST: Final[dict[str, list[tuple[str, str, list[str]]]]] = {}
for _rule, _terms in TERMS.items():
    for _term in _terms:
        _words = words_of(_term)
        _BY_FIRST.setdefault(_words[0], []).append((_rule, _term, _words))
