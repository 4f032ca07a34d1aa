"""The asyncio loops around `wire`: the only sockets in the node's Python (the media engine has its own)."""
