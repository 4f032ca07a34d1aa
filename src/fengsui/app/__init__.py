"""Composition: the one place that knows every room."""

from fengsui.app.node import Node, openapi_document

__all__ = ["Node", "openapi_document"]
