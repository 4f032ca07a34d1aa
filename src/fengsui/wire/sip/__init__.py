"""SIP as GB/T 28181 uses it: messages, framing, digest, transactions, dialogs."""
