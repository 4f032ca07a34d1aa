//! MPEG program stream into access units and back. No I/O, no clock. Source: GB/T 28181-2022 C.1.
