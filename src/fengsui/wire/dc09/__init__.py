"""ANSI/SIA DC-09: reports of alarm hosts over TCP and UDP, with Contact ID (DC-05) and SIA blocks (DC-03) inside."""
