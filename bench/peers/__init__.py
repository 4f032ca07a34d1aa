"""Foreign programs that take the same load in the same run: each a context that starts it on the measured core and ends it."""
