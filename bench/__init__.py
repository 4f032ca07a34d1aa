"""The benchmark table: each row with its peer or limit measured in the same run."""
