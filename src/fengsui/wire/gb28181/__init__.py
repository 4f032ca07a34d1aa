"""MANSCDP bodies and PTZ commands. Source: GB/T 28181-2022 annex A."""
