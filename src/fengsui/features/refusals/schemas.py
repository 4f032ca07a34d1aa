"""Shapes of the refusals."""

from __future__ import annotations

from pydantic import BaseModel


class RefusalShape(BaseModel):
    """What is not to be had, and the lawful way instead. `act`: how a request for it is recorded, always as refused."""

    rule: str
    code: str
    act: str
    zh: str
    en: str
    lawful_way_zh: str
    lawful_way_en: str
    basis: str


class RefusalList(BaseModel):
    """All of them. `contact`: of the audit office."""

    items: list[RefusalShape]
    contact: str
