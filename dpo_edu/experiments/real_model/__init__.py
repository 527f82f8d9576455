"""The record of chapter 17: three rules, five seeds, DPO beside simpler ways."""
