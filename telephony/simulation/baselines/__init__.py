"""The pacers of today's dialers, written from what their makers and manuals say, to be measured against."""
