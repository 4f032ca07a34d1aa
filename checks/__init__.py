"""Our own lint rules: a remark made twice in review becomes a rule here."""
