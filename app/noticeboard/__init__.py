"""Noticeboard: the sample application that Slipway ships. Messages in, messages out, kept in PostgreSQL."""
